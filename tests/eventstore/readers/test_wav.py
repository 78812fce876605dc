"""Sound as events: exact, able to be rebuilt, in packets of any size, from real speech too."""

import io
import re
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.ingest import ingest
from eventstore.readers import ByteSource, Recording
from eventstore.readers.options import named_reader
from eventstore.readers.wav import READER, WavReader
from eventstore.sound import (
    Encoding,
    FilterBank,
    IntegrateAndFire,
    Rectify,
    SendOnDelta,
    Waveform,
    preset,
)
from eventstore.sound.conformance import sample_sound
from eventstore.store import EventStore
from eventstore.testing import ReaderContract

RATE = 1_000_000  # the sample events have no two at one µs
STEP = 0.01


class TestContract(ReaderContract):
    reader = READER
    sensor: ClassVar[Sensor] = Sensor.audio(2)

    def encode(self, events: Events) -> bytes:
        """Return a sound that moves by the threshold at each event."""
        moves = np.zeros(int(events.t.max(initial=0)) + 2, np.int64)
        np.add.at(moves, events.t, np.where(events.x == 0, 1, -1))
        return saved((np.cumsum(moves) * round(STEP * 2**31)).astype("<i4"), RATE)


def saved(values: np.ndarray, rate: int = 8000) -> bytes:
    stream = io.BytesIO()
    wavfile.write(stream, rate, values)
    return stream.getvalue()


def read(data: bytes, reader: Any = READER) -> Recording:
    recording: Recording = reader.read(ByteSource("some.wav", memoryview(data)))
    return recording


def by_the_book(values: np.ndarray, threshold: float, rate: int) -> list[tuple[int, int]]:
    """Encode 16-bit frames one by one, as the docstring says."""
    step, found = round(threshold * 2**31), []
    levels = [0] * values.shape[1]
    for i, frame in enumerate(values.tolist()):
        for k, sample in enumerate(frame):
            while (gap := (sample << 16) - levels[k]) >= step or gap <= -step:
                sign = 1 if gap > 0 else -1
                levels[k] += sign * step
                found.append(((i * 10**6 + rate // 2) // rate, 2 * k + (sign < 0)))
    return found


@given(
    st.integers(1, 3).flatmap(
        lambda channels: st.lists(
            st.lists(st.integers(-(2**15), 2**15 - 1), min_size=channels, max_size=channels),
            min_size=1,
            max_size=30,
        )
    ),
    st.sampled_from([0.5, 0.1, 0.03]),
    st.sampled_from([1, 8000, 44_100]),
    st.integers(1, 50),
)
def test_events_are_those_of_the_book(
    frames: list[list[int]], threshold: float, rate: int, packet: int
) -> None:
    values = np.array(frames, "<i2")
    recording = read(saved(values, rate), WavReader(threshold=threshold, packet_events=packet))
    packets = list(recording.packets)
    expected = by_the_book(values, threshold, rate)
    events = Events.concatenate(packets)
    assert list(zip(events.t.tolist(), events.x.tolist(), strict=True)) == expected
    assert all(len(p) == packet for p in packets[:-1])
    assert recording.sensor == Sensor.audio(2 * values.shape[1])


def test_a_sound_can_be_rebuilt_to_within_the_threshold() -> None:
    t = np.arange(8000) / 8000
    sound = 0.8 * np.sin(2 * np.pi * 200 * t) * np.exp(-3 * t)
    events = read(saved((sound * 32_767).astype("<i2"))).load()
    frame = np.rint(events.t * 8000 / 1e6).astype(int)
    moves = np.bincount(frame, np.where(events.x == 0, STEP, -STEP), minlength=8000)
    assert np.abs(np.cumsum(moves) - sound).max() <= STEP + 2**-14


def test_the_mean_of_all_channels() -> None:
    left = np.array([0, 30_000, 30_000, 0], "<i2")
    stereo = np.stack([left, -left], axis=1)
    assert len(read(saved(stereo), named_reader("wav:channels=mean")).load()) == 0
    both = read(saved(np.stack([left, left], axis=1)), named_reader("wav:channels=mean"))
    assert both.sensor == Sensor.audio(2)
    assert both.load().equals(read(saved(left)).load())


def test_what_was_done_is_said() -> None:
    recording = read(saved(np.zeros(9, "<i2")), named_reader("wav:threshold=0.25"))
    assert recording.meta == {
        "encoder": "send-on-delta",
        "threshold": "0.25",
        "channels": "each",
        "sample_rate_hz": "8000",
        "samples": "9",
        "bits": "16",
    }
    assert len(recording.load()) == 0
    assert [f.check for f in recording.findings] == ["no-events"]


@pytest.mark.parametrize("threshold", [0.0, -1.0, 2.0, float("nan")])
def test_thresholds_without_sense_are_refused(threshold: float) -> None:
    with pytest.raises(InvalidInput, match="is not from"):
        WavReader(threshold=threshold)


SOUND = sample_sound().samples.T


@pytest.mark.parametrize("text", ["mel-lif,n_bands=8", "linear-lif,seconds=0.1", "levels,peak=0.5"])
@pytest.mark.parametrize("channels", ["each", "mean"])
def test_other_encodings_are_those_of_their_names(text: str, channels: str) -> None:
    recording = read(
        saved(SOUND.astype("<f4")), named_reader(f"wav:encoding={text},channels={channels}")
    )
    name, _, value = text.partition(",")
    key, _, number = value.partition("=")
    encoding = preset(name, **{key: float(number) if "." in number else int(number)})
    assert recording.meta["encoder"] == name
    assert Encoding.from_json(recording.meta["encoding"]) == encoding
    assert recording.meta["encoding_sha256"] == encoding.fingerprint
    # The samples are taken as whole numbers of 32 bits first.
    whole = np.rint(SOUND.astype(np.float64) * 2**31)
    whole = whole if channels == "each" else whole.sum(axis=1, keepdims=True) // 2
    sound = Waveform.of(whole.T / 2**31, rate_hz=8_000)
    assert recording.sensor == encoding.sensor(sound.n_channels)
    expected = encoding.encode(sound)
    assert len(expected) > 50
    assert recording.load().equals(expected)


def test_delta_is_send_on_delta_of_the_samples() -> None:
    values = (SOUND * 32_767).astype("<i2")
    events = read(saved(values), named_reader("wav:encoding=delta,threshold=0.02")).load()
    sound = Waveform.of(values.T / 32_768, rate_hz=8_000)
    assert events.equals(SendOnDelta(threshold=0.02).encode(sound))


def test_an_encoding_from_a_file_runs_block_by_block(tmp_path: Path) -> None:
    encoding = Encoding(FilterBank(n_bands=4), Rectify(), IntegrateAndFire(spike_threshold=0.02))
    path = tmp_path / "cochlea.json"
    path.write_text(encoding.to_json(), encoding="utf-8")
    long = np.tile((SOUND[:, :1] * 32_767).astype("<i2"), (40, 1))  # more than one block
    reader = named_reader(f"wav:encoding={path}")
    packets = list(read(saved(long), replace(reader, packet_events=1_000)).packets)  # type: ignore[type-var]
    assert max(map(len, packets)) == 1_000
    expected = encoding.encode(Waveform.of(long.T / 32_768, rate_hz=8_000))
    assert Events.concatenate(packets).equals(expected)


def test_the_encoding_is_part_of_what_an_ingest_remembers(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(saved(SOUND.astype("<f4")))
    ingest([path], tmp_path / "events.zarr", reader="wav:encoding=mel-lif,n_bands=16")
    with EventStore.open(tmp_path / "events.zarr") as store:
        provenance: Any = store.recordings.provenance(0)
        assert store.sensor == Sensor.audio(32)
    assert provenance["reader"] == "wav:encoding=mel-lif,n_bands=16"
    written = Encoding.from_json(provenance["header"]["encoding"])
    assert written == preset("mel-lif", n_bands=16)
    assert provenance["header"]["encoding_sha256"] == written.fingerprint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("encoding=mel-fil", "no encoding 'mel-fil'"),
        ("encoding=delta,n_bands=8", "no parameter of the encoding 'delta': 'n_bands'"),
        ("encoding=levels,tau_mem=0.1", "no parameter of the encoding 'levels': 'tau_mem'"),
        ("encoding=mel-lif,threshold=0.2", "threshold is an option of the encoding delta"),
        ("encoding=a.json,peak=1", "peak cannot be set beside a.json"),
        ("encoding=mel-lif,n_bands=0", "n_bands=0"),
    ],
)
def test_options_that_an_encoding_does_not_have_are_refused(text: str, said: str) -> None:
    with pytest.raises((InvalidInput, NotFound), match=re.escape(said)):
        named_reader(f"wav:{text}")


def test_what_cannot_be_encoded_is_refused_by_name() -> None:
    slow = read(saved(SOUND.astype("<f4"), 6_000), named_reader("wav:encoding=mel-lif"))
    with pytest.raises(InvalidInput, match=r"some.wav: bands up to 3600.0 Hz of a sound of 6000"):
        slow.load()
    with pytest.raises(NotFound, match=r"no file absent.json with the JSON"):
        read(saved(SOUND.astype("<f4")), named_reader("wav:encoding=absent.json"))


def test_a_file_without_samples_gives_no_events_in_any_encoding() -> None:
    for name in ("delta", "levels", "mel-lif"):
        recording = read(saved(np.empty(0, "<i2")), named_reader(f"wav:encoding={name}"))
        assert len(recording.load()) == 0
        assert [f.check for f in recording.findings] == ["no-events"]


def test_real_speech(shared_data: Path) -> None:
    archive = shared_data / "speech/free-spoken-digits.tar.gz"
    with tarfile.open(archive) as tar:
        members = [m for _, m in zip(range(60), tar, strict=False) if m.name.endswith(".wav")]
        files = [(m.name, tar.extractfile(m)) for m in members[:20]]
        assert len(files) == 20
        for name, file in files:
            assert file is not None
            data = file.read()
            rate, values = wavfile.read(io.BytesIO(data))
            recording = READER.read(ByteSource(name, memoryview(data)))
            events = recording.load()
            expected = by_the_book(values[:, None], STEP, rate)
            assert list(zip(events.t.tolist(), events.x.tolist(), strict=True)) == expected
            assert READER.sniff(ByteSource(name, memoryview(data)))
