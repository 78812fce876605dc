"""How a configuration is loaded for a verb; the verb itself goes with those of each family."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from devices.chips import chip
from devices.cli_deploy import add_deploy, checked
from devices.config_file import write_config
from eventstore.errors import FormatError, InvalidInput, MissingExtra, NotFound
from tests.devices.dynapse.test_deploy import CONFIG, TABLE, stand_in
from tests.devices.xylo.test_net import small_net


def test_what_is_odd_is_printed_and_what_is_wrong_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = chip("xylo_audio3").config(small_net())
    config["hidden"]["neurons"][0]["v_mem_bias"] = 4
    path = tmp_path / "chip.json"
    write_config(config, path)
    target, loaded = checked(path, None, as_json=True)
    assert (target.name, loaded) == ("xylo_audio3", config)
    assert "biases-switched-off" in capsys.readouterr().out
    with pytest.raises(
        FormatError, match="imu_if_input_enable: expected true or false, found nothing"
    ):
        checked(path, "xylo_imu", as_json=True)


def run(arguments: list[str]) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_deploy(app)
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def analogue(tmp_path: Path) -> list[str]:
    """Return the command's arguments of a configuration and a table for it."""
    path, table = tmp_path / "chip.json", tmp_path / "table.json"
    write_config(CONFIG, path)
    table.write_text(json.dumps(TABLE.amperes.tolist()))
    return ["deploy", str(path), "--bias-table", str(table)]


def test_an_analogue_chip_is_deployed_like_the_others(
    analogue: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    samna = stand_in()
    monkeypatch.setattr("devices.deploy.load_samna", lambda: samna)
    dry = run([*analogue, "--dry-run", "--json"])
    record = json.loads(dry.stdout.splitlines()[-1])
    assert (record["status"], record["dry_run"], record["vendor_validator"]) == ("ok", True, False)
    assert "no validator for it is published" in run([*analogue, "--dry-run"]).stdout
    assert samna.applied == []
    assert "dynapse2 runs" in run(analogue).stdout
    assert (len(samna.applied), len(samna.closed)) == (1, 1)


def test_without_library_or_table_it_says_what_is_needed(
    analogue: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    dry = run([*analogue, "--dry-run"])
    assert dry.exit_code == 0
    assert "by our checks; not by the vendor's: samna" in dry.stdout
    assert isinstance(run(analogue).exception, MissingExtra)
    without = run(analogue[:2])
    assert isinstance(without.exception, InvalidInput)
    assert "--bias-table" in without.exception.hint
    assert isinstance(run([*analogue[:3], "nowhere.json"]).exception, NotFound)
