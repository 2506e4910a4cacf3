"""A CSV file that cannot be read ends in one sentence with the remedy, and shows nothing of what it holds."""

from __future__ import annotations

import json

import own_project
import pytest
from project import Project, Run

PERSON = "ann@example.org"

# By name of the seed: the bytes of the file, and what the sentence about it says.
FILES: dict[str, tuple[bytes, list[str]]] = {
    "mixed_ends": (
        b"id,who\n1,x\r\n2,y\r3,z\n",
        ["1 with CRLF, 2 with LF, 1 with CR", "save the file with LF"],
    ),
    "stray_return": (b"id,who\n1,x\ry\n2,z\n", ["3 with LF, 1 with CR"]),
    "empty": (b"", ["is empty", "restore it"]),
    "blank": (b"\n1,2\n", ["begins with a blank line", "add it"]),
    "header_only": (b"id,who\n", ["holds a header only", "restore it"]),
    "nul_bytes": (b"id,who\n1,x\0y\n", ["has NUL bytes", "export the file again"]),
    "utf16": (("id,who\n" + 200_000 * "1,x\n").encode("utf-16"), ["UTF-16", "save the file as UTF-8"]),
    "latin1": (
        ("id,who\n" + 300_000 * "1,x\n" + "2,caf\xe9 ann@example.org\n").encode("latin-1"),
        ["line 300002", "UTF-8"],
    ),
    "latin1_header": (("id,caf\xe9\n" + 300_000 * "1,x\n").encode("latin-1"), ["UTF-8"]),
    "semicolons": (b"id;who\n1;ann@example.org\n", ["semicolons", "delimiter: ';'"]),
    "tabs": (b"id\twho\n1\tx\n", ["tabs", 'delimiter: "\\t"']),
    "commas": (b"id,who\n1,x\n", ["commas", "delimiter: ','"]),
    "open_quote": (b'id,who\n1,"ann@example.org\n2,y\n', ["line 2", "quotation mark", "correct the file"]),
    "open_header": (b'id,"who\n1,ann@example.org\n', ["quotation mark in its header", "correct the header"]),
    "few_values": (b"id,who\n1,x\n\nann@example.org\n", ["line 4", "too few values", "correct the file"]),
    "many_values": (b"id,who\n1,x,ann@example.org\n", ["line 2", "too many values"]),
    "repeated": (b"id,who,ID\n1,x,2\n", ["repeated names (column 3)", "correct the header"]),
    "unnamed": (b",who\n1,x\n", ["columns without a name (column 1)", "correct the header"]),
    "no_header": (
        b"17,ann@example.org,1980-01-31\n18,x,1990-01-31\n",
        ["columns 2, 3", "add it if the file has none"],
    ),
    "other_header": (
        b"Ann Example,ann@example.org\nx,y\n",
        ["lacks id, who and has values", "add it if the file has none"],
    ),
    "many_missing": (b"id\n1\n", ["lacks c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 4,990 more;"]),
    "wrong_value": (
        b'id,who\n1,"x\ny"\nann@example.org,z\n',
        ["line 4", "column id", "integer", "correct the file"],
    ),
    "fraction": (b"id,who\n1,x\n2.5,y\n", ["line 3", "column id", "integer"]),
    "long_delimiter": (b"id||who\n1||x\n", ["a delimiter of 2 characters", "correct the config delimiter"]),
}
CONFIG = {
    "other_header": {"column_types": {"id": "integer", "who": "varchar"}},
    "many_missing": {"column_types": {f"c{number}": "integer" for number in range(5000)}},
    "wrong_value": {"column_types": {"id": "integer"}},
    "fraction": {"column_types": {"id": "integer"}},
    "commas": {"delimiter": ";"},
    "long_delimiter": {"delimiter": "||"},
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    folder = tmp_path_factory.mktemp("broken")
    blocks = [{"name": name, "config": config} for name, config in CONFIG.items()]
    model = "{{ config(materialized='ml_model') }} select 1 as id"
    files = {
        "seeds/own.yml": json.dumps({"seeds": blocks}),
        "seeds/namesake.csv": "id\n1\n",
        "models/namesake.sql": model,
    }
    project = own_project.make(folder, {}, {}, files=files)
    for name, (data, _) in FILES.items():
        (folder / f"seeds/{name}.csv").write_bytes(data)
    return project, project.build("--resource-type", "seed")


@pytest.mark.parametrize("name", FILES)
def test_sentence_names_file_fault_and_remedy(loaded: tuple[Project, Run], name: str) -> None:
    run = loaded[1]
    assert run.code == 1
    _, _, message = run.output.partition(f"Compilation Error in seed {name} (seeds/{name}.csv) ")
    sentence, _, _ = message.partition(" > in macro ")
    assert f"seeds/{name}.csv" in sentence
    assert [fact for fact in FILES[name][1] if fact not in sentence] == []
    assert loaded[0].query(f"select count(*) from duckdb_tables() where table_name = '{name}'") == [(0,)]


def test_nothing_of_the_files_and_the_engine_is_shown(loaded: tuple[Project, Run]) -> None:
    output = loaded[1].output
    assert [
        text for text in (PERSON, "Ann", "1980", "Traceback", "CSV Error", "state machine") if text in output
    ] == []


def test_seed_and_ml_model_of_one_name_are_refused(loaded: tuple[Project, Run]) -> None:
    assert (
        "The seed seeds/namesake.csv and the model models/namesake.sql have the same name" in loaded[1].output
    )
