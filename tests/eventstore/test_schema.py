"""The documents of a store: read back equal, valid for zarr, and refused when they disagree."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.codecs import TIERS
from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor
from eventstore.schema import Head, Layout, head_from_root

SENSORS = st.one_of(
    st.builds(Sensor, st.integers(1, 2000), st.integers(1, 2000)),
    st.builds(Sensor.audio, st.integers(1, 2000)),
)
LAYOUTS = st.builds(
    lambda chunk, chunks, rows: Layout(
        chunk_events=chunk, shard_events=chunk * chunks, table_rows=rows
    ),
    st.integers(1, 9000),
    st.integers(1, 600),
    st.integers(1, 70_000),
)
LENGTHS = st.integers(0, 2**40)
SIDES = st.fixed_dictionaries({}, optional={"imu": LENGTHS, "triggers": LENGTHS}).flatmap(
    lambda some: st.one_of(
        st.just(some),
        st.builds(lambda n, m: {"frames": n, "pixels": m, **some}, LENGTHS, LENGTHS),
    )
)


@st.composite
def heads(draw: st.DrawFn) -> Head:
    return Head(
        sensor=draw(SENSORS),
        n_events=draw(st.integers(0, 2**40)),
        n_recordings=draw(st.integers(0, 2**20)),
        digest="ab" * 32,
        layout=draw(LAYOUTS),
        tier=draw(st.sampled_from(sorted(TIERS))),
        side=draw(SIDES),
    )


HEAD = Head(
    sensor=Sensor(4, 4),
    n_events=9,
    n_recordings=2,
    digest="00",
    layout=Layout(),
    side={"imu": 5},
)


@given(heads())
def test_a_root_reads_back_equal(head: Head) -> None:
    assert head_from_root(json.loads(json.dumps(head.root())), "zarr.json") == head


def test_layout_refuses_shards_that_are_no_whole_chunks() -> None:
    with pytest.raises(InvalidInput, match="whole number of chunks"):
        Layout(chunk_events=10, shard_events=25)
    with pytest.raises(InvalidInput, match="empty chunk or shard"):
        Layout(chunk_events=0)


def change(document: Any, path: str, value: object) -> Any:
    changed = copy.deepcopy(document)
    inner = changed
    *parents, last = path.split(".")
    for name in parents:
        inner = inner[int(name)] if isinstance(inner, list) else inner[name]
    inner[last] = value
    return changed


MEMBERS = "consolidated_metadata.metadata"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("attributes.format_version", "2", "unknown format version; expected 1; found '2'"),
        ("attributes", {}, "not an event store"),
        ("node_type", "array", "not an event store"),
        ("attributes.n_events", 10, "do not match the shapes"),
        (f"{MEMBERS}.events/x.shape", [8], "shape of events/x does not belong"),
        (f"{MEMBERS}.events/p.data_type", "uint8", "data_type of events/p does not belong"),
        (f"{MEMBERS}.events/t.codecs", [], "damaged"),
        (f"{MEMBERS}.index/t.shape", [7], "shape of index/t does not belong"),
        ("attributes.sensor", {"width": 0}, "damaged"),
        ("consolidated_metadata", None, "damaged"),
        (f"{MEMBERS}.events/t.codecs.0.configuration.codecs", [], "as in no tier"),
        (f"{MEMBERS}.side/imu/t.shape", [2**40], "shape of side/imu/.* does not belong"),
        (f"{MEMBERS}.side/imu/offsets.shape", [2], "shape of side/imu/offsets does not"),
        (f"{MEMBERS}.events/t.chunk_key_encoding", {}, "chunk_key_encoding of events/t does not"),
        (f"{MEMBERS}.side/f[ames", {"node_type": "group"}, r"side/f\[ames does not belong"),
    ],
)
def test_documents_that_disagree_are_refused(path: str, value: object, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        head_from_root(change(HEAD.root(), path, value), "s/zarr.json")
    assert "s/zarr.json" in caught.value.message
    assert caught.value.hint


def test_group_documents_list_their_arrays() -> None:
    members = HEAD.group("events")["consolidated_metadata"]["metadata"]
    assert sorted(members) == ["p", "t", "x", "y"]
    assert members["t"] == HEAD.documents()["events/t"]


def test_kinds_that_are_absent_cost_nothing() -> None:
    assert {name.split("/")[0] for name in HEAD.documents()} == {
        "events", "index", "recordings", "side",
    }  # fmt: skip
    bare = replace(HEAD, side={})
    assert not [name for name in bare.documents() if name.startswith("side")]
    assert (bare.side_kinds(), HEAD.side_kinds()) == ((), ("imu",))


@given(LAYOUTS)
def test_pixels_are_cut_into_whole_chunks(layout: Layout) -> None:
    axes = layout.side_axes("frames")
    assert list(axes) == ["frames", "pixels"]
    assert axes["pixels"].slots * axes["pixels"].chunk == axes["pixels"].shard
