from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.coded import CodedNet
from devices.dynapse.quantize import quantize_net
from devices.dynapse.routing import route
from tests.devices.dynapse.small_nets import coded_nets, drawn_net


@settings(max_examples=30, deadline=None)
@given(coded_nets())
def test_sources_that_meet_on_a_core_have_different_tags(net: CodedNet) -> None:
    routing = route(net, DYNAPSE2)
    for core in range(DYNAPSE2.n_cores):
        tags = routing.tag[routing.reaches[:, core]]
        assert len(set(tags.tolist())) == len(tags)
        assert (tags >= 0).all()


@settings(max_examples=30, deadline=None)
@given(coded_nets())
def test_places_on_a_core_are_counted_through(net: CodedNet) -> None:
    routing = route(net, DYNAPSE2)
    for core in range(net.n_cores):
        slots = routing.slot[net.core == core]
        assert sorted(slots.tolist()) == list(range(len(slots)))


@settings(max_examples=30, deadline=None)
@given(coded_nets())
def test_a_source_reaches_the_cores_of_its_synapses_and_no_other(net: CodedNet) -> None:
    routing = route(net, DYNAPSE2)
    first = net.populations[0]
    for source in range(net.n_inputs):
        wanted = set(first.core[first.codes[source] > 0].tolist())
        assert set(np.flatnonzero(routing.reaches[source]).tolist()) == wanted


def test_sources_that_never_meet_share_tags() -> None:
    """Layers on cores of their own need as many tags as the widest of them, not as all."""
    net = quantize_net(drawn_net((30, 30, 30), 0), DYNAPSE2)
    assert route(net, DYNAPSE2).tag.max() == 29


def test_a_neuron_reaches_each_chip_by_one_destination() -> None:
    """Fifty neurons over all chips: of each source one destination a chip, none is lost."""
    small = replace(DYNAPSE2, neurons_per_core=4)
    net = quantize_net(drawn_net((3, 40), 1), small)
    chips = {small.chip_of(core) for core in net.core.tolist()}
    assert chips == {0, 1, 2}
    reached = route(net, small).reaches[0].reshape(4, 4).any(1)
    assert reached.tolist() == [True, True, True, False]
