"""The verb ``spikelake chip mismatch``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.cli_task import Datasets
from catalog.output import print_table
from devices.cli_options import Fold, Limit, SplitName
from eventstore.output import AsJson

if TYPE_CHECKING:
    from devices.dynapse.family import Dynapse
    from devices.dynapse.mismatch_of_runs import RecipeOnChips


def add_mismatch(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("mismatch")(_mismatch)


def _mismatch(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN",
            help="Folders of runs, or folders that hold runs; of one or several recipes.",
            show_default=False,
        ),
    ],
    *,
    split: SplitName,
    chip: Annotated[str, typer.Option("--chip", help="A mixed-signal chip.")] = "dynapse2",
    fold: Fold = "test",
    sigma: Annotated[
        list[float] | None,
        typer.Option(
            help="Standard deviation of mismatch as a share: 0.2 is 20 %; repeat for several. "
            "0, 0.1 and 0.2 if absent.",
            show_default=False,
        ),
    ] = None,
    chips: Annotated[int, typer.Option(help="Chips drawn of each run and sigma.", min=1)] = 20,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PARAMETER",
            help="Let this alone deviate, such as weights or itau_mem; repeat for several.",
            show_default=False,
        ),
    ] = None,
    limit: Limit = 0,
    seed: Annotated[int, typer.Option(help="Number of the first chip.", min=0)] = 0,
    datasets: Datasets = None,
    as_json: AsJson = False,
) -> None:
    """Test runs on chips that are all a little different; exit with 1 if one does not fit.

    Weights in four bits, currents shared by a core, then every bias current of every neuron and
    every synapse is off by chance. Runs of one recipe make one curve; a plain and a robust recipe
    are compared on the same chips.
    """
    from devices.dynapse.mismatch_of_runs import MismatchOptions, runs_on_chips
    from snn.cli_robustness import runs_in
    from snn.cli_tested import open_tested
    from snn.tasks import load_run

    target = _mixed_signal(chip)
    usual = MismatchOptions()
    options = MismatchOptions(
        sigmas=tuple(sorted({0.0, *sigma})) if sigma else usual.sigmas,
        n_chips=chips,
        only=tuple(only) if only else None,
        seed=seed,
        limit=limit,
    )
    loaded = [load_run(folder) for given in runs for folder in runs_in(given)]
    data = open_tested(split, loaded[0].round, datasets)
    found = runs_on_chips(loaded, data, fold, target, options)
    if as_json:
        for one in found:
            typer.echo(json.dumps({"chip": chip, "n_chips": chips, **one.to_dict()}))
    else:
        _print(found, f"{found[0].n_samples:,} samples of {fold} of {data.reference}", chips)


def _mixed_signal(name: str) -> "Dynapse":
    from devices.chips import CHIPS
    from devices.dynapse.family import Dynapse
    from eventstore.errors import InvalidInput

    found = CHIPS[name]
    if not isinstance(found, Dynapse):
        message = f"{name} computes in integers: its neurons do not deviate"
        hint = "name dynapse2; spikelake robustness tests networks of any neurons"
        raise InvalidInput(message, hint=hint)
    return found


def _print(found: "list[RecipeOnChips]", tested: str, n_chips: int) -> None:
    rows = []
    for one in found:
        exact = sum(one.float_accuracy) / len(one.float_accuracy)
        rows.append([f"{one.recipe} ({len(one.runs)})", f"{exact:.1%}"])
        rows[-1] += [f"{p.mean:.1%} ({100 * p.low:.0f}–{100 * p.high:.0f})" for p in one.curve]
    sigmas = [f"σ = {100 * point.strength:g} %" for point in found[0].curve]
    title = f"accuracy on {n_chips} chips a run, {tested}; in brackets 5th to 95th percentile"
    print_table(title, ("recipe (runs)", "as trained", *sigmas), rows)
