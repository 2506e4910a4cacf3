"""The frozen reference: bins with exact limits, nothing counted twice, the same casts as a monitor's SQL."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from made_versions import made

from scoring.signature import Feature, Signature
from training.data import reference_profile as module
from training.data.number_bins import MOST_BINS, NumberBins
from training.data.reference_profile import MOST_CATEGORIES, reference_profile
from training.train import train

SIGNATURE = Signature(
    (
        Feature.number("amount"),
        Feature.number("flag"),
        Feature.number("wide"),
        Feature.number("price"),
        Feature.number("empty"),
        Feature.instant("seen_at"),
        Feature.category("region", ()),
    )
)
ROWS = """
    select
        case when range % 10 = 0 then null when range % 10 = 1 then 'inf' else range / 7e0 end as amount,
        range % 3 = 0 as flag,
        (9007199254740993 + range)::hugeint as wide,
        (range % 4 / 10)::decimal(10, 1) as price,
        null::double as empty,
        case when range = 0 then 'infinity'::timestamp else timestamp '2024-01-01' + to_hours(range) end as seen_at,
        case when range < 400 then 'often' else 'region ' || range % 90 end as region,
        case when range % 4 = 0 then 'a' when range % 4 = 1 then 'b' end as part
    from range(1000)
"""


@pytest.fixture(scope="module")
def profiles() -> dict[tuple[str, str | None], Any]:
    with duckdb.connect() as connection:
        connection.execute("set arrow_lossless_conversion = true")
        rows = connection.sql(ROWS).to_arrow_table()
    entries = reference_profile(rows, SIGNATURE, ["part"])
    return {(entry["feature"], entry["slice_value"]): entry for entry in entries}


def test_every_row_is_counted_once(profiles: dict[tuple[str, str | None], Any]) -> None:
    assert len(profiles) == len(SIGNATURE.features) * 4
    for (feature, value), entry in profiles.items():
        rows = {None: 1000, "a": 250, "b": 250, "null": 500}[value]
        counted = entry["nulls"] + entry["non_finite"] + sum(each["row_count"] for each in entry["bins"])
        assert (entry["row_count"], counted) == (rows, rows), (feature, value)


def test_slices_have_the_bins_of_all_rows(profiles: dict[tuple[str, str | None], Any]) -> None:
    for feature in SIGNATURE.features:
        names = [
            [each["bin"] for each in profiles[feature.name, value]["bins"]] for value in (None, "a", "null")
        ]
        assert names[0] == names[1] == names[2]


def test_numbers_of_many_rows_are_counted_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 2_500)
    rows = 40_000
    table = pa.table(
        {
            "amount": np.where(np.arange(rows) % 50 == 0, np.nan, np.arange(rows) % 24),
            "region": [f"region {n}" if n < 5 else "often" for n in range(rows)],
            "part": ["a" if n < rows // 4 else "b" for n in range(rows)],
        }
    )
    signature = Signature((Feature.number("amount"), Feature.category("region", ())))
    entries = {
        (entry["feature"], entry["slice_value"]): entry
        for entry in reference_profile(table, signature, ["part"])
    }
    number, category = entries["amount", None], entries["region", None]
    assert number["row_count"] == 2_500 == number["non_finite"] + sum(e["row_count"] for e in number["bins"])
    # No category that training saw is missing, however rare it is.
    assert (category["row_count"], len(category["bins"])) == (rows, 6)
    for share, found in ((0.02, number["non_finite"]), (0.25, entries["amount", "a"]["row_count"])):
        assert abs(found / 2_500 - share) < 2.6 * (share * (1 - share) / 2_500) ** 0.5
    assert entries["region", "a"]["row_count"] == rows // 4


def test_nulls_and_what_is_not_finite_are_apart(profiles: dict[tuple[str, str | None], Any]) -> None:
    assert (profiles["amount", None]["nulls"], profiles["amount", None]["non_finite"]) == (100, 100)
    assert profiles["seen_at", None]["non_finite"] == 1
    assert (profiles["empty", None]["nulls"], profiles["empty", None]["bins"]) == (1000, [])


def test_few_values_have_a_bin_each(profiles: dict[tuple[str, str | None], Any]) -> None:
    assert [each["bin"] for each in profiles["flag", None]["bins"]] == ["0", "1"]
    assert [each["upper"] for each in profiles["price", None]["bins"]] == [0.0, 0.1, 0.2, 0.3]


def test_the_most_frequent_categories_have_a_bin_each(profiles: dict[tuple[str, str | None], Any]) -> None:
    bins = profiles["region", None]["bins"]
    assert (len(bins), bins[0]["bin"], bins[0]["row_count"]) == (MOST_CATEGORIES + 1, "often", 400)
    assert bins[-1]["bin"] is None
    assert bins[-1]["row_count"] > 0


def test_instants_are_named_as_such(profiles: dict[tuple[str, str | None], Any]) -> None:
    assert profiles["seen_at", None]["bins"][0]["bin"] == "<= 2024-01-03 02:00:00"


def test_moments_are_of_finite_values(profiles: dict[tuple[str, str | None], Any]) -> None:
    values = np.array([n / 7 for n in range(1000) if n % 10 > 1])
    entry = profiles["amount", None]
    assert entry["mean"] == pytest.approx(values.mean())
    assert entry["stddev"] == pytest.approx(values.std(ddof=1))


RANDOM = np.random.default_rng(1)
SAMPLES = {
    "normal": RANDOM.normal(size=10_000),
    "huge": RANDOM.normal(size=1_000) * 1e300,
    "mostly one value": np.where(RANDOM.random(5_000) < 0.97, 7.0, RANDOM.normal(size=5_000)),
    "neighbouring doubles": np.nextafter(1.0, 2.0) + np.arange(1_000) * np.spacing(1.0),
    "large integers": 2.0**60 + np.arange(5_000) * 256.0,
    "few rows": RANDOM.normal(size=7),
    "one row": np.array([3.0]),
    "constant": np.full(500, 2.5),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_limits_are_values_and_bins_hold_what_they_say(name: str) -> None:
    values = SAMPLES[name]
    bins = NumberBins.of(values)
    assert bins.size <= MOST_BINS
    assert {*bins.upper.tolist(), *bins.lower.tolist()} <= {*values.tolist()}
    codes = bins.codes(values)
    np.testing.assert_array_equal(np.bincount(codes, minlength=bins.size), bins.counts)
    assert (bins.counts > 0).all()
    assert np.isfinite(bins.mean).all()
    for position in range(bins.size):
        inside = values[codes == position]
        assert bins.lower[position] <= inside.min()
        assert inside.max() <= bins.upper[position]
        assert inside.min() <= bins.mean[position] <= inside.max() or np.isclose(
            inside.min(), bins.mean[position]
        )


def test_a_value_of_most_rows_has_a_bin_of_its_own() -> None:
    bins = NumberBins.of(SAMPLES["mostly one value"])
    assert (SAMPLES["mostly one value"] == 7.0).sum() in bins.counts


@pytest.mark.parametrize(
    ("block", "kind", "names"),
    [
        ({"task": "binary", "label": "y"}, "number", None),
        ({"task": "regression", "label": "z"}, "number", None),
        ({"task": "multiclass", "label": "c"}, "category", {"low", "mid", "high"}),
        ({"task": "clustering", "params": {"clusters": 3}}, "category", {"0", "1", "2"}),
        ({"task": "anomaly"}, "number", None),
    ],
)
def test_predictions_of_held_out_rows_are_the_reference(
    block: dict[str, Any], kind: str, names: set[str] | None
) -> None:
    labels = {
        "y": "x > 40",
        "z": "x * 2",
        "c": "case when x < 30 then 'low' when x < 60 then 'mid' else 'high' end",
    }
    label = block.get("label")
    column = f", {labels[label]} as {label}" if label else ""
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"select range as id, x, range % 2 as part{column} "
            "from (select range, range * 37 % 101 as x from range(600))"
        )
        config = {**block, "key": "id", "split": {"method": "random", "test": 0.25}, "slices": ["part"]}
        (version,) = train(rows, model_name="m", config=config).to_pylist()
    entries = [entry for entry in version["reference_profile"] if entry["kind"] == "prediction"]
    (test,) = [part["rows"] for part in version["split"]["parts"] if part["split"] == "test"]
    assert [entry["slice_value"] for entry in entries] in ([None, "0", "1"], [None, "1", "0"])
    assert (entries[0]["row_count"], entries[0]["type"]) == (test, kind)
    assert names is None or {each["bin"] for each in entries[0]["bins"]} <= names
    assert sum(entry["row_count"] for entry in entries[1:]) == test


def test_a_version_without_a_reference_has_the_same_digest() -> None:
    assert made().digest == made(reference_profile=[]).digest
