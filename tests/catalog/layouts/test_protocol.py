"""The table of layouts, and what every layout in it does."""

from pathlib import Path

import pytest

from catalog.layouts import LAYOUTS, Layout, LayoutFacts
from eventstore.errors import InvalidInput, NotFound


def test_every_layout_is_found_by_the_name_that_it_has() -> None:
    assert {name: LAYOUTS[name].name for name in LAYOUTS} == {name: name for name in LAYOUTS}
    assert all(isinstance(LAYOUTS[name], Layout) for name in LAYOUTS)


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_every_layout_refuses_an_option_that_it_has_not(name: str, tmp_path: Path) -> None:
    facts = LayoutFacts(options={"no_such_option": "x"})
    with pytest.raises(NotFound, match="no_such_option"):
        LAYOUTS[name].intake([tmp_path], facts)


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_every_layout_says_that_a_folder_holds_no_recordings(name: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("nothing\n")
    options = {"pattern": r"[^/]+\.bin"} if name == "paths" else {}
    with pytest.raises(NotFound) as caught:
        LAYOUTS[name].intake([tmp_path], LayoutFacts(options=options))
    assert caught.value.hint


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_every_layout_names_a_source_that_is_not_there(name: str, tmp_path: Path) -> None:
    options = {"pattern": r"[^/]+\.bin"} if name == "paths" else {}
    with pytest.raises((NotFound, InvalidInput), match=r"gone\.zip"):
        LAYOUTS[name].intake([tmp_path / "gone.zip"], LayoutFacts(options=options))
