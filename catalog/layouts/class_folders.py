"""Recordings in a folder for each class: ``Train/3/00891.bin``.

The last folder is the label, a top folder that names a fold is the fold, as for any archive that is
ingested without a layout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from catalog.intake import Intake, list_intake
from catalog.layouts.options import read_options
from catalog.layouts.protocol import LayoutFacts
from catalog.recording_table import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFoldersOptions:
    """Options of the layout.

    Args:
        reader: reader of the recordings, with its options; found by looking where empty.
        folds: other names of folds: ``{testing = "test"}``.
    """

    reader: str = ""
    folds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """Layout of archives with a folder for each class."""

    name: ClassVar[str] = "class-folders"

    def intake(self, sources: Sequence[Path], facts: LayoutFacts) -> Intake:
        """List the recordings with label and fold; a source's own fold comes first."""
        options = read_options(ClassFoldersOptions, self.name, facts.options)
        intakes = [self._of_source(source, options, facts) for source in sources]
        provenance = {k: v for intake in intakes for k, v in intake.provenance.items()}
        labels = {k: v for intake in intakes for k, v in intake.labels.items()}
        items = [item for intake in intakes for item in intake.items]
        return Intake(items, provenance, labels, [f for x in intakes for f in x.findings])

    def _of_source(self, source: Path, options: ClassFoldersOptions, facts: LayoutFacts) -> Intake:
        found = list_intake([source], reader=options.reader or None, labels=True, folds=True)
        whole = facts.folds.get(source.name, "")
        provenance = {
            name: Provenance(whence.source, whole or options.folds.get(whence.fold, whence.fold))
            for name, whence in found.provenance.items()
        }
        reader = options.reader
        items = [replace(i, reader=reader) for i in found.items] if reader else found.items
        return found._replace(items=items, provenance=provenance)


LAYOUT = ClassFolders()
