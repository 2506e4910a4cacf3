"""A form in DuckDB's words becomes one in Spark's; that it scores the same is shown in tests/spark."""

from __future__ import annotations

import pytest

from scoring.signature import Feature, Signature
from scoring.spark.sql_form import parameters, translated

SIGNATURE = Signature(
    (Feature.number('odd "`name'), Feature.category("region", ("a", "b")), Feature.instant("seen_at"))
)
ODD = '`m_sql`.`odd "``name`'


def test_each_feature_is_a_parameter() -> None:
    assert parameters(SIGNATURE) == '`odd "``name` double, `region` string, `seen_at` timestamp_ntz'


SPAN = "timestampdiff(microsecond, timestamp_ntz '1970-01-01 00:00:00', `m_sql`.`seen_at`) / 1000000e0"
IS_TEXT = """regexp_matches(typeof(r."region"), '^(VARCHAR|ENUM.*|"NULL")$')"""
WORDS = {
    """r."odd ""`name" <= 0.94e0""": f"{ODD} <= 0.94e0",
    "case when r is null then null else 0e0 end": "case when false then null else 0e0 end",
    "list_sum([1e0, -2e-7, 3e+300])": (
        "aggregate(array(1e0, -2e-7, 3e+300), 0e0, (total, term) -> total + term)"
    ),
    """r."region"::varchar = 'it''s "r.\\"'""": """`m_sql`.`region`::string = 'it\\'s "r.\\\\"'""",
    """list_contains(['a', ('x' || chr(0))], r."region"::varchar)""": (
        "array_contains(array('a', ('x' || chr(0))), `m_sql`.`region`::string)"
    ),
    f"not {IS_TEXT}": "not true",
    """regexp_matches(typeof(r."odd ""`name"), '^(DECIMAL|U?HUGEINT)')""": "false",
    """try_cast(regexp_extract(typeof(r."region"), ',(\\d+)', 1) as integer)""": "try_cast('' as integer)",
    "list_transform([raw / 2e0], lambda mean: abs(mean) * mean)[1]": (
        "transform(array(raw / 2e0), mean -> abs(mean) * mean)[0]"
    ),
    """isinf(r."odd ""`name"::double)""": f"(abs({ODD}::double) = 'inf'::double)",
    """(epoch(r."seen_at"))""": f"(({SPAN}))",
}


@pytest.mark.parametrize(("form", "expression"), WORDS.items())
def test_words_of_duckdb_become_those_of_spark(form: str, expression: str) -> None:
    assert translated(form, SIGNATURE, "m_sql") == expression
