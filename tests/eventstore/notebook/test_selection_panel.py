"""What a selection shows."""

from dataclasses import replace
from pathlib import Path

from eventstore.notebook.selection_panel import MOST_CLASSES
from eventstore.testing import tiny_selection


def test_a_selection_counts_its_classes(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr")
    page = selection._repr_html_()
    assert f">{len(selection):,}<" in page
    assert all(f">{name}<" in page for name in selection.label_names[:MOST_CLASSES])
    names = (*selection.label_names, *(f"more {k}" for k in range(MOST_CLASSES)))
    many = replace(selection, label_names=names)
    assert f"… {len(selection.label_names)} more" in many._repr_html_()
    assert "cannot be read" not in selection.take([])._repr_html_()
