"""Spikes, gradients, training.

``layers``     one kind of neuron a file  ``dynamics``  the recurrence, as a plain loop
``surrogate``  gradients of spikes        ``kernels``   the same, fused (CPU)
``sequential`` networks over time         ``branching`` paths that part and meet within them
``passage``    what goes between modules  ``models``    builders that recipes name
``recipe``     pinned recipes             ``tasks``     train a recipe on a split, keep the run
``training``   the loop, resumable        ``evaluation`` accuracy, confusion, activity
``activity_count`` of each layer          ``latency``   accuracy over time
``synops``     synaptic operations        ``checkpoint`` whole or absent
``activity_loss`` spending less of them    ``conversion`` from rectifiers to spikes
``robustness`` mismatch, attacks, rounding, and how much they cost
``nir``        networks of and for other programs
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from snn.activity_count import LayerActivity
    from snn.activity_loss import RateLoss, SynopsLoss
    from snn.activity_terms import ActivityTerm, WithActivity
    from snn.branching import Branching
    from snn.conversion.batch_norm import fold_batch_norm
    from snn.conversion.convert import Conversion, convert
    from snn.csv_log import CsvLog
    from snn.epoch_log import EpochLog
    from snn.evaluation import ClassScore, Evaluation, evaluate
    from snn.latency import Latency
    from snn.layers import (
        ALIF,
        IAF,
        LIF,
        AxonalDelay,
        CubaLIF,
        ExpLeak,
        ParallelLIF,
        Recurrent,
        State,
    )
    from snn.nir.check import check_nir
    from snn.nir.exporting import to_nir
    from snn.nir.file import read_nir, write_nir
    from snn.nir.importing import from_nir
    from snn.nir.nodes import NIRGraph
    from snn.progress import EpochRow, StepReport
    from snn.recipe import Recipe, load_recipe
    from snn.robustness.adversarial import AdversarialTraining
    from snn.robustness.mismatch import Mismatch
    from snn.robustness.noisy_forward import NoisyForward
    from snn.robustness.quantised import QuantisedTraining
    from snn.robustness_of_runs.options import ReportOptions
    from snn.robustness_of_runs.report import RobustnessReport, robustness_report
    from snn.sequential import SpikingSequential
    from snn.surrogate import (
        ArcTan,
        FastSigmoid,
        Gaussian,
        Heaviside,
        MultiGaussian,
        PeriodicExponential,
        SingleExponential,
        StraightThrough,
        Triangular,
    )
    from snn.synops import synaptic_operations
    from snn.tasks import Run, load_run, train_task
    from snn.tensorboard_log import TensorBoardLog
    from snn.train_config import TrainConfig
    from snn.training import TrainResult, train

__all__ = [
    "ALIF",
    "IAF",
    "LIF",
    "ActivityTerm",
    "AdversarialTraining",
    "ArcTan",
    "AxonalDelay",
    "Branching",
    "ClassScore",
    "Conversion",
    "CsvLog",
    "CubaLIF",
    "EpochLog",
    "EpochRow",
    "Evaluation",
    "ExpLeak",
    "FastSigmoid",
    "Gaussian",
    "Heaviside",
    "Latency",
    "LayerActivity",
    "Mismatch",
    "MultiGaussian",
    "NIRGraph",
    "NoisyForward",
    "ParallelLIF",
    "PeriodicExponential",
    "QuantisedTraining",
    "RateLoss",
    "Recipe",
    "Recurrent",
    "ReportOptions",
    "RobustnessReport",
    "Run",
    "SingleExponential",
    "SpikingSequential",
    "State",
    "StepReport",
    "StraightThrough",
    "SynopsLoss",
    "TensorBoardLog",
    "TrainConfig",
    "TrainResult",
    "Triangular",
    "WithActivity",
    "check_nir",
    "convert",
    "evaluate",
    "fold_batch_norm",
    "from_nir",
    "load_recipe",
    "load_run",
    "read_nir",
    "robustness_report",
    "synaptic_operations",
    "to_nir",
    "train",
    "train_task",
    "write_nir",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "IAF": "snn.layers",
        "LIF": "snn.layers",
        "ALIF": "snn.layers",
        "AxonalDelay": "snn.layers",
        "CubaLIF": "snn.layers",
        "ParallelLIF": "snn.layers",
        "Recurrent": "snn.layers",
        "Gaussian": "snn.surrogate",
        "MultiGaussian": "snn.surrogate",
        "FastSigmoid": "snn.surrogate",
        "ArcTan": "snn.surrogate",
        "Triangular": "snn.surrogate",
        "StraightThrough": "snn.surrogate",
        "CsvLog": "snn.csv_log",
        "EpochLog": "snn.epoch_log",
        "EpochRow": "snn.progress",
        "ClassScore": "snn.evaluation",
        "Evaluation": "snn.evaluation",
        "Latency": "snn.latency",
        "LayerActivity": "snn.activity_count",
        "ExpLeak": "snn.layers",
        "Heaviside": "snn.surrogate",
        "PeriodicExponential": "snn.surrogate",
        "AdversarialTraining": "snn.robustness.adversarial",
        "Mismatch": "snn.robustness.mismatch",
        "NIRGraph": "snn.nir.nodes",
        "check_nir": "snn.nir.check",
        "from_nir": "snn.nir.importing",
        "read_nir": "snn.nir.file",
        "to_nir": "snn.nir.exporting",
        "write_nir": "snn.nir.file",
        "NoisyForward": "snn.robustness.noisy_forward",
        "QuantisedTraining": "snn.robustness.quantised",
        "ReportOptions": "snn.robustness_of_runs.options",
        "RobustnessReport": "snn.robustness_of_runs.report",
        "robustness_report": "snn.robustness_of_runs.report",
        "Recipe": "snn.recipe",
        "Run": "snn.tasks",
        "SingleExponential": "snn.surrogate",
        "Branching": "snn.branching",
        "SpikingSequential": "snn.sequential",
        "State": "snn.layers",
        "StepReport": "snn.progress",
        "TensorBoardLog": "snn.tensorboard_log",
        "TrainConfig": "snn.train_config",
        "TrainResult": "snn.training",
        "Conversion": "snn.conversion.convert",
        "convert": "snn.conversion.convert",
        "fold_batch_norm": "snn.conversion.batch_norm",
        "RateLoss": "snn.activity_loss",
        "SynopsLoss": "snn.activity_loss",
        "ActivityTerm": "snn.activity_terms",
        "WithActivity": "snn.activity_terms",
        "synaptic_operations": "snn.synops",
        "evaluate": "snn.evaluation",
        "train": "snn.training",
        "load_recipe": "snn.recipe",
        "load_run": "snn.tasks",
        "train_task": "snn.tasks",
    },
)
