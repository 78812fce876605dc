"""How a module that cannot go on a chip is named."""

from torch import nn

from devices.refusal import refused


def test_the_error_names_module_and_kind() -> None:
    error = refused("3", nn.ReLU(), "use snn.IAF()", "it does not spike")
    assert error.message == "module '3' (ReLU) cannot go on a chip: it does not spike"
    assert error.hint == "use snn.IAF()"
    assert refused("3", nn.ReLU(), "").message.endswith("cannot go on a chip")
