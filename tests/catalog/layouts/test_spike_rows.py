"""SHD and SSC: rows, speakers, and files where the two do not agree."""

from pathlib import Path

import numpy as np
import pytest

from catalog.layouts.protocol import LayoutFacts
from catalog.layouts.spike_rows import LAYOUT
from eventstore.errors import FormatError, NotFound
from tests.catalog.layouts.miniatures import formats as make


def file_of(folder: Path, name: str, **datasets: object) -> Path:
    rows = [np.array([0.001]), np.array([0.002])]
    spikes = {"spikes/times": make.ragged(rows, np.float16),
              "spikes/units": make.ragged(rows, np.uint16), "labels": np.array([0, 1])}  # fmt: skip
    path = folder / name
    path.write_bytes(make.hdf5(spikes | datasets))
    return path


def test_speakers_are_a_column_where_the_file_has_them(tmp_path: Path) -> None:
    speakers = {"extra/speaker": np.array([4, 11])}
    paths = [file_of(tmp_path, "shd_test.h5", **speakers), file_of(tmp_path, "other.h5")]
    intake = LAYOUT.intake(paths, LayoutFacts(folds={"other.h5": "train"}))
    assert intake.columns == {"speaker": {"shd_test/00000": "4", "shd_test/00001": "11"}}
    folds = {name: whence.fold for name, whence in intake.provenance.items()}
    assert folds["shd_test/00000"] == "test"
    assert folds["other/00001"] == "train"
    assert intake.labels["other/00001"] == "1"


def test_speakers_of_other_number_are_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, "shd_test.h5", **{"extra/speaker": np.array([4])})
    with pytest.raises(FormatError, match="2 whole numbers"):
        LAYOUT.intake([path], LayoutFacts())


def test_other_files_are_no_rows(tmp_path: Path) -> None:
    (tmp_path / "shd.txt").write_text("spikes\n")
    with pytest.raises(NotFound, match="no HDF5 file"):
        LAYOUT.intake([tmp_path / "shd.txt"], LayoutFacts())
