from importlib.metadata import EntryPoint

import pytest

from eventstore import registry
from eventstore.errors import AlreadyExists, MissingExtra, NotFound
from eventstore.registry import Entry, Registry


def make(**entries: Entry) -> Registry[object]:
    return Registry("codec", "spikelake.no-such-group", entries)


def test_an_entry_is_imported_on_first_use_only() -> None:
    table = make(json=Entry("json:dumps"), broken=Entry("no_such_module_of_ours:x"))
    assert list(table) == ["broken", "json"]
    assert "json" in table
    assert len(table) == 2
    assert table["json"] is table["json"]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"no codec 'jsn' \(known: json\)") as caught:
        make(json=Entry("json:dumps"))["jsn"]
    assert caught.value.hint == "did you mean 'json'?"


def test_a_missing_package_names_the_extra() -> None:
    table = make(ecf=Entry("no_such_module_of_ours:x", extra="formats"))
    with pytest.raises(MissingExtra) as caught:
        table["ecf"]
    assert caught.value.hint == "pip install 'spikelake[formats]'"


def test_entry_points_add_entries_and_duplicates_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def points(group: str) -> list[EntryPoint]:
        return [EntryPoint(name="other", value="json:loads", group=group)]

    monkeypatch.setattr(registry, "entry_points", points)
    assert list(make(json=Entry("json:dumps"))) == ["json", "other"]
    with pytest.raises(AlreadyExists, match=r"json:dumps and json:loads"):
        list(make(other=Entry("json:dumps")))
