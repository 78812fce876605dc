"""Shares of a whole: how much of the data each fold is to have."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from eventstore.errors import InvalidInput

TRAIN_AND_TEST: Mapping[str, float] = {"train": 0.8, "test": 0.2}
"""What a rule takes where nothing else is asked for."""


def check_shares(fractions: Mapping[str, float]) -> None:
    """Refuse fractions that are not the shares of a whole.

    Raises:
        InvalidInput: they do not sum to 1, or one is not above 0, or a fold has no name.
    """
    shares = list(fractions.values())
    if not shares or not min(shares) > 0 or not abs(sum(shares) - 1) <= 1e-9:
        said = " ".join(f"{fold}={share:g}" for fold, share in fractions.items()) or "none"
        message = f"fractions {said} are not shares of a whole: their sum is {sum(shares):g}"
        raise InvalidInput(message, hint="shares above 0 that sum to 1: train=0.8 test=0.2")
    if "" in fractions:
        message = f"a fold of {dict(fractions)} has no name"
        raise InvalidInput(message, hint="for example train=0.8 test=0.2")


def borders(fractions: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield each fold and where its share ends in [0, 1]; the last ends at 1 exactly.

    Examples:
        >>> list(borders({"train": 0.75, "test": 0.25}))
        [('train', 0.75), ('test', 1.0)]
    """
    ends = list(accumulate(fractions.values()))
    yield from zip(fractions, [*ends[:-1], 1.0], strict=True)
