"""From words to an expression.

or         = and { "or" and }
and        = not { "and" not }
not        = "not" not | comparison
comparison = sum { ("==" | "!=" | "<" | "<=" | ">" | ">=") sum }     chained as a < b < c
           | sum ["not"] "in" ( "(" sum { "," sum } ")" | sum )      one of them; part of a text
           | sum "is" ["not"] "missing"
sum        = product { ("+" | "-") product }
product    = value { ("*" | "/") value }
value      = number | 'text' | column | `column` | "-" value | "(" or ")"
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from catalog.query.tokens import Token, read_tokens, refusal

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")

MAX_DEPTH = 50
"""Parentheses, minus signs and ``not`` within each other."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that stands in the expression."""

    value: float
    at: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text that stands in the expression."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a column."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Apply:
    """A sign or word between expressions.

    Args:
        sign: ``or and not == != < <= > >= + - * /``, ``negative`` of one expression, ``in`` of
            a list after the first, ``within`` a text, ``missing``.
        parts: the expressions.
        at: where the sign stands.
    """

    sign: str
    parts: tuple["Expression", ...]
    at: int


Expression: TypeAlias = Number | Text | Column | Apply


def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        InvalidInput: it is none; says at which character.

    Examples:
        >>> parse_expression("lux > 1").sign
        '>'
    """
    parser = _Parser(text)
    found = parser.either()
    if parser.next.kind != "end":
        parser.fail("expected an end, 'and' or 'or'")
    return found


def column_names(expression: Expression) -> list[str]:
    """Return the columns of an expression, in order of appearance.

    Examples:
        >>> column_names(parse_expression("b > 1 and a == b"))
        ['b', 'a']
    """
    if isinstance(expression, Column):
        return [expression.name]
    if not isinstance(expression, Apply):
        return []
    return list(dict.fromkeys(name for part in expression.parts for name in column_names(part)))


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = read_tokens(text)
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def fail(self, said: str) -> NoReturn:
        found = f"found {self.next.value!r}" if self.next.kind != "end" else "it ends here"
        raise refusal(self._text, self.next.at, f"{said}, {found}")

    def either(self) -> Expression:
        return self._chain(("or",), self._both)

    def _both(self) -> Expression:
        return self._chain(("and",), self._negation)

    def _negation(self) -> Expression:
        token = self._taken("not")
        return self._nested(self._negation, "not", token) if token else self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        if token := self._taken("is"):
            negated = self._taken("not")
            if not self._taken("missing"):
                self.fail("expected 'missing'")
            return _negated(Apply("missing", (left,), token.at), negated)
        negated = self._taken("not")
        if token := self._taken("in"):
            return _negated(self._membership(left, token), negated)
        if negated:
            self.fail("expected 'in'")
        pairs: list[Apply] = []
        while token := self._taken(*COMPARISONS):
            right = self._sum()
            pairs.append(Apply(token.value, (left, right), token.at))
            left = right
        return _joined(pairs) if pairs else left

    def _membership(self, left: Expression, token: Token) -> Expression:
        if not self._taken("("):
            return Apply("within", (left, self._sum()), token.at)
        items = [self._sum()]
        while self._taken(","):
            items.append(self._sum())
        self._close()
        return Apply("in", (left, *items), token.at)

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._chain(("*", "/"), self._value)

    def _value(self) -> Expression:
        token = self.next
        if minus := self._taken("-"):
            return self._nested(self._value, "negative", minus)
        if self._taken("("):
            found = self._nested(self.either)
            self._close()
            return found
        if token.kind not in {"number", "text", "name"}:
            self.fail("expected a column, a number or a text in quotes")
        self._at += 1
        if token.kind == "number":
            return Number(float(token.value.replace("_", "")), token.at)
        return (Text if token.kind == "text" else Column)(token.value, token.at)

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Expression]) -> Expression:
        left = part()
        while token := self._taken(*signs):
            left = Apply(token.value, (left, part()), token.at)
        return left

    def _nested(
        self, part: Callable[[], Expression], sign: str = "", token: Token | None = None
    ) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail("it goes too deep")
        found = part()
        self._depth -= 1
        return Apply(sign, (found,), token.at) if token else found

    def _close(self) -> None:
        if not self._taken(")"):
            self.fail("expected ')'")

    def _taken(self, *values: str) -> Token | None:
        token = self.next
        if token.kind in {"sign", "word"} and token.value in values:
            self._at += 1
            return token
        return None


def _negated(found: Apply | Expression, negated: Token | None) -> Expression:
    return Apply("not", (found,), negated.at) if negated else found


def _joined(pairs: list[Apply]) -> Expression:
    joined: Expression = pairs[0]
    for pair in pairs[1:]:
        joined = Apply("and", (joined, pair), pair.at)
    return joined
