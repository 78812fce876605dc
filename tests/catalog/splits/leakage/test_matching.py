"""Matching: copies have partners, look-alikes have them by chance."""

import numpy as np

from catalog.splits.leakage.alignment import Alignment
from catalog.splits.leakage.matching import inverse, match, share
from eventstore.events import Events, Sensor

PLAIN = Alignment(False, False, False, 0, 0, 0)


def test_copies_score_high_and_others_low(digits: list[Events], sensor: Sensor) -> None:
    assert match(digits[0], digits[0], sensor, 0).score == 1
    assert max(match(digits[0], other, sensor, 0).score for other in digits[1:]) < 0.45


def test_each_side_has_its_own_share(digits: list[Events], sensor: Sensor) -> None:
    half = digits[3][np.arange(0, len(digits[3]), 2)]
    found = match(digits[3], half, sensor, 0)
    assert found.of_b == 1
    assert 0.4 < found.of_a < 0.75
    assert found.score == found.of_b


def test_the_inverse_lays_the_other_way(digits: list[Events]) -> None:
    for how in (PLAIN._replace(dx=3, lag_us=500), PLAIN._replace(flip_x=True, dx=33, dy=2)):
        assert inverse(inverse(how)) == how
        assert share(digits[0], digits[0], how, 500) < 0.3


def test_too_little_in_common_is_no_match(digits: list[Events]) -> None:
    assert share(digits[0], digits[0].shifted(250_000), PLAIN._replace(lag_us=250_000), 99) == 1
    assert share(digits[0], digits[0].shifted(250_000), PLAIN, 99) == 0
    assert share(digits[0][:20], digits[0], PLAIN, 99) == 0
    assert share(digits[0], digits[0][:0], PLAIN, 99) == 0


def test_flicker_in_common_is_chance() -> None:
    rng = np.random.default_rng(0)

    def lit() -> Events:
        t = np.sort(rng.integers(0, 30, 3000) * 10_000 + rng.integers(0, 1500, 3000))
        return Events.of(t=t, x=rng.integers(0, 8, 3000), y=rng.integers(0, 8, 3000))

    assert match(lit(), lit(), Sensor(8, 8), 0).score < 0.3


def test_where_chance_leaves_no_room_it_is_said() -> None:
    rng = np.random.default_rng(0)
    t = np.sort(rng.integers(0, 300_000, 20_000))
    dense = Events.of(t=t, x=rng.integers(0, 2, 20_000))
    found = match(dense, dense, Sensor.audio(2), 0)
    assert (found.score, found.told) == (0, False)


def test_a_dense_recording_matches_itself() -> None:
    rng = np.random.default_rng(3)
    n = 400_000  # in 100 ms: so many pairs that few events may look for a partner
    x, y = rng.integers(0, 640, n), rng.integers(0, 480, n)
    dense = Events.of(t=np.sort(rng.integers(0, 100_000, n)), x=x, y=y, p=rng.integers(0, 2, n))
    assert match(dense, dense, Sensor(640, 480), 0).score > 0.9
