"""The scores in the warehouse are the trained model's own, whoever asks."""

from __future__ import annotations

import lightgbm
import numpy as np
from project import WITHOUT_TESTS, Project

import scoring

SCORED = (
    "select model_version, count(*), sum(probability::decimal(18, 12)), max(scored_at) "
    "from marts.flight_delay_predictions group by 1"
)
BY_FLIGHT = "from marts.flight_delay_predictions order by flight_id"
MISCALLS = {
    "unknown_model": (
        "select ml_predict('flight_dely', features) as probability "
        "from {{ ref('flight_delay_features') }} as features",
        "its models are: 'airport_day_kind', 'arrival_delay_minutes', 'flight_delay', 'flight_outcome'; correct the "
        "name or build the model with dbt. Did you mean 'flight_delay'?",
    ),
    "missing_column": (
        "select ml_predict('flight_delay', features) as probability "
        "from (select * exclude (temperature_f) from {{ ref('flight_delay_features') }}) as features",
        "Model 'flight_delay@1' needs the column 'temperature_f': every feature is matched by name",
    ),
}


def test_probabilities_are_lightgbms_own_on_every_row(yesterday: Project) -> None:
    native_model, signature = yesterday.query("select native_model, signature from ml.flight_delay")[0]
    columns = [
        f"list_position({feature['categories']}, {feature['name']}) - 1"
        if feature["type"] == "category"
        else feature["name"]
        for feature in signature["features"]
    ]
    rows = yesterday.query(
        f"select {', '.join(columns)} from features.flight_delay_features order by flight_id"
    )
    expected = lightgbm.Booster(model_str=native_model).predict(np.array(rows, dtype=float))
    probabilities = np.array(yesterday.query(f"select probability {BY_FLIGHT}"))[:, 0]
    assert len(probabilities) == 80_789
    # A probability may differ from LightGBM's by the last bits of the exponential function.
    np.testing.assert_allclose(probabilities, expected, rtol=1e-15, atol=0)


def test_ml_predict_outside_dbt_gives_what_the_table_holds(yesterday: Project) -> None:
    with scoring.connect(str(yesterday.warehouse), read_only=True) as warehouse:
        compared = warehouse.sql(
            "select count(*), count(*) filter (where ml_predict('flight_delay', features) = probability) "
            "from marts.flight_delay_predictions inner join features.flight_delay_features as features "
            "using (flight_id)"
        ).fetchall()
    assert compared == [(80_789, 80_789)]


def test_a_second_build_trains_and_scores_nothing(project: Project) -> None:
    versions, scored = project.contents("ml"), project.query(SCORED)
    run = project.dbt("build", *WITHOUT_TESTS)
    assert run.code == 0, run.output
    assert project.contents("ml") == versions
    assert project.query(SCORED) == scored


def test_a_wrong_call_in_a_model_ends_the_build_with_its_sentence(project: Project) -> None:
    for name, (sql, _) in MISCALLS.items():
        (project.folder / "models" / "marts" / f"{name}.sql").write_text(sql)
    run = project.dbt("build", "-s", *MISCALLS)
    assert run.code == 1
    assert " ERROR=2 " in run.output
    assert [sentence for _, sentence in MISCALLS.values() if sentence not in run.output] == []
    assert not {f"marts.{name}" for name in MISCALLS} & project.contents("marts").keys()
