"""The chip verbs on Xylo: a NIR file all the way to a board that is not there."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

import snn
from devices.chips import chip
from devices.cli import register
from devices.cli_xylo import rounded_by, watched
from devices.xylo.family import Xylo
from devices.xylo.held import held_findings
from eventstore.errors import DoesNotFit, InvalidInput, MissingExtra
from snn.models.synnet import synnet
from tests.devices.test_cli_clock import heard
from tests.devices.xylo.models import feed_forward, linear, neurons
from tests.devices.xylo.test_net import small_net


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["chip", *map(str, arguments)])


def records(*arguments: object) -> list[dict[str, Any]]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("xylo") / "net.nir"
    snn.write_nir(path, snn.to_nir(feed_forward(bias=True), (6,)))
    return path


def test_a_network_goes_all_the_way(net: Path, tmp_path: Path) -> None:
    name, path = "xylo_audio3", tmp_path / "xylo_audio3.json"
    assert records("check", net, "--chip", name)[-1]["fits"] is True
    rows = records("quantize", net, "--chip", name, "--out", tmp_path / "net.npz")
    assert [row["neurons"] for row in rows] == [7, 5, 3]
    with np.load(tmp_path / "net.npz") as file:
        assert file["w_in"].shape == (6, 12, 1)
    (record,) = records("config", net, "--chip", name, "--out", path)
    assert record == {"status": "ok", "chip": name, "path": str(path)}
    again = run("config", path, "--chip", name)
    assert again.stdout == path.read_text(), again.output
    assert records("check", path, "--chip", name)[-1]["fits"] is True
    dry = records("deploy", path, "--dry-run")[-1]
    assert (dry["chip"], dry["vendor_validator"]) == (name, False)
    assert "thresh" in run("quantize", path, "--chip", name).stdout


def test_files_of_two_chips_are_told_apart(net: Path, tmp_path: Path) -> None:
    for name in ("xylo_audio3", "xylo_imu"):
        run("config", net, "--chip", name, "--out", tmp_path / f"{name}.json")
    differences = records("diff", tmp_path / "xylo_audio3.json", tmp_path / "xylo_imu.json")
    found = {row["path"] for row in differences[1:]}
    assert {"debug", "header.chip", "imu_if_input_enable"} <= found
    assert "syns65302" in run("list").stdout


def test_ways_to_round_reach_the_integers(net: Path) -> None:
    ways: tuple[list[object], ...] = (["--round-by", "global"], ["--percentile", 70], [])
    by_all, clipped, plain = (
        records("quantize", net, "--chip", "xylo_audio3", *way) for way in ways
    )
    thresholds = [[row["threshold"] for row in rows] for rows in (by_all, clipped, plain)]
    assert len({json.dumps(each) for each in thresholds}) == 3
    said = run("check", net, "--chip", "xylo_audio3", "--percentile", 70)
    assert "are clipped" in said.stdout


def test_what_a_chip_does_not_have_is_refused_by_name(net: Path, tmp_path: Path) -> None:
    path = tmp_path / "chip.json"
    assert run("config", net, "--chip", "xylo_imu", "--out", path).exit_code == 0
    for arguments, said in (
        (
            ("config", net, "--chip", "xylo_imu", "--monitor", "0"),
            "--monitor is for chips of the S",
        ),
        (("config", net, "--chip", "xylo_imu", "--search", "flow"), "--search is for chips"),
        (("quantize", net, "--chip", "xylo_imu", "--clip", "weights"), "--clip is for chips"),
        (("quantize", net, "--round-by", "global"), "--round-by is for chips of the Xylo family"),
        (("quantize", net, "--chip", "xylo_imu", "--round-by", "all"), "unknown method 'all'"),
        (("config", path, "--chip", "xylo_imu", "--percentile", 9), "holds integers"),
        (("deploy", path, "--slow-clock", 100, "--dry-run"), "xylo_imu has no slow clock"),
        (("monitor", path, "--into", tmp_path), "is not of the Speck family"),
    ):
        error = run(*arguments).exception
        assert isinstance(error, InvalidInput), (arguments, error)
        assert said in error.message
        assert error.hint
    assert isinstance(run("deploy", path).exception, MissingExtra)


def test_rules_that_are_broken_are_all_told(tmp_path: Path) -> None:
    path = tmp_path / "net.nir"
    model = snn.SpikingSequential(linear(20, 4), snn.IAF(), linear(4, 40), neurons(40))
    snn.write_nir(path, snn.to_nir(model, (20,)))
    result = run("check", path, "--chip", "xylo_audio3")
    assert result.exit_code == 1
    for said in ("20 inputs", "40 output neurons", "are IAF", "snn.CubaLIF"):
        assert said in result.stdout
    assert isinstance(run("config", path, "--chip", "xylo_audio3").exception, DoesNotFit)


def test_options_change_nothing_but_what_they_name() -> None:
    target = chip("xylo_audio2")
    assert rounded_by(target, Path("net.nir"), None, None) is target
    changed = rounded_by(target, Path("net.nir"), None, 99.0)
    assert isinstance(changed, Xylo)
    assert (changed.rounding.method, changed.rounding.percentile) == ("channel", 99.0)


def test_what_was_held_back_is_counted_over_batches() -> None:
    target = chip("xylo_audio3")
    strong = small_net(w_in=np.full((2, 3, 1), 127, np.int8), dash_syn=np.full((3, 1), 7, np.int8))
    frames = np.full((2, 60, 2), 15)
    frames[0, 0, 0] = 99
    way, held = watched(target, target.simulate)
    for lengths in (np.array([60, 60]), np.array([60, 30])):
        found, plain = way(strong, frames, lengths), target.simulate(strong, frames, lengths)
        assert np.array_equal(found.output, plain.output)
        assert [one.synops.tolist() for one in found.layers] == [
            one.synops.tolist() for one in plain.layers
        ]
    assert held["input_caps"] == 2
    assert held["i_syn"] > 0
    told = {(f.where, f.check) for f in held_findings(held, 4)}
    assert {("input", "inputs-capped"), ("hidden", "currents-held")} <= told
    speck = chip("speck2f")
    assert watched(speck, speck.simulate) == (speck.simulate, {})


def test_simulate_tells_what_was_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    split, path = heard(tmp_path, monkeypatch), tmp_path / "net.nir"
    snn.write_nir(path, snn.to_nir(synnet(4, (16,), bit_shift=True), (16,)))
    given = ("simulate", path, "--chip", "xylo_audio3", "--split", split, "--bins", 2)
    head = records(*given)[0]
    (cut,) = (one for one in head["findings"] if one["check"] == "inputs-capped")
    assert "above 15 spikes a step and were cut" in cut["message"]
    assert "use shorter time steps" in run(*given).stdout
    fine = records(*given[:-1], 300)[0]["findings"]
    assert "inputs-capped" not in {one["check"] for one in fine}
