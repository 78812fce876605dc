"""The verbs of configurations, from a NIR file to recorded spikes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer
from torch import nn
from typer.testing import CliRunner, Result

import snn
from catalog.card import Card
from catalog.dataset import Dataset
from devices.chips import CHIPS
from devices.cli import register
from devices.config_file import load_config, write_config
from devices.protocol import CoreChip
from eventstore.errors import DoesNotFit, FormatError, InvalidInput, MissingExtra, NotFound
from eventstore.events import Events
from eventstore.writers.atis import write_atis
from tests.devices.speck.vendor_stand_in import StandIn


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
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network of the talk as a NIR file."""
    torch.manual_seed(0)
    net = snn.SpikingSequential(
        nn.Conv2d(2, 8, 3, bias=False),
        snn.IAF(0.3, -1.0),
        nn.AvgPool2d(2),
        nn.Conv2d(8, 16, 3, bias=False),
        snn.IAF(0.3, -1.0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 6 * 6, 10, bias=False),
        snn.IAF(0.3, -1.0),
    )
    path = tmp_path_factory.mktemp("talk") / "talk.nir"
    snn.write_nir(path, snn.to_nir(net, (2, 30, 30)))
    return path


@pytest.fixture(scope="module")
def config(talk: Path) -> Path:
    path = talk.with_name("chip.json")
    assert run("config", talk, "--out", path).exit_code == 0
    return path


@pytest.mark.parametrize(
    "chip", sorted(name for name in CHIPS if isinstance(CHIPS[name], CoreChip))
)
def test_the_network_of_the_talk_goes_onto_every_chip(
    talk: Path, tmp_path: Path, chip: str
) -> None:
    path = tmp_path / "chip.json"
    (record,) = records("config", talk, "--chip", chip, "--out", path)
    assert (record["status"], record["chip"], len(record["cores"])) == ("ok", chip, 3)
    assert len(load_config(path, chip)["header"]["quantisation"]) == 3
    assert records("check", path, "--chip", chip)[-1]["fits"] is True
    assert run("config", talk, "--chip", chip).stdout == path.read_text()


def test_options_reach_the_configuration(talk: Path, config: Path, tmp_path: Path) -> None:
    first, _, last = (row["layer"] for row in load_config(config)["header"]["quantisation"])
    path = tmp_path / "other.json"
    options = ["--monitor", first, "--monitor", last, "--decimate", f"{first}=4"]
    sensor = json.dumps({"pool": [4, 4], "crop": [1, 1, 31, 31]})
    run("config", talk, "--out", path, *options, "--sensor", sensor, "--readout", "7")
    head, *rows = records("diff", config, path)
    assert head["differences"] == len(rows)
    changed = {row["path"]: (row["before"], row["after"]) for row in rows}
    assert changed["dvs_layer.pooling.x"] == ("1", "4")
    assert changed["readout.threshold"] == ("0", "7")
    assert sum("decimator" in field for field in changed) == 2
    assert sum("monitor" in field for field in changed) == 2
    weights = [field for field in changed if "weights" in field]
    cores = {row["layer"]: row["core"] for row in load_config(path)["header"]["quantisation"]}
    assert weights == [f"cnn_layers[{cores[last]}].weights"]  # spread for the readout
    table = run("diff", config, path).stdout
    assert "dvs_layer.cut.x" in table
    assert "127 → 30" in table
    assert "say the same" in run("diff", config, config).stdout
    for wrong in (["--decimate", "4"], ["--sensor", "[4]"], ["--sensor", '{"pol": 1}']):
        assert isinstance(run("config", talk, *wrong).exception, InvalidInput)
    assert isinstance(run("config", talk, "--monitor", "none").exception, NotFound)


def test_a_configuration_is_a_model_too(config: Path, tmp_path: Path) -> None:
    layers = records("quantize", config)
    assert [row["weights"] for row in layers] == ["8×2×3×3", "16×8×3×3", "10×16×6×6"]
    broken = load_config(config)
    broken["cnn_layers"].pop()
    path = tmp_path / "broken.json"
    write_config(broken, path)
    result = run("check", path)
    assert result.exit_code == 1
    assert "expected 9 entries, found 8" in result.stdout
    assert isinstance(run("deploy", path, "--dry-run").exception, FormatError)
    wrong = run("check", config, "--chip", "speck2e")
    assert wrong.exit_code == 1
    assert "expected speck2e, found speck2f" in wrong.stdout


def test_without_the_library_only_a_dry_run_goes(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    (record,) = records("deploy", config, "--dry-run")
    assert (record["status"], record["vendor_validator"]) == ("ok", False)
    assert "not by the vendor's: samna" in run("deploy", config, "--dry-run").stdout
    assert isinstance(run("deploy", config).exception, MissingExtra)


def test_a_configuration_is_deployed(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samna = StandIn(load_config(config))
    monkeypatch.setattr("devices.deploy.load_samna", lambda: samna)
    dry = records("deploy", config, "--dry-run")
    assert dry[-1]["vendor_validator"] is True
    assert samna.calls == []
    assert "runs" in run("deploy", config).stdout
    assert [what for what, _ in samna.calls] == ["apply", "watch", "reset", "close"]
    refusing = StandIn(load_config(config), refusal="no")
    monkeypatch.setattr("devices.deploy.load_samna", lambda: refusing)
    assert run("deploy", config, "--dry-run").exit_code == 1
    assert isinstance(run("deploy", config).exception, DoesNotFit)


def test_spikes_of_a_played_file_are_recorded(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test Curator")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
    dataset = Dataset.create(tmp_path / "told", Card(name="told"))
    rng = np.random.default_rng(0)
    t = np.sort(rng.integers(0, 300_000, 20_000))
    x, y, p = (rng.integers(0, most, 20_000) for most in (30, 30, 2))
    write_atis(tmp_path / "events.bin", Events.of(t=t, x=x, y=y, p=p))
    options = ["--into", dataset.root, "--play", tmp_path / "events.bin"]
    assert "would have recorded" in run("monitor", config, *options, "--dry-run").stdout
    (record,) = records("monitor", config, *options, "--recording", "a", "--part-seconds", 0.1)
    assert record["n_spikes"] > 10
    assert record["recordings"] == ["a/0000", "a/0001", "a/0002"]
    assert dataset.draft().recordings.column("recording_id") == record["recordings"]
    assert isinstance(run("monitor", config, "--into", tmp_path / "no").exception, NotFound)
    slow = load_config(config)
    slow["readout"]["enable"] = True
    last = slow["header"]["quantisation"][-1]["core"]
    slow["cnn_layers"][last]["destinations"][0].update(enable=True, layer=12)
    write_config(slow, tmp_path / "slow.json")
    refused = run("monitor", tmp_path / "slow.json", *options).exception
    assert isinstance(refused, InvalidInput)
    assert "--slow-clock" in refused.hint
