"""The family's chips, all steps through each of them."""

import numpy as np
import pytest

import devices
from devices.chips import CHIPS, chip
from devices.protocol import Chip, CoreChip
from devices.xylo.family import Xylo, xylo_audio3
from devices.xylo.quantize import Rounding
from devices.xylo.simulate import run_net
from eventstore.errors import DoesNotFit
from tests.devices.xylo.models import graph_of, made


@pytest.mark.parametrize("name", ["xylo_audio2", "xylo_audio3", "xylo_imu"])
def test_a_chip_of_the_family_has_no_cores_to_map_to(name: str) -> None:
    target = chip(name)
    assert isinstance(target, Chip)
    assert not isinstance(target, CoreChip)
    assert isinstance(target, Xylo)
    limits = dict(target.limits())
    assert limits["product"].startswith("syns6")
    assert devices.chip(name) is CHIPS[name]


def test_outputs_through_the_configuration_are_those_of_the_specification() -> None:
    rng = np.random.default_rng(1)
    frames = rng.poisson(1.5, (4, 40, 6))
    for kind in ("biased", "recurrent", "two synapses", "skipped"):
        net = xylo_audio3.quantize(graph_of(made(kind)), rounding=Rounding(method="global"))
        back = xylo_audio3.graph_from_config(xylo_audio3.config(net))
        whole, again = (run_net(one, frames, record=True) for one in (net, back))
        assert whole.traces is not None
        assert again.traces is not None
        assert whole.traces.spikes.any()
        np.testing.assert_array_equal(whole.output, again.output)
        np.testing.assert_array_equal(whole.traces.v_mem, again.traces.v_mem)
        np.testing.assert_array_equal(
            xylo_audio3.simulate(net, frames).output, whole.output.astype(np.int64)
        )


def test_ways_to_round_are_told_apart() -> None:
    graph = graph_of(made("feed-forward"))
    assert not xylo_audio3.check_rounding(graph, Rounding())
    (first, *_) = xylo_audio3.check_rounding(graph, Rounding(percentile=50))
    assert first.check == "clipped-weights"
    with pytest.raises(DoesNotFit, match="2 synapses"):
        chip("xylo_imu").quantize(graph_of(made("two synapses")))
