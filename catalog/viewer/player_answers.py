"""What the addresses of the player answer."""

from collections.abc import Collection, Mapping
from threading import BoundedSemaphore

from starlette.requests import Request
from starlette.responses import Response

from catalog.viewer.answers import Endpoint, bytes_answer, json_answer
from catalog.viewer.frames import (
    MAX_BINS,
    MAX_FRAMES,
    MAX_US,
    FrameQuery,
    read_frames,
    read_raster,
)
from catalog.viewer.grid import GridQuery
from catalog.viewer.parameters import Parameters
from catalog.viewer.recording import label_facts, recording_facts
from catalog.viewer.shown import Shown
from catalog.viewer.sound import Sounds, part_of
from catalog.viewer.timeline import read_hot_pixels, read_rate

AT_ONCE = 4
"""Answers that are made of events at the same time; others wait."""

RAW = "application/octet-stream"

WAV = "audio/wav"

PART, NO_PART = 206, 416
"""Partial content, and range not satisfiable (RFC 9110)."""


def player_answers(shown: Shown, *, edit: bool = False) -> Mapping[str, Endpoint]:
    """Return what answers each address of the player.

    Args:
        shown: the dataset.
        edit: whether the page may offer to change labels.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> len(player_answers(Shown(tiny_dataset())))
        7
    """
    return {
        **_of_facts(shown, edit=edit),
        **_of_events(shown),
        "/api/sound": _of_sound(shown),
    }


def _of_facts(shown: Shown, *, edit: bool) -> Mapping[str, Endpoint]:
    def recording(request: Request) -> Response:
        asked = _asked(request, "where", "name", "sort")
        where, name, sort = (asked.text(x, "") for x in ("where", "name", "sort"))
        query = GridQuery(where=where, name=name, sort=sort) if where or name or sort else None
        found = recording_facts(shown.state(), asked.text("recording"), query)
        return json_answer({**found, "edit": edit})

    def labels(request: Request) -> Response:
        asked = _asked(request, "set")
        found = label_facts(shown.state(), asked.text("recording"), asked.text("set"))
        return json_answer(found, headers={"etag": f'"{found["tag"]}"'})

    return {"/api/recording": recording, "/api/labels": labels}


def _of_sound(shown: Shown) -> Endpoint:
    sounds = Sounds()

    def sound(request: Request) -> Response:
        found = sounds.of(shown.state(), _asked(request).text("recording"))
        asked, size = request.headers.get("range"), len(found)
        if asked is None:
            return bytes_answer(found, WAV, {"accept-ranges": "bytes"})
        part = part_of(size, asked)
        if part is None:
            said = {"error": "invalid-input", "message": f"no part of {size} bytes: {asked[:80]}"}
            hint = {"hint": "ask for one range, such as Range: bytes=0-65535"}
            unsatisfied = {"content-range": f"bytes */{size}"}
            return json_answer(said | hint, status=NO_PART, headers=unsatisfied)
        headers = {"content-range": f"bytes {part[0]}-{part[1] - 1}/{size}"}
        return bytes_answer(found[slice(*part)], WAV, headers, status=PART)

    return sound


def _of_events(shown: Shown) -> Mapping[str, Endpoint]:
    slots = BoundedSemaphore(AT_ONCE)

    def frames(request: Request) -> Response:
        asked = _asked(request, "start_us", "window_us", "step_us", "count")
        window = asked.number("window_us", low=1, high=MAX_US)
        query = FrameQuery(
            recording=asked.text("recording"),
            start_us=asked.number("start_us", low=0, high=MAX_US),
            window_us=window,
            step_us=asked.number("step_us", window, low=1, high=MAX_US),
            count=asked.number("count", 1, low=1, high=MAX_FRAMES),
        )
        with slots:
            made = read_frames(shown.state(), query)
        counts = ",".join(map(str, made.n_events))
        return bytes_answer(made.pixels.tobytes(), RAW, {"x-events": counts})

    def raster(request: Request) -> Response:
        asked = _asked(request, "start_us", "stop_us", "bins")
        name, span = asked.text("recording"), _span(asked)
        with slots:
            made = read_raster(shown.state(), name, span, _bins(asked))
        return bytes_answer(made.tobytes(), RAW, {"x-rows": str(made.shape[0])})

    def rate(request: Request) -> Response:
        asked = _asked(request, "start_us", "stop_us", "bins")
        name, span = asked.text("recording"), _span(asked)
        with slots:
            found = read_rate(shown.state(), name, span, _bins(asked))
        counts = [round(n, 2) for n in found.counts.tolist()]
        return json_answer(
            {"start_us": span[0], "stop_us": span[1], "exact": found.exact} | {"counts": counts}
        )

    def hot(request: Request) -> Response:
        name = _asked(request).text("recording")
        with slots:
            found = read_hot_pixels(shown.state(), name)
        pixels = [{"x": p.x, "y": p.y, "rate_hz": round(p.rate_hz, 1)} for p in found.pixels]
        return json_answer({"until_us": found.until_us, "pixels": pixels})

    return {
        "/api/frames": frames,
        "/api/raster": raster,
        "/api/rate": rate,
        "/api/hot": hot,
    }


def _asked(request: Request, *more: str) -> Parameters:
    known: Collection[str] = {"recording", *more}
    return Parameters.parse(request.scope["query_string"], known)


def _span(asked: Parameters) -> tuple[int, int]:
    start = asked.number("start_us", low=0, high=MAX_US - 1)
    return start, asked.number("stop_us", low=start + 1, high=MAX_US)


def _bins(asked: Parameters) -> int:
    return asked.number("bins", 512, low=1, high=MAX_BINS)
