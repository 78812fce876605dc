import base64
import io
from collections.abc import Callable

import numpy as np
from matplotlib.image import imread

from devices.demo.facts import DemoFacts
from devices.demo.pictures import event_picture, training_curve


def pixels(url: str) -> np.ndarray:
    kind, _, data = url.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(imread(io.BytesIO(base64.b64decode(data)))[..., :3])


def test_on_is_blue_off_is_orange_quiet_is_white() -> None:
    counts = np.zeros((1, 2, 1, 3), np.uint8)
    counts[0, 1, 0, 0] = 1  # ON
    counts[0, 0, 0, 1] = 1  # OFF
    on, off, quiet = pixels(event_picture(counts))[0]
    assert on[2] > on[0]
    assert off[0] > off[2]
    assert quiet.tolist() == [1.0, 1.0, 1.0]


def test_slices_stand_side_by_side() -> None:
    assert pixels(event_picture(np.ones((3, 2, 5, 7), np.uint8))).shape == (5, 21, 3)


def test_no_events_make_a_white_picture() -> None:
    assert pixels(event_picture(np.zeros((2, 2, 4, 4), np.uint8))).min() == 1.0


def test_one_line_and_one_dot_per_seed(make_facts: Callable[..., DemoFacts]) -> None:
    runs = make_facts().runs
    svg = training_curve(runs)
    assert svg.startswith("<svg")
    assert [f"seed {run.seed}" in svg for run in runs] == [True] * len(runs)
    assert training_curve(runs[:1]).count("<path") < svg.count("<path")
