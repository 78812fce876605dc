import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import BinChannels, EventBatch, Spec
from eventstore.transforms.protocol import NO_SEEDS


class TestBinChannelsByFactor(TransformContract):
    transform = BinChannels(factor=4)
    sensor = Sensor.audio(70)


class TestBinChannelsToANumber(TransformContract):
    transform = BinChannels(n_channels=32)
    sensor = Sensor.audio(70)


def merged(stage: BinChannels, width: int) -> list[int]:
    """Return where each of a sensor's channels goes."""
    every = Events.of(t=range(width), x=range(width))
    batch = EventBatch.of([every], t_start=[0], t_stop=[width])
    out = stage.apply(batch, Sensor.audio(width), NO_SEEDS).events
    assert np.array_equal(out.t, every.t)
    channels: list[int] = out.x.tolist()
    return channels


@given(st.integers(1, 300), st.integers(1, 400))
def test_a_factor_merges_runs(width: int, factor: int) -> None:
    assert merged(BinChannels(factor=factor), width) == [c // factor for c in range(width)]


@given(st.integers(1, 300), st.data())
def test_a_number_of_channels_shares_them_out_evenly(width: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, width))
    channels = merged(BinChannels(n_channels=n), width)
    runs = np.bincount(channels, minlength=n)
    assert len(runs) == n
    assert runs.max() - runs.min() <= 1
    assert channels == sorted(channels)


def test_the_widest_sensor_does_not_wrap() -> None:
    channels = merged(BinChannels(n_channels=60_000), 1 << 16)
    assert channels[-1] == 59_999
    assert merged(BinChannels(factor=1 << 16), 1 << 16) == [0] * (1 << 16)


@pytest.mark.parametrize("fields", [{}, {"factor": 2, "n_channels": 2}])
def test_one_way_to_say_it(fields: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="needs either factor or n_channels"):
        BinChannels(**fields)


def test_cameras_and_channels_that_are_not_there_are_refused() -> None:
    with pytest.raises(InvalidInput, match="BinChannels is for audio: a camera has pixels"):
        BinChannels(factor=2).out_spec(Spec("events", Sensor(8, 1)))
    with pytest.raises(InvalidInput, match="of a sensor of 64 channels"):
        BinChannels(n_channels=65).out_spec(Spec("events", Sensor.audio(64)))


def test_a_channel_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[9])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 9×1"):
        BinChannels(factor=2).apply(batch, Sensor.audio(9), NO_SEEDS)
