"""The verb ``spikelake chip export``."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstore.output import AsJson, DryRun

if TYPE_CHECKING:
    from devices.c_export.source import CSource
    from snn.sequential import SpikingSequential


class Form(StrEnum):
    """What a network may be written as."""

    c = "c"
    onnx = "onnx"


def add_export(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("export")(_export)


def _export(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, as `spikelake train` leaves it, or a NIR file; for C also a "
            "configuration of a chip.",
            show_default=False,
        ),
    ],
    *,
    form: Annotated[
        Form, typer.Option(help="Integers of a chip as C, or the floats of a time step as ONNX.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to write to.", show_default=False, file_okay=False)
    ],
    chip: Annotated[
        str | None,
        typer.Option(
            "--chip",
            help="Whose integers C computes with, see `spikelake chip list`; speck2f if absent, or "
            "what a configuration is for.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str, typer.Option(help="What files are called, and names in C begin with.")
    ] = "net",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files of these names.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write a network as plain C or as ONNX, for processors that are no neuromorphic chip."""
    if form is Form.c:
        chip_name, source = _c_source(model, chip, name)
        write = source.plan_paths if dry_run else source.write
        facts: dict[str, Any] = {
            "chip": chip_name,
            "files": [str(path) for path in write(out, overwrite=overwrite)],
            "constant_bytes": source.table_bytes,
            "state_bytes": source.state_bytes,
        }
    else:
        facts = _as_onnx(model, out / f"{name}.onnx", dry_run=dry_run, overwrite=overwrite)
    facts = {"status": "ok", "form": form.value} | facts | ({"dry_run": True} if dry_run else {})
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    from catalog.output import print_table

    rows = [(key.replace("_", " "), _shown(value)) for key, value in facts.items()]
    print_table("would write" if dry_run else "wrote", (), rows[1:])


def _c_source(model: Path, chip: str | None, name: str) -> "tuple[str, CSource]":
    """Return the chip whose integers they are, and the network in C."""
    from devices.c_export.network import c_source
    from devices.chips import CHIPS
    from devices.config_file import chip_of, read_config
    from devices.model_files import is_config, net_of

    if chip is None:
        chip = chip_of(read_config(model), model) if is_config(model) else "speck2f"
    return CHIPS[chip].name, c_source(net_of(model, CHIPS[chip]), name=name)


def _as_onnx(model: Path, path: Path, *, dry_run: bool, overwrite: bool) -> dict[str, Any]:
    from devices.onnx_export import check_onnx, write_onnx

    network, input_shape = _network(model)
    if dry_run:
        check_onnx(path, overwrite=overwrite)
        return {"files": [str(path)], "input_shape": list(input_shape)}
    made = write_onnx(network, input_shape, path, overwrite=overwrite)
    return {
        "files": [str(path)],
        "input_shape": list(made.input_shape),
        "output_shape": list(made.output_shape),
        "states": {state: list(shape) for state, shape in made.states},
    }


def _network(model: Path) -> "tuple[SpikingSequential, tuple[int, ...]]":
    from devices.model_files import NIR_SUFFIXES, is_config
    from eventstore.errors import InvalidInput

    if is_config(model):
        message = f"{model} is a configuration: its floats are gone"
        raise InvalidInput(message, hint="give the run or the NIR file that it was made from")
    if model.suffix in NIR_SUFFIXES:
        import snn
        from devices.nir_graph import graph_from_nir

        nir = snn.read_nir(model)
        return snn.from_nir(nir), graph_from_nir(nir).input_shape
    from snn.tasks import load_run

    run = load_run(model.parent if model.is_file() else model)
    return run.model, run.input_shape


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        mark = " × " if all(isinstance(one, int) for one in value) else ", "
        return mark.join(map(str, value))
    return str(value)
