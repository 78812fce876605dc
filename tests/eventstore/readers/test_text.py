"""The text reader: units, orders, separators, exact rounding, and errors that name the line."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, Recording, read_file, read_source
from eventstore.readers.options import named_reader
from eventstore.readers.text import READER, TextReader


def _open(
    text: str | bytes, reader: TextReader = READER, sensor: Sensor | None = None
) -> Recording:
    data = text.encode() if isinstance(text, str) else text
    return reader.read(ByteSource("some.txt", memoryview(data)), sensor=sensor)


ONE = Events.of(t=[5, 9], x=[1, 2], y=[3, 4], p=[1, 0])


def test_real_file_agrees_with_numpy(shared_data: Path) -> None:
    path = shared_data / "recordings/slider_depth.txt"
    recording = read_file(path)
    events = recording.load()
    assert len(events) == 50_000
    assert events.t[-1] - events.t[0] == 170_345
    assert recording.sensor == Sensor(240, 180)
    table = np.loadtxt(path)
    by_numpy = np.column_stack([np.rint(table[:, 0] * 1e6), table[:, 1:]]).astype(np.int64)
    assert np.array_equal(np.column_stack(list(events)), by_numpy)


@pytest.mark.parametrize(
    "text",
    [
        "5 1 3 1\n9 2 4 0\n",
        "5 1 3 1\n9 2 4 -1",
        "5,1,3,1\r\n9,2,4,0\r\n",
        "  5\t1\t3\t+1 \n\n\n9 ;2; 4 ;0\n  \n",
        "# a comment\n5 1 3 1 # first\n# 7 7 7 7\n9 2 4 0\n",
        "x,y,p,t\n1,3,1,5\n2,4,0,9\n",
        '"timestamp","polarity","x","y"\n5,1,1,3\n9,0,2,4\n',
        "# x y pol ts\n1 3 1 5\n2 4 0 9\n",
        "0.000005 1 3 1\n0.000009 2 4 0\n",
        "5e-6 1 3 1\n9.0E-06 2 4 0\n",
        "5.000000000000000e-06 1.000e+00 3.0 1e0\n9e-06 2e+00 4 0.0\n",
        "\ufefft,x,y,p\n5,1,3,1\n9,2,4,0\n",
        "0.000005 1 3 1\n0.0000088 2 4 0\n",
    ],
)
def test_spellings_of_the_same_two_events(text: str) -> None:
    assert _open(text).load().equals(ONE)


def test_stamps_are_seconds_where_any_has_a_point() -> None:
    assert _open("0 1 1 1\n1 1 1 1\n1.5 1 1 1\n").load().t.tolist() == [0, 10**6, 1_500_000]
    assert _open("0 1 1 1\n7 1 1 1\n").load().t.tolist() == [0, 7]


def test_the_unit_can_be_given() -> None:
    assert _open("3.6 1 1 1\n", TextReader(unit="us")).load().t.tolist() == [4]
    assert _open("3 1 1 1\n", TextReader(unit="s")).load().t.tolist() == [3_000_000]


@pytest.mark.parametrize(("text", "known"), [("t,x,y,p\n", True), ("# notes\n", False)])
def test_a_header_without_events_is_known(text: str, known: bool) -> None:
    source = ByteSource("a.csv", memoryview(text.encode()))
    assert TextReader().sniff(source) is known


@pytest.mark.parametrize(
    ("stamps", "severity"), [(("3.6", "9.0"), "INFO"), (("0.0031", "0.0047"), "WARNING")]
)
def test_decimals_below_a_microsecond_are_told(stamps: tuple[str, str], severity: str) -> None:
    lines = "".join(f"{stamp} 1 1 1\n" for stamp in stamps)
    recording = _open(lines, TextReader(unit="us"))
    recording.load()
    [finding] = [one for one in recording.findings if one.check == "stamps-rounded"]
    assert finding.severity.name == severity
    assert "unit=s" in finding.fix


@pytest.mark.parametrize(
    ("unit", "stamp", "us"),
    [
        ("s", "1.0000005", 1_000_001),
        ("s", "-0.0000015", -2),
        ("ms", "1.5", 1500),
        ("ms", "0.0004999", 0),
        ("us", "7", 7),
        ("ns", "1499", 1),
        ("ns", "1500", 2),
    ],
)
def test_units_round_to_the_nearest_microsecond(unit: str, stamp: str, us: int) -> None:
    reader = named_reader(f"text:unit={unit}")
    assert isinstance(reader, TextReader)
    assert _open(f"{stamp} 1 1 1\n", reader).load().t.tolist() == [us]


def test_the_unit_may_stand_in_the_header() -> None:
    assert _open("x,y,p,t_ns\n1,3,1,4999\n2,4,0,8500\n").load().equals(ONE)
    assert _open("t_ms x y p\n0.005 1 3 1\n0.009 2 4 0\n").load().equals(ONE)
    given = _open("t_ms x y p\n5 1 3 1\n9 2 4 0\n", TextReader(unit="us"))
    assert given.load().equals(ONE)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ("xypt", "1 3 1 5\n2 4 0 9\n"),
        ("t_xyp", "5,0,1,3,1\n9,0,2,4,0\n"),
        ("t_xyp", "5 left 1 3 1\n9 right 2 4 0\n"),
        ("pxyt", "p,x,y,t\n1,1,3,5\n-1,2,4,9\n"),
        ("pxyt", "a note of the lab\n1,1,3,5\n0,2,4,9\n"),
        ("txyp__", "5 1 3 true 0.5 0.7\n9 2 4 False 0.1 0.1\n"),
    ],
)
def test_the_order_of_columns_can_be_given(columns: str, text: str) -> None:
    assert _open(text, TextReader(columns=columns)).load().equals(ONE)


def test_events_without_polarity_are_on() -> None:
    recording = _open("5 1 3\n9 2 4\n", TextReader(columns="txy"))
    assert recording.load().p.tolist() == [1, 1]


@pytest.mark.parametrize("text", ["5 3\n9 63\n", "t,c\n5,3\n9,63\n"])
def test_two_columns_are_a_cochlea(text: str) -> None:
    recording = _open(text, TextReader(columns="tc") if text[0] == "5" else READER)
    events = recording.load()
    assert recording.sensor == Sensor.audio(64)
    assert events.equals(Events.of(t=[5, 9], x=[3, 63]))


def test_what_is_no_order_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match="'txq' is no order of columns"):
        named_reader("text:columns=txq")


def test_a_file_whose_sensor_and_unit_are_known_is_read_once() -> None:
    text = "0.5 1 1 1\n" * 3 + "bad\n"
    recording = _open(text, TextReader(packet_events=2), Sensor(4, 4))
    packets = iter(recording.packets)
    assert len(next(packets)) == 2
    with pytest.raises(FormatError, match="line 4"):
        list(packets)
    with pytest.raises(FormatError, match="line 4"):
        _open(text)


CUTS = [
    ("5 1 3 1\n9 2 4 -1", 2, False),  # a polarity is whole
    ("5 1 3 1\n9 2 4 -", 1, True),
    ("5 1 3 1\n9 2 4", 1, True),
    ("5 1 3 1\n9 2", 1, True),
    ("5 1 3 1\n9", 1, True),
    ("5 1 3 1\n9 2 4 1 # a comm", 2, False),
    ("5 1 3 1\n# a comm", 1, False),
    ("x,y,p,t\n1,3,1,1005\n2,4,0,1009", 2, False),
    ("x,y,p,t\n1,3,1,1005\n2,4,0,100", 1, True),  # shorter than the one above
    ("x,y,p,t\n1,3,1,999\n2,4,0,100", 1, True),  # less than the one above
    ("x,y,p,t\n1,3,1,1005\n2,4,0,", 1, True),
    ("x,y,p,t\n2,4,0,100", 1, False),
    ("p,t,x,y\n1,5,1,3\n0,9,2,4", 1, True),  # may lack digits
    ("p,t,x,y\n1,5,1,3\n0,9,2,4 ", 2, False),
]


@pytest.mark.parametrize(("text", "n", "said"), CUTS)
def test_a_last_line_that_may_be_cut_is_left_out_and_said(text: str, n: int, said: bool) -> None:
    recording = _open(text, sensor=Sensor(8, 8))
    assert len(recording.load()) == n
    cuts = [f.message for f in recording.findings if f.check == "cut-file"]
    last = text.rsplit("\n", 1)[1]
    place = f"{len(last)} bytes at {len(text) - len(last)}"
    assert cuts == ([f"the file ends inside a line: {place}"] if said else [])


def test_an_error_that_no_cut_makes_is_one() -> None:
    for text in ("5 1 3 1 7", "5 1 3 1\n5 1 3 1 7", "5 x 3 1\n9 2 4 0"):
        with pytest.raises(FormatError):
            _open(text).load()


@given(st.decimals(-(10**9), 2 * 10**9, allow_nan=False, places=9))
def test_seconds_round_to_the_nearest_microsecond_exactly(seconds: Decimal) -> None:
    expected = int((seconds * 10**6).quantize(Decimal(1), ROUND_HALF_UP))
    for text in (f"{seconds:.9f}", f"{seconds:.18e}"):
        assert _open(f"{text} 1 2 1\n").load().t.tolist() == [expected]


def test_unix_stamps_keep_every_microsecond_and_want_an_origin() -> None:
    recording = _open("1589163147.368868999 1 1 1\n")
    assert not recording.zero_based
    assert recording.load().t.tolist() == [1_589_163_147_368_869]
    assert not _open("1589163147368869 1 1 1\n").zero_based
    assert _open("0.5 1 1 1\n").zero_based


@pytest.mark.parametrize("packet_events", [1, 2, 3, 100])
def test_packets_of_any_size_hold_the_same_events(packet_events: int) -> None:
    text = "# head\n" + "".join(f"{t} {t} 1 1\n\n" for t in range(7))
    packets = list(_open(text, TextReader(packet_events=packet_events)).packets)
    assert all(0 < len(packet) <= packet_events for packet in packets)
    assert Events.concatenate(packets).t.tolist() == list(range(7))


def test_a_first_line_of_two_sizes_is_the_geometry() -> None:
    recording = _open("346 260\n0.5 345 259 1\n")
    assert len(recording.load()) == 1
    assert (recording.sensor, recording.findings) == (Sensor(346, 260), [])
    source = ByteSource("some.txt", memoryview(b"346 260\n0.5 346 259 1\n"))
    with pytest.raises(FormatError, match="x = 346, y = 259"):
        read_source(source).load()
    with pytest.raises(FormatError, match="gives no sensor"):
        _open("0 260\n0.5 1 1 1\n")


@pytest.mark.parametrize(
    ("text", "line", "offset", "wrong"),
    [
        ("5 1 3 1\n9 2 4\n", 2, 13, "wrong number of fields"),
        ("5 1 3 1\n9 2 4 0 7\n", 2, 16, "wrong number of fields"),
        ("5 1 3 1\n\n# note\n9 two 4 0\n", 4, 18, "no number here.*'two 4 0'"),
        ("5 1x 3 1\n", 1, 2, "no number"),
        ("5 1 3 --1\n", 1, 6, "no number"),
        ("5 1 3 1e\n", 1, 6, "no number"),
        ("5 -1 3 1\n", 1, 2, "bad coordinate"),
        ("5 1.5 3 1\n", 1, 2, "bad coordinate"),
        ("5 1 65536 1\n", 1, 4, "bad coordinate"),
        ("5 1 3 2\n", 1, 6, "bad polarity"),
        ("5 1 3 0.5\n", 1, 6, "bad polarity"),
        ("99999999999999999999 1 3 1\n", 1, 0, "time out of range"),
        ("nan 1 3 1\n", 1, 0, "header does not name the columns"),
        ("5 1 3 1\nnan 1 3 1\n", 2, 8, "no number"),
    ],
)
def test_a_bad_line_is_named_with_its_byte(text: str, line: int, offset: int, wrong: str) -> None:
    with pytest.raises(FormatError, match=wrong) as e:
        _open(text)
    assert e.value.offset == offset
    assert e.value.hint
    assert "header" in wrong or f"line {line}:" in str(e.value)


def test_seconds_beyond_the_clock_are_refused() -> None:
    with pytest.raises(FormatError, match="time out of range"):
        _open("5000000000000.5 1 1 1\n").load()


def test_long_spans_of_seconds_are_doubted() -> None:
    recording = _open("0.5 1 1 1\n200000.0 1 1 1\n")
    recording.load()
    (_, finding) = recording.findings
    assert "taken as seconds, span 2.3 days" in finding.message
    assert "--reader text:unit=us" in finding.fix


def test_stamps_beyond_our_century_are_doubted() -> None:
    recording = _open("1589163147368868123 1 1 1\n")
    recording.load()
    assert "beyond the year 2100" in recording.findings[-1].message
    ns = _open("1589163147368868500 1 1 1\n", TextReader(unit="ns"))
    assert ns.load().t.tolist() == [1_589_163_147_368_869]
    assert [f.check for f in ns.findings] == ["geometry-assumed"]


@pytest.mark.parametrize("text", ["", "\n\n", "# t x y p\n", "# only words\n"])
def test_a_file_without_events_warns(text: str) -> None:
    recording = _open(text)
    assert len(recording.load()) == 0
    assert recording.findings[-1].check == "no-events"


WHOLE = b"t,x,y,p\n0.000005,1,3,1\n0.000009,20,4,-1\n"


@pytest.mark.parametrize("size", range(len(WHOLE)))
def test_a_file_cut_anywhere_gives_a_beginning_or_an_error(size: int) -> None:
    try:
        events = _open(WHOLE[:size]).load()
    except FormatError as error:
        assert error.hint  # noqa: PT017 either outcome is right, at every cut
    else:
        assert events.equals(_open(WHOLE).load()[: len(events)])


@given(st.binary(max_size=60))
def test_random_bytes_are_events_or_an_error(data: bytes) -> None:
    try:
        recording = _open(b"1 2 3 1\n" + data)
        events = recording.load()
    except FormatError:
        return
    assert events.x.max() < recording.sensor.width


def test_comments_may_be_longer_than_what_sniffing_sees() -> None:
    head = "# t x y p\n" + "# what the lab wrote down\n" * 1000
    assert _open(head + "5 1 3 1\n9 2 4 0\n").load().equals(ONE)
    with pytest.raises(FormatError, match="line 1003: bad polarity"):
        _open(head + "5 1 3 1\n9 2 4 7\n")


def test_sniffing_tells_events_from_prose() -> None:
    def sniffs(text: str, name: str = "some.txt") -> bool:
        return READER.sniff(ByteSource(name, memoryview(text.encode())))

    assert sniffs("5 1 3 1\n")
    assert sniffs("x,y,p,t\n1,3,1,5\n", "some.CSV")
    assert not sniffs("5 1 3 1\n", "some.bin")
    assert not sniffs("This data set was recorded in 2016.\n")
    assert not sniffs("3 classes\n")
    assert not sniffs("1.5 2.5 3.5 4.5\n")
    assert not sniffs("")
