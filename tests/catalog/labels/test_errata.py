"""Errata: patches that say why, fit what they were made for, and are only ever added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.errata import (
    Patch,
    Span,
    apply_patches,
    errata_digest,
    errata_table,
    parse_errata,
    revisions,
)
from catalog.labels.intervals import Label
from eventstore.errors import Conflict, FormatError, InvalidInput

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
SPANS = st.builds(
    lambda start, length, label: Span(start, start + length, label),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    NAMES,
)
PATCHES = st.builds(
    lambda span, other, **rest: Patch(before=span, after=None if other == span else other, **rest),
    SPANS,
    st.none() | SPANS,
    recording_id=NAMES,
    reason=NAMES.map(lambda text: f"as {text}"),
    author=NAMES,
    date=st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds")),
)
GESTURES = [
    Label("user22_led", 90_000_000, 97_000_000, "arm_roll", "8"),
    Label("user22_led", 98_000_000, 110_590_564, "air_drums", "9", annotator="ibm"),
    Label("user22_led", 104_500_000, 110_700_000, "air_guitar", "10"),
]
HEAD = errata_table([]).text()


def by_sample(labels: list[Label]) -> dict[str, Label]:
    return {label.sample_id: label for label in labels}


def mended(**changes: object) -> Patch:
    facts: dict[str, object] = {
        "recording_id": "user22_led",
        "before": Span.of(GESTURES[1]),
        "after": Span(98_000_000, 104_000_000, "air_drums"),
        "reason": "ends before the next gesture",
        "author": "Test Curator <curator@example.org>",
        "date": "2026-11-28T12:00:00+00:00",
        "number": 1,
    }
    return Patch(**(facts | changes))  # type: ignore[arg-type]


def moved_back() -> Patch:
    first = mended()
    return mended(before=first.after, after=first.before, number=2)


@given(st.lists(PATCHES, max_size=4))
def test_any_patches_read_back(patches: list[Patch]) -> None:
    numbered = [
        Patch(**{f: getattr(patch, f) for f in Patch.__slots__} | {"number": at})
        for at, patch in enumerate(patches, start=1)
    ]
    text = errata_table(numbered).text()
    assert parse_errata(text, path="x") == numbered
    assert errata_digest(numbered) == errata_digest(parse_errata(text, path="x"))


def test_a_patch_changes_one_interval_and_keeps_the_rest_of_it() -> None:
    before = by_sample(GESTURES)
    after = apply_patches(before, [mended()])
    assert after["user22_led#98000000-104000000"] == GESTURES[1]._replace(t_stop_us=104_000_000)
    assert set(before) - set(after) == {GESTURES[1].sample_id}
    assert mended().fits(before)
    assert not mended().is_applied(before)
    assert mended().is_applied(after)
    assert apply_patches(after, [moved_back()]) == before


def test_a_class_number_goes_with_its_class() -> None:
    patch = mended(after=Span(98_000_000, 110_590_564, "air_guitar"))
    (changed,) = set(apply_patches(by_sample(GESTURES), [patch]).values()) - set(GESTURES)
    assert changed.label_id == ""
    assert changed.annotator == "ibm"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"before": Span(98_000_000, 110_000_000, "air_drums")},
            r"#98000000-110000000 is not there \(nearest of user22_led: 9800",
        ),
        ({"before": Span(98_000_000, 110_590_564, "clap")}, "is 'air_drums', not 'clap'"),
        ({"recording_id": "user23"}, r"is not there \(nearest of user23: none\)"),
        (
            {"after": Span(90_000_000, 97_000_000, "air_drums")},
            "#90000000-97000000 is there already, as 'arm_roll'",
        ),
        (
            {"before": None, "after": Span(90_000_000, 97_000_000, "arm_roll")},
            "is there already",
        ),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(Conflict, match=said):
        apply_patches(by_sample(GESTURES), [mended(**changes)])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": " "}, "a correction of user22_led without a reason"),
        ({"after": Span.of(GESTURES[1])}, "nothing changes of user22_led"),
        ({"before": None, "after": None}, "nothing changes of user22_led: no interval"),
        ({"after": Span(9, 5, "x")}, "9-5 'x' of user22_led is no interval"),
        ({"after": Span(-9, 5, "x")}, "is no interval"),
    ],
)
def test_what_is_no_correction_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        mended(**changes)


def test_actions_have_a_word() -> None:
    start, stop, name = Span.of(GESTURES[1])
    assert mended().action == "moved"
    assert mended(after=Span(start, stop, "clap")).action == "relabelled"
    assert mended(after=Span(start, stop + 1, "clap")).action == "changed"
    assert mended(after=None).action == "removed"
    assert mended(before=None, after=Span(0, 1, name)).action == "added"


def test_the_revision_of_an_interval_is_the_patch_that_made_it() -> None:
    assert revisions([mended()]) == {"user22_led#98000000-104000000": 1}
    assert revisions([mended(), moved_back()]) == {GESTURES[1].sample_id: 2}
    gone = mended(before=moved_back().after, after=None, number=3)
    assert revisions([mended(), moved_back(), gone]) == {}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2\t2026-01-01\t\ta\t\t\t\t0\t9\tcat\tmissed", "line 2 is patch '2'; expected patch 1"),
        ("1\tyesterday\t\ta\t\t\t\t0\t9\tcat\tmissed", "line 2 is no patch: Invalid isoformat"),
        (
            "1\t2026-01-01\t\ta\t\t\t\t0\tx\tcat\tmissed",
            "line 2 is no patch: .0. … .x. are no times",
        ),
        ("1\t2026-01-01\t\ta\t\t\t\t0\t9\tcat\t", "line 2: a correction of a without a reason"),
    ],
)
def test_bad_rows_are_named(row: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse_errata(f"{HEAD}{row}\n", path="labels/errata/class.tsv")


def test_other_columns_are_refused() -> None:
    with pytest.raises(FormatError, match="not a table of errata"):
        parse_errata("a\tb\n", path="labels/errata/class.tsv")
