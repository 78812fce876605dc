"""Biases to the letter."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.biases import biases_table, parse_biases, read_bias_file
from catalog.dataset import Dataset
from catalog.removal import remove_from_dataset
from eventstore.errors import FormatError, InvalidInput, NotFound

WORD = st.text(min_size=1, max_size=5)


@given(biases=st.dictionaries(WORD, st.dictionaries(WORD, WORD, min_size=1), max_size=4))
def test_any_biases_read_back(biases: dict[str, dict[str, str]]) -> None:
    assert parse_biases(biases_table(biases).text()) == biases


def test_recordings_not_named_keep_theirs(animals: Dataset) -> None:
    animals.set_biases({"test/cat/000": {"a": "1"}, "test/cat/003": {"a": "2"}})
    animals.set_biases({"test/cat/000": {"b": "010"}})
    text = (animals.root / "biases.tsv").read_text()
    assert text.splitlines()[1:] == ["test/cat/000\tb\t010", "test/cat/003\ta\t2"]


def test_what_is_wrong_is_refused(animals: Dataset) -> None:
    with pytest.raises(InvalidInput, match="1 recordings are not there, such as nobody"):
        animals.set_biases({"nobody": {"a": "1"}})
    with pytest.raises(InvalidInput, match="has an empty part"):
        animals.set_biases({"test/cat/000": {"a": ""}})
    with pytest.raises(FormatError, match="not a table of biases"):
        parse_biases("a\tb\n")
    with pytest.raises(FormatError, match="line 3 gives a of x a second time"):
        parse_biases("recording_id\tname\tvalue\nx\ta\t1\nx\ta\t2\n")


def test_a_removed_recording_leaves_none(animals: Dataset) -> None:
    animals.set_biases({"test/cat/000": {"a": "1"}, "test/cat/003": {"a": "2"}})
    remove_from_dataset(animals, ["test/cat/000"], drop_splits=True)
    assert list(parse_biases((animals.root / "biases.tsv").read_text())) == ["test/cat/003"]


@pytest.mark.parametrize(
    "text",
    [
        "% made by hand\n\n299 % bias_diff\n0x0A   %   bias_hpf\n",
        '{"bias_diff": 299, "bias_hpf": "0x0A"}',
    ],
)
def test_vendors_files_are_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.bias").write_text(text)
    assert read_bias_file(tmp_path / "a.bias") == {"bias_diff": "299", "bias_hpf": "0x0A"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("299 bias_diff\n", "line 1 is no bias; expected VALUE % NAME; found '299 bias_diff'"),
        ("1 % a\n2 % a\n", "a stands twice"),
        ('{"a": [1]}', r"a is \['1'\]"),
        ('{"a": 1', "at byte 7: not JSON"),
        ('{"a": 1, "a": 2}', "a stands twice"),
    ],
)
def test_other_files_are_named(tmp_path: Path, text: str, match: str) -> None:
    (tmp_path / "a.bias").write_text(text)
    with pytest.raises(FormatError, match=rf"a\.bias.*{match}"):
        read_bias_file(tmp_path / "a.bias")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*no\.bias"):
        read_bias_file(tmp_path / "no.bias")
