"""The verbs ``spikelake split make | show``."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.output import print_table
from catalog.reference import DRAFT, SHORT_DIGEST, parse_reference
from eventstore.errors import InvalidInput
from eventstore.output import AsJson, DryRun, print_record

if TYPE_CHECKING:
    from catalog.splits.record import SplitRecord
    from catalog.splits.rules import Rule

app = typer.Typer(name="split", help="Freeze samples into folds.")


class RuleName(StrEnum):
    """How samples are assigned to folds."""

    OFFICIAL = "official"
    GROUP = "group"


Folder = Annotated[Path, typer.Argument(help="Folder of the dataset.", show_default=False)]
Name = Annotated[str, typer.Argument(help="Name of the split.", show_default=False)]


@app.command("make")
def make(
    folder: Folder,
    name: Name,
    *,
    rule: Annotated[
        RuleName, typer.Option(help="official: folds of the archives; group: by hash of a group.")
    ] = RuleName.OFFICIAL,
    group_by: Annotated[
        str, typer.Option(help="Column of recordings.tsv that names the group.")
    ] = "recording_id",
    fraction: Annotated[
        list[str] | None, typer.Option(help="FOLD=SHARE, repeated; train=0.8 test=0.2 if absent.")
    ] = None,
    salt: Annotated[str, typer.Option(help="Gives another assignment.")] = "",
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Meet the fractions with fewer than 100 groups.")
    ] = False,
    label_set: Annotated[
        str, typer.Option(help="Label set whose intervals are samples.")
    ] = "class",
    parent: Annotated[str | None, typer.Option(help="Split that this one extends.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Freeze a split: a list of samples and folds that is never rewritten."""
    from catalog.folder import open_dataset

    if rule is RuleName.OFFICIAL and (fraction or balanced or salt):
        message = "the official split takes no fractions, salt or balance"
        raise InvalidInput(message, hint="add --rule group")
    chosen = _rule(rule, group_by, fraction or [], salt, balanced=balanced)
    dataset = open_dataset(folder)
    plan = dataset.plan_split if dry_run else dataset.make_split
    made = plan(name, chosen, label_set=label_set, parent=parent)
    record = made[1] if isinstance(made, tuple) else made.record
    cited = f"{dataset.name}@{DRAFT}/split:{name}#{record.digest[:SHORT_DIGEST]}"
    facts = {"status": "ok", "dry_run": dry_run, "reference": cited, "counts": record.counts}
    print_record(facts, as_json=as_json, said=f"{'would have made' if dry_run else 'made'} {cited}")
    if not as_json:
        print_split(record)


@app.command("show")
def show(
    reference: Annotated[
        str, typer.Argument(metavar="DATASET[@VERSION]/split:NAME", show_default=False)
    ],
    samples: Annotated[
        bool, typer.Option("--samples", help="List every sample with its fold.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a split's rule, digest and counts, after recomputing its digest."""
    from catalog.folder import open_dataset, open_split

    wanted = parse_reference(reference)
    if wanted.version is None:  # the work tree may have splits that no version has yet
        drafted = wanted.split in open_dataset(wanted.name).draft().splits
        reference = str(wanted.at_version(DRAFT)) if drafted else reference
    split = open_split(reference)
    if samples:
        for sample, fold in zip(split.samples, split.fold_of, strict=True):
            row = {"sample_id": sample.sample_id, "fold": fold, "label": sample.label}
            typer.echo(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(row.values()))
        return
    record = split.record
    if as_json:
        facts = {"reference": str(split.reference), "digest": record.digest, "rule": record.rule}
        typer.echo(json.dumps({**facts, "counts": record.counts}, ensure_ascii=False))
        return
    typer.echo(str(split.reference))
    print_split(record)


def print_split(record: "SplitRecord") -> None:
    """Print how many samples of each label each fold has."""
    from catalog.splits.split import fold_order

    folds = fold_order(record.counts)
    rows = [
        (name, *(f"{record.counts[fold].get(name, 0):,}" for fold in folds))
        for name in record.label_names
    ]
    totals = (f"{sum(record.counts[fold].values()):,}" for fold in folds)
    title = (
        f"split {record.name} (rule {record.rule['name']}, digest {record.digest[:SHORT_DIGEST]})"
    )
    print_table(title, (record.label_set, *folds), [*rows, ("all", *totals)])


def _rule(
    name: RuleName, group_by: str, fraction: list[str], salt: str, *, balanced: bool
) -> "Rule":
    from catalog.splits.rules import GroupRule, OfficialRule

    if name is RuleName.OFFICIAL:
        return OfficialRule()
    shares = _fractions(fraction or ["train=0.8", "test=0.2"])
    return GroupRule(group_by=group_by, fractions=shares, salt=salt, balanced=balanced)


def _fractions(texts: list[str]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for text in texts:
        fold, _, share = text.partition("=")
        try:
            shares[fold] = float(share)
        except ValueError as error:
            message = f"--fraction {text} is not FOLD=SHARE"
            raise InvalidInput(message, hint="for example --fraction train=0.8") from error
    return shares
