"""GIF files, read back by another program."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.video.colours import colour_table
from eventstore.video.gif import check_gif_fps, gif_bytes


@given(
    st.integers(1, 5), st.integers(1, 40), st.integers(1, 40),
    st.floats(1, 50).map(lambda fps: round(fps, 2)), st.integers(0, 99),
)  # fmt: skip
def test_another_reader_sees_each_picture_for_as_long(
    n: int, h: int, w: int, fps: float, seed: int
) -> None:
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(seed)
    frames = [rng.integers(0, 256, (h, w)).astype(np.uint8) for _ in range(n)]
    colours = colour_table(15, "dark")
    content = b"".join(gif_bytes(iter(frames), colours, fps))
    with image.open(io.BytesIO(content)) as read:
        assert (read.n_frames, read.size, read.info["loop"]) == (n, (w, h), 0)
        spent = 0
        for k, frame in enumerate(frames):
            read.seek(k)
            assert (np.asarray(read.convert("RGB")) == colours[frame]).all()
            spent += read.info["duration"]
            assert abs(spent - 1_000 * (k + 1) / fps) <= 5.001


def test_more_than_browsers_show_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 50 pictures a second, not 60"):
        check_gif_fps(60)
