"""The files of each recording in a site: facts, a picture, pictures to play."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from catalog.viewer.data_relation import folds_of
from catalog.viewer.frames import read_blocks, read_raster
from catalog.viewer.history import lineage
from catalog.viewer.recording import label_facts, recording_facts
from catalog.viewer.shown import Shown, ShownState
from catalog.viewer.sound import Sounds, sound_facts
from catalog.viewer.thumbnails import Thumbnails
from catalog.viewer.timeline import read_hot_pixels, read_rate
from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.frame_kernels import MOST, add_scaled

RATE_BINS = 400

RASTER_BINS = 900
"""As many as the player asks for."""

OPEN_US = 33_000
"""Longest time that a picture is open; pictures of long recordings lie further apart."""

MOST_FRAMES, MOST_PIXELS = 1_000, 1_280


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """What of the events goes into a site.

    Args:
        frames: pictures of each recording.
        pixels: width or height of a picture, whichever is more; smaller sensors keep theirs.
        where: expression that is true of the recordings; all where empty.
        sound: whether the sounds that recordings were made from go in, where they are kept.

    Raises:
        InvalidInput: a number is not within its bounds.
    """

    frames: int = 48
    pixels: int = 128
    where: str = ""
    sound: bool = False

    def __post_init__(self) -> None:
        bounds = ("frames", self.frames, MOST_FRAMES), ("pixels", self.pixels, MOST_PIXELS)
        for name, value, high in bounds:
            if not 1 <= value <= high:
                message = f"{name} is {value}"
                raise InvalidInput(message, hint=f"give a number from 1 to {high}")


def recording_files(
    shown: Shown, names: Sequence[str], number: int, options: SiteOptions
) -> Iterator[tuple[str, bytes]]:
    """Yield the path of each file of a recording, with its content.

    Args:
        shown: the dataset.
        names: all recordings of the site.
        number: which of them; names its files, as no id becomes part of a path.
        options: what of the events goes in.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> shown = Shown(tiny_dataset())
        >>> [path for path, _ in recording_files(shown, ["Test/left/0"], 0, SiteOptions())]
        ['data/r/000000.frames', 'data/r/000000.json', 'data/r/000000.png']
    """
    state, stem, recording = shown.state(), f"data/r/{number:06}", names[number]
    before, after = ["", *names][number], [*names, ""][number + 1]
    sensor, stop = state.sensor(recording), max(state.t_stop(recording), 1)
    facts = recording_facts(state, recording)
    facts |= {"before": before, "after": after, "place": number + 1, "n": len(names)}
    step, counts = -(-stop // options.frames), list[int]()
    if sensor.modality == "audio":
        pixels = read_raster(state, recording, (0, stop), RASTER_BINS)
        step = stop
    else:
        pixels, counts = site_frames(state, recording, step, options)
        facts |= {"height": pixels.shape[1], "width": pixels.shape[2]}
    if options.sound and sound_facts(state, recording)["n_bytes"]:
        yield f"{stem}.wav", Sounds(0).of(state, recording)
    else:
        facts |= {"sound": {"n_bytes": 0, "problem": "this site has no sounds"}}
    yield f"{stem}.frames", gzip.compress(pixels.tobytes(), 6, mtime=0)
    rate = read_rate(state, recording, (0, stop), RATE_BINS)
    told = {
        "recording": {**facts, "edit": False, "window_us": step},
        "n_events": counts,
        "rows": pixels.shape[0],
        "labels": {x: label_facts(state, recording, x) for x in state.version.label_sets},
        "rate": {"exact": rate.exact, "counts": [round(n, 2) for n in rate.counts.tolist()]},
        "hot": _hot(state, recording, sensor, pixels.shape[-1]),
        "lineage": lineage(shown, recording),
        "folds": {x: folds_of(state, x).get(recording, ()) for x in state.version.splits},
    }
    yield f"{stem}.json", json_bytes(told)
    yield f"{stem}.png", Thumbnails(0).of(state, recording)


def site_frames(
    state: ShownState, recording: str, step_us: int, options: SiteOptions
) -> tuple[UInt8[np.ndarray, "frames h w"], list[int]]:
    """Return pictures of a recording, made smaller where its sensor is large.

    Args:
        state: the dataset.
        recording: the recording.
        step_us: from the begin of one to that of the next.
        options: how many, and how large.
    """
    sensor, store = state.sensor(recording), state.version.store
    shrink = max(sensor.width / options.pixels, sensor.height / options.pixels, 1)
    tall, wide = max(int(sensor.height / shrink), 1), max(int(sensor.width / shrink), 1)
    starts = step_us * np.arange(options.frames, dtype=np.int64)
    rows = np.full(len(starts), state.store_row(recording), np.int64)
    first, last = store.row_ranges(rows, starts, starts + min(step_us, OPEN_US))
    made = np.zeros((len(starts), tall, wide), np.uint8)
    for k, (start, stop) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        counts = np.zeros((2, tall, wide), np.int64)
        for _, events in read_blocks(store, start, stop):
            places = events.x.astype(np.int64), events.y.astype(np.int64), events.p
            add_scaled(places, (sensor.width, sensor.height), counts)
        off, on = np.minimum(counts, MOST)
        made[k] = 16 * on + off
    return made, (last - first).tolist()


def json_bytes(content: object) -> bytes:
    """Return plain values as JSON.

    Examples:
        >>> json_bytes({"n": 1})
        b'{"n":1}'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")


def _hot(state: ShownState, recording: str, sensor: Sensor, wide: int) -> dict[str, object]:
    """Return hot pixels, at their place in the smaller pictures."""
    if sensor.modality == "audio":
        return {"until_us": 0, "pixels": []}
    found, scale = read_hot_pixels(state, recording), wide / sensor.width
    pixels = [{"x": int(p.x * scale), "y": int(p.y * scale)} for p in found.pixels]
    return {"until_us": found.until_us, "pixels": pixels}
