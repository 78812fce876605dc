"""Names of numbered classes."""

from pathlib import Path

import pytest

from catalog.labels.class_names import KNOWN, class_names, parse_class_names
from eventstore.errors import FormatError, NotFound


def test_the_tables_of_known_datasets_are_theirs() -> None:
    assert len(KNOWN["dvs-gesture"]) == 11
    assert class_names("dvs-gesture")["1"] == "hand_clapping"
    assert class_names("gen1") == {"0": "car", "1": "pedestrian"}
    assert class_names("1mpx")["2"] == "car"


def test_a_file_names_classes(tmp_path: Path) -> None:
    file = tmp_path / "classes.tsv"
    file.write_text("# mine\n01\tleft, hand\n\n2\tright\n")
    assert class_names(str(file)) == {"1": "left, hand", "2": "right"}


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(NotFound, match="no table of classes 'dvs-gestur'") as error:
        class_names("dvs-gestur")
    assert error.value.hint == "did you mean 'dvs-gesture'?"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("car", "line 2 names no class; expected NUMBER,NAME; found 'car'"),
        ("car,1", "line 2 names no class"),
        ("1,", "line 2 names no class"),
        ("0,bus", "line 2 gives a class or a name a second time"),
        ("1,car", "line 2 gives a class or a name a second time"),
    ],
)
def test_bad_lines_are_named(line: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse_class_names(f"0,car\n{line}\n".encode(), "classes.csv")
