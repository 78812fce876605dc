"""Whether caching pays: what making a block anew costs against taking it from the cache."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

ADVANTAGE = 1.25
"""The cache is used where it is that much faster: less is within what such measuring can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was measured on a few blocks, and what follows from it.

    Args:
        use: whether to use the cache.
        compute_s: seconds to make a block from the store, the median.
        load_s: seconds to take one from the cache.
        store_s: seconds to put one into the cache; 0.0 where all were there.
        n_blocks: how many were measured.
        obstacle: why none could be put into the cache; empty where they could.

    Examples:
        >>> print(worth_caching([0.04, 0.05, 0.06], [0.001, 0.001, 0.002], []))
        used: a block takes 50.0 ms to make, 1.0 ms from the cache (50.0 times as fast)
        >>> print(worth_caching([0.001], [0.004], [0.009]))
        not used: a block takes 1.0 ms to make, 4.0 ms from the cache (0.2 times as fast)
    """

    use: bool
    compute_s: float
    load_s: float
    store_s: float
    n_blocks: int
    obstacle: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Verdict":
        """Return the verdict that `to_dict` described.

        Raises:
            KeyError: a field is missing.
        """
        return cls(**{name: fields[name] for name in cls.__dataclass_fields__})

    def __str__(self) -> str:
        """Return it in words."""
        if self.obstacle:
            return f"not used: {self.obstacle}"
        faster = self.compute_s / max(self.load_s, 1e-9)
        said = (
            f"{'used' if self.use else 'not used'}: a block takes {self.compute_s * 1e3:.1f} ms to "
            f"make, {self.load_s * 1e3:.1f} ms from the cache ({faster:.1f} times as fast)"
        )
        gain = self.compute_s - self.load_s
        if self.use and self.store_s > gain:
            said += f"; keeping it costs {self.store_s * 1e3:.1f} ms, gained back after "
            said += f"{self.store_s / gain:.1f} epochs"
        return said


def worth_caching(
    compute_s: Sequence[float],
    load_s: Sequence[float],
    store_s: Sequence[float],
    *,
    obstacle: str = "",
) -> Verdict:
    """Decide whether to use the cache, from seconds measured on a few blocks.

    Args:
        compute_s: to make each from the store.
        load_s: to take each from the cache.
        store_s: to put into the cache those that were not there.
        obstacle: why nothing could be put there; empty where it could.
    """
    made, loaded = median(compute_s), median(load_s)
    return Verdict(
        use=not obstacle and made >= ADVANTAGE * loaded,
        compute_s=made,
        load_s=loaded,
        store_s=median(store_s) if store_s else 0.0,
        n_blocks=len(compute_s),
        obstacle=obstacle,
    )
