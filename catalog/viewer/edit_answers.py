"""What the addresses do that change something: correct labels, save a version."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from starlette.responses import Response

from catalog.dataset import Dataset
from catalog.labels.editing import edit_labels
from catalog.labels.intervals import DEFAULT_LABEL_SET
from catalog.repo import author_of
from catalog.viewer.answers import Change, json_answer
from catalog.viewer.edits import Edits, parse_edits, parse_object, text_of
from catalog.viewer.recording import label_facts
from catalog.viewer.shown import Shown
from eventstore.errors import InvalidInput, ReadOnly

NEEDS_TAG = 428
"""Precondition required (RFC 6585)."""


def edit_answers(shown: Shown) -> Mapping[str, Change]:
    """Return what carries out the changes asked for at each address.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> sorted(edit_answers(Shown(tiny_dataset())))
        ['/api/labels', '/api/versions']
    """

    def labels(body: bytes, headers: Mapping[str, str]) -> Response:
        dataset = _work_tree(shown)
        tag = headers.get("if-match", "").strip('"')
        if not tag:
            said = {"error": "invalid-input", "message": "If-Match is missing"}
            hint = {"hint": "send the tag that /api/labels gave, so that no edit is lost"}
            return json_answer(said | hint, status=NEEDS_TAG)
        edits = parse_edits(body)
        _check_inside(shown, edits)
        with shown.changing, _begun(dataset, edits.label_set):
            plan = edit_labels(
                dataset,
                edits.patches,
                author=author_of(dataset.root),
                label_set=edits.label_set,
                expected=tag,
            )
        found = label_facts(shown.state(), edits.recording, edits.label_set)
        findings = [finding.to_dict() for finding in plan.findings]
        return json_answer({**found, "findings": findings}, headers={"etag": f'"{found["tag"]}"'})

    def versions(body: bytes, headers: Mapping[str, str]) -> Response:
        dataset = _work_tree(shown)
        message = text_of(parse_object(body, frozenset({"message"})), "message")
        if not message.strip():
            empty = "a version without a message"
            raise InvalidInput(empty, hint="say what changed")
        with shown.changing:
            saved = dataset.save(None, message)
        return json_answer({"version": saved.version, "digest": saved.digest})

    return {"/api/labels": labels, "/api/versions": versions}


@contextmanager
def _begun(dataset: Dataset, label_set: str) -> Iterator[None]:
    """Begin the default set where a dataset has none yet; gone again where the edit is refused.

    No other set is begun from a page: no name that a page sends becomes part of a path.
    """
    is_new = label_set == DEFAULT_LABEL_SET and not dataset.draft().label_sets
    if is_new:
        dataset.write_labels([], DEFAULT_LABEL_SET)
    try:
        yield
    except BaseException:
        if is_new:
            (dataset.root / "labels" / f"{DEFAULT_LABEL_SET}.tsv").unlink()
        raise


def _work_tree(shown: Shown) -> Dataset:
    if not isinstance(shown.source, Dataset) or not shown.is_draft:
        message = "a saved version never changes"
        raise ReadOnly(message, hint="serve the dataset without a version")
    return shown.source


def _check_inside(shown: Shown, edits: Edits) -> None:
    """Refuse an interval that ends after its recording.

    Raises:
        NotFound: there is no such recording.
        InvalidInput: an interval is not within it.
    """
    stop = shown.state().t_stop(edits.recording)
    for patch in edits.patches:
        if patch.after is not None and patch.after.t_stop_us > stop:
            message = f"{patch.after} ends after its recording, at {stop} µs"
            raise InvalidInput(message, hint=f"end it at {stop} µs at the latest")
