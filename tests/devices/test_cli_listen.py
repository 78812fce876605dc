"""The verb ``chip listen``: words in sounds, by a run of a tiny network."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner, Result

from devices.cli_listen import add_listen
from eventstore.errors import InvalidInput, NotFound
from eventstore.transforms.frames import FramesByTime
from eventstore.transforms.pipeline import Pipeline
from snn.recipe import Recipe
from snn.tasks import Run, save_run
from snn.train_config import TrainConfig
from snn.training import TrainResult


def listen(*arguments: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_listen(app)
    return CliRunner().invoke(app, ["listen", *map(str, arguments)])


@pytest.fixture(scope="module")
def low_or_high(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run whose outputs hear the low bands and the high ones."""
    options = {"hidden": [2], "n_tau": [1], "dt": 0.01024, "tau_syn_base": 0.04096}
    constants = {"tau_mem": 0.04096, "tau_readout": 0.04096, "bit_shift": True, "dropout": 0.0}
    recipe = Recipe(
        name="low-or-high",
        about="Two bands.",
        pipeline=Pipeline(FramesByTime(window_us=10_240)),
        model="synnet",
        model_options=options | constants,
        batch_size=1,
        held_out=0.0,
        training=TrainConfig(epochs=1),
    )
    model = recipe.build_model(2, (16,))
    weight = torch.full((2, 16), -0.3)
    weight[0, :8], weight[1, 8:] = 0.2, 0.2
    weights = {"linear1.weight": weight, "linear.weight": 0.6 * torch.eye(2)}
    model.load_state_dict(model.state_dict() | weights)
    folder = tmp_path_factory.mktemp("run")
    run = Run(
        folder=folder,
        recipe=recipe,
        task="none@1.0.0/split:none",
        label_names=("low", "high"),
        input_shape=(16,),
        model=model,
        result=TrainResult(history=(), best_epoch=0),
        metrics={},
    )
    save_run(run)
    return folder


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    t = np.arange(6_000) / 8_000
    parts = [0 * t, np.sin(2 * np.pi * 200 * t), 0 * t, np.sin(2 * np.pi * 2_900 * t)]
    path = tmp_path / "tones.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes((9_000 * np.concatenate(parts)).astype("<i2").tobytes())
    return path


def test_words_are_told_with_their_second(low_or_high: Path, tones: Path) -> None:
    settings = ("--threshold", 5, "--window", 0.2)
    result = listen(low_or_high, tones, *settings, "--json")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {row["word"] for row in rows} == {"low", "high"}
    assert all((row["seconds"] > 2.25) == (row["word"] == "high") for row in rows)
    assert all(row["spikes"] >= 5 for row in rows)
    table = listen(low_or_high, tones, *settings)
    assert "words heard" in table.stdout


def test_what_cannot_be_heard_is_refused(low_or_high: Path, tones: Path) -> None:
    finer = listen(low_or_high, tones, "--encoding", "xylo-audio3,raster_samples=50").exception
    assert isinstance(finer, InvalidInput)
    assert "counts spikes over 1.024 ms" in str(finer)
    other = listen(low_or_high, tones, "--encoding", "mel-lif").exception
    assert isinstance(other, InvalidInput)
    assert "mel-lif is no front end of a chip" in str(other)
    assert isinstance(listen(low_or_high, tones.parent / "none.wav").exception, NotFound)
