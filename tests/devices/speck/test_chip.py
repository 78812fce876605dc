"""The numbers of the data sheets."""

import pytest

from devices.chips import CHIPS
from devices.speck.chip import SPECK2F, SPECS, SpeckSpec, signed_range

MINI = {"speck2cmini", "speck2dmini"}


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_cores_hold_what_the_sources_say(spec: SpeckSpec) -> None:
    kernel = [core.kernel_words // 1024 for core in spec.cores]
    neuron = [core.neuron_words // 1024 for core in spec.cores]
    bias = [core.bias_words for core in spec.cores]
    if spec.name in MINI:
        assert (kernel, neuron) == ([16, 32, 32, 64, 16], [64, 32, 32, 16, 16])
        assert bias == [0, 0, 0, 1024, 1024]
    else:
        assert kernel == [16, 16, 16, 32, 32, 64, 64, 16, 16]
        assert neuron == [64, 64, 64, 32, 32, 16, 16, 16, 16]
        assert bias == [1024] * 9


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_what_sets_the_generations_apart(spec: SpeckSpec) -> None:
    assert spec.kill_bits == (spec.name in {"dynapcnndevkit", "speck2b", "speck2btiny"})
    assert spec.readout_channel_step == (4 if spec.name[:7] in {"speck2e", "speck2f"} else 1)
    assert spec.has_sensor == spec.has_readout == spec.name.startswith("speck")


def test_every_specification_is_a_chip_by_name() -> None:
    assert {spec.name for spec in SPECS} <= set(CHIPS)
    assert len({spec.name for spec in SPECS}) == len(SPECS) == 10


def test_ranges_of_integers() -> None:
    assert SPECK2F.weight_range == (-128, 127)
    assert SPECK2F.state_range == (-32768, 32767)
    assert signed_range(4) == (-8, 7)
