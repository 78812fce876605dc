"""SHD and SSC: an HDF5 file for each fold, a row for each recording, and who spoke it.

Label and fold are what the reader says: the class by its name in ``extra/keys``, the fold in the
file's name. The column ``speaker`` is ``extra/speaker``, where the file has it; SSC has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from catalog.intake import Intake
from catalog.layouts.options import read_options
from catalog.layouts.placed import PlacedFile, placed_files
from catalog.layouts.protocol import LayoutFacts
from catalog.recording_table import Provenance
from eventstore.errors import FormatError, NotFound
from eventstore.readers.archive import list_recordings
from eventstore.readers.hdf5.file import open_hdf5
from eventstore.readers.hdf5.layouts import SUFFIXES
from eventstore.readers.source_item import SourceItem


@dataclass(frozen=True, slots=True, kw_only=True)
class SpikeRowsOptions:
    """Options of the layout: none."""


@dataclass(frozen=True, slots=True)
class SpikeRows:
    """Layout of SHD and SSC."""

    name: ClassVar[str] = "shd"

    def intake(self, sources: Sequence[Path], facts: LayoutFacts) -> Intake:
        """List the rows of every HDF5 file.

        Raises:
            NotFound: there is no such file.
            FormatError: one is damaged, or has not a speaker for each row.
        """
        read_options(SpikeRowsOptions, self.name, facts.options)
        files = [file for file in placed_files(sources) if file.place.lower().endswith(SUFFIXES)]
        if not files:
            message = f"no HDF5 file in {', '.join(map(str, sources))}"
            raise NotFound(message, hint="give the files as they were downloaded: shd_train.h5.zip")
        items: list[SourceItem] = []
        provenance: dict[str, Provenance] = {}
        labels: dict[str, str] = {}
        speakers: dict[str, str] = {}
        for file in files:
            fold = facts.folds.get(file.source, "")
            rows = list_recordings(file.item, "shd")
            said = _speakers(file, len(rows))
            for row, speaker in zip(rows, said, strict=True):
                stem = Path(file.place).stem
                name = f"{stem}/{row.part}" if row.part else stem
                items.append(replace(row, recording_id=name))
                provenance[name] = Provenance(row.source, fold or row.fold or "")
                labels |= {name: row.label} if row.label else {}
                speakers |= {name: speaker} if speaker else {}
        columns = {"speaker": speakers} if speakers else {}
        return Intake(items, provenance, labels, columns=columns)


LAYOUT = SpikeRows()


def _speakers(file: PlacedFile, n_rows: int) -> list[str]:
    column = open_hdf5(file.item.open()).dataset("extra/speaker")
    if column is None:
        return [""] * n_rows
    if column.shape != (n_rows,) or column.dtype.kind not in "iu":
        message, expected = "extra/speaker is not what it is called", f"{n_rows} whole numbers"
        found = f"{column.dtype}{list(column.shape)}"
        raise FormatError(message, path=file.item.name, expected=expected, found=found)
    return [str(number) for number in np.asarray(column[:]).tolist()]
