"""How a film looks and how fast it runs."""

from fractions import Fraction

import pytest

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.video.options import MOST_SIDE, VideoOptions


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"fps": 0}, "fps of a video is 0"),
        ({"speed": float("nan")}, "speed of a video is nan"),
        ({"full": 16}, "full of a video is 16"),
        ({"scale": 1.5}, "cannot be scaled by 1.5"),
        ({"ground": "blue"}, "no ground 'blue'"),
        ({"speed": 1e-5, "fps": 200}, "0.05 µs each"),
        ({"window_us": 100_000_000}, "would lie in 2,500 pictures"),
    ],
)
def test_what_makes_no_film_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as told:
        VideoOptions.from_dict(values)
    assert told.value.hint


def test_they_pass_through_plain_values() -> None:
    options = VideoOptions(fps=30, speed=0.1, window_us=5_000, scale=0.5, full=3, ground="dark")
    assert VideoOptions.from_dict(options.to_dict()) == options
    assert options.step_us == Fraction(10_000, 3)


def test_small_sensors_are_enlarged_and_huge_films_refused() -> None:
    assert VideoOptions().size_for(Sensor(34, 20)) == (272, 160)
    assert VideoOptions(scale=1 / 3).size_for(Sensor(640, 480)) == (214, 160)
    with pytest.raises(InvalidInput, match="12,800 × 9,600"):
        VideoOptions(scale=20).size_for(Sensor(640, 480))
    assert max(VideoOptions().size_for(Sensor(MOST_SIDE, 1))) == MOST_SIDE
