"""Beginning a dataset, and going on with one."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.public.entry import PublicDataset, PublicFile
from catalog.public.preparing import adding, begin, card_of, downloads_folder
from catalog.public.sources import read_sources
from eventstore.errors import AlreadyExists, Conflict

FILE = PublicFile(name="a.zip", urls=("https://example.org/a.zip",))
ENTRY = PublicDataset(
    name="a",
    title="A",
    licence="CC-BY-4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    bibtex="@misc{a}",
    authors=("Ada",),
    classes=("x", "y"),
    known_flaws=("small",),
    layout="class-folders",
    files=(FILE,),
)


def test_the_card_says_what_the_entry_says() -> None:
    card = card_of(ENTRY)
    assert (card.name, card.licence, card.classes) == ("a", "CC-BY-4.0", ("x", "y"))
    assert (card.rights.licence_url, card.rights.bibtex) == (ENTRY.licence_url, "@misc{a}")


def test_a_dataset_is_begun_and_gone_on_with(tmp_path: Path) -> None:
    into = tmp_path / "deep" / "ds"
    dataset, sources = begin(ENTRY, into)
    assert (dataset.root, dataset.card, sources.entry) == (into, card_of(ENTRY), ENTRY)
    assert dataset.repo.changed() == []
    assert [p.name for p in into.parent.iterdir()] == ["ds"]
    again, _ = begin(replace(ENTRY, title="Better"), into)
    assert read_sources(again.root).entry.title == "Better"
    with pytest.raises(Conflict):
        begin(replace(ENTRY, sensor=(3, 3)), into)


def test_what_a_killed_run_left_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    into = tmp_path / "ds"
    into.mkdir()  # an empty folder of the user's is as good as none
    with monkeypatch.context() as patch:
        patch.setattr("catalog.public.preparing.write_sources", killed)
        with pytest.raises(KeyboardInterrupt):
            begin(ENTRY, into)
    assert list(into.iterdir()) == []
    assert begin(ENTRY, into).dataset.card.name == "a"
    assert [p.name for p in tmp_path.iterdir()] == ["ds"]


def test_a_dataset_of_ones_own_is_left_alone(empty: Dataset) -> None:
    with pytest.raises(AlreadyExists):
        begin(ENTRY, empty.root)


def test_one_at_a_time(tmp_path: Path) -> None:
    with adding(tmp_path / "new" / "ds"), pytest.raises(Conflict), adding(tmp_path / "new" / "ds"):
        pass
    with adding(tmp_path / "new" / "ds"):
        pass
    assert list((tmp_path / "new").iterdir()) == []


def test_git_never_sees_downloads(empty: Dataset) -> None:
    before = empty.repo.changed()
    (downloads_folder(empty.root) / "a.zip").write_bytes(b"x")
    (downloads_folder(empty.root) / ".a.zip.checked").write_bytes(b"x")
    assert empty.repo.changed() == before
    assert not [path for path in empty.repo.listed() if "downloads" in path]
