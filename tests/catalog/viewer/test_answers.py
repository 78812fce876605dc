"""Answers."""

import json

import pytest

from catalog.viewer.answers import STATUS, bytes_answer, error_answer, json_answer
from eventstore.errors import Conflict, ErrorKind, FormatError, InvalidInput, NotFound


def test_values_are_written_as_they_are() -> None:
    answer = json_answer({"name": "Übung/1 <b>"}, headers={"etag": '"a"'})
    assert json.loads(bytes(answer.body)) == {"name": "Übung/1 <b>"}
    assert answer.headers["etag"] == '"a"'
    assert json.loads(bytes(json_answer({"name": "\udcff"}).body)) == {"name": "?"}
    with pytest.raises(ValueError, match="JSON"):
        json_answer({"n": float("nan")})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput("a"), 400),
        (NotFound("a"), 404),
        (Conflict("a"), 412),
        (FormatError("a", path="b"), 500),
    ],
)
def test_whose_fault_it_is(error: InvalidInput, status: int) -> None:
    answer = error_answer(error)
    assert answer.status_code == status
    assert json.loads(bytes(answer.body))["error"] == error.kind


def test_only_kinds_that_are() -> None:
    assert set(STATUS) <= set(ErrorKind)
    assert bytes_answer(b"\x00", "application/octet-stream").body == b"\x00"
