import pickle

import pytest

from eventstore import errors
from eventstore.errors import ErrorKind, FormatError, InvalidInput, NotFound, SpikelakeError


def leaves() -> list[type[SpikelakeError]]:
    return SpikelakeError.__subclasses__()


def test_every_kind_belongs_to_one_error() -> None:
    kinds = [leaf.kind for leaf in leaves()]
    assert sorted(kinds) == sorted(ErrorKind)
    assert len(set(kinds)) == len(kinds)


def test_every_error_stands_in_the_drawn_tree() -> None:
    assert errors.__doc__ is not None
    assert [leaf.__name__ for leaf in leaves() if leaf.__name__ not in errors.__doc__] == []


def test_errors_can_be_caught_as_their_builtin() -> None:
    assert issubclass(InvalidInput, ValueError)
    assert issubclass(NotFound, KeyError)
    assert issubclass(errors.MissingExtra, ImportError)


def test_message_and_hint_are_both_shown() -> None:
    assert str(InvalidInput("bad window_us -3", hint="use a positive one")) == (
        "bad window_us -3\nhint: use a positive one"
    )
    assert str(NotFound("no version '2'")) == "no version '2'"  # KeyError would quote it


def test_not_found_lists_what_there_is_and_the_nearest_match() -> None:
    error = NotFound.among("chip", "spek2f", ["speck2f", "xylo"])
    assert error.message == "no chip 'spek2f' (known: speck2f, xylo)"
    assert error.hint == "did you mean 'speck2f'?"
    assert "none" in NotFound.among("chip", "x", []).message
    assert "(40 in all)" in NotFound.among("chip", "x", [str(i) for i in range(40)]).message


def test_format_error_says_where_and_what() -> None:
    error = FormatError("cut", path="a.bin", offset=7, expected="5 bytes", found="2")
    assert error.message == "a.bin at byte 7: cut; expected 5 bytes; found 2"
    with pytest.raises(SpikelakeError):
        raise error


@pytest.mark.parametrize("kind", [SpikelakeError, *SpikelakeError.__subclasses__()])
def test_errors_travel_between_processes(kind: type[SpikelakeError]) -> None:
    facts = {"path": "a.bin", "offset": 3, "expected": "x", "found": "y"}
    error = kind("bad", hint="mend it", **(facts if kind is FormatError else {}))
    error.message += " (in a)"
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (str(copy), copy.__dict__) == (str(error), error.__dict__)
