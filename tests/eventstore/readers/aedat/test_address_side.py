"""IMU samples and sync pulses between address events."""

from collections.abc import Iterator

import numpy as np
import pytest

from eventstore.readers.aedat.address_events import AddressPiece
from eventstore.readers.aedat.address_maps import ADDRESS_MAPS
from eventstore.readers.aedat.address_side import ImuScale, iter_imu, iter_sync
from eventstore.readers.aedat.text_header import TextHeader

EVENT = 5 << 12


def imu_words(*values: int) -> list[int]:
    return [1 << 31 | i << 28 | (v & 0xFFFF) << 12 | 3 << 10 for i, v in enumerate(values)]


def pieces_of(words: list[int], size: int = 1000) -> Iterator[AddressPiece]:
    for start in range(0, len(words), size):
        part = np.array(words[start : start + size], np.uint32)
        yield part, np.arange(start, start + len(part), dtype=np.int64)


SAMPLE = imu_words(-8192, 8192, 4096, -340, 1 << 14, -(1 << 14), 0)


@pytest.mark.parametrize("size", [1, 3, 7, 8, 1000])
def test_seven_words_make_a_sample_wherever_pieces_end(size: int) -> None:
    words = [EVENT, *SAMPLE, EVENT, EVENT, *SAMPLE[:3], EVENT, *SAMPLE[3:], *SAMPLE]
    tables = list(iter_imu(pieces_of(words, size), ImuScale(accel_g=4, gyro_dps=500)))
    columns = {k: np.concatenate([t.columns[k] for t in tables]) for k in tables[0].columns}
    assert columns["t"].tolist() == [1, 10, 18]
    assert columns["accel_x"].tolist() == pytest.approx([9.80665] * 3)
    assert columns["accel_y"].tolist() == pytest.approx([9.80665] * 3)
    assert columns["accel_z"].tolist() == pytest.approx([9.80665 / 2] * 3)
    assert columns["temperature"].tolist() == [34, 34, 34]
    assert columns["gyro_x"].tolist() == pytest.approx([-np.radians(250)] * 3)
    assert columns["gyro_y"].tolist() == pytest.approx([-np.radians(250)] * 3)
    assert np.isnan(columns["mag_x"]).all()


def test_words_that_make_no_whole_sample_are_left_out() -> None:
    broken = [*SAMPLE[:5], *SAMPLE, *SAMPLE[1:], SAMPLE[0], *SAMPLE[2:]]
    tables = list(iter_imu(pieces_of(broken, 4), ImuScale()))
    assert [t.columns["t"].tolist() for t in tables] == [[5]]
    assert list(iter_imu(pieces_of([EVENT] * 20, 6), ImuScale())) == []


@pytest.mark.parametrize(
    ("preferences", "scale"),
    [
        (
            {"Davis346B.IMU.AccelScale": "ImuAccelScaleG8",
             "Davis346B.IMU.GyroScale": "GyroFullScaleDegPerSec1000"},
            ImuScale(accel_g=8, gyro_dps=1000, stated=True),
        ),
        (
            {"ImuAccelScale": "ImuAccelScaleG2", "ImuGyroScale": "GyroFullScaleDegPerSec250"},
            ImuScale(accel_g=2, gyro_dps=250, stated=True),
        ),
        ({"Davis240C.IMU.AccelScale": "ImuAccelScaleG8"}, ImuScale()),
        ({"ImuAccelScale": "G", "ImuGyroScale": "2"}, ImuScale()),
    ],
)  # fmt: skip
def test_ranges_are_those_of_the_chip_in_the_header(
    preferences: dict[str, str], scale: ImuScale
) -> None:
    header = TextHeader(
        version="2.0",
        fields={"AEChip": "eu.seebetter.ini.chips.davis.Davis346B"},
        preferences=preferences,
        size=0,
        ended=True,
    )
    assert ImuScale.of_header(header) == scale


def test_pulses_at_the_pin_are_triggers_with_their_code() -> None:
    words = [EVENT, 1 << 10, 1 << 10 | 2, SAMPLE[0], 1 << 31, 1 << 10 | 3, 1 << 10 | 4]
    (table,) = iter_sync(pieces_of(words), ADDRESS_MAPS["davis346"])
    assert table.columns["t"].tolist() == [1, 2, 5, 6]
    assert table.columns["channel"].tolist() == [0, 2, 3, 4]
    assert table.columns["edge"].tolist() == [-1, 0, 1, -1]


def test_pulses_of_a_dvs128_have_no_code() -> None:
    (table,) = iter_sync(pieces_of([5, 1 << 15, 0x8003]), ADDRESS_MAPS["dvs128"])
    assert [table.columns[k].tolist() for k in table.columns] == [[1, 2], [0, 0], [-1, -1]]
    assert list(iter_sync(pieces_of([5]), ADDRESS_MAPS["dvs128"])) == []
