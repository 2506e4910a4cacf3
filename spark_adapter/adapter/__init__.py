"""The dbt adapter ``warehouse_ml_spark``: dbt-spark on a session of this process, with what ML models need."""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.warehouse_ml_spark.credentials import Credentials
from dbt.adapters.warehouse_ml_spark.impl import WarehouseMlSparkAdapter
from dbt.include import warehouse_ml_spark

Plugin = AdapterPlugin(
    adapter=WarehouseMlSparkAdapter,  # type: ignore[arg-type]
    credentials=Credentials,
    include_path=warehouse_ml_spark.PACKAGE_PATH,
    project_name="dbt_warehouse_ml_spark",
    dependencies=["spark"],
)
