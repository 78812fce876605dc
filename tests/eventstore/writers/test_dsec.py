"""The DSEC writer: h5py, its own index and our reader find the events again, exactly."""

import builtins
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput, MissingExtra
from eventstore.events import Events, Sensor
from eventstore.readers import read_file
from eventstore.strategies import events
from eventstore.writers import WRITERS
from eventstore.writers.choose import find_writer
from eventstore.writers.dsec import CHUNK_EVENTS, SPAN_LIMIT_US, WRITER, DsecWriter, packing_of

SENSOR = Sensor(640, 480)
KINDS = ("blosc", "gzip", "lzf", "none")


def written(table: Events, folder: Path, packet: int, compression: Any = "auto") -> Path:
    path = folder / "a.h5"
    packets = (table[at : at + packet] for at in range(0, len(table), packet))
    DsecWriter(compression=compression).write(path, packets, sensor=SENSOR)
    return path


@given(
    events(SENSOR),
    st.integers(-(2**60), 2**60),
    st.integers(1, 20),
    st.sampled_from(KINDS),
)
def test_events_come_back_with_their_absolute_times(
    table: Events, start: int, packet: int, compression: str
) -> None:
    absolute = table.shifted(start)
    with TemporaryDirectory() as folder:
        path = written(absolute, Path(folder), packet, compression)
        recording = read_file(path)
        assert (recording.reader, recording.sensor) == ("dsec", SENSOR)
        assert recording.load().equals(absolute)
        assert [f.check for f in recording.findings] == ([] if len(table) else ["no-events"])
        check_as_dsec(path, absolute)


def check_as_dsec(path: Path, table: Events) -> None:
    """Hold a file against what https://dsec.ifi.uzh.ch/data-format says of it."""
    with h5py.File(path) as file:
        columns = {letter: file[f"events/{letter}"] for letter in "xypt"}
        assert {k: c.dtype for k, c in columns.items()} == {
            "x": "<u2", "y": "<u2", "p": "u1", "t": "<u4",
        }  # fmt: skip
        t, index = columns["t"][:].astype(np.int64), file["ms_to_idx"][:]
        assert (t + file["t_offset"][()]).tolist() == table.t.tolist()
        assert (index.dtype, file["t_offset"].dtype) == ("<u8", "<i8")
    assert len(index) == (int(t[-1]) // 1000 + 1 if len(t) else 0)
    for ms, at in enumerate(index.tolist()):
        assert t[at] >= 1000 * ms
        assert at == 0 or t[at - 1] < 1000 * ms


def test_more_than_a_chunk_in_packets_of_any_size(tmp_path: Path) -> None:
    n = 2 * CHUNK_EVENTS + 5
    rng = np.random.default_rng(0)
    table = Events.of(
        t=np.cumsum(rng.integers(0, 30, n)) + 10**15,
        x=rng.integers(0, 640, n),
        y=rng.integers(0, 480, n),
        p=rng.integers(0, 2, n),
    )
    for packet in (999, CHUNK_EVENTS, n):
        path = written(table, tmp_path, packet)
        assert read_file(path).load().equals(table)
        with h5py.File(path) as file:
            index = file["ms_to_idx"][:]
            assert np.array_equal(
                index, np.searchsorted(table.t - table.t[0], np.arange(len(index)) * 1000)
            )


def test_the_suffix_asks_for_it() -> None:
    assert find_writer(Path("a.h5")) == WRITERS["dsec"] == WRITER
    assert find_writer(Path("a.hdf5")).name == "dsec"


@pytest.mark.parametrize(
    ("t", "said"),
    [
        ([5, 9, 8], "cannot go back to event 2 at t = 8 µs"),
        ([5, 9, 5 + SPAN_LIMIT_US + 1], "cannot hold event 2 at t = 4294967301 µs"),
    ],
)
@pytest.mark.parametrize("packet", [1, 2, 3])
def test_what_the_format_cannot_hold_is_refused(
    tmp_path: Path, t: list[int], said: str, packet: int
) -> None:
    table = Events.of(t=t, x=[0] * 3, y=[0] * 3, p=[0] * 3)
    with pytest.raises(InvalidInput, match=said) as e:
        written(table, tmp_path, packet)
    assert e.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_longest_recording(tmp_path: Path) -> None:
    table = Events.of(t=[-7, SPAN_LIMIT_US - 7], x=[1, 2], y=[0, 0], p=[0, 1])
    assert read_file(written(table, tmp_path, 2)).load().equals(table)


def test_audio_has_no_pixels(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="DSEC"):
        WRITER.write(tmp_path / "a.h5", [], sensor=Sensor.audio(64))


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def packets() -> Iterator[Events]:
        yield Events.empty(CHUNK_EVENTS + 9)
        message = "the source ends"
        raise LookupError(message)

    (tmp_path / "a.h5").write_bytes(b"before")
    with pytest.raises(LookupError, match="the source ends"):
        WRITER.write(tmp_path / "a.h5", packets(), sensor=SENSOR)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]
    assert (tmp_path / "a.h5").read_bytes() == b"before"


def test_a_full_disk_is_an_error_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        message = "Can't decrement id ref count (file write failed: no space left on device)"
        raise RuntimeError(message)

    monkeypatch.setattr("eventstore.writers.dsec._fill", refuse)
    with pytest.raises(OSError, match="no space left"):
        WRITER.write(tmp_path / "a.h5", [], sensor=SENSOR)
    assert list(tmp_path.iterdir()) == []


def test_without_hdf5plugin_it_is_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "hdf5plugin":
            raise ImportError(name)
        return real(name, *rest)

    assert packing_of("auto") == packing_of("blosc")
    monkeypatch.setattr(builtins, "__import__", absent)
    assert packing_of("auto") == packing_of("gzip") == {"compression": "gzip", "shuffle": True}
    with pytest.raises(MissingExtra, match="needs hdf5plugin") as e:
        packing_of("blosc")
    assert "spikelake[formats]" in e.value.hint
