"""What is told of one recording: its facts, its labels, and which come before and after it."""

from typing import NamedTuple

from catalog.labels.editing import labels_tag
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label
from catalog.labels.kinds import read_errata, read_labels
from catalog.viewer.grid import GridQuery, neighbours
from catalog.viewer.shown import ShownState
from catalog.viewer.sound import sound_facts
from eventstore.errors import NotFound


def recording_facts(
    state: ShownState, recording: str, query: GridQuery | None = None
) -> dict[str, object]:
    """Return the facts of a recording, as plain values.

    Args:
        state: the dataset.
        recording: the recording.
        query: what the grid that led to it was asked for, which orders its neighbours.

    Raises:
        NotFound: there is no such recording; names the nearest.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> facts = recording_facts(Shown(tiny_dataset()).state(), "Test/left/0")
        >>> facts["width"], facts["label_sets"], facts["after"]
        (34, ['class'], 'Test/right/0')
    """
    row, sensor = state.store_row(recording), state.sensor(recording)
    table = state.version.store.recordings
    beside = neighbours(state, recording, query)
    at = state.row_of[recording]
    facts = {name: state.texts(name)[at] for name in state.columns.names}
    return {
        "reference": str(state.version.reference),
        "recording_id": recording,
        "n_events": int(table.row_size[row]),
        "t_stop_us": int(table.t_stop[row]),
        "t_origin_us": int(table.t_origin_us[row]),
        "width": sensor.width,
        "height": sensor.height,
        "modality": sensor.modality,
        "sound": sound_facts(state, recording),
        **beside._asdict(),
        "facts": {name: text for name, text in facts.items() if text and name != "recording_id"},
        "label_sets": state.version.label_sets,
    }


def label_facts(state: ShownState, recording: str, label_set: str) -> dict[str, object]:
    """Return the labels of a recording, the classes of the set, and which revision this is.

    Of a dataset without labels, the default set is told as an empty one, to be begun.

    Raises:
        NotFound: there is no such recording or set; names the nearest.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> found = label_facts(Shown(tiny_dataset()).state(), "Test/left/0", "class")
        >>> found["classes"], found["intervals"][0]["label"], found["revision"]
        (['left', 'right'], 'left', 0)
    """
    state.store_row(recording)
    begun = state.version.label_sets or [DEFAULT_LABEL_SET]
    if label_set not in begun:
        missing = NotFound.among("label set", label_set[:200], begun)
        raise missing
    found = state.once(f"labels {label_set}", lambda: _read_set(state, label_set))
    return {
        "set": label_set,
        "revision": found.revision,
        "tag": found.tag,
        "classes": found.classes,
        "intervals": [
            {"start_us": x.t_start_us, "stop_us": x.t_stop_us, "label": x.label}
            for x in sorted(found.of_recording.get(recording, ()), key=lambda x: x[1:4])
        ],
    }


class _Set(NamedTuple):
    """A label set, read once for all recordings."""

    of_recording: dict[str, list[Label]]
    classes: list[str]
    revision: int
    tag: str


def _read_set(state: ShownState, label_set: str) -> _Set:
    tree = state.version.tree
    of_recording: dict[str, list[Label]] = {}
    labels = read_labels(tree, label_set).values()
    for label in labels:
        of_recording.setdefault(label.recording_id, []).append(label)
    return _Set(
        of_recording=of_recording,
        classes=sorted({label.label for label in labels}),
        revision=len(read_errata(tree, label_set)),
        tag=labels_tag(tree, label_set),
    )
