import numpy as np

from snn.dpi.logarithm import log_above_one


def test_is_the_logarithm_to_the_last_bits() -> None:
    points = np.concatenate(
        [
            np.geomspace(1.0, 3e38, 20_000, dtype=np.float32),
            np.nextafter(np.float32(1.0), np.float32(2.0)) + np.linspace(0, 3, 999, dtype="f4"),
            np.array([1.0, 2.0, 4.0, np.e], np.float32),
        ]
    )
    found = np.array([log_above_one(x) for x in points], np.float64)
    exact = np.log(points.astype(np.float64))
    assert np.all(np.abs(found - exact) <= 3e-7 * np.maximum(1.0, exact))
    assert found[-4] == 0.0
