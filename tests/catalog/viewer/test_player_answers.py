"""Addresses of the player."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.remotes.remote_dataset import RemoteDataset
from catalog.remotes.sharing import Destination, publish_dataset
from catalog.viewer.shown import Shown
from tests.catalog.viewer.asking import Asker

NAME = "recording=train%2Fcat%2F000"


def test_pictures_are_bytes_with_their_counts(viewed: Asker) -> None:
    answer = viewed.get(f"/api/frames?{NAME}&start_us=0&window_us=500&step_us=500&count=2")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert len(answer.body) == 2 * 6 * 8
    assert sum(map(int, answer.headers["x-events"].split(","))) == 50
    raster = viewed.get(f"/api/raster?{NAME}&start_us=0&stop_us=1000&bins=30")
    assert (raster.headers["x-rows"], len(raster.body)) == ("6", 180)


def test_facts_and_labels_are_told(viewed: Asker) -> None:
    assert viewed.get(f"/api/recording?{NAME}").json()["n_events"] == 50
    answer = viewed.get(f"/api/labels?{NAME}&set=class")
    assert answer.headers["etag"] == f'"{answer.json()["tag"]}"'
    rate = viewed.get(f"/api/rate?{NAME}&start_us=0&stop_us=1000&bins=4").json()
    assert (len(rate["counts"]), sum(rate["counts"]), rate["exact"]) == (4, 50, True)
    assert viewed.get(f"/api/hot?{NAME}").json()["pixels"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("start_us=0", "window_us is missing"),
        ("start_us=0&window_us=0", "window_us is 0"),
        ("start_us=-1&window_us=9", "start_us is -1"),
        ("start_us=0&window_us=9&count=65", "count is 65"),
        ("start_us=0&window_us=9&step=9", "no parameter 'step'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(viewed: Asker, query: str, said: str) -> None:
    answer = viewed.get(f"/api/frames?{NAME}&{query}")
    assert answer.status in {400, 404}
    assert said in answer.json()["message"]
    assert answer.json()["hint"]


def test_a_slice_that_ends_before_it_begins_is_refused(viewed: Asker) -> None:
    answer = viewed.get(f"/api/rate?{NAME}&start_us=9&stop_us=9")
    assert answer.json()["message"] == "stop_us is 9"


def test_a_published_version_is_looked_at_where_it_lies(
    animals: Dataset, serve_folder: Callable[[Path], Any], tmp_path: Path, viewed: Asker
) -> None:
    pytest.importorskip("aiohttp")
    publish_dataset(animals, "1.0.0", Destination(url=str(tmp_path / "www" / "animals")))
    url = f"{serve_folder(tmp_path / 'www').url}/animals"
    there = Asker(Shown(RemoteDataset(url)))
    for target in (
        f"/api/frames?{NAME}&start_us=100&window_us=300&step_us=200&count=3",
        f"/api/rate?{NAME}&start_us=0&stop_us=1000&bins=9",
        "/api/recordings?sort=-rate_hz&where=fold+%3D%3D+%27test%27",
        f"/api/labels?{NAME}&set=class",
        f"/api/thumbnail?{NAME}",
    ):
        answer = there.get(target)
        assert answer.status == 200, answer.body
        assert answer.body == viewed.get(target).body
    assert not there.shown.is_draft
