"""What a configuration switches off is left out of its network."""

import numpy as np

from devices.xylo.chip import XYLO_AUDIO3
from devices.xylo.config import make_config
from devices.xylo.config_net import net_from_config
from tests.devices.xylo.test_net import small_net


def test_what_is_switched_off_is_left_out() -> None:
    net = small_net(
        aliases=((1,), (), ()),
        bias_hidden=np.full(3, 5, np.int16),
        w_in=np.ones((2, 3, 2), np.int8),
        w_rec=np.ones((3, 3, 2), np.int8),
        dash_syn=np.full((3, 2), 3, np.int8),
    )
    config = make_config(net, XYLO_AUDIO3)
    config.update(bias_enable=False, synapse2_enable=False)
    config["hidden"]["aliasing"] = False
    found = net_from_config(config, XYLO_AUDIO3)
    assert (found.aliases, found.n_syn) == (((), (), ()), 1)
    assert found.bias_hidden is not None
    assert not found.bias_hidden.any()
    assert found.bias_out is None
