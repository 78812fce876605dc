"""Options that several verbs of training and evaluation take."""

import os
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print lines of JSON instead of a table.")]
Threads = Annotated[
    int | None, typer.Option(help="Threads to compute with; all cores if absent.", min=1)
]
TorchDevice = Annotated[str, typer.Option(help="Where to compute: cpu or cuda.")]


def is_first_process() -> bool:
    """Whether this is the process that tells and writes, of those that ``torchrun`` started."""
    return os.environ.get("RANK", "0") == "0"


def use_threads(threads: int | None) -> None:
    """Compute with so many threads from now on; None: with all cores."""
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
