"""What an entry tells its layout."""

from pathlib import Path

import pytest

from catalog.public.entry import entry_names, load_entry
from catalog.public.layout_facts import facts_of_dataset, layout_facts
from eventstore.errors import NotFound
from eventstore.events import Sensor


def test_facts_are_those_of_the_entry() -> None:
    facts = layout_facts(load_entry("s-mnist"))
    assert facts.sensor == Sensor.audio(99)
    assert facts.folds["t10k-images-idx3-ubyte.gz"] == "test"
    assert "t10k-labels-idx1-ubyte.gz" not in facts.folds
    assert layout_facts(load_entry("ncaltech101")).sensor is None


def test_a_dataset_is_found_by_name_or_file_and_nothing_else(tmp_path: Path) -> None:
    for name in entry_names():
        found = facts_of_dataset(name)
        assert found is not None
        assert found[0] == load_entry(name).layout
    assert facts_of_dataset("class-folders") is None
    (tmp_path / "mine.toml").write_text(
        'name = "mine"\ntitle = "M"\nlayout = {name = "paths", pattern = "x"}\n'
        'files = [{name = "a.zip", urls = ["https://example.org/a.zip"]}]\n'
    )
    found = facts_of_dataset(str(tmp_path / "mine.toml"))
    assert found is not None
    assert found[1].options == {"pattern": "x"}
    with pytest.raises(NotFound, match=r"no file .*gone\.toml"):
        facts_of_dataset(str(tmp_path / "gone.toml"))
