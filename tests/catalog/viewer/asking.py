"""Ask the viewer without a network: its ASGI application is called directly."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.viewer.access import Access, known_hosts
from catalog.viewer.application import application
from catalog.viewer.guard import Application
from catalog.viewer.shown import Shown

TOKEN = "t" * 43
HOST = "127.0.0.1:8377"
ORIGIN = f"http://{HOST}"

Pair = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def call(app: Application, scope: dict[str, Any], parts: Sequence[bytes]) -> Answer:
    """Ask an ASGI application once."""
    left, sent = list(parts) or [b""], []

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = next(m for m in sent if m["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    headers = {k.decode().lower(): v.decode("latin-1") for k, v in start["headers"]}
    return Answer(start["status"], headers, body)


def scope_of(
    target: str, *, method: str = "GET", headers: Sequence[Pair] = (), host: str = HOST
) -> dict[str, Any]:
    """Return what a server makes of a question, with the token unless one is given."""
    path, _, query = target.partition("?")
    given = {name.lower() for name, _ in headers}
    named = [] if b"host" in given else [(b"host", host.encode())]
    token = (b"authorization", f"Bearer {TOKEN}".encode())
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query.encode("utf-8", "surrogatepass"),
        "root_path": "",
        "headers": [*named, *([] if b"authorization" in given else [token]), *headers],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8377),
    }


class Asker:
    """Asks the viewer of a dataset."""

    def __init__(self, shown: Shown, *, edit: bool = False) -> None:
        self.shown = shown
        access = Access(token=TOKEN, hosts=known_hosts("127.0.0.1", 8377), edit=edit)
        self.app = application(shown, access)

    def get(self, target: str, **more: Any) -> Answer:
        return asyncio.run(call(self.app, scope_of(target, **more), ()))

    def post(self, target: str, content: object, headers: Sequence[Pair] = ()) -> Answer:
        own = [(b"origin", ORIGIN.encode()), (b"content-type", b"application/json"), *headers]
        scope = scope_of(target, method="POST", headers=own)
        return asyncio.run(call(self.app, scope, [json.dumps(content).encode()]))

    def many(self, questions: Sequence[tuple[dict[str, Any], Sequence[bytes]]]) -> list[Answer]:
        async def ask() -> list[Answer]:
            return [await call(self.app, scope, parts) for scope, parts in questions]

        return asyncio.run(ask())
