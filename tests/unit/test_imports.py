import subprocess
import sys

import pytest

TRAINING_ONLY = {"lightgbm", "sklearn", "onnx", "pandas", "dbt", "training"}
REPORT_ONLY = {"jinja2", "vl_convert"}


@pytest.mark.parametrize("module", ["scoring", "scoring.functions", "scoring.package_data", "scoring.cli"])
def test_scoring_imports_nothing_that_trains(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "onnxruntime" in loaded.split() or module == "scoring.package_data"
    assert (TRAINING_ONLY | REPORT_ONLY).isdisjoint(loaded.split())


def test_an_estimator_is_known_by_name_before_its_library_is_imported() -> None:
    code = (
        "import sys; from training.estimators import ESTIMATORS; "
        "print('lightgbm' in ESTIMATORS, 'light' in ESTIMATORS, 'lightgbm' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["True", "False", "False"]
