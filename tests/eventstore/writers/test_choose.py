"""Writers by name and by suffix."""

from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.errors import InvalidInput, NotFound
from eventstore.registry import Entry
from eventstore.writers import WRITERS, find_writer
from eventstore.writers.atis import WRITER
from eventstore.writers.choose import installed_writers


def test_by_suffix_and_by_name() -> None:
    assert find_writer(Path("a.BIN")).name == "atis"
    assert find_writer(Path("a.other"), "atis").name == "atis"


def test_unknown_suffixes_and_names_say_what_there_is() -> None:
    with pytest.raises(NotFound, match=r"no writer for '\.foo': .*a\.foo \(known: .*\.bin"):
        find_writer(Path("a.foo"))
    with pytest.raises(NotFound, match="no writer 'atsi'") as e:
        find_writer(Path("a.bin"), "atsi")
    assert "did you mean 'atis'?" in e.value.hint


def test_the_longest_suffix_wins_and_a_tie_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(WRITERS._entries())
    for name, suffixes in {"one": (".q", ".one.q"), "two": (".q", ".two.q")}.items():
        monkeypatch.setitem(WRITERS._loaded, name, replace(WRITER, name=name, suffixes=suffixes))
        known[name] = Entry("nowhere:at_all")
    monkeypatch.setattr(WRITERS, "_table", known)
    assert find_writer(Path("a.two.q")).name == "two"
    with pytest.raises(InvalidInput, match=r"a\.q may be one or two") as e:
        find_writer(Path("a.q"))
    assert "--writer two" in e.value.hint


def test_writers_that_cannot_be_loaded_say_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {**WRITERS._entries(), "odd": Entry("no_such_module:WRITER", extra="formats")}
    monkeypatch.setattr(WRITERS, "_table", known)
    assert "for odd: pip install 'spikelake[formats]'" in installed_writers()[1]
    with pytest.raises(NotFound) as e:
        find_writer(Path("a.odd"))
    assert "for odd: pip install" in e.value.hint
