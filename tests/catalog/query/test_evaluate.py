"""Three-valued truth over columns, row by row the same as plain Python says."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.query.evaluate import Truth, column_values, evaluate
from catalog.query.parser import Apply, Column, Expression, Number, parse_expression
from eventstore.errors import InvalidInput


class Given:
    """Columns as they are given."""

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def texts(self, name: str) -> Sequence[str]:
        return self._columns[name]


ROWS = Given(
    {
        "n": ["1", "2.5", "", "-4"],
        "m": ["1", "0", "7", ""],
        "word": ["led", "sun", "", "led lamp"],
        "mixed": ["1", "two", "", "3"],
        "code": ["01", "1", "", "02"],
    }
)


def ask(text: str) -> Truth:
    return evaluate(parse_expression(text), ROWS, text=text)


def said(text: str) -> str:
    """Return T, F or ? for each row."""
    truth = ask(text)
    return "".join(
        "?" if not known else "FT"[int(true)]
        for true, known in zip(truth.true, truth.known, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("n > 1", "FT?F"),
        ("not n > 1", "TF?T"),
        ("n == m", "TF??"),
        ("n is missing", "FFTF"),
        ("n is not missing", "TTFT"),
        ("n + m > 2", "FT??"),
        ("n / m > 0", "T???"),  # a division by zero has no value
        ("-n < 0", "TT?F"),
        ("2 < n * 2 < 6", "FT?F"),
        ("n > 1 or m == 7", "FTT?"),
        ("n > 1 and m == 1", "FFFF"),
        ("n in (1, -4)", "TF?T"),
        ("n not in (1, -4)", "FT?F"),
        ("word == 'led'", "TF?F"),
        ("word != 'led'", "FT?T"),
        ("word in ('led', 'sun')", "TT?F"),
        ("'led' in word", "TF?T"),
        ("word < 'm'", "TF?T"),
        ("mixed == '1'", "TF?F"),
        ("code == '01'", "TF?F"),
        ("code == 1", "TT?F"),
        ("n > 1 or n <= 1", "TT?T"),
        ("m == 7 or n > 100", "FFT?"),
    ],
)
def test_missing_values_are_neither(text: str, rows: str) -> None:
    assert said(text) == rows


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("word > 1", "word has led, and 1 is a number", "compare it with text: '1'"),
        ("mixed > 1", "mixed has two, and 1 is a number", "compare it with text"),
        ("n < '1'", "n holds numbers", "without quotes"),
        ("n + word > 1", "word has led, which is no number", "put quotes"),
        ("n", "this is a value, not a comparison", "compare it"),
        ("n and m > 1", "this is a value", "compare it"),
        ("(n > 1) > 2", "this is a comparison, not a value", "join"),
        ("word == ''", "an empty text is a missing value", "is missing"),
        ("word in 3", "3 is a number", "list in parentheses"),
        ("1 in n", "1 is a number", "list in parentheses"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("cells", [["1", "nan"], ["inf", "1"], ["1", "x"]])
def test_what_is_no_finite_number_is_text(cells: list[str]) -> None:
    assert column_values("a", cells).numbers is None


def test_no_rows_are_no_trouble() -> None:
    none = Given({"n": []})
    assert len(evaluate(parse_expression("n > 1 and n in (1, 2)"), none, text="").true) == 0


CELLS = st.sampled_from(["", "1", "2", "3"])


def plain(found: Expression, row: Mapping[str, str]) -> bool | None:
    """Say what an expression is of one row, by the book."""
    assert isinstance(found, Apply)
    if found.sign == "not":
        inner = plain(found.parts[0], row)
        return None if inner is None else not inner
    if found.sign in {"and", "or"}:
        parts = [plain(part, row) for part in found.parts]
        decides = found.sign == "or"
        return decides if decides in parts else None if None in parts else not decides
    left, right = (number(part, row) for part in found.parts)
    if left is None or right is None:
        return None
    return {"==": left == right, "<": left < right, ">=": left >= right}[found.sign]


def number(found: Expression, row: Mapping[str, str]) -> float | None:
    if isinstance(found, Number):
        return found.value
    assert isinstance(found, Column)
    return float(row[found.name]) if row[found.name] else None


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    text=st.recursive(
        st.sampled_from(["a == b", "a < 2", "b >= 2", "a == 1"]),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda two: f"({two[0]} and {two[1]})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
            inner.map(lambda one: f"(not {one})"),
        ),
        max_leaves=6,
    ),
)
def test_columns_say_what_rows_say(rows: list[tuple[str, str]], text: str) -> None:
    columns = {"a": [a for a, _ in rows], "b": [b for _, b in rows]}
    found = parse_expression(text)
    truth = evaluate(found, Given(columns), text=text)
    for at, (a, b) in enumerate(rows):
        expected = plain(found, {"a": a, "b": b})
        assert truth.known[at] == (expected is not None)
        assert truth.true[at] == (expected is True)


def test_a_hundred_thousand_rows_are_quick() -> None:
    n = 100_000
    many = Given({"n": [str(k) for k in range(n)], "word": [f"w{k % 7}" for k in range(n)]})
    truth = evaluate(parse_expression("n > 10 and word in ('w1', 'w2')"), many, text="")
    assert int(np.count_nonzero(truth.true)) == sum(k % 7 in {1, 2} for k in range(11, n))
