"""The error that there is no dataset at a path, which says what may be meant instead."""

from difflib import get_close_matches
from pathlib import Path

from eventstore.errors import NotFound

CARD = "dataset.yaml"


def no_dataset(root: Path) -> NotFound:
    """Return the error that there is no dataset at a path, with what may be meant.

    Examples:
        >>> print(no_dataset(Path("nowhere/walks")).hint)
        spikelake dataset create nowhere/walks makes one
    """
    hint = f"spikelake dataset create {root} makes one"
    if (root.parent / CARD).is_file():
        hint = f"splits and tasks are named {root.parent}/split:NAME and {root.parent}/task:NAME"
    if root.is_dir():
        return NotFound(f"{root} is not a dataset: it has no {CARD}", hint=hint)
    beside = [path.parent.name for path in root.parent.glob(f"*/{CARD}")]
    near = get_close_matches(root.name, beside, n=1)
    hint = f"did you mean {root.parent / near[0]}?" if near else hint
    return NotFound(f"no dataset at {root}", hint=hint)
