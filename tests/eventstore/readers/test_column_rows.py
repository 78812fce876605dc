"""Records, tables and single columns as tables of events."""

import numpy as np
import pytest

from eventstore.errors import FormatError
from eventstore.readers.column_rows import (
    Rows,
    assumed_order,
    is_table,
    table_of_columns,
    table_of_rows,
)
from eventstore.readers.protocol import ByteSource

SOURCE = ByteSource("some.npy", memoryview(b""))
TABLE = np.array([[9, 7, 1, 100], [8, 7, 0, 105], [3, 2, 1, 190]])


def test_a_table_tells_its_order_or_is_given_one() -> None:
    guessed = table_of_rows(SOURCE, TABLE, hint="")
    assert [f.check for f in guessed.findings] == ["columns-assumed"]
    given = table_of_rows(SOURCE, TABLE, hint="", order="yxpt")
    assert given.findings == []
    assert given.take("xy", 1, 3)["x"].tolist() == [7, 2]
    audio = table_of_rows(SOURCE, TABLE[:, :2], hint="", order="tc")
    assert audio.audio
    assert table_of_rows(SOURCE, TABLE, hint="", n_rows=2).n_rows == 2


def test_records_by_the_names_of_their_fields() -> None:
    records = np.zeros(3, [("timestamp", "<i4"), ("x", "i1"), ("y", "i1"), ("p", "i1")])
    records["timestamp"] = [3, 4, 5]
    table = table_of_rows(SOURCE, records, hint="")
    assert (table.n_rows, table.audio, table.findings) == (3, False, [])
    assert table.take("t", 1, 3)["t"].tolist() == [4, 5]


@pytest.mark.parametrize(
    ("rows", "order", "said"),
    [
        (np.zeros((9, 4)), "", r"found float64\[9, 4\]"),
        (TABLE[:, :3], "", "no columns of events"),
        (TABLE[:, :3], "txyp", "no columns of events"),
        (TABLE[0], "", "no columns of events"),
        (TABLE.astype("S4"), "xypt", "no columns of events"),
        (np.zeros(3, [("t", "i4"), ("x", "i4")]), "", "found fields t x"),
        (np.zeros((3, 3), [("t", "i4"), ("c", "i4")]), "", "found fields t c"),
        (np.zeros(3, [("t", "i4"), ("c", "u2", (4,))]), "", "found fields t c"),
    ],
)
def test_what_holds_no_events_is_refused(rows: np.ndarray, order: str, said: str) -> None:
    with pytest.raises(FormatError, match=said) as e:
        table_of_rows(SOURCE, rows, hint="name the order", order=order)
    assert e.value.hint == "name the order"


def test_columns_of_one_length() -> None:
    columns: dict[str, Rows] = {letter: np.arange(5) for letter in "txyp"}
    assert table_of_columns(SOURCE, columns, hint="").take("tp", 2, 4)["p"].tolist() == [2, 3]
    assert table_of_columns(SOURCE, columns, hint="", n_rows=3).n_rows == 3
    for wrong in (np.arange(4), np.zeros((5, 1)), np.array(5)):
        with pytest.raises(FormatError, match="columns differ in length"):
            table_of_columns(SOURCE, {**columns, "p": wrong}, hint="")


def test_tables_are_numbers() -> None:
    assert is_table(np.dtype("?"), (5, 4))
    assert not is_table(np.dtype("S1"), (5, 4))
    assert not is_table(np.dtype([("t", "i4")]), (5, 4))
    assert not is_table(np.dtype("i4"), (5, 4, 1))
    assert "t x y p" in assumed_order("some.npy", "txyp").message
