"""NIR graphs in HDF5 files: both dialects read and written, whole or not at all.

    /version                     text: of the nir package whose dialect this is
    /node/type                   "NIRGraph"
    /node/edges                  (n, 2) names
    /node/nodes/NAME/type        kind of the node; its fields lie beside it
    /node/nodes/NAME/metadata/…  text and arrays that NIR has no word for

Releases of nir before 1.0.5 know no ``v_reset`` and refuse files that have it.
"""

import io
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from eventstore.durable import DurableFolder
from eventstore.errors import FormatError, InvalidInput, NotFound, SpikelakeError
from snn.nir.nodes import NODES, SHAPES, Conv1d, NIRGraph, Node

MAX_DEPTH = 32
WITH_RESET, WITHOUT_RESET = "1.0.8", "1.0.4"


def read_nir(path: str | Path) -> NIRGraph:
    """Read a graph, of either dialect.

    Args:
        path: a file that NIR's own package, or one of ours, wrote.

    Raises:
        NotFound: there is no such file.
        FormatError: it is damaged, no NIR graph, or has a node of an unknown kind.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from snn import IAF, SpikingSequential
        >>> from snn.nir import to_nir
        >>> path = Path(mkdtemp()) / "net.nir"
        >>> write_nir(path, to_nir(SpikingSequential(IAF()), (4,)))
        >>> sorted(read_nir(path).nodes)
        ['0', 'input', 'output']
    """
    path = Path(path)
    if not path.is_file():
        message = f"no NIR file {path}"
        raise NotFound(
            message, hint="spikelake nir export RUN FILE writes one, and so does snn.write_nir"
        )
    try:
        with h5py.File(path, "r") as file:
            if "node" not in file:
                message = "no NIR graph"
                raise FormatError(message, path=path, expected="a group 'node'", found=_names(file))
            node = _read_node(path, file["node"], 0)
    except SpikelakeError:
        raise
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        message = f"not a NIR file, or damaged ({type(error).__name__}: {error})"
        raise FormatError(message, path=path, hint="export it again") from error
    if not isinstance(node, NIRGraph):
        message = "the file holds a single node"
        raise FormatError(message, path=path, expected="NIRGraph", found=node.kind)
    return node


def _names(group: Any) -> str:  # noqa: ANN401 # h5py has no types
    return ", ".join(group) or "nothing"


def _read_node(path: Path, group: Any, depth: int) -> Node:  # noqa: ANN401
    where = str(group.name)
    if depth > MAX_DEPTH:
        message = f"{where}: graphs within graphs, more than {MAX_DEPTH} deep"
        raise FormatError(message, path=path, hint="flatten the graph before exporting it")
    if not isinstance(group, h5py.Group) or "type" not in group:
        message = f"{where} is no node"
        raise FormatError(message, path=path, expected="a group with 'type'")
    kind = _text(group["type"][()])
    if kind not in NODES:
        message = f"{where} is of unknown kind {kind!r}"
        known = f"known are {', '.join(sorted(NODES))}"
        raise FormatError(message, path=path, found=kind, hint=known)
    values = _read_graph(path, group, depth) if kind == "NIRGraph" else _read_fields(path, group)
    metadata = {
        name: _text_or_array(one[()])
        for name, one in group.get("metadata", {}).items()
        if isinstance(one, h5py.Dataset)
    }
    try:
        return NODES[kind](metadata=metadata, **values)
    except InvalidInput as error:
        message = f"{where}: {error.message}"
        raise FormatError(message, path=path, hint=error.hint) from error


def _read_graph(path: Path, group: Any, depth: int) -> dict[str, Any]:  # noqa: ANN401
    nodes = {name: _read_node(path, one, depth + 1) for name, one in group["nodes"].items()}
    edges = np.asarray(group["edges"][()])
    if edges.size and edges.shape[1:] != (2,):
        message = f"{group.name}/edges are of shape {edges.shape}"
        raise FormatError(message, path=path, expected="(n, 2)")
    pairs = tuple((_text(a), _text(b)) for a, b in edges.reshape(-1, 2))
    return {"nodes": nodes, "edges": pairs}


def _read_fields(path: Path, group: Any) -> dict[str, Any]:  # noqa: ANN401
    kind = NODES[_text(group["type"][()])]
    values = {}
    for one in fields(kind):
        if one.name == "metadata":
            continue
        if one.name in group:
            values[one.name] = group[one.name][()]
        elif one.name == "w_in":
            values[one.name] = np.ones((), np.float32)  # nir's own default
        elif one.default is MISSING:
            message = f"{group.name} ({kind.__name__}) has no {one.name!r}"
            raise FormatError(message, path=path, found=_names(group), hint="export it again")
    return values


def _text(value: Any) -> str:  # noqa: ANN401
    return value.decode() if isinstance(value, bytes) else str(value)


def _text_or_array(value: Any) -> Any:  # noqa: ANN401
    return _text(value) if isinstance(value, bytes | str) else np.asarray(value)


def write_nir(path: str | Path, graph: NIRGraph, *, v_reset: bool = True) -> None:
    """Write a graph; a kill at any moment leaves the file of before, or none.

    Args:
        path: the file; its folder must exist.
        graph: what to write.
        v_reset: the newer dialect, which says what potentials are after a spike. False: the older
            one, which all releases of nir read; potentials are then 0 after a spike.

    Raises:
        InvalidInput: a potential after a spike is not 0 and the dialect cannot say so.
        NotFound: the folder does not exist.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from torch import nn
        >>> import snn
        >>> file = Path(mkdtemp()) / "net.nir"
        >>> net = snn.SpikingSequential(nn.Linear(4, 2), snn.IAF())
        >>> write_nir(file, snn.to_nir(net, (4,)))
        >>> sorted(snn.read_nir(file).nodes)
        ['0', '1', 'input', 'output']
    """
    path = Path(path)
    if not path.parent.is_dir():
        message = f"no folder {path.parent}"
        raise NotFound(message, hint="make it first")
    content = encode_nir(graph, v_reset=v_reset)
    folder = DurableFolder(path.parent)
    folder.stage(path.name, [content])
    folder.settle()


def encode_nir(graph: NIRGraph, *, v_reset: bool = True) -> bytes:
    """Return the content of a graph's file, as `write_nir` writes it.

    Raises:
        InvalidInput: a potential after a spike is not 0 and the dialect cannot say so.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("version", data=WITH_RESET if v_reset else WITHOUT_RESET)
        _write_node(file.create_group("node"), graph, v_reset=v_reset)
    return buffer.getvalue()


def _write_node(group: Any, node: Node, *, v_reset: bool) -> None:  # noqa: ANN401
    _write(group, "type", node.kind)
    if node.metadata:
        inner = group.create_group("metadata")
        for name, said in node.metadata.items():
            _write(inner, name, said)
    if isinstance(node, NIRGraph):
        within = group.create_group("nodes", track_order=True)
        for name, one in node.nodes.items():
            _check_name(name)
            _write_node(within.create_group(name), one, v_reset=v_reset)
        edges = np.array(node.edges, dtype=object).reshape(-1, 2)
        group.create_dataset("edges", data=edges, dtype=h5py.string_dtype())
        return
    for name, value in _fields_to_write(str(group.name), node, v_reset=v_reset):
        _write(group, name, value)


def _fields_to_write(where: str, node: Node, *, v_reset: bool) -> Iterator[tuple[str, Any]]:
    for name in (one.name for one in fields(node) if one.name != "metadata"):
        value = getattr(node, name)
        if name == "v_reset" and not v_reset:
            if value is not None and np.any(value):
                message = f"{where}: v_reset is not 0, which the older dialect cannot say"
                raise InvalidInput(message, hint="write it with v_reset=True")
            continue
        if isinstance(node, Conv1d) and name in SHAPES and len(value) == 1:
            value = value[0]  # nir's Conv1d takes plain numbers
        if value is not None:
            yield name, value


def _check_name(name: str) -> None:
    if not name or "/" in name or name == ".":
        message = f"a node cannot be called {name!r} in a file"
        raise InvalidInput(message, hint="rename the module: no '/', not empty")


def _write(group: Any, name: str, value: Any) -> None:  # noqa: ANN401
    if isinstance(value, str):
        group.create_dataset(name, data=value, dtype=h5py.string_dtype())
    elif isinstance(value, np.ndarray) and value.ndim and value.size:
        group.create_dataset(name, data=value, compression="gzip")
    else:
        group.create_dataset(name, data=value)
