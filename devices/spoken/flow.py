"""Spoken digits in one function: archive → dataset → training → tuning → chip → facts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog import Split
from catalog.public.entry import load_entry
from catalog.tasks.task import TaskRound
from devices.chips import chip
from devices.config_file import write_config
from devices.demo.run import Stages, author
from devices.graph import graph_from_model
from devices.protocol import Chip
from devices.report_file import write_report
from devices.report_options import ReportOptions
from devices.spoken.dataset import (
    ENCODINGS,
    ENTRY,
    OFFICIAL,
    SPEAKERS,
    VERSION,
    ears_of,
    make_spoken,
)
from devices.spoken.facts import SpeakerFacts, SpokenFacts
from devices.spoken.hearing import HearingFacts, choose_rule, measure_hearing, output_spikes
from devices.spoken.words import Stringing, spoken_words, string_words
from devices.tuning import TuneConfig, chip_accuracy, tune_run
from devices.xylo.keywords import KeywordRule
from devices.xylo.net import XyloNet
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.transforms.frames import FramesByTime
from snn.progress import EpochRow
from snn.recipe import Recipe, load_recipe
from snn.robustness.noisy_forward import NoisyForward
from snn.tasks import Run, samples_for, train_task

Say = Callable[[str], None]

STREAM_RULE = KeywordRule(window_steps=30, rest_steps=40)
"""Window and rest of keywords; threshold and lead are chosen on training words."""

N_INPUTS = 16
"""Bands that the front ends have, each an input of the network."""

MOST_WORDS = 300
"""Words strung together to choose by, and to measure with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenConfig:
    """What a run of the flow does.

    Args:
        archive: Free Spoken Digits, ``.tar.gz``.
        out: folder for everything that is written; new or empty.
        chip: name of a chip that hears: ``xylo_audio3`` or ``xylo_audio2``.
        encoding: what the sounds are heard by; the chip's front end where None.
        recipe: name of the training recipe.
        seed: of training and tuning.
        epochs: of training; the recipe's where None.
        tune_epochs: of training through the chip's integers.
        tune_rate: its highest learning rate.
        noise: standard deviation of the noise on the network's numbers in training, as a share of
            each; 0: none.
        speakers: whether to train once more for each speaker, left out, in half the epochs.

    Raises:
        InvalidInput: the chip has no ears, or a number is below 1.
    """

    archive: Path
    out: Path
    chip: str = "xylo_audio3"
    encoding: str | None = None
    recipe: str = "free-spoken-digits-xylo"
    seed: int = 0
    epochs: int | None = None
    tune_epochs: int = 12
    tune_rate: float = 2e-3
    noise: float = 0.0
    speakers: bool = True

    def __post_init__(self) -> None:
        if self.encoding is None and self.chip not in ENCODINGS:
            message = f"{self.chip} has no front end for sound"
            raise InvalidInput(message, hint=f"use one of {', '.join(ENCODINGS)}")
        for name in ("epochs", "tune_epochs"):
            value = getattr(self, name)
            if value is not None and value < 1:
                message = f"{name}={value} is below 1"
                raise InvalidInput(message, hint=f"leave {name} out, or give 1 or more")

    @property
    def heard_by(self) -> str:
        """The encoding, as the reader takes it."""
        return self.encoding or ENCODINGS[self.chip]

    @property
    def tuning(self) -> TuneConfig:
        """Settings of the training through integers."""
        return TuneConfig(
            finer=1, epochs=self.tune_epochs, learning_rate=self.tune_rate, seed=self.seed
        )

    def training_recipe(self) -> Recipe:
        """Return the recipe with the epochs and the seed asked for."""
        recipe = load_recipe(self.recipe).with_seed(self.seed)
        if self.noise:
            recipe = replace(recipe, robust=NoisyForward(sigma=self.noise))
        if self.epochs is None:
            return recipe
        return replace(recipe, training=replace(recipe.training, epochs=self.epochs))

    def halved(self) -> "SpokenConfig":
        """Return the same with half the epochs, for each speaker left out."""
        epochs = self.training_recipe().training.epochs
        return replace(self, epochs=-(-epochs // 2), tune_epochs=-(-self.tune_epochs // 2))


def check_spoken(config: SpokenConfig) -> dict[str, Any]:
    """Refuse what cannot be done, before anything is written; return what would be done.

    Raises:
        NotFound: there is no such archive, encoding, chip or recipe.
        AlreadyExists: the output folder holds something.
        DoesNotFit: the recipe's network breaks a rule of the chip.
        InvalidInput: the recipe's time step is not one that the front end counts spikes over.
    """
    if not config.archive.is_file():
        message = f"no archive {config.archive}"
        raise NotFound(message, hint="spikelake public show free-spoken-digits says where it is")
    if config.out.exists() and any(config.out.iterdir()):
        message = f"{config.out} holds something already"
        raise AlreadyExists(message, hint="choose a new folder with --out")
    recipe = config.training_recipe()
    ears, frames = ears_of(config.heard_by), recipe.pipeline.stages[-1]
    if ears and isinstance(frames, FramesByTime) and frames.window_us != ears.window_us:
        message = (
            f"{config.heard_by} counts spikes over steps of {ears.window_us} µs, the recipe "
            f"{recipe.name} over {frames.window_us} µs"
        )
        raise InvalidInput(message, hint="give both one step: raster_samples, window_us and dt")
    model = recipe.build_model(len(load_entry(ENTRY).classes), (N_INPUTS,))
    chip(config.chip).quantize(graph_from_model(model, (N_INPUTS,)))
    return {
        "archive": str(config.archive),
        "out": str(config.out),
        "chip": config.chip,
        "heard_by": config.heard_by,
        "recipe": recipe.name,
        "epochs": recipe.training.epochs,
        "tune_epochs": config.tune_epochs,
        "speakers": config.speakers,
        "dry_run": True,
    }


def run_spoken(config: SpokenConfig, *, say: Say = lambda _: None) -> SpokenFacts:
    """Do the audio job once; below ``config.out`` lie dataset, runs, report and configuration.

    Args:
        config: what to do.
        say: is told of each stage and epoch, one line each.

    Raises:
        NotFound: there is no such archive, encoding, chip or recipe.
        AlreadyExists: the output folder holds something.
        DoesNotFit: the recipe's network breaks a rule of the chip.
        InvalidInput: the recipe's time step is not one that the front end counts spikes over.
    """
    check_spoken(config)
    target, stages = chip(config.chip), Stages(say)
    with author(), stages.stage("dataset", f"{config.archive.name}, heard by {config.heard_by}"):
        dataset = make_spoken(config.archive, config.out / "digits", config.heard_by)
    with dataset.at(VERSION) as opened:
        split = opened.split(OFFICIAL)
        run, tuned, before = _train_and_tune(config, split, target, stages)
        with stages.stage("chip", f"compare with the {config.chip} in integers"):
            _report(config, tuned, split, target)
        with stages.stage("listen", "words strung together, heard as a stream"):
            hearing = _hear(config, tuned, target)
        speakers = _leave_out(config, opened.split(SPEAKERS), target, stages)
        return SpokenFacts(
            reference=str(split.reference),
            encoding=config.heard_by,
            recipe=config.recipe,
            chip=config.chip,
            n_recordings=opened.store.n_recordings,
            n_events=opened.store.n_events,
            n_test=len(split.selection("test")),
            float_accuracy=run.metrics["accuracy"],
            tuned_float_accuracy=tuned.metrics["accuracy"],
            chip_accuracy=tuned.metrics["chip"]["chip_accuracy"],
            untuned_chip_accuracy=before,
            hearing=hearing,
            speakers=speakers,
            seconds=stages.seconds,
        )


def _train_and_tune(
    config: SpokenConfig, split: Split, target: Chip[Any], stages: Stages
) -> tuple[Run, Run, float]:
    """Return the trained and the tuned run, and what the chip made of the first."""
    with stages.stage("train", config.recipe):
        run = train_task(
            split, config.training_recipe(), config.out / "float", on_epoch=_told(stages, "float")
        )
    before = _on_chip(target, run, split)
    with stages.stage("tune", f"train on through the integers of the {config.chip}"):
        tuned = tune_run(
            run,
            split,
            target,
            config.out / "tuned",
            config=config.tuning,
            on_epoch=_told(stages, "tuned"),
        )
    return run, tuned, before


def _report(config: SpokenConfig, tuned: Run, split: Split, target: Chip[Any]) -> None:
    samples = samples_for(tuned, split, "test")
    test = split.selection("test")
    seconds = float((test.t_stop - test.t_start).mean()) / 1e6
    report = target.report(tuned.model, samples, ReportOptions(seconds_per_sample=seconds))
    write_report(report, config.out / "report.json")
    q = target.quantize(graph_from_model(tuned.model, tuned.input_shape))
    write_config(target.config(q), config.out / "config.json")


def _hear(config: SpokenConfig, tuned: Run, target: Chip[Any]) -> HearingFacts | None:
    """Measure keywords in a stream of test words, by a rule chosen on training words.

    None where the encoding is no chip's front end, which alone hears streams.
    """
    ears = ears_of(config.heard_by)
    net = target.quantize(graph_from_model(tuned.model, tuned.input_shape))
    if ears is None or not isinstance(net, XyloNet):
        return None
    streams = []
    for seed, fold in enumerate(("train", "test")):
        words = spoken_words(config.archive, fold)
        words = words[:: max(1, len(words) // MOST_WORDS)]
        sound, spoken = string_words(words, tuned.label_names, net.dt, Stringing(seed=seed))
        streams.append((output_spikes(net, ears, sound), spoken))
    rule = choose_rule(*streams[0], STREAM_RULE, net.dt)
    return measure_hearing(*streams[1], rule, net.dt)


def _leave_out(
    config: SpokenConfig, split: Split, target: Chip[Any], stages: Stages
) -> tuple[SpeakerFacts, ...]:
    """Train once for each speaker, on the others."""
    found, fast = [], config.halved()
    for round_ in split.rounds() if config.speakers else ():
        data = _without(split, round_.name)
        folder = config.out / "speakers" / round_.name
        with stages.stage("speakers", f"train without {round_.name}"):
            run = train_task(data, fast.training_recipe(), folder / "float")
            before = run.metrics["accuracy"]
            tuned = tune_run(run, data, target, folder / "tuned", config=fast.tuning)
        after = tuned.metrics["chip"]["chip_accuracy"]
        stages.say(f"  {round_.name}: float {100 * before:.1f} %, chip {100 * after:.1f} %")
        found.append(
            SpeakerFacts(
                speaker=round_.name,
                n_test=len(round_.test),
                float_accuracy=before,
                chip_accuracy=after,
            )
        )
    return tuple(found)


def _without(split: Split, speaker: str) -> TaskRound:
    """Return what to train and test on where a speaker is left out."""
    left_out = split.round(speaker)
    return TaskRound(
        name=speaker,
        reference=split.reference,
        label_names=split.label_names,
        train=(left_out.train,),
        validation=(),
        test=(left_out.test,),
    )


def _on_chip(target: Chip[Any], run: Run, split: Split) -> float:
    tested = samples_for(run, split, "test")
    right, n = chip_accuracy(target, run.model, run.input_shape, tested)
    return right / n


def _told(stages: Stages, what: str) -> Callable[[EpochRow], None]:
    def tell(row: EpochRow) -> None:
        held_out = row.held_out_accuracy
        seen = "" if held_out is None else f", {100 * held_out:.1f} % of held-out recordings"
        stages.say(f"  {what}, epoch {row.epoch + 1}: loss {row.loss:.3f}{seen}")

    return tell
