"""Groups come from a column that says something of every recording."""

import pytest

from catalog.splits.rules.grouping import column_of, groups_of, kept_groups, some
from catalog.splits.rules.protocol import Sample
from eventstore.errors import Conflict, InvalidInput


def test_an_unknown_column_lists_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"no column 'subject' \(known: id, speaker\)"):
        column_of(Sample("a#0-1", "x", {"id": "a", "speaker": "s"}), "subject")
    with pytest.raises(InvalidInput, match="did you mean 'speaker'"):
        column_of(Sample("a#0-1", "x", {"id": "a", "speaker": "s"}), "speakr")


def test_recordings_of_no_group_are_not_one_group() -> None:
    rows = [Sample(f"{k}#0-1", "x", {"speaker": "" if k < 4 else "s"}) for k in range(6)]
    with pytest.raises(InvalidInput, match=r"4 of 6 samples have no speaker: 0#0-1, 1#0-1") as e:
        groups_of(rows, "speaker")
    assert "fill the column 'speaker'" in e.value.hint


def test_a_parent_gives_groups_their_folds() -> None:
    groups = {"a": "g", "b": "g", "c": "h"}
    assert kept_groups(groups, {"a": "train", "gone": "test"}) == {"g": "train"}
    with pytest.raises(Conflict, match="group 'g' lies in the parent's folds"):
        kept_groups(groups, {"a": "train", "b": "test"})


def test_few_names_are_said_whole() -> None:
    assert some(["a", "b", "c"]) == "a, b, c"
