"""Label sets: intervals with one class each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.intervals import Label, label_order, labels_digest, labels_table, parse_labels
from eventstore.errors import FormatError, InvalidInput

HEAD = "recording_id\tt_start_us\tt_stop_us\tlabel\n"
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
LABELS = st.builds(
    lambda name, start, length, *rest: Label(name, start, start + length, *rest),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    NAMES,
    NAMES,
    NAMES,
    st.none() | st.floats(0, 1),
    NAMES,
)


@given(st.lists(LABELS, max_size=6, unique_by=lambda x: x.sample_id))
def test_any_labels_read_back_in_any_order(labels: list[Label]) -> None:
    text = labels_table(labels).text()
    assert sorted(parse_labels(text, path="x").values()) == sorted(labels)
    assert labels_digest(labels) == labels_digest(labels[::-1])


def test_intervals_sort_by_time_not_by_spelling() -> None:
    rows = labels_table([Label("a", 100, 200, "x"), Label("a", 20, 30, "x")]).rows
    assert [row[1] for row in rows] == ["20", "100"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a\t9\t5\tcat\n", "holds no interval"),
        ("a\t-1\t5\tcat\n", "holds no interval"),
        ("a\t0.5\t5\tcat\n", "holds no interval"),
        ("a\t0\t5\tcat\na\t0\t5\tdog\n", "line 3 labels a#0-5 a second time"),
    ],
)
def test_bad_rows_are_named(row: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse_labels(HEAD + row, path="labels/class.tsv")


def test_other_columns_are_refused() -> None:
    with pytest.raises(FormatError, match="expected columns recording_id"):
        parse_labels("a\tb\n", path="labels/class.tsv")


def test_one_changed_label_changes_the_digest() -> None:
    a, b = Label("a", 0, 5, "cat"), Label("b", 0, 5, "cat")
    assert labels_digest([a, b]) != labels_digest([a, b._replace(label="dog")])


def test_classes_are_ordered_by_card_then_number_then_name() -> None:
    assert label_order(["10", "2"]) == ("2", "10")
    assert label_order(["b", "a", "10"]) == ("10", "a", "b")
    assert label_order(["b", "a"], ("b", "c", "a")) == ("b", "c", "a")
    assert label_order(["b", "z"], ("b", "a")) == ("b", "z")


def test_a_plain_set_keeps_its_columns_and_its_digest() -> None:
    labels = [Label("a", 0, 5, "cat"), Label("b", 0, 5, "dog")]
    assert labels_table(labels).text() == HEAD + "a\t0\t5\tcat\nb\t0\t5\tdog\n"
    assert labels_digest(labels) == (
        "291399b9185cad50f841df64fadb0cc7d465841fe8d3218c37ae9f33d9e4ae79"
    )


def test_only_columns_with_a_value_are_written() -> None:
    labels = [Label("a", 0, 5, "cat", annotator="ann"), Label("b", 0, 5, "dog", confidence=0.5)]
    table = labels_table(labels)
    assert table.columns[4:] == ("annotator", "confidence")
    assert table.rows[1][4:] == ("", "0.5")
    assert labels_digest(labels) != labels_digest(
        [label._replace(annotator="") for label in labels]
    )


@pytest.mark.parametrize("said", ["2", "nan", "-0.5", "1e", "half", "0,5"])
def test_a_confidence_is_a_share(said: str) -> None:
    text = HEAD.replace("label\n", "label\tconfidence\n") + f"a\t0\t5\tcat\t{said}\n"
    with pytest.raises(FormatError, match=f"line 2 holds no confidence.*found '{said}'"):
        parse_labels(text, path="labels/class.tsv")


@pytest.mark.parametrize("confidence", [1.5, -0.1, float("nan")])
def test_a_confidence_that_is_no_share_is_not_written(confidence: float) -> None:
    with pytest.raises(InvalidInput, match="a confidence of"):
        labels_table([Label("a", 0, 5, "cat", confidence=confidence)])


def test_a_column_of_another_name_is_refused_not_dropped() -> None:
    with pytest.raises(FormatError, match="then any of label_id annotator"):
        parse_labels(HEAD.replace("label\n", "label\thand\n"), path="labels/class.tsv")
