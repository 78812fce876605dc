"""What a curator should look at, each finding with the place in the player that it is about."""

from collections import Counter

from catalog.curation.check import check_curation
from catalog.labels.editing import parse_sample
from catalog.viewer.shown import ShownState
from eventstore.errors import InvalidInput
from eventstore.findings import Finding

MOST = 2_000
"""Findings that are told; the worst come first, and their number is told in any case."""


def finding_list(state: ShownState) -> dict[str, object]:
    """Return the findings of the checks, the worst first, as plain values.

    Recordings that a check names are decoded once; the answer is kept while the dataset stays.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> found = finding_list(Shown(tiny_dataset()).state())
        >>> found["findings"][0]["check"], found["n_findings"] == len(found["findings"])
        ('card', True)
    """
    found = state.once("findings", lambda: check_curation(state.version))
    severities = Counter(finding.severity.name.lower() for finding in found)
    return {
        "reference": str(state.version.reference),
        "n_findings": len(found),
        "counts": dict(severities),
        "findings": [{**one.to_dict(), "place": place_of(state, one)} for one in found[:MOST]],
    }


def place_of(state: ShownState, finding: Finding) -> dict[str, object] | None:
    """Return the recording that a finding is about, and the µs; None where it is about none.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> from eventstore.findings import error_at
        >>> state = Shown(tiny_dataset()).state()
        >>> place_of(state, error_at("Test/left/0#500-900", "odd", "gap"))
        {'recording': 'Test/left/0', 't_us': 500}
    """
    if finding.where in state.row_of:
        return {"recording": finding.where, "t_us": 0}
    try:
        name, start, _ = parse_sample(finding.where)
    except InvalidInput:
        return None
    return {"recording": name, "t_us": start} if name in state.row_of else None
