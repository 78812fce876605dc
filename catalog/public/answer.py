"""One answer of a web server: a file's bytes from some byte on, or the reason why not.

Through urllib: it needs no package, follows redirects and honours ``https_proxy``. What matters of
HTTP here: ``Range`` with ``If-Range`` asks to go on only if the file is still the one begun; a
server that answers 200 instead of 206 sends it from its beginning.
"""

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from eventstore.retry import Failure, classify

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")

_STEP_BYTES = 1 << 20

LONGEST_PAUSE_S = 60.0
"""A server that asks for a longer pause than this is left alone."""


class MirrorError(Exception):
    """A mirror does not give the file.

    Args:
        reason: why, for people.
        passing: it may go away by itself: try the same mirror again.
        pause_s: how long the server asks to wait before.
        wrong: it gives something else instead.
        outside: its file ends before the byte that was asked for.
    """

    def __init__(
        self,
        reason: str,
        *,
        passing: bool = False,
        pause_s: float = 0.0,
        wrong: bool = False,
        outside: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing
        self.pause_s = pause_s
        self.wrong = wrong
        self.outside = outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A server's answer whose bytes were not read yet.

    Args:
        start: which byte of the file comes first.
        total: bytes of the whole file; None where the server does not say.
        validator: what to name when asking to go on: an ETag or a date; empty where none.
        response: the open answer.
    """

    start: int
    total: int | None
    validator: str
    response: http.client.HTTPResponse

    def steps(self, first: int) -> Iterator[bytes]:
        """Iterate over the bytes as they come.

        Args:
            first: the first step has so many, or all there are.

        Raises:
            MirrorError: the connection broke.
        """
        head = b""
        while step := self._read():
            head += step
            if len(head) >= first:
                yield head
                head, first = b"", 0
        if head:
            yield head

    def _read(self) -> bytes:
        try:
            return self.response.read1(_STEP_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise _failed(error) from error


@contextmanager
def ask(url: str, *, start: int, validator: str, timeout_s: float) -> Iterator[Answer]:
    """Ask for a file from a byte on.

    Args:
        url: where it lies.
        start: the first byte wanted.
        validator: of the file begun; where it is another by now, all of it comes.
        timeout_s: longest silence.

    Raises:
        MirrorError: there is no answer, or not one with the file.
    """
    headers = {"User-Agent": "spikelake", "Accept": "*/*", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator
    try:
        response = urlopen(Request(url, headers=headers), timeout=timeout_s)
    except (OSError, ValueError, http.client.HTTPException) as error:
        failure = _failed(error)
        if isinstance(error, HTTPError):
            error.close()
        raise failure from error
    with response:
        yield _answer(response, start)


def _answer(response: http.client.HTTPResponse, asked: int) -> Answer:
    status, headers = response.status, response.headers
    length = headers.get("Content-Length", "")
    total = int(length) if length.isdigit() else None
    start = 0
    if status == 206:
        found = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
        if not found or int(found[1]) != asked:
            reason = f"answers with another range: {headers.get('Content-Range')!r}"
            raise MirrorError(reason)
        start = asked
        total = int(found[3]) if found[3] != "*" else None
    elif status != 200:
        raise MirrorError(_no_file(status))
    if total == 0:
        reason = "answers 200 with an empty file"
        raise MirrorError(reason)
    return Answer(start=start, total=total, validator=_validator(headers), response=response)


def _validator(headers: http.client.HTTPMessage) -> str:
    """Return what a server can tell the same bytes by; a weak ETag may stand for others."""
    etag = headers.get("ETag", "")
    if etag.startswith('"'):
        return str(etag)
    return str(headers.get("Last-Modified", ""))


def _no_file(status: int) -> str:
    if status == 202:
        return "answers 202 without the file: a firewall that wants a browser (as figshare.com has)"
    return f"answers {status} without the file"


def _failed(error: Exception) -> MirrorError:
    if isinstance(error, HTTPError):
        passing = classify(error) is Failure.PASSING
        pause = error.headers.get("Retry-After", "") if error.headers else ""
        pause_s = float(pause) if pause.isdigit() else 0.0
        outside = error.code == 416
        return MirrorError(
            f"answers {error.code} {error.reason}".strip(),
            passing=outside or (passing and pause_s <= LONGEST_PAUSE_S),
            pause_s=pause_s,
            outside=outside,
        )
    if isinstance(error, URLError):
        inner = error.reason
        reason = f"no connection: {inner}"
        passing = isinstance(inner, OSError) and classify(inner) is Failure.PASSING
        return MirrorError(reason, passing=passing)
    if isinstance(error, TimeoutError):
        return MirrorError("says nothing any more (timed out)", passing=True)
    broken = isinstance(error, http.client.HTTPException) or classify(error) is Failure.PASSING
    said = str(error) or type(error).__name__
    return MirrorError(f"connection broke: {said}", passing=broken)
