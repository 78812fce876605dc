from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from eventstore.errors import FormatError, InvalidInput, NotFound
from snn.nir.file import MAX_DEPTH, read_nir, write_nir
from snn.nir.nodes import (
    IF,
    LI,
    LIF,
    NODES,
    Affine,
    AvgPool2d,
    Conv1d,
    Conv2d,
    CubaLI,
    CubaLIF,
    Delay,
    Flatten,
    I,
    Input,
    Linear,
    NIRGraph,
    Node,
    Output,
    Scale,
    SumPool2d,
    Threshold,
)

F = np.float32
CONV: dict[str, Any] = {"stride": (1,), "dilation": (1,), "groups": 1}
ONE = np.ones(3, F)
LEAK: dict[str, Any] = {"r": ONE, "v_leak": 0 * ONE}
CUBA: dict[str, Any] = LEAK | {"tau_mem": ONE, "tau_syn": ONE, "w_in": ONE}
POOL: dict[str, Any] = {"kernel_size": (2, 3), "stride": (1, 2), "padding": (0, 1)}
EVERY: tuple[Node, ...] = (
    Affine(weight=np.ones((2, 3), F), bias=np.ones(2, F)),
    Linear(weight=np.ones((2, 3), np.float64)),
    Scale(scale=ONE),
    Conv1d(
        weight=np.ones((2, 1, 3), F), bias=np.ones(2, F), padding=(1,), input_shape=(9,), **CONV
    ),
    Conv2d(weight=np.ones((2, 1, 3, 3), F), bias=np.ones(2, F), padding="same", **CONV),
    SumPool2d(**POOL),
    AvgPool2d(**POOL),
    Flatten(input_type=(2, 3), start_dim=0, end_dim=-1),
    Delay(delay=ONE),
    Threshold(threshold=ONE),
    I(r=ONE),
    IF(r=ONE, v_threshold=ONE, v_reset=-ONE),
    LI(tau=ONE, **LEAK),
    LIF(tau=ONE, v_threshold=ONE, v_reset=0 * ONE, **LEAK),
    CubaLI(**CUBA),
    CubaLIF(v_threshold=ONE, v_reset=ONE, **CUBA),
)


def graph(*nodes: Node) -> NIRGraph:
    """Return nodes in a row."""
    named: dict[str, Node] = {"input": Input(shape=(3,))}
    named |= {f"n{i}": node for i, node in enumerate(nodes)} | {"output": Output(shape=(3,))}
    names = list(named)
    return NIRGraph(nodes=named, edges=tuple(pairwise(names)))


def assert_same(a: Node, b: Node) -> None:
    assert type(a) is type(b)
    for name in a.__dataclass_fields__:
        one, other = getattr(a, name), getattr(b, name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert np.array_equal(one, other), name
        elif name == "nodes":
            assert list(one) == list(other)
            for key, node in one.items():
                assert_same(node, other[key])
        elif name == "metadata":
            assert set(one) == set(other)
            assert all(np.array_equal(value, other[key]) for key, value in one.items())
        else:
            assert one == other, name


def test_every_kind_of_node_comes_back_bit_by_bit(tmp_path: Path) -> None:
    assert {node.kind for node in EVERY} | {"Input", "Output", "NIRGraph"} == set(NODES)
    whole = graph(*EVERY, graph(EVERY[0]))
    write_nir(tmp_path / "all.nir", whole)
    assert_same(read_nir(tmp_path / "all.nir"), whole)
    assert [p.name for p in tmp_path.iterdir()] == ["all.nir"]


@given(
    array=arrays(
        st.sampled_from([np.float32, np.float64]),
        array_shapes(max_dims=3, min_side=0),
        elements={"allow_nan": False, "allow_infinity": False},
    ),
    text=st.text(st.characters(codec="utf-8", exclude_characters="\0")),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrays_of_any_shape_and_text_come_back(
    array: np.ndarray[Any, Any], text: str, tmp_path: Path
) -> None:
    node = Scale(scale=array, metadata={"said": text, "numbers": array})
    write_nir(tmp_path / "a.nir", graph(node))
    found = read_nir(tmp_path / "a.nir").nodes["n0"]
    assert isinstance(found, Scale)
    assert found.scale.tobytes() == array.tobytes()
    assert found.scale.shape == array.shape
    assert found.metadata["said"] == text
    assert np.array_equal(found.metadata["numbers"], array)


def test_the_older_dialect_has_no_reset_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "old.nir"
    write_nir(path, graph(EVERY[13]), v_reset=False)
    with h5py.File(path) as file:
        assert file["version"][()] == b"1.0.4"
        assert "v_reset" not in file["node/nodes/n0"]
    node = read_nir(path).nodes["n0"]
    assert isinstance(node, LIF)
    assert node.v_reset is None
    write_nir(path, graph(EVERY[13]))
    with h5py.File(path) as file:
        assert file["version"][()] == b"1.0.8"
        assert "v_reset" in file["node/nodes/n0"]


def test_the_older_dialect_refuses_what_it_cannot_say_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "old.nir"
    path.write_bytes(b"of before")
    with pytest.raises(InvalidInput, match="n0: v_reset is not 0, which the older") as caught:
        write_nir(path, graph(EVERY[11]), v_reset=False)
    assert "v_reset=True" in str(caught.value.hint)
    assert path.read_bytes() == b"of before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_kill_while_writing_leaves_the_file_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.nir"
    path.write_bytes(b"of before")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_nir(path, graph(EVERY[0]))
    assert path.read_bytes() == b"of before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["", ".", "a/b"])
def test_names_that_are_paths_are_refused(name: str, tmp_path: Path) -> None:
    nodes: dict[str, Node] = {name: EVERY[0]}
    with pytest.raises(InvalidInput, match="a node cannot be called"):
        write_nir(tmp_path / "a.nir", NIRGraph(nodes=nodes, edges=()))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no NIR file .*a\.nir"):
        read_nir(tmp_path / "a.nir")
    with pytest.raises(NotFound, match="no folder"):
        write_nir(tmp_path / "no" / "a.nir", graph(EVERY[0]))


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.nir"
    for content in (b"", b"{}", b"\x89HDF\r\n\x1a\n"):
        path.write_bytes(content)
        with pytest.raises(FormatError, match="not a NIR file, or damaged") as caught:
            read_nir(path)
        assert str(path) in str(caught.value)


@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damage_is_found_or_harmless_but_never_another_error(
    data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "a.nir"
    write_nir(path, graph(EVERY[0], EVERY[13], EVERY[7]))
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        start = data.draw(st.integers(0, len(content) - 9))
        content[start : start + 8] = data.draw(st.binary(min_size=8, max_size=8))
    path.write_bytes(content)
    with suppress(FormatError):
        assert read_nir(path).kind == "NIRGraph"


def damaged(path: Path, change: str, value: Any = None) -> Path:
    """Write a good file, then take out or replace one thing in it."""
    write_nir(path, graph(EVERY[13]))
    with h5py.File(path, "r+") as file:
        del file[change]
        if value is not None:
            file[change] = value
    return path


@pytest.mark.parametrize(
    ("change", "value", "said"),
    [
        ("node", None, "no NIR graph"),
        ("node/type", b"Conv9d", "/node is of unknown kind 'Conv9d'"),
        ("node/type", b"LIF", r"/node \(LIF\) has no 'tau'"),
        ("node/type", None, "/node is no node"),
        ("node/edges", None, "edges"),
        ("node/edges", np.zeros((2, 3)), r"/node/edges are of shape \(2, 3\)"),
        ("node/edges", [[b"input", b"fc"]], "/node: edge input → fc: there is no node 'fc'"),
        ("node/nodes", None, "nodes"),
        ("node/nodes/n0", 3.0, "/node/nodes/n0 is no node"),
        ("node/nodes/n0/type", b"Izhikevich", "/node/nodes/n0 is of unknown kind 'Izhikevich'"),
        ("node/nodes/n0/tau", None, r"/node/nodes/n0 \(LIF\) has no 'tau'"),
        ("node/nodes/n0/tau", np.ones(2), r"/node/nodes/n0: LIF: arrays of one neuron"),
        ("node/nodes/n0/tau", [b"slow"], "/node/nodes/n0: LIF: tau is"),
        ("node/nodes/n0/r", [np.nan], "/node/nodes/n0: LIF: r holds numbers"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(
    change: str, value: Any, said: str, tmp_path: Path
) -> None:
    path = damaged(tmp_path / "a.nir", change, value)
    with pytest.raises(FormatError, match=said) as caught:
        read_nir(path)
    assert str(path) in str(caught.value)


def test_a_single_node_is_no_network(tmp_path: Path) -> None:
    path = damaged(tmp_path / "a.nir", "node/type", b"Input")
    with h5py.File(path, "r+") as file:
        file["node/shape"] = [3]
    with pytest.raises(FormatError, match="holds a single node"):
        read_nir(path)


def test_graphs_nested_without_end_are_refused(tmp_path: Path) -> None:
    deep = graph(EVERY[0])
    for _ in range(MAX_DEPTH + 1):
        deep = graph(deep)
    write_nir(tmp_path / "a.nir", deep)
    with pytest.raises(FormatError, match=f"more than {MAX_DEPTH} deep"):
        read_nir(tmp_path / "a.nir")


def test_weights_of_inputs_are_one_unless_said(tmp_path: Path) -> None:
    write_nir(tmp_path / "a.nir", graph(EVERY[15]))
    with h5py.File(tmp_path / "a.nir", "r+") as file:
        del file["node/nodes/n0/w_in"]
    node = read_nir(tmp_path / "a.nir").nodes["n0"]
    assert isinstance(node, CubaLIF)
    assert node.w_in.tolist() == [1, 1, 1]
