"""Score rows in SQL with the model versions a warehouse holds.

Examples
--------
>>> import scoring
>>> warehouse = scoring.connect()
>>> warehouse.sql("select ml_predict('any_model', null)").fetchone()
(None,)
"""

import sys

if sys.platform == "win32":
    raise ImportError(
        "warehouse-ml runs on Linux and macOS; on Windows install it in the Windows Subsystem for Linux."
    )

from scoring.errors import WarehouseMLError
from scoring.functions import connect
from scoring.model import Model, load

__all__ = ["Model", "WarehouseMLError", "connect", "load"]
