"""A web server of mirrors on loopback: ranges, ETags, and every way in which a host fails."""

import http.server
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Served:
    """What lies under one path, and how it is given."""

    data: bytes
    etag: str = '"first"'
    modified: str = ""
    ranges: bool = True
    heeds_if_range: bool = True
    length: bool = True
    """Whether the length is said."""
    statuses: list[int] = field(default_factory=list)
    """Answered first, one a request."""
    breaks: list[int] = field(default_factory=list)
    """Bytes after which the connection breaks, one a request."""
    holds_at: int | None = None
    """Bytes after which the server says no more until it is closed."""
    headers: dict[str, str] = field(default_factory=dict)


class Mirrors:
    """The server.

    ``asked`` lists path, ``Range`` and ``If-Range`` of every request.
    """

    def __init__(self) -> None:
        self.served: dict[str, Served] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.held = threading.Event()
        self.closing = threading.Event()
        mirrors = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                mirrors.answer(self)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def serve(self, path: str, data: bytes, **how: Any) -> str:
        """Put bytes under a path; return the URL."""
        self.served[f"/{path}"] = Served(data, **how)
        return self.url(path)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{path}"

    def dead_url(self) -> str:
        """Return a URL at which nobody listens."""
        closed = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        closed.server_close()
        return f"http://127.0.0.1:{closed.server_port}/gone.zip"

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        headers = request.headers
        asked_range, if_range = headers.get("Range", ""), headers.get("If-Range", "")
        self.asked.append((request.path, asked_range, if_range))
        served = self.served.get(request.path)
        if served is None or served.statuses:
            status = served.statuses.pop(0) if served else 404
            self._send(request, status, b"", served.headers if served else {})
            return
        found = re.fullmatch(r"bytes=(\d+)-", asked_range)
        same = not served.heeds_if_range or if_range in {"", served.etag, served.modified}
        start = int(found[1]) if found and served.ranges and same else 0
        size = len(served.data)
        told = dict(served.headers)
        if served.etag:
            told["ETag"] = served.etag
        if served.modified:
            told["Last-Modified"] = served.modified
        if start >= size > 0:
            self._send(request, 416, b"", told)
            return
        if start:
            told["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        self._send(request, 206 if start else 200, served.data[start:], told, served=served)

    def _send(
        self,
        request: http.server.BaseHTTPRequestHandler,
        status: int,
        data: bytes,
        headers: dict[str, str],
        *,
        served: Served | None = None,
    ) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if served is None or served.length:
            request.send_header("Content-Length", str(len(data)))
        else:
            request.close_connection = True
        request.end_headers()
        if served is not None and served.breaks:
            request.wfile.write(data[: served.breaks.pop(0)])
            request.close_connection = True
            return
        if served is not None and served.holds_at is not None:
            request.wfile.write(data[: served.holds_at])
            request.wfile.flush()
            self.held.set()
            self.closing.wait(60)
            request.close_connection = True
            return
        request.wfile.write(data)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def mirrors() -> Iterator[Mirrors]:
    """A server of mirrors, empty at first."""
    server = Mirrors()
    yield server
    server.close()


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """A folder of downloads, not there yet."""
    return tmp_path / "downloads"
