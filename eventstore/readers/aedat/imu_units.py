"""Units of IMU samples: cameras give g and °/s, side tables hold m/s² and rad/s."""

from collections.abc import Mapping

import numpy as np

from eventstore.side import SideTable

STANDARD_GRAVITY = 9.80665
"""m/s² in 1 g."""


IMU_SCALES: Mapping[str, float] = {"accel": STANDARD_GRAVITY, "gyro": np.pi / 180}
"""SI units in a unit of the cameras, by the beginning of a column's name; 1 for the others."""


def imu_table(columns: Mapping[str, np.ndarray]) -> SideTable:
    """Return a table of IMU samples in SI units.

    Args:
        columns: ``t``, ``accel_*`` in g, ``gyro_*`` in °/s, ``temperature`` in °C, and ``mag_*`` in
            µT where there is a magnetometer; one that is 0 on all axes is absent too.

    Examples:
        >>> table = imu_table({"t": np.array([5]), "accel_z": np.array([1.0])})
        >>> float(table.columns["accel_z"][0])
        9.806650161743164
    """
    scaled = {
        name: column if name == "t" else column.astype(np.float64) * _scale_of(name)
        for name, column in columns.items()
    }
    mags = [name for name in scaled if name.startswith("mag")]
    if mags:
        absent = ~np.any([scaled[name] for name in mags], axis=0)  # no field is 0 µT on all axes
        for name in mags:
            scaled[name][absent] = np.nan
    return SideTable.of("imu", scaled)


def _scale_of(name: str) -> float:
    return IMU_SCALES.get(name.partition("_")[0], 1.0)
