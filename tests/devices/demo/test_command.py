import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from devices.demo.command import printed_report, write_recordings
from devices.demo.facts import DemoFacts
from eventstore.cli import build_app
from eventstore.errors import AlreadyExists, InvalidInput


def test_the_printed_report_says_what_matters(make_facts: Callable[..., DemoFacts]) -> None:
    said = printed_report(make_facts(), Path("out/report.html"))
    for words in (
        "1,797 simulated recordings",
        "digits@1.0.0/split:official#abc",
        "96.0 % of test recordings (seeds: 96.0, 96.0, 96.0)",
        "speck2f   95.0 %, 1.0 points lost, in time steps; event by event 93.0 % (seed 0)",
        "conv1 → core 0",
        "out/report.html",
    ):
        assert words in said
    assert "simulated" not in printed_report(make_facts(simulated=False), Path("r"))


def test_recordings_alone_are_written_once(tmp_path: Path) -> None:
    out = tmp_path / "raw"
    command = ["demo", "--recordings-only", "--digits", "50", "--out", str(out), "--json"]
    done = CliRunner().invoke(build_app(), command, catch_exceptions=False)
    written = json.loads(done.stdout)["archives"]
    assert sorted(path.name for path in out.iterdir()) == ["Test.zip", "Train.zip"]
    assert sum(len(zipfile.ZipFile(path).namelist()) for path in written) == 50
    with pytest.raises(AlreadyExists, match="is there already"):
        write_recordings(out, None, 50)
    with pytest.raises(InvalidInput, match="simulates recordings, and data has some"):
        write_recordings(tmp_path, Path("data"), 50)
