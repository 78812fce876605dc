import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.coded import CodedNet
from devices.dynapse.config import make_config, network_digest
from devices.dynapse.config_checks import check_config
from devices.dynapse.config_net import net_from_config
from devices.dynapse.quantize import quantize_net
from eventstore.errors import DoesNotFit, InvalidInput
from tests.devices.dynapse.small_nets import coded_nets, drawn_net


@settings(max_examples=40, deadline=None)
@given(coded_nets())
def test_every_network_comes_back_from_its_configuration(net: CodedNet) -> None:
    config = json.loads(json.dumps(make_config(net, DYNAPSE2)))
    assert check_config(config, DYNAPSE2) == []
    back = net_from_config(config, DYNAPSE2)
    assert network_digest(back) == network_digest(net)
    assert make_config(back, DYNAPSE2) == config
    for one, other in zip(net.populations, back.populations, strict=True):
        np.testing.assert_array_equal(one.codes, other.codes)
        np.testing.assert_array_equal(one.signs, other.signs)
        assert (one.recurrent_codes is None) == (other.recurrent_codes is None)


def test_a_network_over_several_chips_comes_back_too() -> None:
    small = replace(DYNAPSE2, neurons_per_core=4)
    net = quantize_net(drawn_net((3, 40), 1), small)
    config = make_config(net, small)
    assert {core["chip"] for core in config["cores"]} == {0, 1, 2}
    first = config["inputs"][0]["destinations"]
    assert [(one["x_hop"], one["y_hop"]) for one in first] == [(1, 0), (2, 0), (3, 0)]
    assert check_config(config, small) == []
    assert network_digest(net_from_config(config, small)) == network_digest(net)


def test_spikes_of_outputs_go_to_the_host() -> None:
    config = make_config(quantize_net(drawn_net((3, 4, 2), 0), DYNAPSE2), DYNAPSE2)
    outputs = [n for core in config["cores"] for n in core["neurons"] if n["population"] == 1]
    for neuron in outputs:
        (host,) = neuron["destinations"]
        assert (host["x_hop"], host["y_hop"], host["tag"]) == (-7, -7, neuron["index"])
        assert host["cores"] == [True] * 4


def test_what_does_not_fit_is_refused() -> None:
    net = quantize_net(drawn_net((6, 2), 0), DYNAPSE2)
    wide = quantize_net(drawn_net((80, 2), 0), DYNAPSE2)
    with pytest.raises(DoesNotFit, match="neurons listen to"):
        make_config(wide, DYNAPSE2)
    with pytest.raises(InvalidInput, match="quantised for dynapse2, not for other"):
        make_config(net, replace(DYNAPSE2, name="other"))


def test_the_digest_tells_any_change() -> None:
    net = quantize_net(drawn_net((3, 4), 0), DYNAPSE2)
    others = [
        replace(net, currents=net.currents * 1.0000001),
        replace(net, base=net.base * 2),
        replace(net, dt=net.dt * 2),
        replace(net, populations=(replace(net.populations[0], name="other"),)),
    ]
    digests = [network_digest(one) for one in others]
    assert len({*digests[:3], network_digest(net)}) == 4
    assert digests[3] == network_digest(net)  # names do not matter
