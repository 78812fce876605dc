"""The verb ``chip clock``."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner, Result

import snn
from catalog.card import Card
from catalog.dataset import Dataset
from catalog.splits.rules import GroupRule
from devices.cli_clock import add_clock
from eventstore.errors import InvalidInput
from snn.models.synnet import synnet


def clock(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_clock(app)
    return CliRunner().invoke(app, ["clock", *map(str, arguments)])


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("net") / "net.nir"
    snn.write_nir(path, snn.to_nir(synnet(4, (16,), bit_shift=True), (16,)))
    return path


def heard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the reference of a split of tones as a Xylo Audio 3 hears them."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test Curator")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
    for index in range(4):
        tone = np.sin(np.arange(16_000) * (0.1 + 0.1 * index)) * 20_000
        path = folder / "files" / str(index) / "tone.wav"
        path.parent.mkdir(parents=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes(tone.astype("<i2").tobytes())
    dataset = Dataset.create(folder / "tones", Card(name="tones", licence="CC0-1.0"))
    dataset.ingest([folder / "files"], reader="wav:encoding=xylo-audio3,seconds=0.3")
    dataset.make_split("s", GroupRule(fractions={"train": 0.5, "test": 0.5}))
    dataset.save("1.0.0", "tones")
    return f"{dataset.root}@1.0.0/split:s"


def test_the_worst_case_needs_no_samples(net: Path) -> None:
    facts = json.loads(clock(net, "--json").stdout)
    assert facts["recommended_clock_hz"] == pytest.approx(1_435_080)
    assert "mean_clock_hz" not in facts
    table = clock(net).stdout
    assert "1.435 MHz" in table
    assert "not known" in table


def test_samples_tell_what_is_needed(
    net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = heard(tmp_path, monkeypatch)
    options = ("--split", split, "--bins", 3, "--pj-per-cycle", 50, "--resting-mw", 0.1)
    result = clock(net, *options, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    facts = json.loads(result.stdout)
    assert 0 < facts["mean_clock_hz"] <= facts["peak_clock_hz"] < facts["recommended_clock_hz"]
    assert facts["total_mw"] == pytest.approx(0.1 + facts["mean_clock_hz"] * 50e-9)
    assert facts["mean_synops_per_step"] > 0
    assert facts["held"]["input_caps"] > 0
    table = clock(net, *options)
    assert "peak operations per step" in table.stdout
    assert "above 15 spikes a step" in table.stdout


def test_what_has_no_clock_is_said(net: Path, tmp_path: Path) -> None:
    other = tmp_path / "conv.nir"
    model = snn.SpikingSequential(torch.nn.Linear(4, 2, bias=False), snn.IAF(min_v_mem=-1.0))
    snn.write_nir(other, snn.to_nir(model, (4,)))
    error = clock(other, "--chip", "speck2f").exception
    assert isinstance(error, InvalidInput)
    assert "speck2f has no clock" in str(error)
    assert isinstance(clock(net, "--pj-per-cycle", -1).exception, InvalidInput)
