import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Sensor
from eventstore.loader import EventMix
from eventstore.transforms.frames import FramesByBins, FramesByTime
from eventstore.transforms.pipeline import Pipeline
from snn.activity_loss import RateLoss, SynopsLoss
from snn.activity_terms import WithActivity
from snn.recipe import Recipe, load_recipe, recipe_names
from snn.robustness.noisy_forward import NoisyForward

SENSORS = {
    "dvs-gesture-conv": Sensor(128, 128),
    "free-spoken-digits": Sensor.audio(64),
    "free-spoken-digits-xylo": Sensor.audio(16),
    "nmnist-conv": Sensor(34, 34),
    "nmnist-conv-accurate": Sensor(34, 34),
    "nmnist-conv-mixed": Sensor(34, 34),
    "nmnist-dpi": Sensor(34, 34),
    "shd-delays": Sensor.audio(700),
    "shd-feedforward": Sensor.audio(700),
    "shd-recurrent": Sensor.audio(700),
}
"""What the data of each come from."""


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_of_the_package_loads_and_builds(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.about
    assert Recipe.from_dict(recipe.to_dict()) == recipe
    sensor = SENSORS[name]
    sizes = [size for size in recipe.pipeline.out_spec(sensor).shape or () if size is not None]
    shape = tuple(sizes[-1:] if sensor.modality == "audio" else sizes[-3:])
    model = recipe.build_model(10, shape)
    dts = {layer.dt for layer in model.spiking_layers() if layer.dt is not None}
    frames = recipe.pipeline.stages[-1]
    if isinstance(frames, FramesByTime):
        assert dts <= {frames.window_us / 1_000_000}
    # Room for what evaluation counts, and a step of training that reaches every weight.
    x = torch.poisson(torch.full((2, 12, *shape), 1.0), torch.Generator().manual_seed(0))
    loss = functional.cross_entropy(model(x).sum(1), torch.tensor([3, 7]))
    grads = torch.autograd.grad(loss, list(model.parameters()))
    assert all(grad.isfinite().all() for grad in grads)


def test_evaluation_leaves_augmentation_out(tiny_recipe: Recipe) -> None:
    assert tiny_recipe.evaluation_pipeline == Pipeline(FramesByBins(n_bins=4))


def test_digest_covers_everything_but_nothing_else(tiny_recipe: Recipe) -> None:
    assert tiny_recipe.digest == Recipe.from_dict(tiny_recipe.to_dict()).digest
    assert tiny_recipe.with_seed(1).digest != tiny_recipe.digest
    assert tiny_recipe.with_seed(1).training.seed == 1


def test_a_recipe_may_be_a_file(recipe_file: Path) -> None:
    assert load_recipe(str(recipe_file)).name == "mine"


def test_typos_are_answered(recipe_file: Path, tiny_recipe: Recipe) -> None:
    with pytest.raises(NotFound, match="nmnist-conv") as caught:
        load_recipe("nmnist-cnv")
    assert caught.value.hint == "did you mean 'nmnist-conv'?"
    text = recipe_file.read_text()
    recipe_file.write_text(text.replace("batch_size", "batch"))
    with pytest.raises(NotFound, match=r"no setting of .data. 'batch' .known: batch_size"):
        load_recipe(str(recipe_file))
    recipe_file.write_text("name = ")
    with pytest.raises(FormatError, match="not a recipe"):
        load_recipe(str(recipe_file))
    recipe_file.write_text(re.sub("about = .*", "", text))
    with pytest.raises(FormatError, match="not a recipe: 'about' is missing"):
        load_recipe(str(recipe_file))
    recipe_file.write_text(text.replace("pools", "pooling"))
    with pytest.raises(InvalidInput, match="pooling"):
        load_recipe(str(recipe_file)).build_model(3, (2, 6, 8))


@pytest.mark.parametrize(
    ("before", "after", "known"),
    [
        ("batch_size = 4,", "batch_size = 4, batchsize = 8,", "batch_size"),
        ("training =", "trainin = { epochs = 3 }\ntraining =", "training"),
        ("epochs = 1,", "epochs = 1, epocs = 2,", "epochs"),
    ],
)
def test_a_name_too_many_is_a_typo(recipe_file: Path, before: str, after: str, known: str) -> None:
    recipe_file.write_text(recipe_file.read_text().replace(before, after))
    with pytest.raises(NotFound) as caught:
        load_recipe(str(recipe_file))
    assert caught.value.hint == f"did you mean {known!r}?"


def test_options_that_torch_refuses_are_named(tiny_recipe: Recipe) -> None:
    recipe = replace(tiny_recipe, model_options={**tiny_recipe.model_options, "dropout": 2.0})
    with pytest.raises(InvalidInput, match="recipe 'tiny-conv'"):
        recipe.build_model(3, (2, 6, 8))


def test_a_batch_size_is_whole(tiny_recipe: Recipe) -> None:
    values = tiny_recipe.to_dict()
    values["data"]["batch_size"] = 1.5
    with pytest.raises(InvalidInput, match=r"batch_size=1\.5"):
        Recipe.from_dict(values)


def test_samples_are_mixed_where_a_recipe_says_so(recipe_file: Path) -> None:
    plain = load_recipe(str(recipe_file))
    assert plain.mix is None
    assert "mix" not in plain.to_dict()  # so that digests are what they were
    recipe_file.write_text(
        recipe_file.read_text() + '\n[mix]\nmixer = "EventMix"\nprobability = 0.5\n'
    )
    recipe = load_recipe(str(recipe_file))
    assert recipe.mix == EventMix(probability=0.5)
    assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe
    assert recipe.digest != plain.digest
    assert replace(recipe, mix=None).digest == plain.digest


@pytest.mark.parametrize(
    ("mix", "said"),
    [
        ({"mixer": "CutMx"}, "no mixer 'CutMx'"),
        ({"mixer": "CutMix", "alpa": 1}, "no field of CutMix 'alpa'"),
        ("CutMix", "not 'CutMix'"),
    ],
)
def test_a_mix_that_is_none_is_named(tiny_recipe: Recipe, mix: object, said: str) -> None:
    with pytest.raises((InvalidInput, NotFound), match=said):
        Recipe.from_dict({**tiny_recipe.to_dict(), "mix": mix})


def test_time_steps_are_those_of_the_frames(tiny_recipe: Recipe) -> None:
    by_time = replace(
        tiny_recipe,
        pipeline=Pipeline(FramesByTime(window_us=20_000)),
        model="spiking_mlp",
        model_options={"dt": 0.02},
    )
    assert by_time.build_model(3, (12,)).spiking_layers()[0].dt == 0.02
    with pytest.raises(InvalidInput, match=r"0\.02 s, but time steps of dt=0\.01 s") as caught:
        replace(by_time, model_options={"dt": 0.01})
    assert caught.value.hint == "set dt = 0.02, or window_us accordingly"
    with pytest.raises(InvalidInput, match="spiking_mlp takes time steps of shape"):
        by_time.build_model(3, (2, 6, 8))


def test_a_method_of_robust_training_is_part_of_the_recipe(recipe_file: Path) -> None:
    plain = load_recipe(str(recipe_file))
    text = recipe_file.read_text(encoding="utf-8")
    section = '\n[robust]\nmethod = "noisy-forward"\nsigma = 0.3\n'
    recipe_file.write_text(text + section, encoding="utf-8")
    robust = load_recipe(str(recipe_file))
    assert robust.robust == NoisyForward(sigma=0.3)
    assert Recipe.from_dict(robust.to_dict()) == robust
    assert plain.robust is None
    assert "robust" not in plain.to_dict()
    assert robust.digest != plain.digest


def test_a_misspelt_method_is_named(recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    recipe_file.write_text(text + '\n[robust]\nmethod = "noisy-forwrd"\n', encoding="utf-8")
    with pytest.raises(NotFound, match="noisy-forward"):
        load_recipe(str(recipe_file))


def test_losses_of_activity_are_part_of_the_recipe(recipe_file: Path) -> None:
    plain = load_recipe(str(recipe_file))
    text = recipe_file.read_text(encoding="utf-8")
    section = '\n[[activity]]\nloss = "synops"\ntarget = 4000\n[[activity]]\nloss = "rates"\n'
    recipe_file.write_text(text + section, encoding="utf-8")
    frugal = load_recipe(str(recipe_file))
    assert [term.loss for term in frugal.activity] == [SynopsLoss(target=4000.0), RateLoss()]
    assert Recipe.from_dict(frugal.to_dict()) == frugal
    assert frugal.objective == WithActivity(terms=frugal.activity)
    assert frugal.digest != plain.digest
    assert plain.objective is None
    assert "activity" not in plain.to_dict()


def test_one_pair_of_brackets_is_refused(recipe_file: Path) -> None:
    text = recipe_file.read_text(encoding="utf-8")
    recipe_file.write_text(text + '\n[activity]\nloss = "rates"\n', encoding="utf-8")
    with pytest.raises(InvalidInput, match="there may be several") as caught:
        load_recipe(str(recipe_file))
    assert caught.value.hint == "write [[activity]], with two brackets"
