"""Stands before the application and turns away what it must not see.

In this order, each told in one line of JSON: questions for another host, of an unknown method, too
large, from a page of elsewhere, without the token. What comes through has a body that was read
whole, no larger than allowed; every answer, also of an error, carries the headers that keep a
browser from doing anything but showing it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, TypeAlias

from catalog.viewer.access import MAX_BODY, MAX_HEADERS, MAX_QUERY, Access

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Refusal: TypeAlias = tuple[int, str]

DATA = "/api/"
"""What every address begins with that tells or changes anything of the dataset."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing is loaded from elsewhere, and no text of a dataset can become a script."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
"""Of every answer."""

METHODS = frozenset({"GET", "HEAD", "POST"})

BODY_SECONDS = 10
"""How long a body may take to come."""

_ONCE = {"host", "origin", "authorization", "content-length", "content-type", "if-match"}
"""Headers that two readers would read differently if they stood twice."""


class Guard:
    """An application behind the guard.

    Args:
        inner: the application.
        access: who may ask.
    """

    def __init__(self, inner: Application, access: Access) -> None:
        self._inner = inner
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question, or turn it away."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        answer = _Answer(send)
        refusal = next(self._refusals(scope), None)
        if refusal is not None:
            await answer.refuse(*refusal)
            return
        try:
            body = await asyncio.wait_for(_read_body(receive), BODY_SECONDS)
        except TimeoutError:
            await answer.refuse(408, f"the body did not come within {BODY_SECONDS} s")
            return
        if body is None:
            await answer.refuse(*_TOO_LONG)
            return
        try:
            await self._inner(scope, _once(body), answer)
        except Exception:
            if not answer.started:
                await answer.refuse(500, "the server failed; its terminal says why")
            raise

    def _refusals(self, scope: Scope) -> Iterator[Refusal]:
        """Yield why a question is turned away, with the status of the answer."""
        yield from _misshapen(scope)
        headers = _read_headers(scope)
        if not self._access.knows_host(headers.get("host", "")):
            yield 421, "this server does not answer to that name: open the address it printed"
        origin = headers.get("origin", "")
        if origin and not self._access.knows_origin(origin):
            yield 403, "a page of another origin asks"
        if not scope["path"].startswith(DATA):
            if scope["method"] == "POST":
                yield 405, "nothing is changed at this address"
            return
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            yield 403, "a page of another site asks"
        if not self._access.admits(headers.get("authorization", "")):
            yield 401, "the token is missing or wrong: open the address that the server printed"
        if scope["method"] == "POST":
            yield from self._forbidden_changes(headers)

    def _forbidden_changes(self, headers: dict[str, str]) -> Iterator[Refusal]:
        if not self._access.edit:
            yield 403, "read only: start spikelake serve with --edit"
        if not headers.get("origin"):
            yield 403, "a change must say from which origin it comes"
        if headers.get("content-type", "") != "application/json":
            yield 415, "a change is sent as application/json"


class _Answer:
    """Sends an answer on with the headers that all have."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            mine = {name.encode() for name in HEADERS}
            own = [(k, v) for k, v in message.get("headers", []) if k.lower() not in mine]
            ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*own, *ours]}
        await self._send(message)

    async def refuse(self, status: int, said: str) -> None:
        """Answer with an error and leave the body of the question unread."""
        body = json.dumps({"error": "refused", "message": said}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


_TOO_LONG = 413, f"a body has {MAX_BODY} bytes at most"


def _misshapen(scope: Scope) -> Iterator[Refusal]:
    """Yield what is wrong about a question, whatever it asks for."""
    if scope["method"] not in METHODS:
        yield 405, "GET, HEAD and POST are answered"
    size = sum(len(name) + len(value) for name, value in scope["headers"])
    if size > MAX_HEADERS:
        yield 431, f"headers have {MAX_HEADERS} bytes at most"
    if len(scope["query_string"]) > MAX_QUERY:
        yield 414, f"a query has {MAX_QUERY} bytes at most"
    names = [name.decode("latin-1").lower() for name, _ in scope["headers"]]
    if any(names.count(name) > 1 for name in _ONCE):
        yield 400, "a header stands twice"
    length = _read_headers(scope).get("content-length", "0")
    if not (length.isascii() and length.isdecimal()):
        yield 400, "the length of the body is no number"
    elif len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
        yield _TOO_LONG


def _read_headers(scope: Scope) -> dict[str, str]:
    return {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}


async def _read_body(receive: Receive) -> bytes | None:
    """Return the body of a question; None where it is too long, however long it says it is."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _once(body: bytes) -> Receive:
    """Return what gives a body that was read already, then waits for nothing more."""
    left = [body]

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    return receive
