"""Files of impressions as they are: their names, their order, and what is said of a row that is none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from engine.report.decisions.choices import BadRows, Choices
from engine.report.decisions.read import impressions, named_columns, rows_of

# As the Open Bandit Dataset has them: shuffled here, and with features behind.
CSV = """timestamp,item_id,position,click,propensity_score,user_feature_0
2019-11-24 00:00:02+00:00,7,2,1,0.0125,a
2019-11-24 00:00:01+00:00,3,1,0,0.5,b
2019-11-24 00:00:03+00:00,7,2,0,0.25,a
"""


def read(path: Path, columns: str = "") -> Choices:
    return impressions(rows_of(path), named_columns(columns), path.name)


def written(tmp_path: Path, text: str, name: str = "log.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_file_of_the_open_bandit_dataset_is_read_as_it_is(tmp_path: Path) -> None:
    made = read(written(tmp_path, CSV), "context=user_feature_0")

    assert [made.actions.all[each] for each in made.action] == ["3", "7", "7"]  # by time
    assert list(made.reward) == [0, 1, 0]
    assert list(made.propensity) == [0.5, 0.0125, 0.25]
    assert [made.places.all[each] for each in made.place] == [("", "1"), ("", "2"), ("", "2")]
    assert [made.contexts.all[each] for each in made.context] == [("b",), ("a",), ("a",)]
    assert len(made.customers.all) == 3  # each row is a customer of its own


@pytest.mark.parametrize("kind", ["jsonl", "csv.gz", "tsv", pytest.param("parquet", marks=pytest.mark.slow)])
def test_every_kind_of_file_says_the_same(tmp_path: Path, kind: str) -> None:
    plain = written(tmp_path, CSV)
    path = tmp_path / f"other.{kind}"
    rows = list(rows_of(plain))
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(CSV.encode()))
    elif kind == "tsv":
        path.write_text(CSV.replace(",", "\t"))
    else:
        import duckdb

        duckdb.sql(f"COPY (SELECT * FROM read_csv('{plain}')) TO '{path}' (FORMAT parquet)")

    assert list(read(path).reward) == list(read(plain).reward)
    assert list(read(path).propensity) == list(read(plain).propensity)


def test_columns_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "who,what,got,p,new\nana,x,2.5,0.5,0.1\nana,y,0,0.5,0.9\n")
    made = read(path, "action=what,reward=got,propensity=p,customer=who,target=new")

    assert list(made.customer) == [0, 0]
    assert list(made.target) == [0.1, 0.9]


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        (CSV, "reward=clik", "there is no column 'clik'. Did you mean 'click'?"),
        (CSV, "rewrd=click", "Did you mean 'reward'?"),
        ("a,b\n1,2\n", "", "no column is the action. Name it: --columns action=COLUMN. It has a, b."),
        (CSV.replace("0.25", "0"), "", "row 3: its propensity is 0; it has to be above 0 and at most 1"),
        (CSV.replace("0.25", "nan"), "", "row 3: its propensity is nan"),
        (CSV.replace("0.25", "1e-300"), "", "row 3: its propensity is 1e-300: below 1e-12"),
        (CSV.replace("7,2,1,", ",2,1,"), "", "row 1: it does not say its action: 'item_id' is empty"),
        (CSV.replace("0.25", "1.5"), "", "row 3: its propensity is 1.5"),
        (CSV.replace("7,2,1,", "7,2,yes,"), "", "row 1: its reward 'click' is 'yes', which is no number"),
        (CSV + "1,2\n", "", "log.csv:5: 2 fields stand there, and 6 names on the first line"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, columns: str, said: str) -> None:
    with pytest.raises(BadRows) as fault:
        read(written(tmp_path, text), columns)

    assert said in fault.value.sentence()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(b'{"action": "a"}\n' * 99)[:-9])
    for path, said in (
        (tmp_path / "none.csv", "no such file"),
        (written(tmp_path, "x", "log.xlsx"), ".parquet"),
        (written(tmp_path, "{\n", "log.jsonl"), "log.jsonl:1"),
        (written(tmp_path, "[1]\n", "log.json"), "no JSON object"),
        (written(tmp_path, CSV, "plain.csv.gz"), "plain.csv.gz: it cannot be read: Not a gzipped file"),
        (torn, "torn.jsonl.gz: it cannot be read: Compressed file ended"),
    ):
        with pytest.raises(BadRows) as fault:
            list(rows_of(path))
        assert said in fault.value.sentence()
