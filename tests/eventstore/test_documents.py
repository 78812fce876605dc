"""Documents are what zarr-python itself makes of them."""

import json
from typing import Any

import pytest
from zarr.core.metadata.v3 import ArrayV3Metadata

from eventstore.documents import Document, group_document
from eventstore.events import Sensor
from eventstore.schema import Head, Layout

HEAD = Head(
    sensor=Sensor(4, 4),
    n_events=9,
    n_recordings=2,
    digest="00",
    layout=Layout(),
    side={"frames": 3, "imu": 4, "pixels": 70},
)


def arrays() -> dict[str, Document]:
    documents = HEAD.documents()
    return {k: v for k, v in documents.items() if v["node_type"] == "array"}


@pytest.mark.parametrize("name", arrays())
@pytest.mark.filterwarnings("ignore:Numcodecs codecs are not in the Zarr")
def test_zarr_reads_each_array_and_says_the_same(name: str) -> None:
    document = arrays()[name]
    said: dict[str, Any] = ArrayV3Metadata.from_dict({**document}).to_dict()
    for key in ("shape", "data_type", "chunk_grid", "fill_value", "dimension_names"):
        assert json.dumps(said[key]) == json.dumps(document[key])


def test_axes_name_their_dimension() -> None:
    documents = arrays()
    assert documents["side/frames/pixels"]["dimension_names"] == ["pixel_byte"]
    assert documents["side/frames/start"]["dimension_names"] == ["frame"]
    assert documents["side/imu/offsets"]["shape"] == [3]
    assert documents["recordings/offsets"]["shape"] == [3]


def test_groups_list_what_is_below_them() -> None:
    below = group_document({}, {"a": {}})["consolidated_metadata"]
    assert below == {"kind": "inline", "must_understand": False, "metadata": {"a": {}}}
