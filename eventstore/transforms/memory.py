"""How far back transforms look: what a window of a long recording must begin with.

A transform from events to events may state ``memory_us``: then each event's fate depends on nothing
but itself and the events up to so long before it, neither on where its sample begins nor ends, and
its time stays what it is. 0 says that each event is looked at by itself. One that states nothing
may look as far as it likes.
"""

from collections.abc import Iterable

from eventstore.errors import InvalidInput


def memory_of(stages: Iterable[object]) -> int:
    """Return how far back a chain of transforms looks, in µs: the sum over its stages.

    Raises:
        InvalidInput: a stage is random, makes no events, or does not say how far back it looks.

    Examples:
        >>> from eventstore.transforms import Denoise, Downsample
        >>> memory_of([Denoise(filter_time_us=500), Downsample(factor=2)])
        500
    """
    total = 0
    for i, stage in enumerate(stages):
        name = type(stage).__name__
        memory = getattr(stage, "memory_us", None)
        if not isinstance(memory, int) or getattr(stage, "random", True):
            message = f"stage {i} ({name}) does not say how far back it looks"
            hint = "a recording can be cut only where all stages state memory_us and none is random"
            raise InvalidInput(message, hint=hint)
        total += memory
    return total
