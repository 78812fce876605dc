"""Films, written whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.video import write
from eventstore.video.colours import colour_table
from eventstore.video.options import VideoOptions
from eventstore.video.source import FootageQuery
from eventstore.video.write import write_video

EVENTS = Events.of(t=[7, 8, 100_007, 199_999], x=[0, 0, 1, 2], y=[0, 0, 1, 1], p=[1, 1, 0, 1])


def test_events_lie_in_their_pictures_in_their_colours(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    told: list[tuple[int, int, int]] = []
    options = VideoOptions(fps=10, scale=3, full=2)
    report = write_video(
        EVENTS, tmp_path / "a.gif", options,
        query=FootageQuery(sensor=Sensor(4, 2)), progress=lambda *at: told.append(at),
    )  # fmt: skip
    assert (report.n_frames, report.width, report.height, report.seconds) == (2, 12, 6, 0.2)
    assert told == [(1, 2, 4), (2, 2, 4)]
    assert report.n_bytes == (tmp_path / "a.gif").stat().st_size
    colours = colour_table(2, "light")
    with image.open(tmp_path / "a.gif") as read:
        first, second = _rgb(read, 0), _rgb(read, 1)
    assert (first[:3, :3] == colours[0x20]).all()
    assert (first[3:] == first[3:, :1]).all()
    assert (first[3:, 6:9] == colours[0]).all()
    assert (second[3:, 3:6] == colours[0x01]).all()
    assert (second[3:, 6:9] == colours[0x10]).all()


def _rgb(read: object, k: int) -> np.ndarray:
    read.seek(k)  # type: ignore[attr-defined]
    return np.asarray(read.convert("RGB"))  # type: ignore[attr-defined]


def test_a_file_that_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Iterator[bytes]:
        yield b"GIF89a"
        raise OSError(28, "No space left on device")

    (tmp_path / "a.gif").write_bytes(b"before")
    monkeypatch.setattr(write, "gif_bytes", failing)
    with pytest.raises(OSError, match="No space"):
        write_video(EVENTS, tmp_path / "a.gif", force=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.gif", b"before")]


def test_what_makes_no_film_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "there.gif").touch()
    with pytest.raises(AlreadyExists, match=r"there\.gif is there already"):
        write_video(EVENTS, tmp_path / "there.gif")
    with pytest.raises(NotFound, match="no folder"):
        write_video(EVENTS, tmp_path / "no" / "a.gif")
    with pytest.raises(InvalidInput, match=r"no video of suffix '\.avi'"):
        write_video(EVENTS, tmp_path / "a.avi")
    with pytest.raises(InvalidInput, match="at most 50"):
        write_video(EVENTS, tmp_path / "a.gif", VideoOptions(fps=60))
    with pytest.raises(InvalidInput, match="has no events to show"):
        write_video(Events.empty(), tmp_path / "a.gif")
    with pytest.raises(InvalidInput, match="ends at 199,993 µs"):
        write_video(EVENTS, tmp_path / "a.gif", query=FootageQuery(from_us=200_000))
    assert [path.name for path in tmp_path.iterdir()] == ["there.gif"]


def test_a_recording_of_a_store_becomes_a_film(sample_store: Path, tmp_path: Path) -> None:
    query = FootageQuery(recording="r8")
    report = write_video(sample_store, tmp_path / "a.gif", VideoOptions(speed=1e-4), query=query)
    assert report.source == f"{sample_store}:r8"
    assert report.n_events == 66
    assert report.n_frames == -(-_t_stop(sample_store) // 4)


def _t_stop(place: Path) -> int:
    from eventstore.store import EventStore

    with EventStore.open(place) as store:
        return int(store.recordings.t_stop[8])
