"""Write label tables of a work tree: whole or not at all, and of recordings that are there."""

from collections.abc import Iterable, Mapping, Sequence

from catalog.labels.box_table import boxes_path, boxes_table, parse_boxes
from catalog.labels.boxes import Boxes
from catalog.labels.errata import Patch, errata_path, errata_table
from catalog.labels.intervals import Label, labels_table, parse_labels
from catalog.recording_table import parse_recordings
from catalog.text_files import check_file_name, write_text
from catalog.tree import RECORDINGS, WorkTree
from eventstore.errors import InvalidInput


def check_recordings(tree: WorkTree, names: Iterable[str]) -> None:
    """Refuse labels of recordings that the dataset has not.

    Raises:
        InvalidInput: it has not; names one of them.
    """
    known = set(parse_recordings(tree.text(RECORDINGS)).column("recording_id"))
    unknown = sorted(set(names) - known)
    if unknown:
        message = f"{len(unknown)} labelled recordings are not there, such as {unknown[0]}"
        raise InvalidInput(message, hint="ingest them first")


def write_boxes(tree: WorkTree, boxes: Boxes, label_set: str) -> None:
    """Replace a set of boxes; its history stays in git.

    Raises:
        InvalidInput: a box is in a recording that the dataset has not, or the name is no file's.
    """
    check_file_name(label_set)
    check_recordings(tree, boxes.recording_ids)
    text = boxes_table(boxes).text()
    parse_boxes(text, path=boxes_path(label_set))  # what cannot be read back is not written
    write_text(tree.root / boxes_path(label_set), text)


def write_corrected(
    tree: WorkTree, labels: Mapping[str, Label], patches: Sequence[Patch], label_set: str
) -> None:
    """Replace a set of intervals and its errata.

    The errata come first: a kill in between leaves a patch that is told of and not yet carried out,
    never a change without its reason.

    Raises:
        InvalidInput: a label is for a recording that the dataset has not.
    """
    check_file_name(label_set)
    check_recordings(tree, {label.recording_id for label in labels.values()})
    path = f"labels/{label_set}.tsv"
    text = labels_table(labels.values()).text()
    parse_labels(text, path=path)
    write_text(tree.root / errata_path(label_set), errata_table(patches).text())
    write_text(tree.root / path, text)
