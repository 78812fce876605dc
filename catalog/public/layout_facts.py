"""What an entry tells its layout."""

from pathlib import Path

from catalog.layouts.protocol import LayoutFacts
from catalog.public.entry import PublicDataset, entry_names, load_entry
from eventstore.events import Sensor


def layout_facts(entry: PublicDataset) -> LayoutFacts:
    """Return what is known of a dataset before its files are looked at.

    Examples:
        >>> facts = layout_facts(load_entry("nmnist"))
        >>> facts.sensor, facts.folds["train.zip"]
        (Sensor(width=34, height=34, modality='vision'), 'train')
    """
    return LayoutFacts(
        sensor=Sensor(*entry.sensor, entry.modality) if entry.sensor else None,
        classes=entry.classes,
        options=entry.options,
        folds={Path(file.name).name: file.fold for file in entry.files if file.fold},
    )


def facts_of_dataset(name: str) -> tuple[str, LayoutFacts] | None:
    """Return the layout of a public dataset and what it is told; None where there is no such.

    Args:
        name: of an entry of the registry, or the path of a ``.toml`` file.

    Raises:
        NotFound: there is no such file.
        FormatError: the file is not an entry.
    """
    if not name.endswith(".toml") and name not in entry_names():
        return None
    entry = load_entry(name)
    return entry.layout, layout_facts(entry)
