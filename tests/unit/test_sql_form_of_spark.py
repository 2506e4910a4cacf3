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
    """if(regexp_matches(typeof(r."region"), '^HUGEINT'), 1e0, try_cast(r."region" as double))""": (
        "try_cast(`m_sql`.`region` as double)"
    ),
    """list_position(['a', 'b'], r."region") - 1""": "nullif(array_position(array('a', 'b'), `m_sql`.`region`), 0) - 1",
    """0e0 + (select case when input is null then null else c0 end + (w1_0 & 6) from (select input, """
    """epoch(input."seen_at") as c0, list_position([' from (select ', ' as b'], input."region") as w1_0 """
    """from (select r as input)))""": (
        f"0e0 + transform(array(named_struct('c0', ({SPAN}), 'w1_0', "
        "nullif(array_position(array(' from (select ', ' as b'), `m_sql`.`region`), 0))), "
        "prepared -> case when false then null else prepared.c0 end + (prepared.w1_0 & 6))[0]"
    ),
    "get_bit('0110', place) = 1": "getbit(6L, place) = 1",
    f"get_bit('{'0' * 62}11{'0' * 62}1', place) = 0": (
        f"case when place < 63 then getbit({2**62}L, place) when place < 126 then getbit(1L, place - 63) "
        "else getbit(1L, place - 126) end = 0"
    ),
    "(select 0e0 from (select input from (select r as input)))": "(0e0)",
    """(select unnest([case when is_scored then (c0) end]) as score from (select input, """
    """case when input is null then null else true end as is_scored, epoch(input."seen_at") as c0 """
    """from (select r as input)))""": (
        f"transform(array(named_struct('is_scored', case when false then null else true end, 'c0', ({SPAN}))), "
        "prepared -> case when prepared.is_scored then (prepared.c0) end)[0]"
    ),
}


@pytest.mark.parametrize(("form", "expression"), WORDS.items())
def test_words_of_duckdb_become_those_of_spark(form: str, expression: str) -> None:
    assert translated(form, SIGNATURE, "m_sql") == expression
