"""A trained network as ONNX: one time step in floats, its states going in and coming out."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from devices.onnx_step import SingleStep
from eventstore.errors import AlreadyExists, MissingExtra
from snn.evaluating import evaluating
from snn.sequential import SpikingSequential

OPSET = 20
"""Version of the operators: what runtimes since the end of 2023 know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxFile:
    """A file of ONNX and what goes in and out of it.

    Args:
        path: the file.
        states: name and shape of each state; ``state_NAME`` goes in, ``state_NAME_out`` comes out.
        input_shape: shape of ``input`` without its batch.
        output_shape: shape of ``output`` without its batch.
    """

    path: Path
    states: tuple[tuple[str, tuple[int, ...]], ...]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]


def write_onnx(
    model: SpikingSequential,
    input_shape: tuple[int, ...],
    path: Path,
    *,
    overwrite: bool = False,
) -> OnnxFile:
    """Write one time step of a network as a file of ONNX.

    Inputs are ``input`` and ``state_NAME`` for each layer with memory, outputs are ``output`` and
    ``state_NAME_out``, each with a batch of any size as its first axis. Begin with states of zeros
    and hand what comes out in again. It computes as the network does while evaluating.

    Args:
        model: the network.
        input_shape: shape of one time step of one sample.
        path: file to write.
        overwrite: replace it if it is there.

    Raises:
        MissingExtra: onnx and onnxscript are not installed.
        AlreadyExists: the file is there.
        InvalidInput: a layer with memory has no form of one step.
    """
    check_onnx(path, overwrite=overwrite)
    with evaluating(model):
        made, step, states = _exported(model, input_shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(str(path))
    with torch.no_grad():
        y = step(torch.zeros(1, *input_shape), *(one[:1] for one in states))[0]
    return OnnxFile(
        path=path,
        states=tuple(
            (_named(name), tuple(one.shape[1:]))
            for name, one in zip(step.state_names, states, strict=True)
        ),
        input_shape=tuple(input_shape),
        output_shape=tuple(y.shape[1:]),
    )


def check_onnx(path: Path, *, overwrite: bool = False) -> None:
    """Refuse to begin without what writes ONNX, or where the file is there.

    Raises:
        MissingExtra: onnx and onnxscript are not installed.
        AlreadyExists: the file is there.
    """
    if path.exists() and not overwrite:
        message = f"{path} is there already"
        raise AlreadyExists(message, hint="choose another file, or replace it: --overwrite")
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        message = f"writing ONNX needs {error.name}"
        raise MissingExtra(message, hint="pip install 'spikelake[onnx]'") from error


def _exported(
    model: SpikingSequential, input_shape: tuple[int, ...]
) -> tuple[Any, SingleStep, tuple[torch.Tensor, ...]]:
    """Return the program, the step that it was made from, and states of two samples."""
    step = SingleStep(model).eval()
    x = torch.zeros(2, *input_shape)  # a batch of one would be taken for a constant
    states = step.initial_states(x)
    names = [_named(name) for name in step.state_names]
    batch = {0: torch.export.Dim("batch")}
    with _quietly(), torch.no_grad():
        made = torch.onnx.export(
            step,
            (x, *states),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=["input", *names],
            output_names=["output", *(f"{name}_out" for name in names)],
            dynamic_shapes={"x": batch, "states": tuple(batch for _ in states)},
        )
    return made, step, states


def _named(layer: str) -> str:
    return f"state_{layer}"


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep the exporter's progress and its advice to its own developers to itself."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
