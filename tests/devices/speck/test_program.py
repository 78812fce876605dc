"""Networks laid out as arrays."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from devices.results import Link, QuantizedGraph
from devices.speck.program import NEVER, compile_program
from devices.speck.sim_settings import SimSettings
from eventstore.errors import DoesNotFit, NotFound
from tests.devices.speck.small_layers import one_weight_layer


def fork() -> QuantizedGraph:
    """Return a network in which a layer sends to two others, over different pooling."""
    one, two, three = (one_weight_layer(name) for name in ("one", "two", "three"))
    links = (
        Link(source=None, target="one"),
        Link(source="one", target="two"),
        Link(source="one", target="three", pool=2),
    )
    layers = (one, two, replace(three, input_shape=(1, 2, 2)))
    return QuantizedGraph(chip="any", input_shape=(1, 4, 4), layers=layers, links=links)


def test_links_lie_by_source_those_of_the_input_first() -> None:
    program = compile_program(fork())
    assert program.wiring.links.tolist() == [(0, 1, 4, 4, 0), (1, 1, 4, 4, 0), (2, 2, 2, 2, 0)]
    assert program.cores["first_link"].tolist() == [1, 3, 3]
    assert program.cores["n_links"].tolist() == [2, 0, 0]
    assert program.cores["monitored"].tolist() == [0, 1, 1]
    assert program.cores["first_neuron"].tolist() == [0, 16, 32]


def test_memory_is_fresh_each_time_and_small() -> None:
    program = compile_program(fork())
    memory = program.new_memory()
    memory.membrane[:] = 1
    memory.cores["spikes"] = 1
    again = program.new_memory()
    assert not again.membrane.any()
    assert not again.cores["spikes"].any()
    assert again.membrane.nbytes == 2 * program.n_neurons
    assert again.clock[0] == NEVER  # no bias: nothing to do at a tick


def test_the_slow_clock_runs_where_a_layer_has_biases() -> None:
    q = fork()
    biased = replace(q.layers[1], bias=np.array([3], np.int8))
    program = compile_program(replace(q, layers=(q.layers[0], biased, q.layers[2])))
    assert program.cores["biased"].tolist() == [0, 1, 0]
    assert program.new_memory().clock[:2].tolist() == [0, 1000]


def test_layers_that_are_not_there_are_named() -> None:
    with pytest.raises(NotFound, match="no layer 'to'") as error:
        compile_program(fork(), SimSettings(monitor=("to",)))
    assert error.value.hint == "did you mean 'two'?"
    with pytest.raises(NotFound, match="no layer 'four'"):
        compile_program(fork(), SimSettings(decimate={"four": 4}))
    with pytest.raises(NotFound, match="no layer 'five'"):
        compile_program(fork()).place_of("five")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": 0}, "threshold 0 of layer 'one' is not positive"),
        ({"lower_bound": 10}, "layer 'one' has the lower bound 10, which is not below"),
    ],
)
def test_neurons_that_fire_without_end_are_refused(changes: dict[str, Any], message: str) -> None:
    q = fork()
    layers = (replace(q.layers[0], **changes), *q.layers[1:])
    with pytest.raises(DoesNotFit, match=message):
        compile_program(replace(q, layers=layers))
