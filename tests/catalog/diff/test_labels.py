"""Labels: an interval added, taken away, given another class, or moved."""

import pytest

from catalog.diff.bump import Bump
from catalog.diff.change import Change, How
from catalog.diff.labels import label_changes
from catalog.labels.intervals import Label, labels_table
from catalog.tsv import Table

BASE = [Label("a", 0, 10, "cat"), Label("a", 20, 30, "dog"), Label("b", 0, 10, "cat")]


def changes(after: list[Label]) -> list[Change]:
    return list(label_changes("class", labels_table(BASE).text(), labels_table(after).text()))


def test_equal_sets() -> None:
    assert changes(BASE[::-1]) == []


def test_one_relabelled_interval_is_one_change() -> None:
    [change] = changes([Label("a", 0, 10, "owl"), *BASE[1:]])
    assert str(change) == "label a#0-10 of class changed: label=cat → label=owl"
    assert change.bump is Bump.MAJOR


def test_a_moved_end_is_one_change() -> None:
    [change] = changes([Label("a", 2, 12, "cat"), *BASE[1:]])
    assert (change.name, change.how, change.bump) == ("a#2-12", How.CHANGED, Bump.MAJOR)
    assert change.before == "t_start_us=0 t_stop_us=10"


def test_intervals_that_do_not_overlap_are_others() -> None:
    found = changes([Label("a", 100, 110, "cat"), *BASE[1:]])
    assert sorted((c.name, c.how, c.bump) for c in found) == [
        ("a#0-10", How.REMOVED, Bump.MAJOR),
        ("a#100-110", How.ADDED, Bump.MINOR),
    ]
    found = changes([Label("c", 0, 10, "cat"), *BASE[1:]])
    assert {c.how for c in found} == {How.REMOVED, How.ADDED}


def test_a_set_comes_and_goes_as_one() -> None:
    text = labels_table(BASE).text()
    [change] = label_changes("box", "", text)
    assert (change.what, change.how, change.bump) == ("label set", How.ADDED, Bump.MINOR)
    assert change.after == "3 labels"
    [change] = label_changes("box", text, "")
    assert (change.how, change.bump) == (How.REMOVED, Bump.MAJOR)


def test_who_labelled_it_is_a_note() -> None:
    columns = ("recording_id", "t_start_us", "t_stop_us", "label", "annotator")
    old = Table(columns, (("a", "0", "9", "cat", "ann"),)).text()
    new = Table(columns, (("a", "0", "9", "cat", "bob"),)).text()
    [change] = label_changes("class", old, new)
    assert (change.bump, change.after) == (Bump.PATCH, "annotator=bob")
    [change] = label_changes("class", labels_table([Label("a", 0, 9, "cat")]).text(), new)
    assert (change.what, change.how, change.bump) == ("column", How.ADDED, Bump.PATCH)


@pytest.mark.parametrize("how", [How.ADDED, How.REMOVED])
def test_tables_of_other_columns_are_compared_row_by_row(how: How) -> None:
    few = Table(("recording_id", "t_us", "x"), (("a", "5", "1"), ("a", "5", "2"))).text()
    many = Table(("recording_id", "t_us", "x"), (("a", "5", "1"),) * 2 + (("a", "5", "2"),)).text()
    [change] = label_changes("box", *((few, many) if how is How.ADDED else (many, few)))
    assert (change.how, change.name) == (how, "a 5 1")
