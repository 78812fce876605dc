"""The grammar, and its messages."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.query.parser import Apply, Column, Expression, Number, column_names, parse_expression
from eventstore.errors import InvalidInput


def shape(found: Expression) -> object:
    if isinstance(found, Apply):
        return (found.sign, *(shape(part) for part in found.parts))
    return found.name if isinstance(found, Column) else found.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and not c", ("or", "a", ("and", "b", ("not", "c")))),
        ("a + b * -2 > 3", (">", ("+", "a", ("*", "b", ("negative", 2.0))), 3.0)),
        ("1 < a <= 2", ("and", ("<", 1.0, "a"), ("<=", "a", 2.0))),
        ("a - b - c", ("-", ("-", "a", "b"), "c")),
        ("a in (1, 'x')", ("in", "a", 1.0, "x")),
        ("a not in (1)", ("not", ("in", "a", 1.0))),
        ("'x' in a", ("within", "x", "a")),
        ("a is missing", ("missing", "a")),
        ("a is not missing", ("not", ("missing", "a"))),
        ("(a or b) and c", ("and", ("or", "a", "b"), "c")),
        ("1_000 == a", ("==", 1000.0, "a")),
    ],
)
def test_what_binds_how(text: str, expected: object) -> None:
    assert shape(parse_expression(text)) == expected


def test_columns_come_once() -> None:
    found = parse_expression("b > 1 and (a < b or c.d == 'a')")
    assert column_names(found) == ["b", "a", "c.d"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a column, a number or a text in quotes, it ends here"),
        ("a >", "at character 4: expected a column"),
        ("a > 1 b", "at character 7: expected an end, 'and' or 'or', found 'b'"),
        ("(a > 1", "expected ')', it ends here"),
        ("a in (1, 2", "expected ')'"),
        ("a is 3", "expected 'missing', found '3'"),
        ("a not 3", "expected 'in', found '3'"),
        ("a > > 1", "at character 5: expected a column"),
        ("and", "expected a column"),
        ("((((((" * 20, "it goes too deep"),
        ("-" * 200 + "1", "it goes too deep"),
        ("not " * 200 + "a", "it goes too deep"),
        ("f(1)", "at character 2: expected an end"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_expression(text)
    assert said in caught.value.message


def spelt(found: Expression) -> str:
    """Write an expression with parentheses around everything."""
    if not isinstance(found, Apply):
        return found.name if isinstance(found, Column) else f"{shape(found)!r}"
    parts = [spelt(part) for part in found.parts]
    if found.sign == "not":
        return f"(not {parts[0]})"
    return f"({parts[0]} {found.sign} {parts[1]})"


VALUES = st.one_of(
    st.builds(Number, st.floats(0, 9), st.just(0)), st.builds(Column, st.just("a"), st.just(0))
)
PAIRS = st.sampled_from(["==", "<", ">="])
COMPARED = st.builds(Apply, PAIRS, st.tuples(VALUES, VALUES), st.just(0))
TRUTHS: st.SearchStrategy[Expression] = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        st.builds(Apply, st.sampled_from(["and", "or"]), st.tuples(inner, inner), st.just(0)),
        st.builds(Apply, st.just("not"), st.tuples(inner), st.just(0)),
    ),
    max_leaves=8,
)


@given(found=TRUTHS)
def test_what_is_written_is_read(found: Expression) -> None:
    assert shape(parse_expression(spelt(found))) == shape(found)


@given(text=st.text(st.sampled_from("ab1.'\"`()<>=!+-*/, andorisn"), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):  # and nothing else, such as a RecursionError
        parse_expression(text)
