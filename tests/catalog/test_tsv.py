"""Tables of text have one spelling and read back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.tsv import Table
from eventstore.errors import FormatError, InvalidInput

VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 4))
    columns = draw(st.lists(VALUES, min_size=width, max_size=width, unique=True))
    rows = draw(st.lists(st.tuples(*[VALUES] * width), max_size=5))
    return Table(tuple(columns), tuple(rows))


@given(tables())
def test_any_table_reads_back_from_its_bytes(table: Table) -> None:
    assert Table.parse(table.text().encode().decode()) == table


@given(tables())
def test_every_line_is_one_row(table: Table) -> None:
    assert table.text().count("\n") == len(table.rows) + 1


def test_row_order_does_not_matter() -> None:
    rows = [("b", "2"), ("a", "1")]
    assert Table.of(("id", "n"), rows).text() == Table.of(("id", "n"), rows[::-1]).text()
    assert Table.of(("id", "n"), rows).text() == "id\tn\na\t1\nb\t2\n"


def test_a_row_of_another_width_is_named() -> None:
    with pytest.raises(FormatError, match=r"labels.tsv: line 3 .* expected 2 values; found 1"):
        Table.parse("a\tb\n1\t2\n3\n", path="labels.tsv")


def test_an_unknown_escape_and_a_missing_end_are_refused() -> None:
    with pytest.raises(FormatError, match="unknown escape"):
        Table.parse("a\n\\x\n")
    with pytest.raises(FormatError, match="last line is not ended"):
        Table.parse("a\nb")


def test_line_breaks_of_another_system_are_named() -> None:
    with pytest.raises(FormatError, match=r"labels.tsv: lines end in CR LF"):
        Table.parse("a\tb\r\n1\t2\r\n", path="labels.tsv")


def test_columns_are_asked_for_by_name() -> None:
    table = Table(("id",), (("a",),))
    assert table.column("id") == ["a"]
    with pytest.raises(InvalidInput, match=r"no column 'x'"):
        table.column("x")


def test_ragged_and_doubled_tables_cannot_be_made() -> None:
    with pytest.raises(InvalidInput):
        Table(("a", "a"), ())
    with pytest.raises(InvalidInput):
        Table(("a",), (("1", "2"),))


def test_what_is_printed_is_short() -> None:
    table = Table(("id", "label"), (("a", "cat"),) * 2000)
    assert repr(table) == "<Table of 2,000 rows: id, label>"
