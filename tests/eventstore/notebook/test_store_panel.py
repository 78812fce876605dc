"""What a store shows."""

from pathlib import Path

from eventstore.store import EventStore
from tests.eventstore.conftest import CountedFiles


def test_a_store_shows_its_size_and_some_recordings(sample_store: Path) -> None:
    with EventStore.open(sample_store) as store:
        page = store._repr_html_()
    for said in ("551", "34 × 20 pixels", store.digest[:12], ">r0<", ">r4<", ">r11<"):
        assert said in page, said
    assert page.count("<img") == 4


def test_a_closed_store_says_so_and_a_remote_one_is_left_in_peace(sample_store: Path) -> None:
    closed = EventStore.open(sample_store)
    closed.close()
    assert "is closed (open it again)" in closed._repr_html_()
    files = CountedFiles(sample_store)
    far = EventStore(files)
    before = len(files.calls)
    assert "551" in far._repr_html_()
    assert len(files.calls) == before
