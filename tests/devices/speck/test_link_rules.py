"""Rules of a link, one at a time and at the edge of each limit."""

import pytest

from devices.nodes import Pool
from devices.speck.chip import SPECK2F
from devices.speck.cores import CoreLink
from devices.speck.link_rules import LINK_RULES


def link(*kernels: tuple[int, int], stride: tuple[int, int] | None = None) -> CoreLink:
    pools, shape = [], (3, 32, 24)
    for index, kernel in enumerate(kernels):
        out = (3, shape[1] // kernel[0], shape[2] // kernel[1])
        pools.append(
            Pool(
                name=f"p{index}",
                input_shape=shape,
                output_shape=out,
                kind="average",
                kernel=kernel,
                stride=stride or kernel,
            )
        )
        shape = out
    return CoreLink(source="a", target="b", map_shape=(3, 32, 24), pools=tuple(pools))


@pytest.mark.parametrize(
    ("case", "broken"),
    [
        (link(), []),
        (link((4, 4)), []),
        (link((2, 2), (2, 2)), []),
        (link((2, 2), (4, 4)), ["pool-size"]),
        (link((3, 3)), ["pool-size", "pool-border"]),
        (link((2, 4)), ["pool-square"]),
        (link((2, 2), stride=(1, 1)), ["pool-stride"]),
    ],
)
def test_each_limit_is_found_and_nothing_else(case: CoreLink, broken: list[str]) -> None:
    assert [rule.name for rule in LINK_RULES if rule.test(case, SPECK2F)] == broken


def test_an_average_is_made_up_for_by_a_factor() -> None:
    assert (link((2, 2), (4, 4)).pool, link((2, 2), (4, 4)).rescale) == ((8, 8), 1 / 64)
