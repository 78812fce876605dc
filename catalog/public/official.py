"""The official splits of a public dataset, and whether its groups are known."""

from catalog.dataset import Dataset
from catalog.public.entry import PublicDataset
from catalog.public.sources import Sources
from catalog.splits.rules import OfficialRule
from eventstore.findings import Finding, Severity

OFFICIAL = "official"
"""The split whose folds are in the column ``fold``."""


def freeze_official(dataset: Dataset, sources: Sources) -> list[str]:
    """Freeze the official splits that are not frozen yet; return the names of the new ones.

    Where only some of the files were ingested a split is called ``official-part``, and its counts
    are not compared: the name ``official`` is for the whole.

    Raises:
        InvalidInput: a recording has no fold, or there are more or fewer than its publisher says.
    """
    entry, result = sources.entry, sources.result
    whole = result is not None and len(result.files) == len(entry.files)
    made = []
    for name, counts in entry.official.items():
        wanted = name if whole else _free_name(dataset, f"{name}-part")
        if wanted in dataset.draft().splits:
            continue
        column = "fold" if name == OFFICIAL else f"fold_{name}"
        rule = OfficialRule(column=column, expected=counts if whole else {})
        dataset.make_split(wanted, rule)
        made.append(wanted)
    return made


def _free_name(dataset: Dataset, name: str) -> str:
    """Return the name, numbered where a saved version has it: no split is ever rewritten."""
    saved = {split for version in dataset.versions() for split in version.splits}
    numbered = (f"{name}-{number}" for number in range(2, len(saved) + 3))
    return next(n for n in (name, *numbered) if n not in saved)


def group_findings(dataset: Dataset, entry: PublicDataset) -> list[Finding]:
    """Warn of recordings whose group, such as the speaker, is not known."""
    if not entry.group_by:
        return []
    table = dataset.draft().recordings
    known = table.column(entry.group_by) if entry.group_by in table.columns else []
    n_unknown = len(table.rows) - sum(map(bool, known))
    if not n_unknown:
        return []
    finding = Finding(
        severity=Severity.WARNING,
        where="recordings.tsv",
        message=f"{n_unknown:,} of {len(table.rows):,} recordings have no {entry.group_by}",
        fix="splits by it need it: fill the column",
        check="group-unknown",
    )
    return [finding]
