"""A network as two files of C99: integers only, no heap, no library.

The files hold constants in tables, a struct for the state, a function that resets it and one that
takes it a time step on. Nothing in them depends on how the compiler rounds, shifts or wraps, so
that they say the same on every processor.
"""

import re

from devices.c_export.source import CSource
from devices.c_export.speck_net import speck_source
from devices.c_export.xylo_net import xylo_source
from devices.results import QuantizedGraph
from devices.xylo.net import XyloNet
from eventstore.errors import InvalidInput

C_WORDS = (
    "auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while"
)
"""Names that C keeps for itself."""


def c_source(q: object, *, name: str = "net") -> CSource:
    """Return a quantised network as C.

    What a step of it gives is what a step of the chip's simulator gives: of a Xylo bit for bit what
    the chip does; of a Speck what the simulator in time steps does, whose sums are exact.

    Args:
        q: the network: a `XyloNet`, or a `QuantizedGraph` of a Speck.
        name: prefix of all names; a word of C.

    Raises:
        InvalidInput: the name is none that C takes, or the network of another family of chips.
        DoesNotFit: sums of a network may be too large for 64 bits.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name) or name in C_WORDS.split():
        message = f"{name!r} is no name for C"
        raise InvalidInput(message, hint="take lower case letters, digits and _, such as 'net'")
    if isinstance(q, XyloNet):
        return xylo_source(q, name)
    if isinstance(q, QuantizedGraph):
        return speck_source(q, name)
    message = f"a {type(q).__name__} is no network of integers"
    raise InvalidInput(message, hint="quantise for a Xylo or a Speck: they compute in integers")
