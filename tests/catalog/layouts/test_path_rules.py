"""What patterns and templates make of paths."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.layouts.path_rules import PathRules, Place, class_name, fill, renamed
from catalog.layouts.paths import PathsOptions
from catalog.layouts.placed import PlacedFile
from catalog.layouts.protocol import LayoutFacts
from eventstore.errors import InvalidInput
from eventstore.readers.source_item import SourceItem


def file_at(full: str, source: str = "all.zip") -> PlacedFile:
    item = SourceItem(
        recording_id="x", label="folder", fold="train", name=full, source=full, path=Path(full)
    )
    return PlacedFile(source, full.partition("/")[2] or full, full, item)


def place_of(full: str, facts: LayoutFacts | None = None, **options: object) -> Place | None:
    rules = PathRules.of(PathsOptions(**options), facts or LayoutFacts())  # type: ignore[arg-type]
    file = file_at(full)
    groups = rules.match(file)
    return None if groups is None else rules.place(file, groups, file.item, alone=True)


def test_groups_are_label_fold_and_columns() -> None:
    pattern = r"(?P<fold>Train|Test)/(?P<label>\w+)/(?P<subject>u\d+)_(?P<note>x)?\d\.bin"
    place = place_of("all.zip/Train/cat/u1_7.bin", pattern=pattern)
    assert place is not None
    assert (place.id, place.label, place.fold, place.key) == (
        "Train/cat/u1_7", "cat", "train", "Train/cat/u1_7",
    )  # fmt: skip
    assert place.columns == {"subject": "u1", "note": ""}


def test_the_folder_is_no_label_unless_a_group_says_so() -> None:
    place = place_of("all.zip/Train/cat/0.bin", pattern=r"\d\.bin")
    assert place is not None
    assert (place.label, place.fold) == ("", "")


@pytest.mark.parametrize(
    "full", ["all.zip/xTrain/0.bin", "all.zip/Train/0.bin.txt", "all.zip/0.bin"]
)
def test_a_pattern_fits_the_end_of_a_path_from_a_slash_on(full: str) -> None:
    assert place_of(full, pattern=r"Train/\d\.bin") is None


def test_the_first_pattern_that_fits_counts() -> None:
    patterns = (r"(?P<label>a)\d\.bin", r"(?P<label>\w)\d\.bin")
    for name, label in (("a1", "a"), ("b1", "b")):
        place = place_of(f"all.zip/{name}.bin", patterns=patterns)
        assert place is not None
        assert place.label == label


def test_templates_and_other_names() -> None:
    place = place_of(
        "all.zip/3_theo_7.wav",
        pattern=r"(?P<label>\d)_(?P<speaker>[a-z]+)_(?P<index>\d+)\.wav",
        id="{speaker}/{stem}",
        fold="{index}",
        folds={"[0-4]": "test", ".+": "train"},
        labels={"3": "three"},
        key="{speaker}",
        columns={"fold_own": "{index}", "corpus": "fsdd"},
        rename={"fold_own": {"7": "held"}},
    )
    assert place is not None
    assert (place.id, place.label, place.fold, place.key) == (
        "theo/3_theo_7", "three", "train", "theo",
    )  # fmt: skip
    assert place.columns == {"speaker": "theo", "index": "7", "fold_own": "held", "corpus": "fsdd"}


def test_a_sources_own_fold_comes_first() -> None:
    facts = LayoutFacts(folds={"all.zip": "valid"})
    place = place_of("all.zip/Train/0.bin", facts, pattern=r"(?P<fold>Train)/\d\.bin")
    assert place is not None
    assert place.fold == "valid"


def test_recordings_of_one_file_are_named_by_their_parts() -> None:
    rules = PathRules.of(
        PathsOptions(pattern=r"(?P<sequence>\w+)\.bag", parts=r"/davis/(?P<camera>\w+)/events"),
        LayoutFacts(),
    )
    file = file_at("night1.bag", "night1.bag")
    groups = rules.match(file)
    assert groups is not None
    item = replace(file.item, part="/davis/left/events", label="inside", fold="test")
    place = rules.place(file, groups, item, alone=False)
    assert (place.id, place.columns["camera"]) == ("night1/davis/left/events", "left")
    assert (place.label, place.fold) == ("inside", "test")  # what the file itself says
    named = PathRules.of(replace(rules.options, id="{sequence}/{camera}"), LayoutFacts())
    assert named.place(file, groups, item, alone=False).id == "night1/left"


def test_class_names_and_other_names() -> None:
    assert class_name("1", ("cat", "dog")) == "dog"
    for label in ("2", "-1", "x", ""):
        with pytest.raises(InvalidInput, match="is no number of a class"):
            class_name(label, ("cat", "dog"))
    assert renamed("a.b", {"a.b": "exact", "a.*": "pattern"}) == "exact"
    assert renamed("", {".+": "any"}) == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "has no pattern"),
        ({"pattern": "("}, r"pattern '\(' is no regular expression"),
        ({"pattern": "a", "parts": "["}, r"pattern '\[' is no regular expression"),
    ],
)
def test_patterns_that_are_none_are_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        PathRules.of(PathsOptions(**options), LayoutFacts())  # type: ignore[arg-type]


def test_a_template_cannot_reach_anything_but_groups() -> None:
    with pytest.raises(InvalidInput, match="names 'subjekt', which no pattern has") as caught:
        fill("{subjekt}", {"subject": "u1"})
    assert "subject" in caught.value.hint
    assert fill("{subject.__class__}", {"subject": "u1"}) == "{subject.__class__}"
