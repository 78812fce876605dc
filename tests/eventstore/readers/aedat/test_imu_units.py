"""IMU samples in the units of side tables."""

import numpy as np
import pytest

from eventstore.readers.aedat.imu_units import imu_table


def test_g_and_degrees_become_si_and_the_rest_stays() -> None:
    columns = {
        "t": [7],
        "accel_x": [2.0],
        "gyro_z": [180.0],
        "temperature": [21.5],
        "mag_y": [30.0],
    }
    table = imu_table({name: np.array(values) for name, values in columns.items()})
    assert table.columns["t"].tolist() == [7]
    assert table.columns["accel_x"][0] == pytest.approx(19.6133)
    assert table.columns["gyro_z"][0] == pytest.approx(np.pi)
    assert table.columns["temperature"].tolist() == [21.5]
    assert table.columns["mag_y"].tolist() == [30]
    assert np.isnan(table.columns["accel_y"][0])


def test_a_magnetometer_of_zeros_is_absent() -> None:
    mags = {f"mag_{axis}": np.array([0.0, 0.0, 1.0]) for axis in "xyz"}
    table = imu_table({"t": np.arange(3), **mags})
    assert np.isnan(table.columns["mag_x"]).tolist() == [True, True, False]
