from devices.dynapse.chip import DYNAPSE2, SPECS


def test_numbers_are_those_of_the_chip() -> None:
    assert (DYNAPSE2.n_chips, DYNAPSE2.cores_per_chip, DYNAPSE2.neurons_per_core) == (4, 4, 256)
    assert (DYNAPSE2.synapses_per_neuron, DYNAPSE2.destinations_per_neuron) == (64, 4)
    assert DYNAPSE2.n_tags == 1 << 11
    assert [DYNAPSE2.chip_of(core) for core in (0, 3, 4, 15)] == [0, 0, 1, 3]
    assert len({spec.name for spec in SPECS}) == len(SPECS)
