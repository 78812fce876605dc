"""What is written for CVAT comes back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.boxes import Boxes
from catalog.labels.formats.cvat import FORMAT
from catalog.labels.formats.protocol import FormatOptions, RecordingLabels, Written
from catalog.labels.intervals import Label
from eventstore.errors import InvalidInput

TOLD = FormatOptions(fps=Fraction(30000, 1001))
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=4
)
PIXELS = st.decimals(-999, 999, places=2).map(float)
SIDES = st.decimals(0, 999, places=2).map(float)
ROWS = st.tuples(st.integers(0, 50), PIXELS, PIXELS, SIDES, SIDES, st.none() | st.floats(0, 1))


def at(frame: int) -> int:
    return round(Fraction(frame * 10**6) / Fraction(30000, 1001))


def written(labels: list[Label], boxes: Boxes | None = None) -> Written:
    part = RecordingLabels(
        recording_id="a<b>&c",
        t_stop_us=at(60),
        width=34,
        height=34,
        labels=tuple(labels),
        boxes=boxes,
    )
    return FORMAT.write([part], TOLD)


@given(st.dictionaries(st.integers(0, 4), st.tuples(NAMES, st.lists(ROWS, min_size=1))))
def test_any_tracks_come_back(tracks: dict[int, tuple[str, list[tuple[float, ...]]]]) -> None:
    rows = [
        (track, name, *row)
        for track, (name, of) in tracks.items()
        for row in {row[0]: row for row in of}.values()
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(8)]
    boxes = Boxes.of(
        recording_id="",
        t=[at(int(frame)) for frame in columns[2]],
        x=columns[3],
        y=columns[4],
        w=columns[5],
        h=columns[6],
        label=[str(name) for name in columns[1]],
        track_id=columns[0],
        confidence=[float("nan") if c is None else c for c in columns[7]],
    )
    out = written([], boxes)
    assert out.findings == ()
    said = FORMAT.read(out.data, "a.xml", TOLD)
    back = said.boxes if said.boxes is not None else Boxes.joined([])
    for name in ("t", "x", "y", "w", "h", "track_id"):
        assert getattr(back, name).tolist() == getattr(boxes, name).tolist()
    assert back.label_names == boxes.label_names
    assert repr(back.confidence.tolist()) == repr(boxes.confidence.tolist())


@given(st.dictionaries(NAMES, st.sets(st.integers(0, 9), min_size=1)))
def test_any_intervals_of_whole_frames_come_back(ends: dict[str, set[int]]) -> None:
    labels = [
        Label("a", at(5 * end), at(5 * end + 3), name) for name, of in ends.items() for end in of
    ]
    out = written(labels)
    assert out.findings == ()
    back = FORMAT.read(out.data, "a.xml", TOLD).intervals
    found = [Label("a", x.t_start_us or 0, x.t_stop_us or 0, x.label) for x in back]
    assert sorted(found) == sorted(labels)


def test_an_object_that_leaves_is_marked_outside() -> None:
    boxes = Boxes.of(
        recording_id="a", t=[at(0), at(1), at(5)], x=1, y=1, w=2, h=2, label="x", track_id=3
    )
    frames = [
        line.split('"')[1:6:2]
        for line in written([], boxes).data.decode().splitlines()
        if "<box" in line
    ]
    assert [(frame, outside) for frame, _, outside in frames] == [
        ("0", "0"),
        ("1", "0"),
        ("2", "1"),
        ("5", "0"),
        ("6", "1"),
    ]


def test_what_had_to_be_moved_or_joined_is_told() -> None:
    boxes = Boxes.of(recording_id="a", t=[at(2) + 7], x=1, y=1, w=2, h=2, label="x")
    assert [f.message for f in written([], boxes).findings] == [
        "boxes lie between frames and were moved, by at most 7 µs",
        "1 boxes without a track became tracks of one frame each",
    ]
    labels = [Label("a", at(0), at(3), "x"), Label("a", at(3) + 5, at(6), "x")]
    assert [f.message for f in written(labels).findings] == [
        "intervals end between frames and were moved, by at most 5 µs",
        "1 intervals touch another of their class, so tags join the two",
    ]


def test_what_cvat_cannot_say_is_refused() -> None:
    facts = {"recording_id": "a", "x": 1, "y": 1, "w": 2, "h": 2, "track_id": 3}
    with pytest.raises(InvalidInput, match="two boxes of track 3 come to lie in one frame"):
        written([], Boxes.of(t=[at(2), at(2) + 7], label="x", **facts))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="track 3 changes its class"):
        written([], Boxes.of(t=[0, at(2)], label=["x", "y"], **facts))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"holds '.x01', which XML cannot"):
        written([Label("a", 0, at(2), "x\x01")])
