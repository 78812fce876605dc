"""What the addresses of findings, splits and history answer."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from catalog.viewer.answers import Endpoint, json_answer
from catalog.viewer.finding_list import finding_list
from catalog.viewer.history import lineage, version_diff, version_list
from catalog.viewer.parameters import Parameters
from catalog.viewer.run_list import Wanted, run_list
from catalog.viewer.shown import Shown
from catalog.viewer.split_matrix import split_list, split_matrix


def overview_answers(shown: Shown) -> Mapping[str, Endpoint]:
    """Return what answers each address of findings, splits and history.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> len(overview_answers(Shown(tiny_dataset())))
        7
    """

    def findings(request: Request) -> Response:
        _asked(request)
        return json_answer(finding_list(shown.state()))

    def splits(request: Request) -> Response:
        _asked(request)
        return json_answer(split_list(shown.state()))

    def split(request: Request) -> Response:
        asked = _asked(request, "split", "by")
        by = asked.text("by", "label")
        return json_answer(split_matrix(shown.state(), asked.text("split"), by))

    def versions(request: Request) -> Response:
        _asked(request)
        return json_answer(version_list(shown))

    def diff(request: Request) -> Response:
        asked = _asked(request, "before", "after")
        return json_answer(version_diff(shown, asked.text("before"), asked.text("after")))

    def lineage_of(request: Request) -> Response:
        return json_answer(lineage(shown, _asked(request, "recording").text("recording")))

    def runs(request: Request) -> Response:
        asked = _asked(request, "recording", "split")
        wanted = Wanted(asked.text("recording", ""), asked.text("split", ""))
        return json_answer(run_list(shown, wanted))

    return {
        "/api/findings": findings,
        "/api/splits": splits,
        "/api/split": split,
        "/api/versions": versions,
        "/api/diff": diff,
        "/api/lineage": lineage_of,
        "/api/runs": runs,
    }


def _asked(request: Request, *known: str) -> Parameters:
    return Parameters.parse(request.scope["query_string"], known)
