"""Options of the chip verbs that only Speck has reach every step, or are refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import typer
from torch import nn
from typer.testing import CliRunner, Result

import snn
from devices.cli import register
from devices.cli_speck import scaling_of_text
from devices.config_file import load_config
from devices.speck.scaling import Scaling
from eventstore.errors import DoesNotFit, InvalidInput, NotFound


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
    """A network that branches, one of whose lower bounds spoils its scale, as a NIR file."""
    torch.manual_seed(0)
    block = snn.Branching({"conv": nn.Conv2d(4, 4, 3, padding=1, bias=False), "iaf": snn.IAF(0.4)})
    model = snn.SpikingSequential(
        nn.Conv2d(2, 4, 3, stride=4, padding=1, bias=False),
        snn.IAF(0.3, min_v_mem=-3000.0),
        block,
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 4 * 4, 5, bias=False),
        snn.IAF(0.2, min_v_mem=-1.0),
    )
    path = tmp_path_factory.mktemp("net") / "net.nir"
    snn.write_nir(path, snn.to_nir(model, (2, 34, 34)))
    return path


def layers_of(config: Path) -> list[str]:
    return [row["layer"] for row in load_config(config)["header"]["quantisation"]]


def test_cores_scales_and_parts_are_chosen_on_the_command_line(net: Path, tmp_path: Path) -> None:
    plain, other = tmp_path / "plain.json", tmp_path / "other.json"
    first, second, _ = [row["layer"] for row in records("quantize", net)]
    (balanced,) = records("config", net, "--out", plain)
    (flow,) = records("config", net, "--out", other, "--search", "flow")
    assert flow["cores"] == [0, 1, 2] != balanced["cores"]
    (again,) = records("config", plain, "--out", other, "--search", "flow")
    assert again["cores"] == [0, 1, 2]
    (split,) = records("config", net, "--out", other, "--split-layer", second)
    assert len(split["cores"]) == 4
    assert layers_of(other)[1:3] == [f"{second}[0:2]", f"{second}[2:4]"]
    scales = [row["scale"] for row in records("quantize", net)]
    finer = [row["scale"] for row in records("quantize", net, "--clip", f"{first}=lower-bound")]
    assert finer[0] > 10 * scales[0]
    assert finer[1:] == scales[1:]
    assert "lower bound -3000 becomes -" in run("check", net, "--clip", "lower-bound").stdout
    assert isinstance(run("config", net, "--split-layer", "none").exception, NotFound)
    assert isinstance(run("config", net, "--search", "best").exception, InvalidInput)


def test_the_readout_is_given_its_channels_or_refused(net: Path, tmp_path: Path) -> None:
    path, again = tmp_path / "read.json", tmp_path / "again.json"
    (record,) = records("config", net, "--out", path, "--readout", "3")
    core = load_config(path)["cnn_layers"][record["cores"][-1]]
    assert core["dimensions"]["output_shape"]["feature_count"] == 17
    assert records("quantize", path)[-1]["weights"] == records("quantize", net)[-1]["weights"]
    assert run("config", path, "--out", again, "--readout", "3").exit_code == 0
    assert again.read_text() == path.read_text()
    first = records("quantize", path)[0]["layer"]
    options = ("--monitor", first, "--decimate", f"{first}=4", "--readout", 7)
    run("config", net, "--out", path, *options)
    run("config", path, "--out", again)
    assert again.read_text() == path.read_text()
    run("config", path, "--out", again, "--readout", 9)
    (head, row) = records("diff", path, again)
    assert (head["differences"], row["path"]) == (1, "readout.threshold")
    assert "of 65,536" in run("config", net, "--out", path, "--readout-room").stdout
    both = run("config", net, "--readout", "3", "--no-readout-room").exception
    assert isinstance(both, InvalidInput)
    error = run("config", net, "--chip", "dynapcnndevkit", "--readout-room").exception
    assert isinstance(error, DoesNotFit)
    assert "has no on-chip readout" in str(error)


def test_orders_and_parts_are_simulated(trained: tuple[Path, str], tmp_path: Path) -> None:
    folder, split = trained
    given = ("simulate", folder, "--split", split, "--limit", 3)
    whole = records(*given, "--order", "depth-first")
    assert whole[1:] == records(*given, "--by-event")[1:]
    assert records(*given, "--order", "breadth-first")[0]["n_samples"] == 3
    [finding] = whole[0]["findings"]
    assert finding["check"] == "synops-balance"
    parts = records(*given, "--split-layer", "conv1")
    assert len(parts) == len(whole) + 1
    assert "bounds the rate of events" in run(*given).stdout
    path = tmp_path / "decimated.json"
    run("config", folder, "--decimate", "conv1=4", "--out", path)
    (head, *_) = records("simulate", path, *given[2:], "--bins", 4)
    assert [f["check"] for f in head["findings"]] == ["synops-balance", "decimator-left-out"]
    report = run("report", folder, "--split", split, "--limit", 2, "--order", "breadth-first")
    assert "in the order breadth-first, not the chip's" in report.stdout
    assert isinstance(run(*given, "--order", "random").exception, InvalidInput)


def test_what_may_be_clipped_is_read_from_text() -> None:
    assert scaling_of_text(["weights", "threshold"]) == Scaling(
        clip_weights=True, clip_threshold=True
    )
    for texts, message in (
        (["bias"], "there is no part 'bias'"),
        (["a=b=weights", "weights"], "all layers and layer 'a=b'"),
    ):
        with pytest.raises(InvalidInput, match=message):
            scaling_of_text(texts)


def test_the_chip_of_a_configuration_need_not_be_named(net: Path, tmp_path: Path) -> None:
    path, again = tmp_path / "chip.json", tmp_path / "again.json"
    assert run("config", net, "--chip", "speck2e", "--out", path).exit_code == 0
    assert records("check", path)[-1]["chip"] == "speck2e"
    assert "chip.json on speck2e" in run("quantize", path).stdout
    assert records("config", path, "--out", again)[0]["chip"] == "speck2e"
    assert again.read_text() == path.read_text()


def test_what_an_option_is_not_for_is_refused(net: Path, tmp_path: Path) -> None:
    path = tmp_path / "chip.json"
    assert run("config", net, "--out", path).exit_code == 0
    for verb in ("quantize", "check", "config"):
        error = run(verb, path, "--clip", "weights").exception
        assert isinstance(error, InvalidInput)
        assert "holds integers" in str(error)
