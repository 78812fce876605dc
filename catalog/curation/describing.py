"""Checks of what card and tables say of a dataset: what a user will ask and nobody wrote down."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.card import Card
from catalog.curator_columns import PERSONS, plain_name
from catalog.recording_table import RECORDING_COLUMNS
from catalog.rights_ids import UNKNOWN
from catalog.tsv import Table
from eventstore.findings import Finding, Severity, finding_at

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion


def check_description(version: "DatasetVersion") -> Iterator[Finding]:
    """Yield what the card and the table of recordings leave open, or say otherwise than they are.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> next(check_description(ds.draft())).message
        'it is not said what may be done with it: the licence is unknown'
    """
    yield from _card(version.card)
    yield from _subjects(version.card, version.recordings)
    yield from _geometries(version.recordings)
    yield from _twins(version.recordings)


def _card(card: Card) -> Iterator[Finding]:
    open_questions = (
        (
            card.licence == UNKNOWN,
            "licence",
            "it is not said what may be done with it: the licence is unknown",
        ),
        (not card.sensor_model, "sensor_model", "it is not said what it was recorded with"),
        (not card.description, "description", "it is not said what was recorded, how, what for"),
        (not card.citation, "citation", "it is not said how to cite it"),
        (not card.authors, "authors", "it is not said who made it"),
        (not card.conventions.polarity, "conventions.polarity", "how polarity is meant is open"),
        (not card.scene.content, "scene.content", "real, a screen or a simulation: that is open"),
    )
    for is_open, field, message in open_questions:
        if is_open:
            severity = Severity.WARNING if field == "licence" else Severity.INFO
            fix = f"write {field} into dataset.yaml"
            yield finding_at(severity, f"dataset.yaml: {field}", message, "card", fix)


def _subjects(card: Card, recordings: Table) -> Iterator[Finding]:
    column = next((c for c in recordings.columns if plain_name(c) in PERSONS), None)
    if card.subjects.human == "yes" and column is None:
        message = "people are recorded, and no column says who: a split cannot keep them apart"
        fix = "spikelake dataset set DATASET subject_id=P01 --where …"
        yield finding_at(Severity.WARNING, "recordings.tsv", message, "subjects", fix)
    if column is None:
        return
    if card.subjects.human == "yes" and not card.subjects.consent:
        message = "people are recorded, and it is not said what they agreed to"
        fix = "write subjects.consent into dataset.yaml"
        yield finding_at(
            Severity.WARNING, "dataset.yaml: subjects.consent", message, "subjects", fix
        )
    names = recordings.column("recording_id")
    without = [n for n, value in zip(names, recordings.column(column), strict=True) if not value]
    if without and len(without) < len(names):
        message = f"{len(without)} recordings have no {column}, such as {without[0]}"
        fix = f"spikelake dataset set DATASET {column}=… --where …"
        yield finding_at(Severity.WARNING, f"recordings.tsv: {column}", message, "subjects", fix)


def _geometries(recordings: Table) -> Iterator[Finding]:
    sizes = list(zip(*(recordings.column(c) for c in ("width", "height")), strict=True))
    counts = Counter(sizes)
    if len(counts) < 2:
        return
    usual, n_usual = counts.most_common(1)[0]
    names = recordings.column("recording_id")
    other = next(n for n, size in zip(names, sizes, strict=True) if size != usual)
    message = f"{len(sizes) - n_usual} recordings are not of {usual[0]}×{usual[1]}, such as {other}"
    fix = "frames of several sizes need a transform that makes them one, such as Resize"
    yield finding_at(Severity.INFO, "recordings.tsv: width", message, "geometry", fix)


def _twins(recordings: Table) -> Iterator[Finding]:
    columns = RECORDING_COLUMNS.index("recording_id"), RECORDING_COLUMNS.index("digest")
    first: dict[str, str] = {}
    for row in recordings.rows:
        name, digest = row[columns[0]], row[columns[1]]
        twin = first.setdefault(digest, name)
        if twin != name and row[RECORDING_COLUMNS.index("n_events")] != "0":
            message = f"the same events as {twin}"
            fix = f"keep one of the two: spikelake edit drop DATASET {quoted(name)} --reason …"
            yield finding_at(Severity.WARNING, name, message, "identical-recordings", fix)


def quoted(recording_id: str) -> str:
    """Return an id as a shell takes it, always in quotes.

    Examples:
        >>> print(quoted("it's one"))
        'it'"'"'s one'
    """
    return "'" + recording_id.replace("'", "'\"'\"'") + "'"
