"""A small dataset to try things on, as the examples do."""

from pathlib import Path
from tempfile import mkdtemp

from catalog.card import Card
from catalog.dataset import Dataset
from eventstore.testing import tiny_folders


def tiny_dataset() -> Dataset:
    """Make a dataset of six recordings of two classes, in a temporary folder.

    Examples:
        >>> tiny_dataset().draft().recordings.column("recording_id")[:2]
        ['Test/left/0', 'Test/right/0']
    """
    folder = Path(mkdtemp())
    dataset = Dataset.create(folder / "tiny", Card(name="tiny"))
    dataset.ingest(tiny_folders(folder))
    return dataset
