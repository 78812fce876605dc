"""Words of expressions, and what stands for none."""

import pytest

from catalog.query.tokens import read_tokens
from eventstore.errors import InvalidInput


def test_every_kind_of_word() -> None:
    text = """a.b >= 1_000.5 and `x-y z` != 'it\\'s' or not "q" in (.5, 1e-3)"""
    tokens = read_tokens(text)
    kinds = [(token.kind, token.value) for token in tokens]
    assert kinds == [
        ("name", "a.b"),
        ("sign", ">="),
        ("number", "1_000.5"),
        ("word", "and"),
        ("name", "x-y z"),
        ("sign", "!="),
        ("text", "it's"),
        ("word", "or"),
        ("word", "not"),
        ("text", "q"),
        ("word", "in"),
        ("sign", "("),
        ("number", ".5"),
        ("sign", ","),
        ("number", "1e-3"),
        ("sign", ")"),
        ("end", ""),
    ]
    assert all(text[t.at :].startswith(t.value) for t in tokens if t.kind in {"sign", "word"})


@pytest.mark.parametrize(
    ("text", "at", "hint"),
    [
        ("a = 1", 3, "write '=='"),
        ("a => 1", 3, "write '>='"),
        ("a > 1 && b > 1", 7, "write 'and'"),
        ("a > 1 || b > 1", 7, "write 'or'"),
        ("!a", 1, "write 'not'"),
        ("a == 'x", 6, "end it with '"),
        ("a; b", 2, "such as"),
        ("__import__('os')[0]", 17, "such as"),
    ],
)
def test_other_signs_are_refused_with_their_place(text: str, at: int, hint: str) -> None:
    with pytest.raises(InvalidInput, match=f"at character {at}: ") as caught:
        read_tokens(text)
    assert caught.value.hint.startswith(hint)
