"""Row changes turn one table into the other, whatever they are."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from catalog.diff.tables import differing, row_changes
from catalog.tsv import Table

ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12"), st.sampled_from("xyz")))
COLUMNS = ("id", "n", "label")


def table(rows: list[tuple[str, ...]]) -> Table:
    return Table(COLUMNS, tuple(rows))


@given(ROWS, ROWS)
def test_the_changes_turn_one_table_into_the_other(
    one: list[tuple[str, ...]], two: list[tuple[str, ...]]
) -> None:
    found = row_changes(table(one), table(two), ["id"])
    rows = Counter(one)
    rows.subtract(tuple(row.values()) for row in found.removed)
    rows.subtract(tuple(before.values()) for before, _ in found.changed)
    rows.update(tuple(row.values()) for row in found.added)
    rows.update(tuple(after.values()) for _, after in found.changed)
    assert +rows == Counter(two)
    assert min(rows.values(), default=0) >= 0
    assert all(before["id"] == after["id"] for before, after in found.changed)
    assert {row["id"] for row in found.added}.isdisjoint(row["id"] for row in found.removed)


@given(ROWS)
def test_order_makes_no_difference(rows: list[tuple[str, ...]]) -> None:
    found = row_changes(table(rows), table(rows[::-1]), ["id"])
    assert (found.added, found.removed, found.changed) == ([], [], [])


def test_columns_that_only_one_has_are_told_once() -> None:
    before = Table(("id", "old"), (("a", "1"),))
    after = Table(("id", "new"), (("a", "2"), ("b", "3")))
    found = row_changes(before, after, ["id"])
    assert (found.new_columns, found.lost_columns) == (("new",), ("old",))
    assert found.added == [{"id": "b"}]
    assert found.changed == []


def test_what_differs_between_rows() -> None:
    assert differing({"a": "1", "b": "2"}, {"a": "1", "b": "3"}) == ("b=2", "b=3")
