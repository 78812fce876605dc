"""What a count of events looks like: one colour for each of 256 pairs of ON and OFF."""

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from eventstore.thumbnail import BOTH, OFF, ON
from eventstore.video.options import Ground

GROUNDS: dict[str, tuple[int, int, int]] = {"light": (255, 255, 255), "dark": (17, 20, 27)}
"""What lies behind the events."""

BRIGHT = 0.35
"""How far colours go to white on a dark ground, where they would be hard to see."""

FAINTEST = 0.65
"""Share of its colour that one event of many gives."""


def hues_and_shares(
    full: int,
) -> tuple[Int64[np.ndarray, " 256"], Float64[np.ndarray, " 256"]]:
    """Return the hue of each pair of counts, 0 OFF, 1 both, 2 ON, and how much of it is seen.

    Args:
        full: events of a polarity that give the full colour.

    Examples:
        >>> hue, share = hues_and_shares(2)
        >>> hue[[0x10, 0x01]].tolist(), share[[0x00, 0x10, 0x20]].tolist()
        ([2, 0], [0.0, 0.65, 1.0])
    """
    on, off = np.divmod(np.arange(256), 16)
    hue = np.where(on > 2 * off, 2, np.where(off > 2 * on, 0, 1))
    most = np.maximum(on, off)
    share = FAINTEST + (1 - FAINTEST) * np.clip((most - 1) / max(full - 1, 1), 0, 1)
    return hue, np.where(most == 0, 0.0, np.where(most >= full, 1.0, share))


def colour_table(full: int, ground: Ground) -> UInt8[np.ndarray, "256 3"]:
    """Return red, green and blue of each pair of counts, ON in the high four bits, OFF in the low.

    Args:
        full: events of a polarity that give the full colour.
        ground: what lies behind.

    Examples:
        >>> colour_table(1, "light")[[0x00, 0x10, 0x01]].tolist()
        [[255, 255, 255], [37, 99, 235], [234, 88, 12]]
    """
    behind = np.array(GROUNDS[ground], np.float64)
    hues = np.array([OFF, BOTH, ON], np.float64)
    if ground == "dark":
        hues += BRIGHT * (255 - hues)
    hue, share = hues_and_shares(full)
    mixed = np.rint(behind + share[:, None] * (hues[hue] - behind))
    return np.asarray(mixed, np.uint8)
