"""What is odd about boxes is found, once for each recording and kind."""

from catalog.labels.box_checks import Extent, check_boxes
from catalog.labels.boxes import Boxes
from eventstore.findings import Severity

EXTENTS = {"a": Extent(100, 34, 30), "b": Extent(100, 34, 30)}


def boxes(**columns: object) -> Boxes:
    plain: dict[str, object] = {"recording_id": "a", "t": [1, 2, 3], "x": 1, "y": 1, "w": 5, "h": 5}
    return Boxes.of(**{**plain, "label": "car", **columns})  # type: ignore[arg-type]


def messages(found: Boxes) -> list[str]:
    return [finding.message for finding in check_boxes(found, EXTENTS)]


def test_sound_boxes_have_no_findings() -> None:
    assert messages(boxes(track_id=[1, 1, 1])) == []
    assert messages(boxes(w=33, h=29)) == []
    assert messages(boxes(t=[1, 1, 1])) == []


def test_boxes_off_the_sensor_are_told_with_how_far() -> None:
    assert messages(boxes(x=[1, 30, 40])) == [
        "1 of 3 boxes reach beyond the sensor of 34×30, the first to x 35, y 6",
        "1 of 3 boxes lie wholly off the sensor of 34×30",
    ]
    assert messages(boxes(y=[-2.5, 1, 1])) == [
        "1 of 3 boxes reach beyond the sensor of 34×30, the first to x 1, y -2.5"
    ]


def test_boxes_after_the_end_are_an_error_where_all_are() -> None:
    some, all_ = (check_boxes(boxes(t=t), EXTENTS) for t in ([1, 150, 200], [150, 160, 200]))
    assert some[0].message == "2 of 3 boxes lie beyond the recording's end at 100 µs"
    assert some[0].where == "a 150-200 µs"
    assert [f.severity for f in (*some, *all_)] == [Severity.WARNING, Severity.ERROR]


def test_empty_boxes_twice_and_turned_tracks_are_told() -> None:
    assert messages(boxes(w=[0, 1, 1])) == ["1 of 3 boxes have no area"]
    assert messages(boxes(t=[1, 1, 2], track_id=[7, 7, 7])) == [
        "1 of 3 boxes show a track that has another box at the same instant"
    ]
    assert messages(boxes(track_id=7, label=["car", "bus", "bus"])) == [
        "1 of 3 boxes change the class of a track"
    ]
    assert messages(boxes(label=["car", "bus", "car"])) == []


def test_boxes_of_no_recording_are_an_error() -> None:
    (finding,) = check_boxes(boxes(recording_id="nobody"), EXTENTS)
    assert finding.is_error
    assert finding.message == "boxes in nobody, which is no recording of the dataset"
