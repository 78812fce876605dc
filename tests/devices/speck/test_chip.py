"""The numbers of the data sheets."""

import pytest

from devices.speck.chip import (
    SPECK2E,
    SPECK2E_DEVKIT,
    SPECK2F,
    SPECK2F_DEVKIT,
    SPECK2F_MODULE,
    SpeckSpec,
    signed_range,
)


@pytest.mark.parametrize(
    "spec", [SPECK2E, SPECK2E_DEVKIT, SPECK2F, SPECK2F_DEVKIT, SPECK2F_MODULE], ids=lambda s: s.name
)
def test_nine_cores_hold_what_the_guide_says(spec: SpeckSpec) -> None:
    kibi = [core.kernel_words // 1024 for core in spec.cores]
    assert kibi == [16, 16, 16, 32, 32, 64, 64, 16, 16]
    kibi = [core.neuron_words // 1024 for core in spec.cores]
    assert kibi == [64, 64, 64, 32, 32, 16, 16, 16, 16]
    assert {core.bias_words for core in spec.cores} == {1024}


def test_ranges_of_integers() -> None:
    assert SPECK2F.weight_range == (-128, 127)
    assert SPECK2F.state_range == (-32768, 32767)
    assert signed_range(4) == (-8, 7)
