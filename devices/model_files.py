"""What a verb's MODEL may be: a run, a NIR file or a configuration; and samples for each."""

from pathlib import Path
from typing import TYPE_CHECKING

from eventstore.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from devices.nodes import Graph
    from devices.protocol import Chip, CoreChip, Q
    from devices.results import Mapping, QuantizedGraph
    from eventstore.loader import Loader
    from eventstore.selection import Selection
    from snn.sequential import SpikingSequential
    from snn.task_data import InTurn, TrainedOn
    from snn.tasks import Run

NIR_SUFFIXES = (".nir", ".h5", ".hdf5")
"""Files that are read as NIR."""

DEFAULT_CHIP = "speck2f"
"""Chip that is meant where none is named."""

RECORD = "run.json"
"""File of a run by which it may be named."""


def is_config(model: Path) -> bool:
    """Say whether a model is the file of a configuration, by its name.

    Examples:
        >>> is_config(Path("chip.json")), is_config(Path("runs/seed-0/run.json"))
        (True, False)
    """
    return model.suffix == ".json" and model.name != RECORD


def chip_name_of(model: Path, chip: str | None) -> str:
    """Return the chip that is meant: as named, else that of a configuration, else speck2f.

    Raises:
        NotFound: there is no such file, or it names no chip that is known.
        FormatError: the file is no configuration, or does not name its chip.
    """
    if chip is not None or not is_config(model):
        return chip or DEFAULT_CHIP
    from devices.config_file import chip_of, read_config

    return chip_of(read_config(model), model)


def graph_of(model: Path) -> "Graph":
    """Return the graph of a run or a NIR file.

    Args:
        model: folder of a run, or a file in it; or a file of NIR.

    Raises:
        NotFound: there is nothing of that name.
        InvalidInput: it is a configuration, which holds integers alone, or cannot go on a chip.
    """
    if is_config(model):
        message = f"{model} is a configuration: its floats are gone"
        raise InvalidInput(message, hint="spikelake chip simulate and diff take it as it is")
    if model.suffix in NIR_SUFFIXES:
        if not model.is_file():
            message = f"no file {model}"
            raise NotFound(message, hint="spikelake nir export writes one")
        from devices.nir_graph import graph_from_nir

        return graph_from_nir(model)
    from devices.graph import graph_from_model
    from snn.tasks import load_run

    run = load_run(model.parent if model.is_file() else model)
    return graph_from_model(run.model, run.input_shape)


def net_of(model: Path, chip: "Chip[Q]") -> "Q":
    """Return the integers of a run, a NIR file or a configuration on a chip.

    Raises:
        DoesNotFit: the network breaks a rule of the chip.
        FormatError: a configuration is bad, or for another chip.
    """
    if is_config(model):
        from devices.config_file import load_config

        return chip.graph_from_config(load_config(model, chip.name))
    return chip.quantize(graph_of(model))


def integers_of(model: Path, chip: "CoreChip") -> tuple["QuantizedGraph", "Mapping"]:
    """Return the integers of a run, a NIR file or a configuration on a chip, and their cores.

    Raises:
        DoesNotFit: the network breaks a rule of the chip.
        FormatError: a configuration is bad, or for another chip.
    """
    if is_config(model):
        from devices.config_file import load_config

        config = load_config(model, chip.name)
        return chip.graph_from_config(config), chip.mapping_from_config(config)
    q = chip.quantize(graph_of(model))
    return q, chip.map(q)


def network_of(model: Path) -> tuple["SpikingSequential", "Run | None"]:
    """Return the network in floats of a run or a NIR file, and the run if it is one.

    Raises:
        NotFound: there is nothing of that name.
        InvalidInput: it is a configuration, which holds integers alone.
    """
    from snn.tasks import load_run

    if is_config(model):
        message = f"{model} is a configuration: its floats are gone"
        raise InvalidInput(message, hint="spikelake chip simulate and diff take it as it is")
    if model.suffix in NIR_SUFFIXES:
        from snn.nir.file import read_nir
        from snn.nir.importing import from_nir

        return from_nir(read_nir(model)), None
    run = load_run(model.parent if model.is_file() else model)
    return run.model, run


def samples_of(
    model: Path, data: "TrainedOn", fold: str, *, limit: int = 0, bins: int | None = None
) -> "InTurn":
    """Return loaders of samples as a model takes them.

    A run brings its own pipeline; for a NIR file or a configuration, events are counted in
    ``bins`` frames a sample.

    Args:
        model: folder of a run, or a file of NIR or of a configuration.
        data: a split, or a round of a task.
        fold: fold of the split, or role in the task.
        limit: take so many samples, spread over all; 0: all.
        bins: frames a sample.

    Raises:
        InvalidInput: no number of bins where one is needed, or one where a run knows better.
    """
    from snn.task_data import InTurn, selections_for
    from snn.tasks import load_run, loaders_for

    if not is_config(model) and model.suffix not in NIR_SUFFIXES:
        if bins is not None:
            message = f"{model} is a run: its recipe says how events become frames"
            raise InvalidInput(message, hint="leave --bins out")
        run = load_run(model.parent if model.is_file() else model)
        return loaders_for(run, data, fold, limit=limit)
    if bins is None:
        message = f"{model} does not say how events become frames"
        raise InvalidInput(message, hint="give the number of frames a sample: --bins 20")
    loaders = [_binned(part, bins) for part in selections_for(data, fold, limit=limit)]
    if not is_config(model):
        _check_shape(model, loaders)
    return InTurn(loaders)


def round_of(model: Path) -> str:
    """Return the round of a task that a run was trained in; empty for other models."""
    from snn.tasks import load_run

    if is_config(model) or model.suffix in NIR_SUFFIXES:
        return ""
    return load_run(model.parent if model.is_file() else model).round


def _check_shape(model: Path, loaders: "list[Loader]") -> None:
    from snn.task_data import common_shape

    found, taken = common_shape(loaders), graph_of(model).input_shape
    if found != taken:
        message = f"{model} takes frames of {taken}, the samples give {found}"
        raise InvalidInput(message, hint="use samples of a sensor of that size")


def _binned(selection: "Selection", bins: int) -> "Loader":
    from eventstore.loader import Loader
    from eventstore.transforms.frames import FramesByBins
    from eventstore.transforms.pipeline import Pipeline

    return Loader(selection, Pipeline(FramesByBins(n_bins=bins)), batch_size=64, shuffle=False)
