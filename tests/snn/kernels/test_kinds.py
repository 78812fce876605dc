from snn.dynamics import Neuron
from snn.kernels.kinds import Kind, Numbers, encoded
from snn.surrogate import Heaviside


def test_options_without_effect_share_a_kernel() -> None:
    quiet = encoded(Neuron(spiking=False))[0]
    loud = Neuron(spiking=False, reset="set", detach_reset=True, surrogate=Heaviside())
    assert quiet == encoded(loud)[0]
    assert encoded(Neuron(reset="none", detach_reset=True))[0] == encoded(Neuron(reset="none"))[0]


def test_is_read_back_by_name() -> None:
    neuron = Neuron(n_synapses=2, max_spikes=3, min_v_mem=-0.5, surrogate=Heaviside(scale=2.0))
    kind, numbers = encoded(neuron)
    assert Kind(*kind)._asdict() == {
        "n_synapses": 2,
        "adaptive": 0,
        "spiking": 1,
        "max_spikes": 3,
        "reset": 0,
        "detached": 0,
        "bounded": 1,
        "recurrent": 0,
        "surrogate": 2,
    }
    assert Numbers(*numbers)[:4] == (-0.5, 0.0, 0.5, 2.0)
