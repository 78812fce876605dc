"""A recording into a film: GIF, MP4 or WebM."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from eventstore.convert import check_target
from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.video.colours import colour_table
from eventstore.video.ffmpeg import CODECS, encode_film, find_ffmpeg
from eventstore.video.frames import FramePlan, count_frames
from eventstore.video.gif import check_gif_fps, gif_bytes
from eventstore.video.options import VideoOptions
from eventstore.video.source import Footage, FootageQuery, open_footage
from eventstore.writers.protocol import partial_path

GIF = ".gif"

WHOLE = FootageQuery()
"""All of the only recording."""

USUAL = VideoOptions()
"""In real time, 25 pictures a second."""

Progress = Callable[[int, int, int], None]
"""Told (pictures so far, of how many or 0 where that is not known, events so far)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoReport:
    """What was written.

    Args:
        source: what was read.
        target: the file.
        n_frames: pictures.
        n_events: events that were read for them.
        width: pixels across.
        height: pixels down.
        seconds: how long the film runs.
        n_bytes: size of the file.
        took_s: how long it took to make.
    """

    source: str
    target: Path
    n_frames: int
    n_events: int
    width: int
    height: int
    seconds: float
    n_bytes: int
    took_s: float


def write_video(
    source: Path | str | Events,
    target: Path | str,
    options: VideoOptions = USUAL,
    *,
    query: FootageQuery = WHOLE,
    force: bool = False,
    progress: Progress | None = None,
) -> VideoReport:
    """Write a recording as a film: ON events blue, OFF orange; whole or not at all.

    Memory does not grow with the recording.

    Args:
        source: a recorded file; a store, a dataset's folder or a URL of one; or a table of events.
        target: the file, ``.gif``, ``.mp4`` or ``.webm``; the last two take the program ffmpeg.
        options: how it looks and how fast it runs.
        query: which recording of the source, and which slice of it.
        force: replace a file that is there.
        progress: told the pictures so far.

    Raises:
        NotFound: there is no such file, recording, part or reader.
        AlreadyExists: the target is there, and ``force`` is off.
        InvalidInput: there is nothing to show, or no picture of it.
        MissingExtra: ffmpeg is needed and not there.

    Examples:
        >>> from tempfile import mkdtemp
        >>> events = Events.of(t=range(0, 100_000, 100), x=[1] * 1_000, y=[2] * 1_000)
        >>> report = write_video(events, Path(mkdtemp()) / "dot.gif")
        >>> report.n_frames, report.width, report.seconds
        (3, 160, 0.12)
    """
    started, target = time.monotonic(), Path(target)
    footage, plan = plan_video(source, target, options, query=query, force=force)
    suffix, size = target.suffix.lower(), options.size_for(footage.sensor)
    counter = _Counter(progress, plan.n_frames or 0, footage.name)
    with footage.keep_open, partial_path(target) as partial:
        scale = options.scale_for(footage.sensor).numerator
        frames = counter.through(count_frames(counter.counted(footage.packets), plan), scale)
        colours = colour_table(options.full, options.ground)
        with closing(frames):
            if suffix == GIF:
                with partial.open("wb") as file:
                    file.writelines(gif_bytes(frames, colours, options.fps))
            else:
                fps = options.fps
                encode_film(partial, frames, colours, fps=fps, size=size, suffix=suffix)
    return VideoReport(
        source=footage.name,
        target=target,
        n_frames=counter.n,
        n_events=counter.n_events,
        width=size[0],
        height=size[1],
        seconds=counter.n / options.fps,
        n_bytes=target.stat().st_size,
        took_s=time.monotonic() - started,
    )


def plan_video(
    source: Path | str | Events,
    target: Path,
    options: VideoOptions,
    *,
    query: FootageQuery = WHOLE,
    force: bool = False,
) -> tuple[Footage, FramePlan]:
    """Check all that can be checked without decoding; arguments and errors as `write_video`.

    The footage is open: close its ``keep_open``.
    """
    _check_suffix(target.suffix.lower(), options)
    check_target("" if isinstance(source, Events) else source, target, force=force)
    footage = open_footage(source, query)
    try:
        options.size_for(footage.sensor)
        _check_slice(footage)
    except BaseException:
        footage.keep_open.close()
        raise
    shrink = options.scale_for(footage.sensor).denominator
    width, height = (-(-n // shrink) for n in (footage.sensor.width, footage.sensor.height))
    return footage, FramePlan(
        start_us=footage.start_us,
        stop_us=footage.stop_us,
        step_us=options.step_us,
        open_us=options.open_us,
        size=(width, height),
        shrink=shrink,
    )


def _check_suffix(suffix: str, options: VideoOptions) -> None:
    if suffix == GIF:
        check_gif_fps(options.fps)
    elif suffix in CODECS:
        find_ffmpeg()
    else:
        known = ", ".join((GIF, *CODECS))
        message = f"no video of suffix {suffix!r} (known: {known})"
        raise InvalidInput(message, hint="name the target by what it is to be, as walk.gif")


def _check_slice(footage: Footage) -> None:
    if footage.stop_us is None or footage.stop_us > footage.start_us:
        return
    if not footage.start_us:
        raise InvalidInput(_nothing(footage.name), hint="choose another recording")
    message = f"{footage.name} ends at {footage.stop_us:,} µs, the video begins later"
    raise InvalidInput(message, hint="begin earlier (--from)")


def _nothing(name: str) -> str:
    return f"{name} has no events to show"


class _Counter:
    """Enlarges pictures and counts them as they pass."""

    def __init__(self, progress: Progress | None, total: int, name: str) -> None:
        self.n = self.n_events = 0
        self._progress, self._total, self._name = progress, total, name

    def counted(self, packets: Iterator[Events]) -> Iterator[Events]:
        for packet in packets:
            self.n_events += len(packet)
            yield packet

    def through(
        self, frames: Iterator[UInt8[np.ndarray, "h w"]], scale: int
    ) -> Generator[UInt8[np.ndarray, "h w"], None, None]:
        for frame in frames:
            self.n += 1
            yield frame if scale == 1 else frame.repeat(scale, 0).repeat(scale, 1)
            if self._progress is not None:
                self._progress(self.n, self._total, self.n_events)
        if not self.n:
            raise InvalidInput(_nothing(self._name), hint="begin earlier, or end later")
