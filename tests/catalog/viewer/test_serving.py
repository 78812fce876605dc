"""A real server on loopback."""

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.viewer.access import known_hosts
from catalog.viewer.serving import Address, Server, listen, opened_by
from catalog.viewer.shown import Shown
from eventstore.errors import AlreadyExists, InvalidInput

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

RAW = (
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    b"POST /api/labels HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n" + CHUNKED,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 900,
    b"GET /static/%2e%2e/%2e%2e/access.py HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET /api/recordings HTTP/1.1\r\nHost: {host}\r\nRange: bytes=9-1,-,a-b\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: {host}\r\n\r\n",
)


@pytest.fixture(scope="module")
def running(template: Path) -> Iterator[Server]:
    with Server(Shown(Dataset.open(template), "1.0.0"), Address(port=0)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        yield server
        server.stop()
        thread.join()


def host_of(server: Server) -> str:
    return server.opened.url.split("/")[2]


def ask(running: Server, path: str, token: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(host_of(running), timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_it_answers_those_with_the_token_alone(running: Server) -> None:
    assert host_of(running).startswith("127.0.0.1:")
    assert not running.opened.public
    assert ask(running, "/api/recordings", running.opened.url.partition("#token=")[2]).status == 200
    refused = ask(running, "/api/recordings", "x" * 43)
    assert refused.status == 401
    assert refused.getheader("server") is None


def test_hostile_bytes_are_answered_with_a_refusal_or_not_at_all(running: Server) -> None:
    name, _, port = host_of(running).partition(":")
    for raw in RAW * 5:
        with socket.create_connection((name, int(port)), timeout=20) as line:
            line.sendall(raw.replace(b"{host}", host_of(running).encode()))
            line.shutdown(socket.SHUT_WR)
            said = b"".join(iter(lambda line=line: _received(line), b""))  # type: ignore[misc]
        assert b"root:" not in said
        assert b" 200 " not in said.partition(b"\r\n")[0], raw
    assert ask(running, "/api/recordings", running.opened.url.partition("#token=")[2]).status == 200


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(65_536)
    except ConnectionResetError:
        return b""


def test_a_port_that_is_taken_and_an_address_of_elsewhere_are_refused() -> None:
    with listen(Address(port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AlreadyExists, match=f"port {port} of 127.0.0.1 is taken") as caught:
            listen(Address(port=port))
    assert "--port 0" in caught.value.hint
    with pytest.raises(InvalidInput, match=r"cannot listen on 203\.0"):
        listen(Address(host="203.0.113.7"))


def test_a_saved_version_cannot_be_edited(template: Path) -> None:
    shown = Shown(Dataset.open(template), "1.0.0")
    with pytest.raises(InvalidInput, match="a saved version never changes"):
        Server(shown, Address(port=0, edit=True))


@pytest.mark.parametrize(
    ("host", "more", "name"),
    [
        ("127.0.0.1", (), "127.0.0.1:9"),
        ("::1", (), "[::1]:9"),
        ("0.0.0.0", (), "127.0.0.1:9"),
        ("::", ("lab.example",), "lab.example:9"),
        ("0.0.0.0", ("tunnel:99",), "tunnel:99"),
        ("0.0.0.0", ("[fe80::1]",), "[fe80::1]:9"),
        ("0.0.0.0", ("[fe80::1]:99",), "[fe80::1]:99"),
    ],
)
def test_every_address_is_opened_by_a_name_that_it_answers_to(
    host: str, more: tuple[str, ...], name: str
) -> None:
    assert opened_by(Address(host=host, more_hosts=more), 9) == name
    assert name in known_hosts(host, 9, more)
