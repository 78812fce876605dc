"""``spikelake info``: the facts of a file, as JSON and as a table, and its errors."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.info import file_info, register
from eventstore.readers import READERS
from eventstore.readers.atis import AtisReader
from eventstore.writers.atis import write_atis

KEYS = [
    *("path", "reader", "events", "t_first", "t_last", "on"),
    *("x_max", "y_max", "sensor", "back_steps", "sha256"),
    *("part", "side", "repairs", "findings"),
]


def _run(*arguments: str) -> str:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.bin"
    write_atis(path, Events.of(t=[5, 3, 9], x=[1, 33, 2], y=[4, 5, 33], p=[1, 0, 1]))
    return path


@pytest.mark.parametrize("name", ["ncaltech101-face.bin", "clips-128x128/1.bin"])
def test_json_states_what_other_decoders_state(shared_data: Path, name: str) -> None:
    truth = json.loads((shared_data / "recordings/truth.json").read_text())[name]
    (line,) = _run(str(shared_data / "recordings" / name), "--json").splitlines()
    facts = json.loads(line)
    assert list(facts) == KEYS
    assert facts["reader"] == "atis"
    assert (facts["t_first"], facts["t_last"]) == (truth["first_t"], truth["last_t"])
    assert facts["sha256"] == truth["sha256_t_x_y_p"]
    for key in ("events", "on", "x_max", "y_max", "back_steps"):
        assert facts[key] == truth[key]


def test_facts_of_a_small_file(small: Path) -> None:
    info = file_info(small, "atis")
    assert (info.events, info.on, info.back_steps) == (3, 2, 1)
    assert (info.t_first, info.t_last, info.x_max, info.y_max) == (5, 9, 33, 33)
    assert info.sensor == Sensor(34, 34)


def test_table_for_people(small: Path) -> None:
    said = _run(str(small))
    for words in ("3 (66.7% ON)", "34 × 34", "0.000004 s", "info: geometry not in file"):
        assert words in said


def test_a_file_without_events(tmp_path: Path) -> None:
    (tmp_path / "empty.bin").touch()
    facts = json.loads(_run(str(tmp_path / "empty.bin"), "--json"))
    assert (facts["events"], facts["t_first"], facts["x_max"]) == (0, None, None)
    assert "warning: no events" in _run(str(tmp_path / "empty.bin"))


def test_bad_files_are_named(tmp_path: Path, small: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*nowhere\.bin"):
        file_info(tmp_path / "nowhere.bin")
    with pytest.raises(NotFound, match=r"no reader for '\.foo'.*known: .*\.bin"):
        file_info(small.rename(tmp_path / "small.foo"))
    with pytest.raises(NotFound, match="no reader 'atsi'") as e:
        file_info(tmp_path / "small.foo", "atsi")
    assert "did you mean 'atis'?" in e.value.hint
    with pytest.raises(InvalidInput, match="is a folder"):
        file_info(tmp_path)
    (tmp_path / "bad.txt").write_bytes(b"5 1 1 1\n6 1 one 1\n")
    with pytest.raises(FormatError, match=r"bad\.txt at byte 12"):
        file_info(tmp_path / "bad.txt")
    for name in ("some.zip", "some.tar.gz"):
        (tmp_path / name).touch()
        with pytest.raises(InvalidInput, match="is an archive"):
            file_info(tmp_path / name)


def test_a_cut_file_gives_what_is_whole_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "cut.bin").write_bytes(bytes([1, 2, 0, 0, 5, 1]))
    facts = json.loads(_run(str(tmp_path / "cut.bin"), "--json"))
    assert facts["events"] == 1
    assert {finding["check"] for finding in facts["findings"]} == {"geometry-assumed", "cut-file"}
    assert "warning: the file ends inside a record: 1 bytes at 5" in _run(str(tmp_path / "cut.bin"))


def test_repairs_are_done_first_and_shown(small: Path) -> None:
    said = _run(str(small), "--repair", "sort", "--repair", "flip-y", "--sensor", "34x34")
    assert "repaired: sort: 1 events changed, 0 left out, the first at row 1" in said
    assert "repaired: flip-y: 3 events changed" in said
    facts = json.loads(_run(str(small), "--json", "--repair", "drop-backward"))
    assert (facts["events"], facts["back_steps"]) == (2, 0)
    assert facts["repairs"] == [{"name": "drop-backward", "changed": 0, "dropped": 1, "first": 1}]
    with pytest.raises(NotFound, match="no repair 'sorted'"):
        file_info(small, repairs=["sorted"])


def test_events_off_the_sensor_are_refused_with_the_repair_that_helps(small: Path) -> None:
    with pytest.raises(FormatError, match=r"event 1 \(t = 3 µs\) outside the sensor") as e:
        file_info(small, sensor=Sensor(20, 34))
    assert "'drop-outside'" in e.value.hint
    assert file_info(small, sensor=Sensor(20, 34), repairs=["drop-outside"]).events == 2


def test_facts_do_not_depend_on_the_packets(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = file_info(small)
    assert whole.back_steps == 1
    monkeypatch.setitem(READERS._loaded, "atis", AtisReader(packet_events=1))
    assert file_info(small) == whole


def test_bytes_that_look_like_nothing_known_are_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(range(255, -1, -1)) * 4)
    with pytest.raises(NotFound, match="does not look like atis data") as e:
        file_info(tmp_path / "weights.bin")
    assert "'atis'" in e.value.hint
