"""A store that we write is what the page of its format says, no more and no less."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import eventstore as es
from eventstore.side import SideTable

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "store-format.md"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the root document of a store of a camera that also has triggers."""
    path = tmp_path_factory.mktemp("format") / "events.zarr"
    trigger = SideTable.of("triggers", {"t": [7], "edge": [1]})
    with es.StoreWriter.create(path, es.Sensor(34, 34)) as writer:
        events = es.Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])
        writer.append("a", [events], side={"triggers": [trigger]}, provenance={"source": "a.raw"})
    document: dict[str, Any] = json.loads((path / "zarr.json").read_text(encoding="utf-8"))
    return document


def section(title: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(title: str) -> set[str]:
    """Return the names in the first column of the tables of a section."""
    cells = re.findall(r"^\|([^|]+)\|", section(title), re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def arrays_of(root: dict[str, Any], group: str) -> dict[str, dict[str, Any]]:
    members: dict[str, dict[str, Any]] = root["consolidated_metadata"]["metadata"]
    return {
        path.removeprefix(f"{group}/"): document
        for path, document in members.items()
        if path.startswith(f"{group}/") and document["node_type"] == "array"
    }


def test_the_root_has_the_attributes_described(root: dict[str, Any]) -> None:
    attributes = root["attributes"]
    assert set(attributes) == first_column("Root attributes")
    assert (attributes["format"], attributes["format_version"]) == ("spikelake-events", "1")
    assert set(attributes["sensor"]) == {"width", "height", "modality"}


def test_recordings_have_the_columns_described(root: dict[str, Any]) -> None:
    assert set(arrays_of(root, "recordings")) == first_column("Recordings")


def test_events_have_types_chunks_and_codecs_as_described(root: dict[str, Any]) -> None:
    arrays = arrays_of(root, "events")
    assert {name: a["data_type"] for name, a in arrays.items()} == {
        "t": "int64",
        "x": "uint16",
        "y": "uint16",
        "p": "bool",
    }
    for name, array in arrays.items():
        (sharding,) = array["codecs"]
        inner = sharding["configuration"]
        assert sharding["name"] == "sharding_indexed"
        assert inner["index_location"] == "end"
        assert inner["chunk_shape"] == [8_192]
        assert array["chunk_grid"]["configuration"]["chunk_shape"] == [2**22]
        row = "| archive: `p` |" if name == "p" else "| archive: `t x y c` |"
        (said,) = [line for line in section("Codecs").splitlines() if line.startswith(row)]
        assert [c["name"] for c in inner["codecs"]] == re.findall(
            r"`([a-z0-9_.]+)`", said.split("|")[3]
        )


def test_side_streams_have_the_columns_described(root: dict[str, Any]) -> None:
    (said,) = [x for x in section("Side streams").splitlines() if x.startswith("| `triggers` |")]
    columns = set(re.findall(r"`(\w+)`", said.split("|")[2]))
    assert set(arrays_of(root, "side/triggers")) == columns | {"offsets"}
