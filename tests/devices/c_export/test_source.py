"""Tests of what all generated C has in common: tables and files."""

from pathlib import Path

import numpy as np
import pytest

from devices.c_export.source import CSource, c_table, c_type
from eventstore.errors import AlreadyExists


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0], "uint8_t"), ([-1, 127], "int8_t"), ([-1, 128], "int16_t"), ([2**40], "uint64_t")],
)
def test_types_are_as_narrow_as_can_be(values: list[int], kind: str) -> None:
    assert c_type(np.array(values)) == kind


def test_tables_are_never_empty() -> None:
    assert "t[1] = {\n    0\n}" in c_table("t", np.array([], np.int8))
    assert c_table("t", np.arange(40)).count("\n") == 5


def test_files_are_written_once(tmp_path: Path) -> None:
    source = CSource(name="n", header="h", source="c", table_bytes=0, state_bytes=0)
    header, code = source.write(tmp_path / "new")
    assert (header.name, header.read_text(), code.read_text()) == ("n.h", "h", "c")
    with pytest.raises(AlreadyExists, match=r"n\.h is there already"):
        source.write(tmp_path / "new")
    source.write(tmp_path / "new", overwrite=True)
