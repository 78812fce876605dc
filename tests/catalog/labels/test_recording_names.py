"""A file is about the one recording whose name it has, or it is an error."""

import pytest

from catalog.labels.recording_names import RecordingNames
from eventstore.errors import InvalidInput, NotFound

NAMES = RecordingNames(
    {
        "train/cat/000": "Train.zip/cat/000.bin",
        "test/cat/000": "Test.zip/cat/000.bin",
        "user22_led": "",
        "moorea_cut_td": "moorea_cut_td.dat",
        "sub-01_task-wave_events": "",
    }
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("labels/user22_led_labels.csv", "user22_led"),
        ("user22_led.csv", "user22_led"),
        ("moorea_cut_bbox.npy", "moorea_cut_td"),
        ("sub-01_task-wave_events.tsv", "sub-01_task-wave_events"),
    ],
)
def test_the_stem_of_a_file_tells(path: str, name: str) -> None:
    assert NAMES.of_file(path) == name


def test_none_and_several_are_errors_that_list_them() -> None:
    with pytest.raises(InvalidInput) as several:
        NAMES.of_file("000_labels.csv")
    assert several.value.message == (
        "000_labels.csv may be about 2 recordings: test/cat/000, train/cat/000"
    )
    assert several.value.hint == "say which: --recording ID"
    with pytest.raises(NotFound, match="no recording has the name of user9") as none:
        NAMES.of_file("user9_labels.csv")
    assert "--recording ID (there are: moorea_cut_td, sub-01" in none.value.hint


def test_ids_are_exact() -> None:
    assert NAMES.of_id("test/cat/000") == "test/cat/000"
    with pytest.raises(NotFound, match="no recording 'cat/000'"):
        NAMES.of_id("cat/000")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Train.zip/cat/000.bin", "train/cat/000"),
        ("test/cat/000", "test/cat/000"),
        ("test/cat/000.bin", "test/cat/000"),
        ("/data/test/cat/000.aedat4", "test/cat/000"),
        ("../here/user22_led.aedat", "user22_led"),
    ],
)
def test_a_path_in_a_list_tells_by_source_or_by_its_end(path: str, name: str) -> None:
    assert NAMES.of_path(path, "line 1") == name


def test_a_path_of_none_or_several_is_an_error() -> None:
    with pytest.raises(InvalidInput, match=r"line 4: cat/000\.bin may be about 2 recordings"):
        NAMES.of_path("cat/000.bin", "line 4")
    for path in ("dog/000.bin", "", "/", "nobody"):
        with pytest.raises(NotFound, match=f"line 4: no recording is of {path}"):
            NAMES.of_path(path, "line 4")
