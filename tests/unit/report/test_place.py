"""What is wrong with a bucket is said in one sentence, with its name and without its keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.report.archive.place import Bucket, open_place


class Away:
    """A store that answers nobody."""

    def get(self, name: str) -> object:
        from obstore.exceptions import GenericError

        raise GenericError("Generic S3 error: Error performing GET\nand so on")


def test_a_bucket_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bucket = open_place("s3://KEY:SECRET@shelf/past?region=eu-west-3")
    assert isinstance(bucket, Bucket)
    bucket._store = Away()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("engine.report.archive.place.open_place", lambda *_, **__: bucket)

    told = CliRunner().invoke(main, ["report", "--archive", "s3://shelf"])

    assert (told.exit_code, told.output) == (
        1,
        "Error: s3://shelf/past cannot be used: GenericError: Generic S3 error: Error performing GET.\n",
    )


def test_an_address_without_a_bucket_is_said_to_be_none() -> None:
    told = CliRunner().invoke(main, ["report", "--archive", "s3://"])

    assert (told.exit_code, told.output) == (
        1,
        "Error: The archive s3:// names no bucket: write s3://bucket/prefix.\n",
    )
