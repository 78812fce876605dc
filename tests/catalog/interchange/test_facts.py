"""Tables of a dataset as others are told of them."""

import pytest

from catalog.dataset import Dataset
from catalog.interchange.facts import column_kind, gather_facts
from catalog.tsv import Table
from eventstore.digest import sha256_file


def test_every_table_is_there_with_its_sum(animals: Dataset) -> None:
    facts = gather_facts(animals.root, animals.card, animals.version())
    paths = [table.path for table in facts.tables]
    expected = ["labels/class.tsv", "recordings.tsv", "splits/official.tsv", "statistics.tsv"]
    assert paths == expected
    for table in facts.tables:
        file = animals.root / table.path
        assert (table.size, table.sha256) == (file.stat().st_size, sha256_file(file))
    assert facts.tables[2].folds == ("test", "train")
    assert facts.tables[1].columns["n_events"] == "integer"
    assert facts.store_sha256 == sha256_file(animals.root / "events.zarr/zarr.json")


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("lux", ["1", "20"], "integer"),
        ("lux", ["1", "2.5e+06"], "number"),
        ("lux", ["1", ""], "text"),  # a loader would make a hole of it
        ("lux", [], "text"),
        ("code", ["01", "2"], "text"),
        ("label", ["1", "2"], "text"),
        ("big", ["9" * 19], "number"),
    ],
)
def test_kinds(name: str, cells: list[str], kind: str) -> None:
    table = Table(("other", name), tuple(("", cell) for cell in cells))
    assert column_kind(table, 1) == kind
