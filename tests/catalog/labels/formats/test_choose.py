"""The format of a file: named, or told by its content, never guessed."""

import pytest

from catalog.labels.formats.choose import choose_format
from eventstore.errors import InvalidInput, NotFound


@pytest.mark.parametrize(
    ("path", "data", "name"),
    [
        ("a_labels.csv", b"class,startTime_usec,endTime_usec\r\n", "dvs-gesture"),
        ("a_events.tsv", b"onset\tduration\ttrial_type\n", "bids"),
        ("a_bbox.npy", b"\x93NUMPY\x01\x00", "prophesee"),
        ("a.xml", b"<?xml version='1.0'?><annotations>", "cvat"),
    ],
)
def test_content_and_suffix_tell(path: str, data: bytes, name: str) -> None:
    assert choose_format(None, path, data).name == name
    with pytest.raises(InvalidInput, match=r"format of a\.txt: nothing in it tells"):
        choose_format(None, "a.txt", data)
    assert choose_format(name, "a.txt", data).name == name


def test_a_list_has_to_be_named() -> None:
    with pytest.raises(InvalidInput) as error:
        choose_format(None, "list.csv", b"a.bin,1\n")
    assert error.value.hint.startswith("name it: --format NAME, of aermanager, bids")
    with pytest.raises(NotFound, match="no label format 'aer'"):
        choose_format("aer", "list.csv", b"")
