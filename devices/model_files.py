"""What a verb's MODEL may be: a run, a NIR file or a configuration; and samples for each."""

from pathlib import Path
from typing import TYPE_CHECKING

from eventstore.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from catalog.splits.split import Split
    from devices.nodes import Graph
    from devices.protocol import Chip, CoreChip, Q
    from devices.results import Mapping, QuantizedGraph
    from eventstore.loader import Loader

NIR_SUFFIXES = (".nir", ".h5", ".hdf5")
"""Files that are read as NIR."""


def graph_of(model: Path) -> "Graph":
    """Return the graph of a run or a NIR file.

    Args:
        model: folder of a run, or a file in it; or a file of NIR.

    Raises:
        NotFound: there is nothing of that name.
        InvalidInput: it is a configuration, which holds integers alone, or cannot go on a chip.
    """
    if model.suffix == ".json":
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
    if model.suffix == ".json":
        from devices.config_file import load_config

        return chip.graph_from_config(load_config(model, chip.name))
    return chip.quantize(graph_of(model))


def integers_of(model: Path, chip: "CoreChip") -> tuple["QuantizedGraph", "Mapping"]:
    """Return the integers of a run, a NIR file or a configuration on a chip, and their cores.

    Raises:
        DoesNotFit: the network breaks a rule of the chip.
        FormatError: a configuration is bad, or for another chip.
    """
    if model.suffix == ".json":
        from devices.config_file import load_config

        config = load_config(model, chip.name)
        return chip.graph_from_config(config), chip.mapping_from_config(config)
    q = chip.quantize(graph_of(model))
    return q, chip.map(q)


def samples_of(
    model: Path, split: "Split", fold: str, *, limit: int = 0, bins: int | None = None
) -> "Loader":
    """Return a loader of a fold's samples as a model takes them.

    A run brings its own pipeline; for a NIR file or a configuration, events are counted in
    ``bins`` frames a sample.

    Args:
        model: folder of a run, or a file of NIR or of a configuration.
        split: the split.
        fold: its fold.
        limit: take so many samples, spread over the fold; 0: all.
        bins: frames a sample.

    Raises:
        InvalidInput: no number of bins where one is needed, or one where a run knows better.
    """
    from snn.tasks import load_run, samples_for

    if model.is_dir() or model.suffix not in {".json", *NIR_SUFFIXES}:
        if bins is not None:
            message = f"{model} is a run: its recipe says how events become frames"
            raise InvalidInput(message, hint="leave --bins out")
        run = load_run(model.parent if model.is_file() else model)
        return samples_for(run, split, fold, limit=limit)
    if bins is None:
        message = f"{model} does not say how events become frames"
        raise InvalidInput(message, hint="give the number of frames a sample: --bins 20")
    return _binned(split, fold, limit, bins)


def _binned(split: "Split", fold: str, limit: int, bins: int) -> "Loader":
    import numpy as np

    from eventstore.loader import Loader
    from eventstore.transforms.frames import FramesByBins
    from eventstore.transforms.pipeline import Pipeline

    selection = split.selection(fold)
    if 0 < limit < len(selection):
        spread = np.linspace(0, len(selection) - 1, limit).astype(np.int64)
        selection = selection.take(spread)
    return Loader(selection, Pipeline(FramesByBins(n_bins=bins)), batch_size=64, shuffle=False)
