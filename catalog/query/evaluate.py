"""Which rows an expression is true of, whole columns at a time.

A value that is missing makes what is computed from it missing, and what is compared with it
unknown: neither true nor false. ``not`` of unknown is unknown, ``false and unknown`` is false,
``true or unknown`` is true. Rows of which it is unknown are not found, and are counted.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Bool, Float64

from catalog.query.parser import COMPARISONS, Apply, Column, Expression, Number, Text
from catalog.query.tokens import refusal
from eventstore.errors import InvalidInput

Mask = Bool[np.ndarray, " n"]


class Columns(Protocol):
    """Columns of text by name, of the same length."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def texts(self, name: str) -> Sequence[str]:
        """Return the values of a column; empty where missing."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Which rows something is true of, and of which it is known whether it is."""

    true: Mask
    known: Mask


@dataclass(frozen=True, slots=True)
class Values:
    """Values of rows: as numbers, as texts, or, of a column of numbers, as both.

    Args:
        known: where there is a value.
        numbers: None where it is text alone.
        texts: None where it is numbers alone.
        name: what messages call it.
    """

    known: Mask
    numbers: Float64[np.ndarray, " n"] | None
    texts: np.ndarray | None
    name: str


def evaluate(expression: Expression, columns: Columns, *, text: str) -> Truth:
    """Return which rows an expression is true of.

    Args:
        expression: the expression.
        columns: what its names stand for.
        text: the expression as it was written, for messages.

    Raises:
        InvalidInput: it compares text with numbers, or is a value and not a comparison.
        NotFound: there is no such column.

    Examples:
        >>> from catalog.query.parser import parse_expression
        >>> class One:
        ...     def __len__(self): return 3
        ...     def texts(self, name): return ["1", "5", ""]
        >>> truth = evaluate(parse_expression("a > 2"), One(), text="a > 2")
        >>> truth.true.tolist(), truth.known.tolist()
        ([False, True, False], [True, True, False])
    """
    return _Evaluation(columns, text).truth(expression)


_ORDER: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_SUMS: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class _Evaluation:
    def __init__(self, columns: Columns, text: str) -> None:
        self._columns = columns
        self._text = text

    def truth(self, found: Expression) -> Truth:
        if isinstance(found, Apply) and found.sign in COMPARISONS:
            return self._compare(found)
        if isinstance(found, Apply) and found.sign in self._rules:
            return self._rules[found.sign](found)
        said = "this is a value, not a comparison"
        raise refusal(self._text, found.at, said, "compare it, such as: lux > 100")

    @property
    def _rules(self) -> dict[str, Callable[[Apply], Truth]]:
        return {
            "and": lambda found: _join("and", *map(self.truth, found.parts)),
            "or": lambda found: _join("or", *map(self.truth, found.parts)),
            "not": self._not,
            "missing": self._missing,
            "within": self._within,
            "in": self._in,
        }

    def _not(self, found: Apply) -> Truth:
        inner = self.truth(found.parts[0])
        return Truth(inner.known & ~inner.true, inner.known)

    def _missing(self, found: Apply) -> Truth:
        known = self._values(found.parts[0]).known
        return Truth(~known, np.ones(len(known), np.bool_))

    def _in(self, found: Apply) -> Truth:
        first, *items = found.parts
        return _join("or", *(self._compare(Apply("==", (first, x), found.at)) for x in items))

    def _values(self, found: Expression) -> Values:
        n = len(self._columns)
        everywhere = np.ones(n, np.bool_)
        if isinstance(found, Number):
            return Values(everywhere, np.full(n, found.value), None, f"{found.value:g}")
        if isinstance(found, Text):
            if not found.value:
                said = "an empty text is a missing value"
                raise refusal(self._text, found.at, said, "write: lighting is missing")
            return Values(everywhere, None, np.full(n, found.value), repr(found.value))
        if isinstance(found, Column):
            return column_values(found.name, self._columns.texts(found.name))
        if found.sign not in {*_SUMS, "negative"}:
            said = "this is a comparison, not a value"
            raise refusal(self._text, found.at, said, "join comparisons by 'and' or 'or'")
        return self._sum(found)

    def _sum(self, found: Apply) -> Values:
        parts = [self._values(part) for part in found.parts]
        numbers = [self._numbers(part, found.at) for part in parts]
        known = np.logical_and.reduce([part.known for part in parts])
        with np.errstate(all="ignore"):
            made = -numbers[0] if found.sign == "negative" else _SUMS[found.sign](*numbers)
        return Values(known & np.isfinite(made), made, None, "the sum")

    def _numbers(self, values: Values, at: int) -> np.ndarray:
        if values.numbers is None:
            hint = "columns with a value that is no number are text: put quotes around the other"
            raise refusal(self._text, at, f"{_described(values)}, which is no number", hint)
        return values.numbers

    def _compare(self, found: Apply) -> Truth:
        left, right = (self._values(part) for part in found.parts)
        known = left.known & right.known
        if left.numbers is not None and right.numbers is not None:
            with np.errstate(invalid="ignore"):
                return Truth(known & _ORDER[found.sign](left.numbers, right.numbers), known)
        if left.texts is None or right.texts is None:
            raise self._mixed(found.at, left, right)
        if found.sign not in {"==", "!="} and (left.numbers is None) != (right.numbers is None):
            number = left if left.numbers is not None else right
            said = f"{number.name} holds numbers, and a text has no place among them"
            raise refusal(self._text, found.at, said, "write the number without quotes")
        return Truth(known & _ORDER[found.sign](left.texts, right.texts), known)

    def _mixed(self, at: int, left: Values, right: Values) -> InvalidInput:
        number, text = (left, right) if left.texts is None else (right, left)
        said = f"{_described(text)}, and {number.name} is a number"
        return refusal(self._text, at, said, f"compare it with text: '{number.name}'")

    def _within(self, found: Apply) -> Truth:
        part, whole = (self._values(one) for one in found.parts)
        if part.texts is None or whole.texts is None:
            said = f"{(part if part.texts is None else whole).name} is a number"
            hint = "write a list in parentheses, or texts: lens in ('A', 'B'), 'cat' in source"
            raise refusal(self._text, found.at, said, hint)
        known = part.known & whole.known
        return Truth(known & (np.strings.find(whole.texts, part.texts) >= 0), known)


def column_values(name: str, texts: Sequence[str]) -> Values:
    """Return a column's values: also as numbers where all that are there are finite numbers.

    Examples:
        >>> column_values("lux", ["1e2", ""]).numbers.tolist()
        [100.0, nan]
    """
    cells = np.array(texts, dtype=np.str_) if len(texts) else np.empty(0, np.str_)
    known = cells != ""
    numbers = np.full(len(cells), np.nan)
    try:
        numbers[known] = cells[known].astype(np.float64)
    except ValueError:
        return Values(known, None, cells, name)
    return Values(known, numbers if np.isfinite(numbers[known]).all() else None, cells, name)


def _described(values: Values) -> str:
    """Name values, for a column with one that is no number."""
    if values.texts is None or not values.known.any():
        return values.name
    for cell in values.texts[values.known]:
        if column_values("", [str(cell)]).numbers is None:
            return values.name if repr(str(cell)) == values.name else f"{values.name} has {cell!s}"
    return values.name


def _join(sign: str, *parts: Truth) -> Truth:
    """Join by three-valued logic."""
    false = [part.known & ~part.true for part in parts]
    true = [part.true & part.known for part in parts]
    if sign == "and":
        all_true, any_false = np.logical_and.reduce(true), np.logical_or.reduce(false)
    else:
        all_true, any_false = np.logical_or.reduce(true), np.logical_and.reduce(false)
    return Truth(all_true, all_true | any_false)
