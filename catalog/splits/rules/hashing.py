"""The hash that rules assign by.

It is sha256 of text, spelled out here: never a library's random stream, never row order, never
Python's ``hash``, so that a rule gives the same folds on any machine in any year.
"""

import hashlib


def unit_hash(salt: str, name: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the two texts.

    The first 64 bits of sha256 over ``salt``, a tab and ``name``, in UTF-8.

    Examples:
        >>> round(unit_hash("", "a"), 6)
        0.757751
    """
    digest = hashlib.sha256(f"{salt}\t{name}".encode()).digest()
    # 53 bits are what a float holds: rounding 64 bits could give 1.0 itself.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53
