"""Questions that mean harm, drawn at random: what must never be answered, changed or read."""

import json
import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from tests.catalog.viewer.asking import HOST, ORIGIN, TOKEN, Pair, scope_of

Question = tuple[dict[str, Any], Sequence[bytes]]

CLIMBS = (
    "../", "..%2f", "%2e%2e/", "..\\", "..%5c", "%252e%252e%252f", "....//", "..;/",
    "%c0%ae%c0%ae/", "/", "//", "/./", "%00", "\x00", "\udcff", "file:///",
)  # fmt: skip
GOALS = (
    "etc/passwd", "dataset.yaml", ".git/config", "secret.txt", "labels/class.tsv",
    "events.zarr/zarr.json", "proc/self/environ", "catalog/viewer/access.py", "CON",
)  # fmt: skip
BASES = ("/", "/static/", "/api/", "/api/thumbnail/", "/api/recordings/", "/static/style.css/")
ODD_HOSTS = (
    "evil.example", "127.0.0.1.evil.example:8377", "127.0.0.1:8378", "", "localhost",
    "localhost:8377@evil", "[::1]", "127.0.0.1:8377\r\nx: y", "0:8377", "127.1:8377", "\xff",
)  # fmt: skip
ODD_NUMBERS = (
    "-1", "0x10", "1e9", "9" * 400, "", " 1", "1 ", "+1", "NaN", "inf", "1.5", "٣", "-0",
    "18446744073709551616", "1_000", "true", "null", "1%00", "--1", "0;1",
)  # fmt: skip
FIELDS = (
    "recording", "where", "name", "sort", "page", "per_page", "start_us", "stop_us", "window_us",
    "step_us", "frames", "bins", "set", "split", "version", "path", "__proto__",
)  # fmt: skip
ADDRESSES = (
    "/api/recordings", "/api/thumbnail", "/api/recording", "/api/frames", "/api/raster",
    "/api/rate", "/api/hot", "/api/labels", "/api/versions", "/api/split", "/api/diff",
    "/api/lineage", "/api/runs", "/api/sound",
)  # fmt: skip
EXPRESSIONS = (
    "(" * 900, "not " * 400, "-" * 900 + "1", "1 == 1 or " * 400, "a" * 4000, "'" * 99,
    "__import__('os').system('id')", "n_events > " + "9" * 900, "n_events / 0 > 1",
    "n_events in (" + "1," * 1500 + "1)", "`" * 50, "\u202e", "n_events > 1e999",
    "1 < " * 300 + "1",
)  # fmt: skip


def questions(count: int, seed: int) -> list[Question]:
    """Draw questions; none of them may be answered with what it is after."""
    draw = random.Random(seed)
    kinds = (
        *(_climb, _climb_in_field, _foreign, _oversized, _numbers, _forged),
        *(_change, _spoilt_change, _expression),
    )
    return [draw.choice(kinds)(draw) for _ in range(count)]


def _path(draw: random.Random) -> str:
    climb = "".join(draw.choices(CLIMBS, k=draw.randint(1, 8)))
    return climb + draw.choice(GOALS)


def _climb(draw: random.Random) -> Question:
    path = draw.choice(BASES) + _path(draw)
    return scope_of(path.replace("?", "")), ()


def _climb_in_field(draw: random.Random) -> Question:
    path = _path(draw)
    value = draw.choice((path, quote(path.encode("utf-8", "surrogatepass"))))
    return scope_of(f"{draw.choice(ADDRESSES)}?{draw.choice(FIELDS)}={value}"), ()


def _foreign(draw: random.Random) -> Question:
    target = draw.choice(("/", "/static/style.css", *ADDRESSES))
    if draw.random() < 0.5:
        host = draw.choice(ODD_HOSTS).encode("latin-1")
        return scope_of(target, headers=[(b"host", host)]), ()
    origin = draw.choice(("null", "http://evil.example", f"https://{HOST}.evil", "http://"))
    return scope_of(target, headers=[(b"origin", origin.encode())]), ()


def _oversized(draw: random.Random) -> Question:
    big = b"x" * draw.choice((300_000, 5_000, 20_000))
    kind = draw.randrange(4)
    if kind == 0:
        return scope_of("/api/recordings?name=" + "x" * 5_000), ()
    if kind == 1:
        return scope_of("/", headers=[(b"x-more", b"x" * 20_000)]), ()
    if kind == 2:
        length = draw.choice((b"999999999", b"-1", b"1e3", b"9" * 500, b"", b"0x1"))
        return scope_of("/api/labels", method="POST", headers=[(b"content-length", length)]), ()
    return scope_of("/api/recordings?page=0", method="GET"), [big, big, big]


def _numbers(draw: random.Random) -> Question:
    fields = draw.sample(FIELDS, draw.randint(1, 5))
    query = "&".join(f"{name}={draw.choice(ODD_NUMBERS)}" for name in fields)
    return scope_of(f"{draw.choice(ADDRESSES)}?{query}&page=x"), ()


def _forged(draw: random.Random) -> Question:
    tokens = ("", "Bearer", "Bearer ", "Bearer " + TOKEN[:-1], "Basic " + TOKEN, TOKEN, "\xff" * 43)
    headers: list[Pair] = [(b"authorization", draw.choice(tokens).encode("latin-1"))]
    if draw.random() < 0.3:
        headers = [(b"authorization", b"Bearer x"), (b"authorization", f"Bearer {TOKEN}".encode())]
    return scope_of(draw.choice(ADDRESSES), headers=headers), ()


def _change(draw: random.Random) -> Question:
    """Ask for a change in a way in which no page of ours does."""
    method = draw.choice(("POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "get"))
    origin = draw.choice((b"", b"null", b"http://evil.example"))
    kind = draw.choice((b"text/plain", b"application/x-www-form-urlencoded", b"application/json"))
    headers = [(b"origin", origin), (b"content-type", kind)]
    body = draw.choice((b"{}", b"[" * 9_000, b'{"a":' * 9_000, b"\xff\xfe", b"recording=a", b""))
    return scope_of(draw.choice(("/", *ADDRESSES)), method=method, headers=headers), [body]


def _spoilt_change(draw: random.Random) -> Question:
    """Ask for a change as a page of ours does, but for what none of them would send."""
    headers = [(b"origin", ORIGIN.encode()), (b"content-type", b"application/json")]
    if draw.random() < 0.8:
        headers.append((b"if-match", draw.choice((b'"x"', b"*", b"\xff", b'""', b'W/"a", "b"'))))
    recording = draw.choice(("train/cat/000", "../../etc/passwd", "", "\u202e", "x" * 3_000))
    after = {"start_us": draw.choice((0, -1, 2**70, 0.5, None)), "stop_us": 5, "label": "cat"}
    edit: Any = draw.choice(({"before": None, "after": after}, {"before": after}, [], 3, None))
    said = {"recording": recording, "set": draw.choice(("class", "../class")), "reason": "r"}
    body = json.dumps({**said, "edits": draw.choice(([edit], [edit] * 3_000, edit))}).encode()
    body = draw.choice((body, body[:-2], b"[" * 90_000, b"{}", b"null", b"\xff" * 90))
    return scope_of(
        draw.choice(("/api/labels", "/api/versions")), method="POST", headers=headers
    ), [body]


def _expression(draw: random.Random) -> Question:
    text = quote(draw.choice(EXPRESSIONS) + draw.choice(("", " ==", " > 'x'", ")")))
    return scope_of(f"/api/recordings?{draw.choice(('where', 'sort'))}={text}"), ()
