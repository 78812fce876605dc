"""Recipes: everything that decides a training but the data, pinned in one small file."""

import json
import math
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from eventstore.digest import sha256_text
from eventstore.errors import FormatError, InvalidInput, NotFound, SpikelakeError
from eventstore.loader.mixing import Mixer, mixer_from_dict, mixer_to_dict
from eventstore.transforms.frames import FramesByTime
from eventstore.transforms.pipeline import PIPELINE_FORMAT, Pipeline
from eventstore.transforms.protocol import EventTransform
from snn.activity_terms import ActivityTerm, term_from_dict, term_to_dict, with_activity
from snn.models import MODELS
from snn.objective import Objective
from snn.robustness.method import Method, method_from_dict, method_to_dict
from snn.sequential import SpikingSequential
from snn.train_config import TrainConfig

FOLDER = Path(__file__).parent / "recipes"
PARTS = ("name", "about", "pipeline", "mix", "model", "data", "training", "robust", "activity")
DATA_SETTINGS = ("batch_size", "held_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to train one kind of network.

    Args:
        name: its name.
        about: one sentence on what it is for.
        pipeline: from events to frames; random stages act on training samples alone.
        model: name of the builder.
        model_options: its options.
        batch_size: samples a training step.
        held_out: share of the training samples set aside to choose the epoch on; 0: none.
        training: settings of training; the seed is given by each run.
        mix: how training samples are mixed of two; None: they are not.
        robust: what training makes small instead of the plain loss; None: nothing else.
        activity: losses of activity that training makes small beside it.

    Examples:
        >>> load_recipe("nmnist-conv").model
        'conv_net'
    """

    name: str
    about: str
    pipeline: Pipeline
    model: str
    model_options: Mapping[str, Any]
    batch_size: int
    held_out: float
    training: TrainConfig
    mix: Mixer | None = None
    robust: Method | None = None
    activity: tuple[ActivityTerm, ...] = ()

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other; the loader and `held_out` see to the rest.

        Raises:
            InvalidInput: the batch size is no whole number, or the time step of the model is not
                that of the frames.
        """
        if type(self.batch_size) is not int:
            message = f"batch_size={self.batch_size!r} is no whole number"
            raise InvalidInput(message, hint="32 is a good start")
        _check_time_step(self.name, self.pipeline, self.model_options)

    def with_seed(self, seed: int) -> "Recipe":
        """Return the recipe with another seed of training."""
        return replace(self, training=replace(self.training, seed=seed))

    @property
    def evaluation_pipeline(self) -> Pipeline:
        """The pipeline without its random stages."""
        stages = self.pipeline.stages
        return Pipeline(*(s for s in stages if not (isinstance(s, EventTransform) and s.random)))

    @property
    def objective(self) -> Objective | None:
        """What training makes small; None: the plain loss."""
        return with_activity(self.robust, self.activity)

    def build_model(self, n_classes: int, input_shape: tuple[int, ...]) -> SpikingSequential:
        """Return the network with fresh weights, from torch's generator.

        Raises:
            NotFound: there is no such builder.
            InvalidInput: it has no such option, or not of that value.
        """
        try:
            return MODELS[self.model](n_classes, input_shape, **self.model_options)
        except (TypeError, ValueError, RuntimeError) as error:
            if isinstance(error, SpikelakeError):
                raise
            message = f"recipe {self.name!r}: {error}"
            raise InvalidInput(message, hint=f"see the options of {self.model!r}") from error

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for the record of a run."""
        mix = None if self.mix is None else mixer_to_dict(self.mix)
        return {
            "name": self.name,
            "about": self.about,
            "pipeline": json.loads(self.pipeline.to_json())["stages"],
            # Recipes without it keep the digest they had before there was any.
            **({} if mix is None else {"mix": mix}),
            "model": {"builder": self.model, **self.model_options},
            "data": {"batch_size": self.batch_size, "held_out": self.held_out},
            "training": self.training.to_dict(),
            **({} if self.robust is None else {"robust": method_to_dict(self.robust)}),
            **({"activity": [term_to_dict(t) for t in self.activity]} if self.activity else {}),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that such values describe.

        Raises:
            KeyError: a part is missing.
            NotFound: there is no such part or setting.
        InvalidInput: a part is wrong.
        """
        _refuse_unknown("part of a recipe", values, PARTS)
        _refuse_unknown("setting of [data]", values["data"], DATA_SETTINGS)
        model = dict(values["model"])
        document = {"format": PIPELINE_FORMAT, "stages": values["pipeline"]}
        return cls(
            name=values["name"],
            about=values["about"],
            pipeline=Pipeline.from_json(json.dumps(document)),
            model=model.pop("builder"),
            model_options=model,
            batch_size=values["data"]["batch_size"],
            held_out=values["data"]["held_out"],
            training=TrainConfig.from_dict(values["training"]),
            mix=mixer_from_dict(values["mix"]) if "mix" in values else None,
            robust=method_from_dict(values["robust"]) if "robust" in values else None,
            activity=tuple(map(term_from_dict, _listed(values.get("activity", ())))),
        )

    @property
    def digest(self) -> str:
        """Digest of everything in the recipe, the settings of training included."""
        return sha256_text(json.dumps(self.to_dict(), sort_keys=True))


def _check_time_step(name: str, pipeline: Pipeline, options: Mapping[str, Any]) -> None:
    """Refuse time constants in seconds of another time step than the frames have."""
    frames, dt = pipeline.stages[-1], options.get("dt")
    if isinstance(frames, FramesByTime) and isinstance(dt, int | float):
        window = frames.window_us / 1_000_000
        if not math.isclose(window, dt, rel_tol=1e-6):
            message = f"recipe {name!r}: frames of {window:g} s, but time steps of dt={dt:g} s"
            raise InvalidInput(message, hint=f"set dt = {window:g}, or window_us accordingly")


def _listed(activity: object) -> Sequence[Mapping[str, Any]]:
    if isinstance(activity, Mapping):
        message = "[activity] is one section, and there may be several"
        raise InvalidInput(message, hint="write [[activity]], with two brackets")
    return cast("Sequence[Mapping[str, Any]]", activity)


def _refuse_unknown(what: str, given: Iterable[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            raise NotFound.among(what, name, known)


def recipe_names() -> list[str]:
    """Return the names of the recipes that come with the package."""
    return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("*.toml"))


def load_recipe(name: str) -> Recipe:
    """Load a recipe by name, or from a file where the name ends in ``.toml``.

    Raises:
        NotFound: there is no such recipe or file.
        FormatError: the file is not a recipe.

    Examples:
        >>> load_recipe("nmnist-conv").name
        'nmnist-conv'
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name.replace('-', '_')}.toml"
    if not path.is_file():
        what, hint = "recipe", "or give a path to a .toml file"
        raise NotFound.among(what, name, recipe_names(), hint=hint)
    try:
        return Recipe.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        if isinstance(error, NotFound):
            raise
        fault = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        message, hint = f"not a recipe: {fault}", "compare it with a recipe of the package"
        raise FormatError(message, path=path, hint=hint) from error
