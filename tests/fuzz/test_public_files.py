"""A sample of :mod:`tests.fuzz.public_files`; ``.ci/long imports`` runs a hundred thousand."""

from __future__ import annotations

from tests.fuzz.public_files import files, measured


def test_public_looking_files_are_read_or_refused_in_one_sentence() -> None:
    found = measured(300, 20261130)
    outcomes = found["outcomes"]
    assert isinstance(outcomes, dict) and sum(outcomes.values()) == 300
    assert len(outcomes) >= 8 and outcomes["refused"] < 150, "most files of this kind are read"


def test_the_same_seed_gives_the_same_files() -> None:
    assert list(files(40, 7)) == list(files(40, 7)) != list(files(40, 8))
