"""What is told of one recording: its facts, its labels, and which come before and after it."""

from catalog.labels.editing import labels_tag
from catalog.labels.kinds import read_errata, read_labels
from catalog.viewer.grid import neighbours
from catalog.viewer.shown import ShownState
from eventstore.errors import NotFound


def recording_facts(state: ShownState, recording: str) -> dict[str, object]:
    """Return the facts of a recording, as plain values.

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
    before, after = neighbours(state, recording)
    at = state.row_of[recording]
    facts = {name: state.columns.texts(name)[at] for name in state.columns.names}
    return {
        "reference": str(state.version.reference),
        "recording_id": recording,
        "n_events": int(table.row_size[row]),
        "t_stop_us": int(table.t_stop[row]),
        "t_origin_us": int(table.t_origin_us[row]),
        "width": sensor.width,
        "height": sensor.height,
        "modality": sensor.modality,
        "before": before,
        "after": after,
        "facts": {name: text for name, text in facts.items() if text and name != "recording_id"},
        "label_sets": state.version.label_sets,
    }


def label_facts(state: ShownState, recording: str, label_set: str) -> dict[str, object]:
    """Return the labels of a recording, the classes of the set, and which revision this is.

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
    if label_set not in state.version.label_sets:
        missing = NotFound.among("label set", label_set[:200], state.version.label_sets)
        raise missing
    labels = read_labels(state.version.tree, label_set)
    errata = read_errata(state.version.tree, label_set)
    of_recording = [x for x in labels.values() if x.recording_id == recording]
    return {
        "set": label_set,
        "revision": len(errata),
        "tag": labels_tag(state.version.tree, label_set),
        "classes": sorted({label.label for label in labels.values()}),
        "intervals": [
            {"start_us": x.t_start_us, "stop_us": x.t_stop_us, "label": x.label}
            for x in sorted(of_recording, key=lambda x: x[1:4])
        ],
    }
