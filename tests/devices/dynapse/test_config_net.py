from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.config import make_config
from devices.dynapse.config_net import arrivals, sources_by_tag
from devices.dynapse.quantize import quantize_net
from devices.dynapse.routing import route
from tests.devices.dynapse.small_nets import drawn_net


def test_spikes_arrive_where_they_were_sent() -> None:
    net = quantize_net(drawn_net((3, 4, 2), 0, recurrent=True), DYNAPSE2)
    config, routing = make_config(net, DYNAPSE2), route(net, DYNAPSE2)
    found = {(source, core) for source, core, _, _ in arrivals(config, DYNAPSE2)}
    assert found == set(zip(*routing.reaches.nonzero(), strict=True))
    for (core, tag), source in sources_by_tag(config, DYNAPSE2).items():
        assert routing.tag[source] == tag
        assert routing.reaches[source, core]
