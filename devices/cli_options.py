"""Options that several verbs of chips share."""

from typing import Annotated, TypeAlias

import typer

SplitName: TypeAlias = Annotated[
    str,
    typer.Option(
        "--split",
        metavar="DATASET[@VERSION]/split:NAME",
        help="Samples: of a split, or of a task (/task:NAME).",
        show_default=False,
    ),
]

Fold: TypeAlias = Annotated[str, typer.Option(help="Fold of the split, or role in the task.")]

Limit: TypeAlias = Annotated[
    int, typer.Option(help="Use so many samples, spread over the fold; 0: all.", min=0)
]
