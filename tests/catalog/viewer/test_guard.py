"""What the guard turns away, and what every answer carries."""

import asyncio
from typing import Any

import pytest

from catalog.viewer.access import MAX_BODY, Access, known_hosts
from catalog.viewer.guard import HEADERS, Guard
from tests.catalog.viewer.asking import HOST, ORIGIN, TOKEN, Asker, call, scope_of

OURS = {"origin": ORIGIN, "content-type": "application/json"}


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the size of the body."""
    body = (await receive())["body"]
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"Cache-Control", b"x")]}
    )
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def guarded(*, edit: bool = True) -> Guard:
    return Guard(echo, Access(token=TOKEN, hosts=known_hosts("127.0.0.1", 8377), edit=edit))


def status(target: str, headers: dict[str, str], *, method: str = "GET", edit: bool = True) -> int:
    pairs = [(k.encode(), v.encode()) for k, v in headers.items()]
    scope = scope_of(target, method=method, headers=pairs)
    return asyncio.run(call(guarded(edit=edit), scope, ())).status


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "LOCALHOST:8377"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": f"http://{HOST}"}, 200),
        ({"authorization": "Bearer wrong"}, 401),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"content-length": "x"}, 400),
        ({"content-length": str(MAX_BODY + 1)}, 413),
        ({"x": "y" * 20_000}, 431),
    ],
)
def test_who_is_turned_away(headers: dict[str, str], expected: int) -> None:
    assert status("/api/x", headers) == expected


def test_pages_need_no_token_and_take_no_changes() -> None:
    assert status("/", {"authorization": "none"}) == 200
    assert status("/", {"sec-fetch-site": "cross-site"}) == 200  # a link leads here
    assert status("/", OURS, method="POST") == 405


def test_changes_need_a_page_of_ours_and_leave_to_edit() -> None:
    text = OURS | {"content-type": "text/plain"}
    assert status("/api/x", OURS, method="POST") == 200
    assert status("/api/x", OURS, method="POST", edit=False) == 403
    assert status("/api/x", {"content-type": "application/json"}, method="POST") == 403
    assert status("/api/x", text, method="POST") == 415
    assert status("/api/x", OURS, method="DELETE") == 405


def test_a_body_is_counted_whatever_length_it_claims() -> None:
    scope = scope_of("/api/x", headers=[(b"content-length", b"3")])
    assert asyncio.run(call(guarded(), scope, [b"ab", b"c"])).body == b"3"
    big = [b"x" * (MAX_BODY // 2)] * 3
    assert asyncio.run(call(guarded(), scope, big)).status == 413


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.viewer.guard.BODY_SECONDS", 0.01)

    async def ask() -> list[Any]:
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        await guarded()(scope_of("/api/x"), receive, send)
        return sent

    assert asyncio.run(ask())[0]["status"] == 408


def test_a_header_that_stands_twice_is_refused() -> None:
    twice = [(b"host", HOST.encode()), (b"Host", b"evil.example")]
    scope = scope_of("/", headers=twice)
    assert asyncio.run(call(guarded(), scope, ())).status == 400


def test_every_answer_forbids_all_but_showing_it(viewed: Asker) -> None:
    for target in ("/", "/static/api.js", "/api/recordings", "/api/none", "/none"):
        answer = viewed.get(target)
        assert {k: answer.headers.get(k) for k in HEADERS} == HEADERS, target
    refused = viewed.get("/", headers=[(b"host", b"evil")])
    assert refused.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in HEADERS["content-security-policy"]


def test_sockets_are_closed_and_failures_told() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        message = "no"
        raise OSError(message)

    guard = Guard(broken, Access(token=TOKEN, hosts=known_hosts("127.0.0.1", 8377)))
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    with pytest.raises(OSError, match="no"):
        asyncio.run(guard(scope_of("/"), receive, send))
    assert sent[0]["status"] == 500
    sent.clear()
    asyncio.run(guard({"type": "websocket"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
