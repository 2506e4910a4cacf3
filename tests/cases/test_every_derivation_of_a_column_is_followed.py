"""Whatever a query makes of a personal column is followed to the columns that hold it, as DuckDB's own answers show.

Every query runs on people whose address and birthday nobody else has: where an answer holds one of them, the column
must count as personal.
"""

from __future__ import annotations

import re

import duckdb
import pytest

from training.personal.query import NotFollowedError, follow
from training.personal.rows import MASKED, NONE, NOT_FOLLOWED, UNNAMED, Origin, Rows

TABLES = """
    create schema raw;
    create table raw.people as
        select
            1 as id, 'zoe.quarles@example.org' as "E-Mail", 'Rome' as city, date '1977-07-17' as born, [1, 2] as visits
        union all select 2, 'ZOE.QUARLES@example.com', 'Oslo', date '1977-07-18', [3];
    create table raw.orders as select 10 as order_id, 1 as id, 5.5 as amount union all select 11, 2, 6.5;
"""
PEOPLE = ("id", "E-Mail", "city", "born", "visits")
PERSONAL = {"E-Mail": "mail", "born": "born"}
SENTINEL = re.compile(r"quarles|1977", re.IGNORECASE)
MAIL, BORN = frozenset({"mail"}), frozenset({"born"})
BOTH, NOBODY = MAIL | BORN, frozenset[str]()

FOLLOWED = {
    # What is selected.
    'select id, "E-Mail" as mail, "e-mail" as again from raw.people': [NOBODY, MAIL, MAIL],
    "select * from raw.people": [NOBODY, MAIL, NOBODY, BORN, NOBODY],
    "from raw.people": [NOBODY, MAIL, NOBODY, BORN, NOBODY],
    'select * exclude ("E-Mail", visits) from raw.people': [NOBODY, NOBODY, BORN],
    "select * replace (1 as born) from raw.people": [NOBODY, MAIL, NOBODY, NOBODY, NOBODY],
    'select * rename ("E-Mail" as contact) from raw.people': [NOBODY, MAIL, NOBODY, BORN, NOBODY],
    'select p.* exclude ("E-Mail") from raw.people as p': [NOBODY, NOBODY, BORN, NOBODY],
    "select columns('(E-|b)') from raw.people": [MAIL, BORN],
    "select columns(* exclude (id)) as 'p_\\0' from raw.people": [MAIL, NOBODY, BORN, NOBODY],
    "select case when id > 0 then columns(p.* exclude (visits)) end as '\\0' from raw.people as p": [
        NOBODY,
        MAIL,
        NOBODY,
        BORN,
    ],
    "select max(columns(*)) from raw.people": [NOBODY, MAIL, NOBODY, BORN, NOBODY],
    "select people from raw.people": [BOTH],
    'select p."E-Mail", raw.people.born from raw.people as p, raw.people': [MAIL, BORN],
    # What is made of it.
    'select upper("E-Mail"), "E-Mail" || \'x\', substr("E-Mail", 1, 11), "E-Mail"::blob::varchar from raw.people': [
        MAIL
    ]
    * 4,
    "select year(born), date_trunc('month', born), born + interval 1 day, born::varchar from raw.people": [
        BORN
    ]
    * 4,
    'select case when id = 1 then "E-Mail" end, coalesce(null, born), if(id = 1, "E-Mail", city) from raw.people': [
        MAIL,
        BORN,
        MAIL,
    ],
    'select {\'a\': "E-Mail"}.a, ["E-Mail"][1], map {1: "E-Mail"}, row(born), struct_pack(b := born) from raw.people': [
        MAIL,
        MAIL,
        MAIL,
        BORN,
        BORN,
    ],
    'select list_transform(visits, lambda visit: visit || "E-Mail"), [visit || born::varchar for visit in visits] '
    "from raw.people": [MAIL, BORN],
    "select list_transform(visits, lambda born: born + 1) from raw.people": [NOBODY],
    'select "E-Mail".lower().upper() from raw.people': [MAIL],
    "select to_json(p), hash(p), p::varchar from raw.people as p": [BOTH, BOTH, BOTH],
    "select born as day, day - 1 as before from raw.people": [BORN, BORN],
    "select md5(\"E-Mail\"), \"E-Mail\" like '%org', born > date '1970-01-01' from raw.people": [
        MAIL,
        MAIL,
        BORN,
    ],
    'select unnest(["E-Mail", city]) from raw.people': [MAIL],
    # Aggregates and windows.
    'select min("E-Mail"), string_agg("E-Mail", \',\' order by id), list(born), any_value(born) from raw.people': [
        MAIL,
        MAIL,
        BORN,
        BORN,
    ],
    "select max(born) filter (where id = 1), mode() within group (order by born), avg(year(born)) from raw.people": [
        BORN
    ]
    * 3,
    'select max_by("E-Mail", id), max_by(city, born), first(born order by id), histogram(city) from raw.people': [
        MAIL,
        NOBODY,
        BORN,
        NOBODY,
    ],
    'select lag("E-Mail") over (order by id), first_value(born) over w, last_value(city ignore nulls) over w '
    "from raw.people window w as (partition by born order by born)": [MAIL, BORN, NOBODY],
    'select count("E-Mail"), count(distinct born), count(*) filter (where born is null), approx_count_distinct(born) '
    "from raw.people": [NOBODY] * 4,
    'select row_number() over (order by "E-Mail"), rank() over (order by born), "E-Mail" is not null from raw.people': [
        NOBODY
    ]
    * 3,
    # A count of a condition is a bit of the value, where a group is a row.
    "select count(case when \"E-Mail\" < 'p' then 1 end), count(*) filter (where born > date '1980-01-01'), "
    'nullif("E-Mail" < \'p\', false) is null from raw.people group by "E-Mail", born': [MAIL, BORN, MAIL],
    # Steps.
    'with a as (select id, "E-Mail" as m from raw.people), b as (select * from a) select b.* from b': [
        NOBODY,
        MAIL,
    ],
    'with a(x, y) as (select id, "E-Mail" from raw.people) select y, x from a': [MAIL, NOBODY],
    'with recursive r(n, m) as (select 1, "E-Mail" from raw.people union select n + 1, m from r where n < 3) from r': [
        NOBODY,
        MAIL,
    ],
    'select m from (select "E-Mail" as m, id from raw.people)': [MAIL],
    "select * from (select id, born from raw.people) as p(a, b)": [NOBODY, BORN],
    "select a, b from (select id, born from raw.people) as p(a, b)": [NOBODY, BORN],
    'select "upper(""E-Mail"")" from (select upper("E-Mail") from raw.people)': [MAIL],
    "with raw_people as (select * from raw.people), people as (select 1 as born) select * from people": [
        NOBODY
    ],
    # Relations beside each other.
    "select * from raw.orders left join raw.people using (id)": [
        NOBODY,
        NOBODY,
        NOBODY,
        MAIL,
        NOBODY,
        BORN,
        NOBODY,
    ],
    "select * from raw.orders natural join raw.people": [NOBODY, NOBODY, NOBODY, MAIL, NOBODY, BORN, NOBODY],
    "select o.*, p.born from raw.orders as o join raw.people as p on o.id = p.id and p.born is not null": [
        NOBODY,
        NOBODY,
        NOBODY,
        BORN,
    ],
    "select * from raw.orders semi join raw.people using (id)": [NOBODY] * 3,
    "select * from raw.orders anti join raw.people using (id)": [NOBODY] * 3,
    "select o.id, p.born from raw.orders as o asof left join raw.people as p on o.id >= p.id": [NOBODY, BORN],
    "select o.id, l.* from raw.orders as o, lateral (select p.born from raw.people as p where p.id = o.id) as l": [
        NOBODY,
        BORN,
    ],
    "select x.born from (raw.people as x join raw.orders as y using (id))": [BORN],
    "select t.day from raw.people, unnest([born]) as t(day)": [BORN],
    "select born from raw.people, (select 2 as two)": [BORN],
    # One after the other.
    'select id, city from raw.people union all select id, "E-Mail" from raw.people': [NOBODY, MAIL],
    "select id, 'x' as b from raw.orders union select id, born::varchar from raw.people": [NOBODY, BORN],
    "select id from raw.orders union all by name select born, id from raw.people": [NOBODY, BORN],
    "select id, 'none' from raw.people except select id, \"E-Mail\" from raw.people": [NOBODY, NOBODY],
    # Queries within.
    'select id, (select max("E-Mail") from raw.people as p where p.id = o.id) from raw.orders as o': [
        NOBODY,
        MAIL,
    ],
    "select (select born), exists (select born) from raw.people": [BORN, NOBODY],
    "select id in (select year(born) from raw.people) from raw.orders": [BORN],
    "select id from raw.orders where id in (select id from raw.people where \"E-Mail\" like 'z%') order by id": [
        NOBODY
    ],
    "select ((select array_agg(born) from raw.people))[1] from raw.orders": [BORN],
    # Tables turned.
    'select * from (pivot raw.people on city using max("E-Mail") group by id)': [NOBODY, BOTH, BOTH],
    'select n, v from (unpivot (select "E-Mail", city from raw.people) on * into name n value v)': [
        MAIL,
        MAIL,
    ],
    "select * from (summarize raw.people)": [BOTH] * 12,
    # Masks, and what is beside one.
    "select case 'masked by truncate' when 'masked by truncate' then left(\"E-Mail\", 2) end as t, "
    "case 'masked by null' when 'masked by null' then nullif(born, born) end as n from raw.people": [
        NOBODY,
        NOBODY,
    ],
    "select coalesce(case 'masked by truncate' when 'masked by truncate' then left(\"E-Mail\", 2) end, \"E-Mail\"), "
    "case 'masked by x' when 'masked by x' then '' else \"E-Mail\" end from raw.people": [MAIL, MAIL],
}


@pytest.fixture(scope="module")
def people() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(TABLES)
    return connection


def read(parts: tuple[str, ...]) -> Rows | None:
    if parts[-1] == "people":
        return Rows.of(
            (name, frozenset({Origin("people", PERSONAL[name])}) if name in PERSONAL else NONE)
            for name in PEOPLE
        )
    return Rows.of((name, NONE) for name in ("order_id", "id", "amount")) if parts[-1] == "orders" else None


def personal(rows: Rows, name: str, position: int) -> frozenset[str]:
    listed = list(rows.columns.items())
    is_placed = rows.rest is None and listed[position][0].startswith(UNNAMED)
    origins = listed[position][1] if is_placed else rows.of_column(name)
    return frozenset(each.column for each in origins if not each.how.startswith(MASKED))


@pytest.mark.parametrize("query", FOLLOWED)
def test_every_column_holds_the_values_of_those_it_is_made_of(
    people: duckdb.DuckDBPyConnection, query: str
) -> None:
    answer, rows = people.sql(query), follow(query, read)

    sources = [personal(rows, name, position) for position, name in enumerate(answer.columns)]

    assert sources == FOLLOWED[query]
    holding = {n for row in answer.fetchall() for n, value in enumerate(row) if SENTINEL.search(str(value))}
    assert holding <= {n for n, columns in enumerate(sources) if columns}


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ('select "E-Mail" from raw.people', "copied"),
        ('select ("E-Mail")::varchar as m from raw.people', "copied"),
        ('select trim("E-Mail") as m from raw.people', "derived"),
        ('select ml_mask("E-Mail") as m from raw.people', "masked by hash"),
        ('select left(ml_mask("E-Mail"), 9) as m from raw.people', "masked by hash"),
        ("select #2 from raw.people", NOT_FOLLOWED),
    ],
)
def test_how_values_came_is_known(query: str, how: str) -> None:
    assert {each.how for each in follow(query, read).all} == {how}


def test_a_model_says_nothing_of_the_rows_that_it_scores() -> None:
    scores = "ml_predict('m', p) as a, _ml_predict_class('m', p) as b, ml_explain('m', p, 3) as c"
    assert follow(f"select {scores} from raw.people as p", read).all == NONE


@pytest.mark.parametrize(
    "query",
    [
        "from query_table('raw.people')",
        "select * from query('select * from raw.people')",
        "create table x as select 1",
        "not any SQL",
    ],
)
def test_what_cannot_be_followed_is_reported(query: str) -> None:
    with pytest.raises(NotFollowedError):
        follow(query, read)


def test_columns_of_a_table_that_is_not_there_yet_are_followed_by_name() -> None:
    def unbuilt(parts: tuple[str, ...]) -> Rows:
        return Rows.of([("email", frozenset({Origin("people", "email")}))], NONE)

    rows = follow("select *, lower(email) as small from (select p.* from raw.people as p)", unbuilt)

    assert {name: bool(origins) for name, origins in rows.columns.items()} == {"email": True, "small": True}
    assert rows.of_column("another") == NONE
