"""Score rows in SQL with the model versions a warehouse holds.

Examples
--------
>>> import scoring
>>> warehouse = scoring.connect()
>>> warehouse.sql("select ml_predict('any_model', null)").fetchone()
(None,)
"""

from scoring.supported import check_platform, check_versions

check_platform()
check_versions()

from scoring.errors import WarehouseMLError
from scoring.functions import connect
from scoring.model import Model, load

__all__ = ["Model", "WarehouseMLError", "connect", "load"]
