"""Every limit of a link between two cores, that is of pooling, as one named rule."""

from devices.rule import Broken, Rule
from devices.speck.chip import SpeckSpec
from devices.speck.cores import CoreLink
from devices.speck.layer_rules import choices
from eventstore.findings import Severity


def _pool_size(link: CoreLink, spec: SpeckSpec) -> Broken | None:
    if all(edge in spec.pools for edge in link.pool):
        return None
    height, width = link.pool
    return Broken(
        f"pooling {width} × {height} is not made of {choices(spec.pools)}",
        "pool by 2 or 4, or use a strided convolution",
    )


def _pool_square(link: CoreLink, _: SpeckSpec) -> Broken | None:
    height, width = link.pool
    if height == width:
        return None
    fix = "pool both axes alike"
    return Broken(f"pooling {width} × {height} is not square", fix)


def _pool_stride(link: CoreLink, _: SpeckSpec) -> Broken | None:
    for pool in link.pools:
        if pool.stride != pool.kernel:
            message = f"windows of pooling {pool.name!r} overlap or leave gaps: kernel "
            message += f"{pool.kernel[::-1]}, stride {pool.stride[::-1]}"
            return Broken(message, "use a stride equal to the kernel")
    return None


def _pool_border(link: CoreLink, _: SpeckSpec) -> Broken | None:
    sizes = link.map_shape[1:]
    if all(size % edge == 0 for size, edge in zip(sizes, link.pool, strict=True)):
        return None
    (height, width), (rows, columns) = sizes, link.pool
    message = f"map {width} × {height} is no multiple of the pooling {columns} × {rows}: the model "
    message += "drops the border, the chip may send its spikes on"
    return Broken(message, "choose padding or input size so that the map divides evenly")


LINK_RULES: tuple[Rule[CoreLink, SpeckSpec], ...] = (
    Rule(name="pool-size", test=_pool_size),
    Rule(name="pool-square", test=_pool_square),
    Rule(name="pool-stride", test=_pool_stride),
    Rule(name="pool-border", test=_pool_border, severity=Severity.WARNING),
)
"""Limits of a link between two layers."""
