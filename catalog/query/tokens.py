"""Words of an expression: numbers, texts, names and signs, each with its place."""

import re
from dataclasses import dataclass
from typing import Literal

from eventstore.errors import InvalidInput

Kind = Literal["number", "text", "name", "word", "sign", "end"]

WORDS = frozenset({"and", "or", "not", "in", "is", "missing"})
"""Names that are part of the language."""

GRAMMAR_HINT = "such as: rate_mev_s > 1 and lighting == 'led'"

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |`(?P<quoted>[^`]+)`
    |(?P<name>[^\W\d]\w*(?:\.\w+)*)
    |(?P<sign>==|!=|<=|>=|[<>()+*/,-])
    )""",
    re.VERBOSE,
)

_INSTEAD = {
    "=": "==",
    "=>": ">=",
    "=<": "<=",
    "&": "and",
    "&&": "and",
    "|": "or",
    "||": "or",
    "!": "not",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word.

    Args:
        kind: what it is.
        value: what it says; of a text without its quotes.
        at: where it begins in the expression.
    """

    kind: Kind
    value: str
    at: int


def read_tokens(expression: str) -> list[Token]:
    """Return the words of an expression, and one of kind ``"end"`` behind them.

    Raises:
        InvalidInput: something that is no word; says where and what to write instead.

    Examples:
        >>> [token.value for token in read_tokens("lux>=3e2")]
        ['lux', '>=', '3e2', '']
    """
    tokens, at = [], 0
    while expression[at:].strip():
        found = _TOKEN.match(expression, at)
        if found is None:
            raise _no_sign(expression, len(expression) - len(expression[at:].lstrip()))
        tokens.append(_token(found))
        at = found.end()
    return [*tokens, Token("end", "", len(expression.rstrip()))]


def refusal(expression: str, at: int, said: str, hint: str = GRAMMAR_HINT) -> InvalidInput:
    """Return the error for a place in an expression.

    Examples:
        >>> refusal("a >", 3, "it ends here").message
        "cannot read 'a >' at character 4: it ends here"
    """
    return InvalidInput(f"cannot read {expression!r} at character {at + 1}: {said}", hint=hint)


def _token(found: re.Match[str]) -> Token:
    group = found.lastgroup or ""
    value, at = found[group], found.start(group)
    if group == "text":
        return Token("text", re.sub(r"\\(.)", r"\1", value[1:-1]), at)
    if group == "quoted":
        return Token("name", value, at)
    if group == "name":
        return Token("word" if value in WORDS else "name", value, at)
    return Token("number" if group == "number" else "sign", value, at)


def _no_sign(expression: str, at: int) -> InvalidInput:
    rest = expression[at:]
    for sign in sorted(_INSTEAD, key=len, reverse=True):
        if rest.startswith(sign):
            return refusal(expression, at, f"{sign!r} is no sign", f"write {_INSTEAD[sign]!r}")
    if rest[0] in "'\"`":
        return refusal(expression, at, f"the text is not ended: {rest}", f"end it with {rest[0]}")
    return refusal(expression, at, f"{rest[0]!r} is no sign")
