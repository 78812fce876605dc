"""Which repair helps against a step back in time."""

USUAL_BITS = (16, 17, 19, 20, 23, 24, 28, 31, 32, 34, 40)
"""Widths of the stamps of known sensors and formats."""

_NEARLY = 0.9


def back_step_hint(before: int, after: int) -> str:
    """Return a hint that names the repairs for a step back in time.

    Args:
        before: time before the step, in µs.
        after: time after it.

    Examples:
        >>> back_step_hint(4_294_967_100, 12)
        "the stamps may have run over: repair with 'unwrap:bits=32' (--repair)"
    """
    step = before - after
    for bits in USUAL_BITS:
        if _NEARLY * 2**bits < step <= 2**bits:
            return f"the stamps may have run over: repair with 'unwrap:bits={bits}' (--repair)"
    return "repair with 'sort', 'hold-time' or 'drop-backward' (--repair)"
