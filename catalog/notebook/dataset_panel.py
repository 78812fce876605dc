"""What a dataset, and one state of it, shows of itself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from eventstore.errors import SpikelakeError
from eventstore.notebook.panel import Panel, Picture, Told, panel_html
from eventstore.notebook.store_panel import store_pictures
from eventstore.notebook.wording import class_rows, digest_text, duration_text, rate_text

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.dataset_version import DatasetVersion

LAST_VERSIONS = 5

MOST_CLASSES = 12

MOST_ROWS = 20_000
"""Recordings or labels that are counted; more take too long to read."""


def dataset_html(dataset: "Dataset") -> str:
    """Return a small page about a dataset: its work tree, and the versions saved last."""

    def versions() -> Iterator[Sequence[object]]:
        for version in reversed(dataset.versions()[-LAST_VERSIONS:]):
            sizes = f"{version.n_recordings:,}", f"{version.n_events:,}"
            yield version.version, *sizes, version.date[:10], digest_text(version.digest)

    facts: list[tuple[str, Told]] = [("folder", lambda: dataset.root)]
    pictures = None
    try:
        draft = dataset.draft()
        facts += _facts(draft)
        pictures = partial(_pictures, draft)
    except SpikelakeError:
        facts.append(("card", lambda: dataset.card.name))  # says what is wrong with it
    return panel_html(
        Panel(
            kind="Dataset",
            title=lambda: dataset.card.title or dataset.name,
            facts=facts,
            columns=("version", "recordings", "events", "saved", "digest"),
            rows=versions,
            pictures=pictures,
        )
    )


def version_html(version: "DatasetVersion") -> str:
    """Return a small page about one state of a dataset."""
    saved = version.version
    facts: list[tuple[str, Told]] = []
    if saved is not None:
        facts = [
            ("saved", lambda: saved.date),
            ("of it", lambda: saved.message),
            ("digest", lambda: digest_text(saved.digest)),
        ]
    return panel_html(
        Panel(
            kind="DatasetVersion",
            title=lambda: version.reference,
            facts=[("title", lambda: version.card.title), *_facts(version), *facts],
            columns=("class", "samples"),
            rows=lambda: _classes(version),
            pictures=lambda: _pictures(version),
        )
    )


def _facts(version: "DatasetVersion") -> list[tuple[str, Told]]:
    def recordings() -> str:
        if version.version is not None:
            return f"{version.version.n_recordings:,}"
        return f"{len(version.recordings.rows):,}" if version.has_recordings else "none yet"

    def events() -> str:
        if version.version is not None:
            return f"{version.version.n_events:,}"
        return f"{sum(_numbers(version, 'n_events')):,}" if version.has_recordings else ""

    def duration() -> str:
        if not version.has_recordings or len(version.recordings.rows) > MOST_ROWS:
            return ""
        total = sum(_numbers(version, "t_stop_us"))
        rate = rate_text(sum(_numbers(version, "n_events")), total)
        return duration_text(total) + (f", {rate} on average" if rate else "")

    return [
        ("recordings", recordings),
        ("events", events),
        ("duration", duration),
        ("sensor", lambda: _sensor(version)),
        ("labels", lambda: ", ".join([*version.label_sets, *version.box_sets])),
        ("classes", lambda: _some(version.card.classes)),
        ("splits", lambda: _some(version.splits)),
        ("tasks", lambda: _some(version.tasks)),
        ("licence", lambda: version.card.licence),
        ("known flaws", lambda: "; ".join(version.card.known_flaws)),
    ]


def _numbers(version: "DatasetVersion", column: str) -> list[int]:
    return [int(cell or 0) for cell in version.recordings.column(column)]


def _sensor(version: "DatasetVersion") -> str:
    if not version.has_recordings:
        return version.card.sensor_model
    model = version.card.sensor_model
    sizes = (sorted(set(_numbers(version, name))) for name in ("width", "height"))
    width, height = ("–".join(map(str, {s[0]: 0, s[-1]: 0})) for s in sizes)
    place = f"{width} channels of sound" if height == "1" else f"{width} × {height} pixels"
    return f"{model}, {place}" if model else place


def _classes(version: "DatasetVersion") -> Iterator[tuple[str, ...]]:
    from catalog.labels.intervals import DEFAULT_LABEL_SET, label_order

    if DEFAULT_LABEL_SET not in version.label_sets:
        return
    if version.tree.text(f"labels/{DEFAULT_LABEL_SET}.tsv").count("\n") > MOST_ROWS:
        return
    counts = Counter(label.label for label in version.labels().values())
    yield from class_rows([(name, [counts[name]]) for name in label_order(counts)], MOST_CLASSES)


def _pictures(version: "DatasetVersion") -> Iterator[Picture]:
    """Yield pictures of some recordings, where their events are near: nothing is fetched for it."""
    from catalog.tree import WorkTree

    if version.has_recordings and isinstance(version.tree, WorkTree):
        with version.tree.open_store() as store:
            yield from store_pictures(store)


def _some(names: Sequence[str]) -> str:
    rest = len(names) - MOST_CLASSES
    return ", ".join(names[:MOST_CLASSES]) + (f" … {rest} more" if rest > 0 else "")
