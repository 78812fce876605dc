"""Configuration: every field of the reference, and all that it leaves out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.conformance import small_graph
from devices.results import Link, Mapping
from devices.speck.chip import SPECK2E, SPECK2F, SPECK2F_DEVKIT
from devices.speck.config import make_config
from devices.speck.config_checks import check_config
from devices.speck.config_options import ConfigOptions, ReadoutOptions
from devices.speck.mapping import map_layers
from devices.speck.quantize import quantize_graph
from eventstore.errors import InvalidInput, NotFound


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{at}]")
    else:
        yield path, value


@pytest.mark.parametrize("spec", [SPECK2E, SPECK2F_DEVKIT], ids=lambda spec: spec.name)
@pytest.mark.parametrize("name", ["seed", "variety"])
def test_every_field_equals_the_reference(
    oracle: Callable[[str], Any], shared_oracles: Path, name: str, spec: Any
) -> None:
    q = quantize_graph(oracle(name).graph, spec)
    mapping = oracle_mapping(q, spec)
    config = json.loads(json.dumps(make_config(q, mapping, spec)))
    reference = json.loads((shared_oracles / f"speck_{name}_{spec.name}.json").read_text())
    ours = dict(leaves(config))
    theirs = dict(leaves(reference))
    assert len(theirs) > 10_000
    assert {path: ours.get(path) for path in theirs} == theirs
    assert check_config(config, spec) == [
        f for f in check_config(config, spec) if f.check == "lower-bound-of-zero"
    ]


def oracle_mapping(q: Any, spec: Any) -> Mapping:
    """Return the mapping of the reference: layer k on core k."""
    uses = map_layers(q, spec).uses
    return Mapping(chip=spec.name, uses=tuple(replace(use, core=at) for at, use in enumerate(uses)))


def configured(spec: Any = SPECK2F, **options: Any) -> dict[str, Any]:
    q = quantize_graph(small_graph(), spec)
    return make_config(q, map_layers(q, spec), spec, ConfigOptions(**options))


def cores_of(config: dict[str, Any]) -> list[int]:
    return [row["core"] for row in config["header"]["quantisation"]]


def test_the_header_says_what_it_was_made_from() -> None:
    header = configured()["header"]
    assert (header["format_version"], header["chip"], header["input_shape"]) == (
        1,
        "speck2f",
        [2, 8, 8],
    )
    assert header["input_cores"] == [header["quantisation"][0]["core"]]
    assert [row["layer"] for row in header["quantisation"]] == ["0", "4"]
    assert all(row["scale"] > 1 for row in header["quantisation"])
    assert configured() == configured()


def test_monitors_and_decimators_are_those_asked_for() -> None:
    config = configured(monitor=("0",), decimate={"0": 128, "4": 1})
    first, last = (config["cnn_layers"][core] for core in cores_of(config))
    assert (first["monitor_enable"], last["monitor_enable"]) == (True, False)
    assert (first["output_decimator_enable"], first["output_decimator_interval"]) == (True, 5)
    assert last["output_decimator_enable"] is False
    for wrong in ({"monitor": ("conv",)}, {"decimate": {"1": 2}}):
        with pytest.raises(NotFound, match="no layer"):
            configured(**wrong)


def test_the_readout_is_fed_by_the_last_core() -> None:
    config = configured(readout=ReadoutOptions(threshold=9))
    last = config["cnn_layers"][cores_of(config)[-1]]
    assert last["destinations"][0] == {
        "enable": True,
        "layer": 12,
        "pooling": 1,
        "feature_shift": 0,
    }
    assert config["readout"]["threshold"] == 9
    assert check_config(config, SPECK2F) == []


def test_a_chip_without_readout_refuses_one() -> None:
    with pytest.raises(InvalidInput, match="has no on-chip readout"):
        configured(replace(SPECK2F, has_readout=False), readout=ReadoutOptions())


def test_older_chips_get_kill_bits() -> None:
    older = replace(SPECK2F, kill_bits=True)
    config = configured(older)
    core = config["cnn_layers"][cores_of(config)[0]]
    np.testing.assert_array_equal(core["weights_kill_bit"], np.array(core["weights"]) == 0)
    assert core["biases_kill_bit"] == [True] * 4
    assert not np.any(core["neurons_value_kill_bit"])
    assert check_config(config, older) == []
    assert next(f.where for f in check_config(config, SPECK2F)).endswith("weights_kill_bit")


def test_what_does_not_belong_together_is_refused(oracle: Callable[[str], Any]) -> None:
    q = quantize_graph(small_graph(), SPECK2F)
    mapping = map_layers(q, SPECK2F)
    with pytest.raises(InvalidInput, match="2 layers to speck2f does not fit 2 layers on speck2fd"):
        make_config(q, mapping, SPECK2F_DEVKIT)
    with pytest.raises(InvalidInput, match="0 layers"):
        make_config(q, Mapping(chip="speck2f", uses=()), SPECK2F)
    first, *rest = q.links
    pooled = replace(q, links=(Link(source=None, target=first.target, pool=2), *rest))
    with pytest.raises(InvalidInput, match="the input is pooled by 2 on its way to '0'"):
        make_config(pooled, mapping, SPECK2F)
