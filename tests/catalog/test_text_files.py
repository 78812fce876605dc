"""Texts are written whole; JSON has one spelling."""

from pathlib import Path

import pytest

from catalog.text_files import check_file_name, json_text, parse_json, write_text
from eventstore.errors import FormatError, InvalidInput


def test_writing_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "labels" / "class.tsv"
    write_text(file, "old\n")
    write_text(file, "neu ü\n")
    assert file.read_bytes() == "neu ü\n".encode()
    assert list(file.parent.iterdir()) == [file]


def test_equal_content_gives_equal_json() -> None:
    assert json_text({"b": 1, "a": [1]}) == json_text({"a": [1], "b": 1})
    assert parse_json(json_text({"a": "ü"}), "x.json") == {"a": "ü"}


def test_broken_json_names_file_and_byte() -> None:
    with pytest.raises(FormatError, match=r"versions.json at byte 1: not JSON"):
        parse_json("{", "versions.json")


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b", "-"])
def test_names_that_are_no_file_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a file"):
        check_file_name(name)


def test_usual_names_pass() -> None:
    for name in ("official", "subject-2", "v1.1_b"):
        check_file_name(name)
