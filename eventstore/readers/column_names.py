"""What other tools call the columns of events, and in which order they put them in a table.

A table of numbers without names tells its order by its values: polarities are 0 and 1, or -1 and 1,
and times hardly ever go back. Where more than one order fits, the order must be given.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Shaped

from eventstore.errors import InvalidInput

ALIASES = {
    "t": ("t", "ts", "time", "timestamp", "timestamps", "times"),
    "x": ("x", "xs"),
    "y": ("y", "ys"),
    "p": ("p", "ps", "pol", "polarity", "polarities", "on"),
    "c": ("c", "channel", "channels", "unit", "units", "address", "addresses"),
}
"""Names of each column, in lower case, the likeliest first."""

ORDERS = ("txyp", "xytp", "xypt", "ptxy")
"""Orders of tables that tools write; x always comes before y."""

_BACK_STEPS = 16


def find_columns(names: Iterable[str]) -> dict[str, str]:
    """Return which name stands for each column; empty unless there are ``t x y p`` or ``t c``.

    Examples:
        >>> find_columns(["Y", "ts", "x", "pol"])
        {'t': 'ts', 'x': 'x', 'y': 'Y', 'p': 'pol'}
        >>> find_columns(["t", "weights"])
        {}
    """
    by_lower = {name.lower(): name for name in reversed(list(names))}
    found = {
        letter: by_lower[alias]
        for letter, aliases in ALIASES.items()
        for alias in reversed(aliases)
        if alias in by_lower
    }
    for wanted in ("txyp", "tc"):
        if set(wanted) <= set(found):
            return {letter: found[letter] for letter in wanted}
    return {}


def check_order(order: str) -> str:
    """Return an order of columns, ``""`` for the one that the values tell.

    Raises:
        InvalidInput: it does not name each column once.
    """
    if order and sorted(order) not in (sorted("txyp"), sorted("tc")):
        message = f"{order!r} is no order of the columns t x y p, nor of t c"
        raise InvalidInput(message, hint="name each column once, as in columns=xypt")
    return order


def guess_order(rows: Shaped[np.ndarray, "n 4"]) -> str:
    """Return the one order of `ORDERS` that a table's values fit, ``""`` if none or several do.

    Examples:
        >>> guess_order(np.array([[9, 7, 1, 100], [8, 7, 0, 105], [3, 2, 1, 190]]))
        'xypt'
    """
    if len(rows) == 0:
        return ORDERS[0]
    on_off = [bool(np.isin(rows[:, i], (-1, 0, 1)).all()) for i in range(4)]
    with np.errstate(invalid="ignore"):
        steps_of = [np.diff(rows[:, i].astype(np.float64)) for i in range(4)]
    back = [int(np.count_nonzero(steps < 0)) for steps in steps_of]
    ordered = [steps <= len(rows) // _BACK_STEPS for steps in back]
    fitting = [o for o in ORDERS if on_off[o.index("p")] and ordered[o.index("t")]]
    return fitting[0] if len(fitting) == 1 else ""
