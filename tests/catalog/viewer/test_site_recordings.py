"""The files of a recording in a site."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.viewer.frames import FrameQuery, read_frames, read_raster
from catalog.viewer.site_recordings import (
    RASTER_BINS,
    SiteOptions,
    json_bytes,
    recording_files,
    site_frames,
)
from eventstore.errors import InvalidInput
from tests.catalog.viewer.asking import Asker

NAMES = ["train/cat/000", "test/cat/000", "test/owl/002"]


@given(count=st.integers(1, 9), step=st.integers(1, 900))
def test_pictures_are_those_that_the_server_sends(viewed: Asker, count: int, step: int) -> None:
    state = viewed.shown.state()
    query = FrameQuery(recording=NAMES[0], start_us=0, window_us=step, step_us=step, count=count)
    sent = read_frames(state, query)
    made, counts = site_frames(state, NAMES[0], step, SiteOptions(frames=count))
    assert (made == sent.pixels).all()
    assert counts == sent.n_events
    small, counts = site_frames(state, NAMES[0], step, SiteOptions(frames=count, pixels=4))
    assert small.shape == (count, 3, 4)
    per_picture = ((small >> 4) + (small & 15)).astype(int).sum(axis=(1, 2))
    assert (per_picture <= np.array(counts)).all()


def test_files_tell_what_the_server_does(viewed: Asker) -> None:
    options = SiteOptions(frames=5)
    files = dict(recording_files(viewed.shown, NAMES, 1, options))
    told = json.loads(files["data/r/000001.json"])
    assert (told["recording"]["before"], told["recording"]["after"]) == (NAMES[0], NAMES[2])
    assert told["recording"]["edit"] is False
    query = "recording=test%2Fcat%2F000"
    assert told["labels"]["class"] == viewed.get(f"/api/labels?{query}&set=class").json()
    assert told["lineage"] == viewed.get(f"/api/lineage?{query}").json()
    assert sum(told["rate"]["counts"]) == 50
    frames = gzip.decompress(files["data/r/000001.frames"])
    assert len(frames) == 5 * 6 * 8
    assert files["data/r/000001.png"] == viewed.get(f"/api/thumbnail?{query}").body
    assert dict(recording_files(viewed.shown, NAMES, 1, options)) == files


def test_numbers_have_bounds() -> None:
    with pytest.raises(InvalidInput, match="frames is 0"):
        SiteOptions(frames=0)
    with pytest.raises(InvalidInput, match="pixels is 5000"):
        SiteOptions(pixels=5000)
    assert json_bytes({"a": "\ud800é"}) == '{"a":"?é"}'.encode()


def test_the_raster_has_the_parts_that_the_player_asks_for(viewed: Asker) -> None:
    raster = read_raster(viewed.shown.state(), NAMES[0], (0, 1_000), RASTER_BINS)
    assert raster.shape == (6, RASTER_BINS)
