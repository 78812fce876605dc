"""The layout of paths: all of it together, and what it says of what it does not take."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.dataset import Dataset
from catalog.layouts.paths import LAYOUT
from catalog.layouts.protocol import LayoutFacts
from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Sensor
from tests.catalog.layouts.miniatures import formats as make

SENSOR = Sensor(34, 34)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of two recordings, a list, a table of intervals, and a picture."""
    root = tmp_path / "mine"
    (root / "s1").mkdir(parents=True)
    for name in ("a1", "b2"):
        (root / "s1" / f"{name}.bin").write_bytes(make.atis(make.draw(1, SENSOR)))
    (root / "s1" / "a1.csv").write_text("label,start_us,stop_us\n0,0,50\n1,40,90\n")
    (root / "train.txt").write_text("a1\n")
    (root / "picture.png").write_bytes(b"png")
    return root


OPTIONS: dict[str, object] = {
    "pattern": r"(?P<session>s\d)/(?P<key>[a-z]\d)\.bin",
    "id": "{session}/{key}",
    "reader": "atis",
    "lists": {"train": "train.txt"},
    "intervals_at": "{stem}.csv",
    "by_class": True,
    "repairs": ["sort"],
}


def test_everything_that_is_said_of_recordings(source: Path) -> None:
    intake = LAYOUT.intake([source], LayoutFacts(options=OPTIONS, classes=("wave", "clap")))
    assert [item.recording_id for item in intake.items] == ["s1/a1", "s1/b2"]
    assert {item.reader for item in intake.items} == {"atis"}
    folds = {name: whence.fold for name, whence in intake.provenance.items()}
    assert folds == {"s1/a1": "train", "s1/b2": ""}
    assert intake.columns == {"session": {"s1/a1": "s1", "s1/b2": "s1"}}
    assert intake.intervals == {"s1/a1": [(0, 50, "wave"), (40, 90, "clap")]}
    assert (intake.labels, intake.repairs, intake.boxes) == ({}, ("sort",), None)
    checks = sorted(finding.check for finding in intake.findings)
    assert checks == ["label-overlap", "no-labels", "not-listed", "other-files"]
    (others,) = [f for f in intake.findings if f.check == "other-files"]
    assert others.message == "1 file is no recording by the path (1 of .png)"


def test_what_is_no_recording_is_counted_by_kind(source: Path) -> None:
    facts = LayoutFacts(options={"pattern": r".*a1\.bin"})
    (finding,) = LAYOUT.intake([source], facts).findings
    assert finding.message.startswith("4 files are no recordings by the path (")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("train_a.7z", "unpack mine/train_a.7z into a folder"),
        ("x.part01.rar", "unpack mine/x.part01.rar into a folder"),
        ("picture.jpg", "change the pattern"),
    ],
)
def test_where_no_path_fits_it_is_said_why(source: Path, name: str, hint: str) -> None:
    (source / name).write_bytes(b"")
    facts = LayoutFacts(options={"pattern": r"[^/]+\.dat"})
    with pytest.raises(
        NotFound, match=r"none of 6 files is a recording: no path ends in"
    ) as caught:
        LAYOUT.intake([source], facts)
    assert hint in caught.value.hint


def test_a_number_of_no_class_is_refused(source: Path) -> None:
    with pytest.raises(InvalidInput, match="label '1' is no number of a class"):
        LAYOUT.intake([source], LayoutFacts(options=OPTIONS, classes=("wave",)))


def test_a_file_without_a_reader_is_looked_into(source: Path) -> None:
    facts = LayoutFacts(options={"pattern": r"s1/.*"})
    with pytest.raises(NotFound):  # of the picture and the table, neither holds events
        LAYOUT.intake([source / "picture.png"], facts)
    intake = LAYOUT.intake([source], facts)
    assert [item.recording_id for item in intake.items] == ["s1/a1", "s1/b2"]


NAMES = st.text("abz19_-. ", min_size=1, max_size=6).filter(lambda n: n.strip(". ") == n)
PLACES = st.sets(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=6)


@settings(max_examples=30)
@given(PLACES)
def test_packed_or_unpacked_the_same_is_said(places: set[tuple[str, str, str]]) -> None:
    """A folder, a zip of it, a tar of it, and a zip of a zip for each folder."""
    files = {f"{top}/{label}/{name}.bin": b"" for top, label, name in places}
    options = {"pattern": r"(?P<top>[^/]+)/(?P<label>[^/]+)/(?P<name>[^/]+)\.bin", "reader": "atis",
               "id": "{top}/{label}/{name}"}  # fmt: skip
    facts = LayoutFacts(options=options)
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for path, data in files.items():
            (root / "all" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "all" / path).write_bytes(data)
        (root / "all.zip").write_bytes(make.zipped(files))
        (root / "all.tar").write_bytes(make.tarred(files))
        inner = {
            f"{top}.zip": make.zipped({k: v for k, v in files.items() if k.split("/")[0] == top})
            for top, _, _ in places
        }
        (root / "each.zip").write_bytes(make.zipped(inner))
        sources = [root / name for name in ("all", "all.zip", "all.tar", "each.zip")]
        intakes = [LAYOUT.intake([source], facts) for source in sources]
        said = [
            (sorted(i.recording_id for i in x.items), dict(x.labels), dict(x.columns))
            for x in intakes
        ]
        assert said[0][0] == sorted("/".join(place) for place in places)
        assert said == [said[0]] * 4
        assert all(bytes(i.open().data) == b"" for x in intakes for i in x.items)


def test_an_ingest_that_was_refused_goes_on_with_all_that_is_said(
    empty: Dataset, source: Path
) -> None:
    good = (source / "s1" / "b2.bin").read_bytes()
    (source / "s1" / "b2.bin").write_bytes(b"\x23\x07\x80\x00\x07")  # x = 35 on a sensor of 34
    facts = LayoutFacts(options=OPTIONS, classes=("wave", "clap"))
    with pytest.raises(FormatError, match=r"b2\.bin"):
        empty.ingest_intake(LAYOUT.intake([source], facts), sensor=SENSOR)
    draft = empty.draft()
    assert draft.recordings.column("recording_id") == ["s1/a1"]
    assert draft.recordings.column("session") == ["s1"]
    assert list(draft.labels("class")) == ["s1/a1#0-50", "s1/a1#40-90"]
    (source / "s1" / "b2.bin").write_bytes(good)
    (source / "s1" / "b2.csv").write_text("label,start_us,stop_us\n1,3,9\n")
    empty.ingest_intake(LAYOUT.intake([source], facts), sensor=SENSOR, resume=True)
    draft = empty.draft()
    assert draft.recordings.column("session") == ["s1", "s1"]
    assert list(draft.labels("class")) == ["s1/a1#0-50", "s1/a1#40-90", "s1/b2#3-9"]
    assert [f for f in empty.verify() if f.is_error] == []
