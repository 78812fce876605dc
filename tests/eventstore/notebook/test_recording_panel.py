"""What recordings show."""

from pathlib import Path

from eventstore.events import Events
from eventstore.readers.open import read_file
from eventstore.store import EventStore
from eventstore.writers.atis import write_atis


def test_a_file_is_told_of_without_taking_its_events(tmp_path: Path) -> None:
    write_atis(tmp_path / "a&b.bin", Events.of(t=[5, 9], x=[1, 2], y=[2, 3]))
    recording = read_file(tmp_path / "a&b.bin")
    page = recording._repr_html_()
    for said in ("a&amp;b.bin", "10 bytes", "atis", "geometry not in file"):
        assert said in page, said
    assert len(recording.load()) == 2


def test_a_row_of_a_store_tells_its_size_and_digest(sample_store: Path) -> None:
    with EventStore.open(sample_store) as store:
        page = store.recordings[5]._repr_html_()
        assert store.recordings.digests[5].hex()[:12] in page
    for said in ("r5", "45", "34 × 20 pixels", "5 µs of the source"):
        assert said in page, said
    assert "side streams" not in page
