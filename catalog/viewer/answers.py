"""Answers to questions: JSON, bytes, or what went wrong with a status that says whose it is."""

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from eventstore.errors import ErrorKind, SpikelakeError

Endpoint: TypeAlias = Callable[[Request], Response]
"""What answers the questions for one address."""

Change: TypeAlias = Callable[[bytes, Mapping[str, str]], Response]
"""What carries out a change, given the body and the headers that ask for it."""

STATUS = {
    ErrorKind.INVALID_INPUT: 400,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.ALREADY_EXISTS: 409,
    ErrorKind.READ_ONLY: 403,
    ErrorKind.CONFLICT: 412,
    ErrorKind.MISSING_CONTENT: 503,
    ErrorKind.UNREACHABLE: 503,
}
"""Status of the answer to each kind of error; 500 where the fault is the dataset's."""


def json_answer(
    content: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return plain values as JSON.

    Examples:
        >>> json_answer({"n": 3}).body
        b'{"n":3}'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(
        text.encode("utf-8", "replace"),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )


def bytes_answer(
    content: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    """Return bytes as they are."""
    return Response(content, status_code=status, media_type=media_type, headers=headers)


def error_answer(error: SpikelakeError) -> Response:
    """Return what went wrong, and what to do about it.

    Examples:
        >>> from eventstore.errors import NotFound
        >>> error_answer(NotFound("no recording 'a'")).status_code
        404
    """
    said = {"error": str(error.kind), "message": error.message, "hint": error.hint}
    return json_answer(said, status=STATUS.get(error.kind, 500))
