"""Splits: a new one asks for little, any other row for much."""

import json

from catalog.diff.bump import Bump
from catalog.diff.change import Change, How
from catalog.diff.splits import split_changes
from catalog.tsv import Table


def split(folds: dict[str, str], digest: str, **more: str) -> tuple[str, str]:
    return (
        json.dumps({"digest": digest, **more}),
        Table.of(("sample_id", "fold"), folds.items()).text(),
    )


def changes(before: tuple[str, str], after: tuple[str, str]) -> list[Change]:
    return list(split_changes("official", before, after))


ONE = split({"a#0-9": "train", "b#0-9": "test"}, "1111")


def test_the_same_split() -> None:
    assert changes(ONE, ONE) == []


def test_a_split_comes_and_goes_as_one() -> None:
    [change] = changes(("", ""), ONE)
    assert (change.how, change.bump, change.after) == (How.ADDED, Bump.MINOR, "2 samples 1111")
    [change] = changes(ONE, ("", ""))
    assert (change.how, change.bump) == (How.REMOVED, Bump.MAJOR)


def test_rows_that_moved_are_each_told() -> None:
    other = split({"a#0-9": "test", "c#0-9": "test"}, "2222")
    found = changes(ONE, other)
    assert {change.bump for change in found} == {Bump.MAJOR}
    assert sorted(str(change) for change in found) == [
        "split official changed: 1111 → 2222",
        "split row a#0-9 of official changed: train → test",
        "split row b#0-9 of official removed: test → –",
        "split row c#0-9 of official added: – → test",
    ]


def test_another_record_of_the_same_rows_is_a_patch() -> None:
    [change] = changes(ONE, (split({}, "1111", rule="new words")[0], ONE[1]))
    assert (change.what, change.bump) == ("split", Bump.PATCH)


def test_edited_rows_under_the_old_digest_are_seen() -> None:
    [change] = changes(ONE, (ONE[0], split({"a#0-9": "test", "b#0-9": "test"}, "")[1]))
    assert (change.what, change.bump) == ("split row", Bump.MAJOR)
