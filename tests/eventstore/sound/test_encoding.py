"""Encodings: checked chains, the same by blocks and whole, known by their JSON; and real speech."""

import io
import itertools
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.sound import (
    AddNoise,
    Encoding,
    Envelope,
    FilterBank,
    FixLength,
    IntegrateAndFire,
    Rectify,
    ScaleAmplitude,
    SendOnDelta,
    ThresholdCrossing,
    Waveform,
)
from eventstore.sound import protocol as protocol_module
from eventstore.sound.conformance import sample_sound

COCHLEA = Encoding(FilterBank(n_bands=8), Rectify(), IntegrateAndFire(spike_threshold=0.02))
FULL = Encoding(
    FixLength(seconds=0.3), ScaleAmplitude(), AddNoise(snr_db=20), FilterBank(n_bands=4), Rectify(),
    Envelope(), ThresholdCrossing(n_levels=8),
)  # fmt: skip


def step_by_step(encoding: Encoding, sound: Waveform) -> Events:
    """Apply each stage to the whole sound."""
    for stage in encoding.transforms:
        sound = stage.apply(sound)
    return encoding.encoder.encode(sound)


@pytest.mark.parametrize("encoding", [COCHLEA, FULL, Encoding(SendOnDelta())])
@pytest.mark.parametrize("block", [1, 100, 1 << 14])
def test_blocks_give_what_the_stages_give(
    encoding: Encoding, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = sample_sound()
    expected = step_by_step(encoding, sound)
    monkeypatch.setattr(protocol_module, "BLOCK_SAMPLES", block)
    assert len(expected) > 30
    assert encoding.encode(sound).equals(expected)


@given(st.lists(st.integers(0, 2_000), max_size=5))
def test_a_stream_gives_what_the_whole_gives(cuts: list[int]) -> None:
    sound = sample_sound()
    at = [0, *sorted(cuts), len(sound)]
    blocks = [sound.samples[:, a:b] for a, b in itertools.pairwise(at)]
    packets = COCHLEA.stream(blocks, n_channels=2, rate_hz=8_000)
    assert Events.gather(packets).equals(COCHLEA.encode(sound))


def test_what_needs_the_whole_sound_says_so() -> None:
    assert not COCHLEA.needs_whole
    assert FULL.needs_whole
    with pytest.raises(InvalidInput, match="AddNoise needs the whole sound"):
        list(FULL.stream([], n_channels=1, rate_hz=8_000))


def test_the_sensor_has_a_channel_for_each_that_can_fire() -> None:
    assert COCHLEA.sensor(2) == Sensor.audio(16)
    assert FULL.sensor(1) == Sensor.audio(4 * 16)
    with pytest.raises(InvalidInput, match="131072 is outside"):
        Encoding(ThresholdCrossing(n_levels=1 << 12)).sensor(16)


@pytest.mark.parametrize("encoding", [COCHLEA, FULL, Encoding(SendOnDelta())])
def test_json_round_trip(encoding: Encoding) -> None:
    again = Encoding.from_json(encoding.to_json())
    assert again == encoding
    assert again.fingerprint == encoding.fingerprint


def test_fingerprints_are_those_of_the_json_and_never_change() -> None:
    assert Encoding(SendOnDelta()).to_json() == (
        '{"format":1,"stages":[{"stage":"SendOnDelta","threshold":0.01}]}'
    )
    other = Encoding(FilterBank(n_bands=8), Rectify(), IntegrateAndFire(spike_threshold=0.03))
    assert other.fingerprint != COCHLEA.fingerprint


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ((), "no stages makes no events"),
        ((Rectify(),), r"stage 0 of the encoding is Rectify\(.*, not an encoder"),
        ((SendOnDelta(), SendOnDelta()), "stage 0 .* not a transform of sound"),
        ((Rectify, SendOnDelta()), "stage 0 .* not a transform of sound"),
    ],
)
def test_chains_without_sense_are_refused(stages: tuple[object, ...], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Encoding(*stages)  # type: ignore[arg-type]


def test_json_without_sense_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not the JSON of an encoding"):
        Encoding.from_json("[]")
    with pytest.raises(NotFound, match="FilterBank"):
        Encoding.from_json('{"format":1,"stages":[{"stage":"FilterBnk"}]}')


def test_real_speech(shared_data: Path) -> None:
    archive = shared_data / "speech/free-spoken-digits.tar.gz"
    cochlea = Encoding(
        ScaleAmplitude(), FilterBank(n_bands=32), Rectify(), IntegrateAndFire(spike_threshold=0.01)
    )
    rates, bands = [], []
    with tarfile.open(archive) as tar:
        members = (m for m in tar if m.name.endswith(".wav"))
        for member in itertools.islice(members, 20):
            file = tar.extractfile(member)
            assert file is not None
            rate_hz, values = wavfile.read(io.BytesIO(file.read()))
            sound = Waveform.of(values / 32_768, rate_hz)
            events = cochlea.encode(sound)
            assert events.equals(step_by_step(cochlea, sound))
            assert np.all(np.diff(events.t) >= 0)
            rates.append(len(events) / sound.seconds)
            bands.append(len(np.unique(events.x)))
            # Twice as loud is the same after scaling, to what float32 rounds.
            louder = cochlea.encode(sound.with_samples(2 * sound.samples))
            assert louder.equals(events)
    # Voices fill the lower half of the bands with tens of spikes a second, no more, no less.
    assert 300 < np.mean(rates) < 5_000
    assert 10 < np.mean(bands) < 32
