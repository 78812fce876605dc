"""Pictures as PNG."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.png import write_png


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 256), st.integers(0, 9))
def test_another_reader_sees_the_same_colours(h: int, w: int, n: int, seed: int) -> None:
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(seed)
    palette = [(r, g, b, a) for r, g, b, a in rng.integers(0, 256, (n, 4)).tolist()]
    pixels = rng.integers(0, n, (h, w)).astype(np.uint8)
    read = np.asarray(image.open(io.BytesIO(write_png(pixels, palette))).convert("RGBA"))
    assert (read == np.array(palette, np.uint8)[pixels]).all()


@pytest.mark.parametrize(("shape", "n"), [((0, 3), 1), ((2, 2), 0), ((2, 2), 257), ((2, 2), 1)])
def test_what_is_no_picture_is_refused(shape: tuple[int, int], n: int) -> None:
    with pytest.raises(InvalidInput, match="no picture of"):
        write_png(np.ones(shape, np.uint8), [(0, 0, 0, 0)] * n)
