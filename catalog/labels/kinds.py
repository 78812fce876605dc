"""All label tables of one state of a dataset: what there is, and a digest of each.

===================  ==============================  =====================
kind                 file                            digest recorded under
===================  ==============================  =====================
intervals            ``labels/<set>.tsv``            ``<set>``
boxes                ``labels/boxes/<set>.tsv``      ``boxes/<set>``
errata               ``labels/errata/<set>.tsv``     ``errata/<set>``
===================  ==============================  =====================
"""

from collections.abc import Iterator, Mapping

from catalog.labels.box_table import BOXES_FOLDER, boxes_digest, boxes_path, parse_boxes
from catalog.labels.boxes import Boxes
from catalog.labels.errata import (
    ERRATA_FOLDER,
    Patch,
    errata_digest,
    errata_path,
    parse_errata,
)
from catalog.labels.intervals import Label, labels_digest, parse_labels
from catalog.tree import Tree
from eventstore.errors import IntegrityError, NotFound
from eventstore.selection import sample_id

BOXES, ERRATA = "boxes/", "errata/"
"""What names of digests of these kinds begin with; no name of a set has a slash."""


def label_sets(tree: Tree) -> list[str]:
    """Return the names of the sets of intervals."""
    return tree.names("labels", ".tsv")


def box_sets(tree: Tree) -> list[str]:
    """Return the names of the sets of boxes."""
    return tree.names(BOXES_FOLDER, ".tsv")


def errata_sets(tree: Tree) -> list[str]:
    """Return the names of the sets of intervals that were corrected."""
    return tree.names(ERRATA_FOLDER, ".tsv")


def read_labels(tree: Tree, label_set: str) -> dict[str, Label]:
    """Return the labels of a set by sample id; none where there is no such set."""
    path = f"labels/{label_set}.tsv"
    has = label_set in label_sets(tree)
    return parse_labels(tree.text(path), path=path) if has else {}


def read_boxes(tree: Tree, label_set: str) -> Boxes:
    """Return the boxes of a set.

    Raises:
        NotFound: there is no such set.
    """
    if label_set not in box_sets(tree):
        hint = "import some: spikelake label import DATASET FILE"
        if label_set in label_sets(tree):
            hint = f"{label_set!r} is a set of intervals, which other formats hold"
        what = "set of boxes"
        raise NotFound.among(what, label_set, box_sets(tree), hint=hint)
    path = boxes_path(label_set)
    return parse_boxes(tree.text(path), path=path)


def read_errata(tree: Tree, label_set: str) -> list[Patch]:
    """Return the corrections of a set, oldest first; none where there are none."""
    path = errata_path(label_set)
    return parse_errata(tree.text(path), path=path) if label_set in errata_sets(tree) else []


def label_digests(
    tree: Tree, parsed: Mapping[str, Mapping[str, Label]] | None = None
) -> dict[str, str]:
    """Return the digest of every label table, by the names above.

    Args:
        tree: the state of the dataset.
        parsed: sets of intervals that were read already.
    """
    known = parsed or {}
    sums = {}
    for name in label_sets(tree):
        labels = known[name] if name in known else read_labels(tree, name)
        sums[name] = labels_digest(labels.values())
    sums |= {BOXES + name: boxes_digest(read_boxes(tree, name)) for name in box_sets(tree)}
    errata = {name: read_errata(tree, name) for name in errata_sets(tree)}
    return sums | {ERRATA + name: errata_digest(patches) for name, patches in errata.items()}


def label_tables(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield the name of each digest and the path of the table that it is of."""
    yield from ((name, f"labels/{name}.tsv") for name in label_sets(tree))
    yield from ((BOXES + name, boxes_path(name)) for name in box_sets(tree))
    yield from ((ERRATA + name, errata_path(name)) for name in errata_sets(tree))


def table_facts(tree: Tree, name: str) -> tuple[str, set[str]]:
    """Return the digest of one label table and the recordings that it is about.

    Errata are about none: they stay when a recording goes.

    Raises:
        FormatError: the table is no table of its kind.
    """
    if name.startswith(BOXES):
        boxes = read_boxes(tree, name.removeprefix(BOXES))
        return boxes_digest(boxes), set(boxes.recording_ids)
    if name.startswith(ERRATA):
        return errata_digest(read_errata(tree, name.removeprefix(ERRATA))), set()
    labels = read_labels(tree, name).values()
    return labels_digest(labels), {label.recording_id for label in labels}


def refuse_rewritten(tree: Tree, saved: Mapping[str, str]) -> None:
    """Refuse errata that are not what was saved of them, with perhaps more patches.

    Args:
        tree: the state about to be saved.
        saved: text of each table of errata in the version saved last, by path.

    Raises:
        IntegrityError: a patch was changed or taken out.
    """
    here = {errata_path(name) for name in errata_sets(tree)}
    for path, text in saved.items():
        label_set = path.removeprefix(ERRATA_FOLDER + "/").removesuffix(".tsv")
        dropped = path not in here and label_set not in label_sets(tree)
        if not dropped and not (path in here and tree.text(path).startswith(text)):
            message = f"{tree.where}: {path} has lost patches that were saved"
            hint = f"errata only grow: git -C {tree.where} checkout HEAD -- {path}"
            raise IntegrityError(message, hint=hint)


def unapplied(labels: Mapping[str, Label], patches: list[Patch]) -> list[Patch]:
    """Return the patches whose outcome a set of labels does not hold, later ones counted in."""
    last: dict[str, tuple[Patch, str | None]] = {}
    for patch in patches:
        for span, name in ((patch.before, None), (patch.after, "after")):
            if span is not None:
                sample = sample_id(patch.recording_id, *span[:2])
                last[sample] = (patch, span.label if name else None)
    found = {
        patch.number: patch
        for sample, (patch, label) in last.items()
        if (labels[sample].label if sample in labels else None) != label
    }
    return [found[number] for number in sorted(found)]
