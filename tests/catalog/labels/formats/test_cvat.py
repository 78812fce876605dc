"""Annotations of CVAT: tracks, boxes and tags, strictly."""

from fractions import Fraction

import numpy as np
import pytest

from catalog.labels.formats.cvat import FORMAT
from catalog.labels.formats.protocol import FormatOptions, LabelFile
from eventstore.errors import FormatError, InvalidInput

TOLD = FormatOptions(fps=Fraction(25))
VIDEO = """
  <track id="0" label="car" source="manual">
    <box frame="110" xtl="634.12" ytl="37.68" xbr="661.50" ybr="71.37" outside="0" occluded="1"
         keyframe="1"><attribute name="confidence">0.85</attribute></box>
    <box frame="111" xtl="634.21" ytl="38.50" xbr="661.59" ybr="72.19" outside="0" keyframe="0"/>
    <box frame="112" xtl="634.30" ytl="39.32" xbr="661.67" ybr="73.01" outside="1" keyframe="1"/>
  </track>
  <track id="5" label="bus">
    <box frame="0" xtl="-1.5" ytl="0" xbr="2" ybr="3"/>
  </track>
"""
IMAGES = """
  <image id="3" name="frame_3" width="34" height="34"><tag label="clap"/><tag label="wave"/></image>
  <image id="4" name="frame_4"><tag label="clap"></tag>
    <box label="hand" xtl="1" ytl="2" xbr="4.5" ybr="8"/></image>
  <image id="7" name="frame_7"><tag label="clap"/></image>
"""

SURE = """<image id="1"><box label="a" xtl="0" ytl="0" xbr="1" ybr="1">
  <attribute name="confidence">2</attribute></box></image>"""


def read(body: str, *, version: str = "1.1", options: FormatOptions = TOLD) -> LabelFile:
    text = f"<annotations><version>{version}</version>{body}</annotations>"
    return FORMAT.read(text.encode(), "a.xml", options)


def test_tracks_give_boxes_at_the_times_of_their_frames() -> None:
    said = read(VIDEO)
    boxes = said.boxes
    assert boxes is not None
    assert boxes.t.tolist() == [0, 4_400_000, 4_440_000]
    assert boxes.track_id.tolist() == [5, 0, 0]
    assert boxes.x.tolist() == [-1.5, 634.12, 634.21]
    assert boxes.w.tolist() == [3.5, 27.38, 27.38]  # exact, where floats give 27.379999999999995
    assert [boxes.label_names[i] for i in boxes.label] == ["bus", "car", "car"]
    np.testing.assert_array_equal(boxes.confidence, [np.nan, 0.85, np.nan])
    assert said.intervals == ()
    assert said.findings == ()


def test_tags_of_frames_in_a_row_are_intervals() -> None:
    said = read(IMAGES)
    assert [x[:4] for x in said.intervals] == [
        ("line 2", "clap", 120_000, 200_000),
        ("line 5", "clap", 280_000, 320_000),
        ("line 2", "wave", 120_000, 160_000),
    ]
    assert said.boxes is not None
    assert said.boxes.track_id.tolist() == [-1]
    assert said.boxes.w.tolist() == [3.5]


def test_tags_may_stand_below_the_root() -> None:
    said = read('<tag label="shot" frame="5"/>', options=FormatOptions(frame_times=(*range(9),)))
    assert said.intervals[0][1:4] == ("shot", 5, 6)


def test_what_has_no_place_is_told_with_its_line() -> None:
    said = read("""
      <track id="1" label="car">
        <box frame="0" xtl="0" ytl="0" xbr="2" ybr="3"><attribute name="model">x</attribute></box>
        <box frame="4" xtl="0" ytl="0" xbr="2" ybr="3"/>
        <polygon frame="1" points="1,2;3,4"/>
        <polygon frame="2" points="1,2;3,4"/>
      </track>""")
    assert [(f.where, f.message) for f in said.findings[:2]] == [
        ("a.xml: line 5", "2 of shape polygon, which have no place here"),
        ("a.xml: line 3", "attributes of boxes, which have no place here: model"),
    ]
    assert said.findings[2].message.startswith("3 boxes between key frames are not in the file")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<track label="car"/>', "line 1: <track> has no id; expected attribute id; found label"),
        ('<track id="x" label="car"/>', "line 1: id of <track> is no number"),
        ('<track id="-1" label="car"/>', "id of <track> is no number"),
        ('<track id="1"/>', "<track> has no label"),
        (
            '<track id="1" label="a"><box frame="1" xtl="nan" ytl="0" xbr="1" ybr="1"/></track>',
            "xtl of <box> is no number; expected pixels, as 12.50; found 'nan'",
        ),
        (
            '<track id="1" label="a"><box frame="1" xtl="5" ytl="0" xbr="1" ybr="1"/></track>',
            "the box runs backwards; expected xtl ≤ xbr",
        ),
        (
            SURE,
            "line 1 holds no confidence",
        ),
    ],
)
def test_bad_elements_are_named(body: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read(body)


def test_other_xml_and_other_versions_are_refused() -> None:
    with pytest.raises(FormatError, match=r"found <annotations> of version 2\.0"):
        read("", version="2.0")
    with pytest.raises(FormatError, match="found <annotation> of version none"):
        FORMAT.read(b"<annotation/>", "a.xml", TOLD)


def test_frames_need_times() -> None:
    with pytest.raises(InvalidInput, match="nothing says when they are"):
        read(VIDEO, options=FormatOptions())
    with pytest.raises(FormatError, match="frame 110 has no time: 2 are listed"):
        read(VIDEO, options=FormatOptions(frame_times=(0, 40)))


def test_only_cvat_is_claimed() -> None:
    assert FORMAT.claims("a.xml", b"<?xml version='1.0'?>\n<annotations>")
    assert not FORMAT.claims("a.xml", b"<annotation>")
    assert not FORMAT.claims("a.txt", b"<annotations>")
