"""The verbs ``spikelake nir show | check | export``."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from catalog.output import print_table
from eventstore.findings import Finding, has_errors
from eventstore.output import AsJson, DryRun, print_findings, print_record, said

if TYPE_CHECKING:
    from snn.nir.nodes import NIRGraph, Node
    from snn.sequential import SpikingSequential

app = typer.Typer(name="nir", help="Exchange networks with other programs, as NIR graphs.")


class Dialect(StrEnum):
    """What a file says of potentials after a spike."""

    NEWER = "newer"
    OLDER = "older"


Source: TypeAlias = Annotated[
    Path,
    typer.Argument(help="A NIR file, or the folder of a run.", show_default=False, exists=False),
]
Step: TypeAlias = Annotated[
    float | None,
    typer.Option("--dt", help="Length of a step in seconds, where layers name none: 1 ms."),
]
Private: TypeAlias = Annotated[
    bool,
    typer.Option("--private", help="Keep layers NIR cannot say, for spikelake alone to read."),
]


def register(root: typer.Typer) -> None:
    """Add the verbs to the command line."""
    root.add_typer(app, no_args_is_help=True)


@app.command("show")
def show(
    file: Annotated[Path, typer.Argument(help="A NIR file.", show_default=False)],
    *,
    written_by: Annotated[
        str | None,
        typer.Option(help="Program that wrote it, to run it as that does: sinabs, norse, …"),
    ] = None,
    dt: Annotated[float | None, typer.Option("--dt", help="Length of a step in seconds.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the nodes of a file, and say whether the graph can be run here."""
    from eventstore.errors import InvalidInput
    from snn.nir.file import read_nir
    from snn.nir.importing import from_nir

    graph = read_nir(file)
    try:
        from_nir(graph, written_by=written_by, dt=dt)
        problem = ""
    except InvalidInput as error:
        problem = str(error)
    rows = [_row(name, node) for name, node in _flat(graph, "")]
    if as_json:
        edges = [list(edge) for edge in graph.edges]
        nodes = [dict(zip(("name", "kind", "shape", "layer"), row, strict=True)) for row in rows]
        facts = {"file": str(file), "nodes": nodes, "edges": edges}
        typer.echo(json.dumps(facts | {"runs": not problem, "problem": problem}))
        return
    print_table(str(file), ("node", "kind", "shape", "kept layer"), rows)
    if problem:
        typer.echo(f"cannot be run here: {problem}")
        return
    typer.echo("can be run here, by snn.from_nir")
    if written_by is None and not any(layer for *_, layer in rows):
        typer.echo("as NIR defines it; --written-by NAME runs it as the program that wrote it did")


def _flat(graph: "NIRGraph", prefix: str) -> "list[tuple[str, Node]]":
    found: list[tuple[str, Node]] = []
    for name, node in graph.nodes.items():
        inner = getattr(node, "nodes", None)
        found += [(prefix + name, node)] if inner is None else _flat(node, f"{prefix}{name}.")  # type: ignore[arg-type]
    return found


def _row(name: str, node: "Node") -> tuple[str, str, str, str]:
    from snn.nir.foreign import arrays_of
    from snn.nir.kept import kept_in

    arrays = list(arrays_of(node).values())
    shape = getattr(node, "shape", arrays[0].shape if arrays else ())
    kept = kept_in(node, f"node {name!r}") or {}
    return name, node.kind, " × ".join(map(str, shape)), str(kept.get("layer", ""))


@app.command("check")
def check(
    source: Source,
    *,
    peer: Annotated[
        list[str] | None,
        typer.Option(help="Program to read it with; repeat for several. Absent: all known."),
    ] = None,
    dt: Step = None,
    as_json: AsJson = False,
) -> None:
    """Say what other programs would lose of a network, refuse in it or run otherwise.

    With --peer, exit with 1 if one of those named would refuse or change something.
    """
    from snn.nir.check import check_nir
    from snn.nir.file import read_nir
    from snn.nir.peers import PEERS

    graph = _graph_of_run(source, dt, private=True) if source.is_dir() else read_nir(source)
    failed = False
    for name in peer or PEERS:
        findings = check_nir(graph, name)
        failed |= has_errors(findings)
        _print(name, PEERS[name].title, findings, as_json=as_json)
    if peer and failed:
        raise typer.Exit(1)


def _print(name: str, title: str, findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        for one in findings:
            typer.echo(json.dumps({"peer": name, **one.to_dict()}, ensure_ascii=False))
        return
    n_errors = sum(one.is_error for one in findings)
    typer.echo(f"{title}: {n_errors} error{'' if n_errors == 1 else 's'} of {len(findings)} found")
    print_findings(sorted(findings, key=lambda f: -f.severity), as_json=False, where=title)
    typer.echo()


@app.command("export")
def export(
    run: Annotated[
        Path,
        typer.Argument(help="Folder of a run, as `spikelake train` leaves it.", show_default=False),
    ],
    file: Annotated[Path, typer.Argument(help="File to write.", show_default=False)],
    *,
    dialect: Annotated[
        Dialect,
        typer.Option(help="newer: with v_reset, nir 1.0.5 on; older: without, for all releases."),
    ] = Dialect.NEWER,
    private: Private = False,
    dt: Step = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an existing file.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write the network of a run as a NIR file; nothing is written if a layer cannot be said."""
    from eventstore.errors import AlreadyExists
    from snn.nir.file import encode_nir, write_nir

    if file.exists() and not replace:
        message = f"{file} exists"
        raise AlreadyExists(message, hint="pass --replace, or another name")
    graph = _graph_of_run(run, dt, private=private)
    v_reset = dialect is Dialect.NEWER
    size = len(encode_nir(graph, v_reset=v_reset))
    if not dry_run:
        write_nir(file, graph, v_reset=v_reset)
    nodes = len(_flat(graph, "")) - 2
    record = {"file": str(file), "dialect": dialect, "n_nodes": nodes, "size_bytes": size}
    sentence = said(dry_run, "written", f"{file}: {nodes} nodes, {size:,} bytes")
    print_record(record | {"dry_run": dry_run}, as_json=as_json, said=sentence)


def _graph_of_run(folder: Path, dt: float | None, *, private: bool) -> "NIRGraph":
    from snn.nir.exporting import to_nir
    from snn.tasks import load_run

    run = load_run(folder)
    model: SpikingSequential = run.model
    return to_nir(model, run.input_shape, dt=dt, private=private)
