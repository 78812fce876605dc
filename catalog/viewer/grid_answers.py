"""What the addresses of the grid answer."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from catalog.viewer.answers import Endpoint, bytes_answer, json_answer
from catalog.viewer.grid import MAX_PAGE, MAX_PER_PAGE, PER_PAGE, GridQuery, grid_page
from catalog.viewer.parameters import Parameters
from catalog.viewer.shown import Shown
from catalog.viewer.thumbnails import Thumbnails


def grid_answers(shown: Shown) -> Mapping[str, Endpoint]:
    """Return what answers each address of the grid.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> sorted(grid_answers(Shown(tiny_dataset())))
        ['/api/recordings', '/api/thumbnail']
    """
    thumbnails = Thumbnails()

    def recordings(request: Request) -> Response:
        known = {"where", "name", "sort", "page", "per_page"}
        asked = Parameters.parse(request.scope["query_string"], known)
        query = GridQuery(
            where=asked.text("where", ""),
            name=asked.text("name", ""),
            sort=asked.text("sort", ""),
            page=asked.number("page", 1, low=1, high=MAX_PAGE),
            per_page=asked.number("per_page", PER_PAGE, low=1, high=MAX_PER_PAGE),
        )
        return json_answer(grid_page(shown.state(), query))

    def thumbnail(request: Request) -> Response:
        asked = Parameters.parse(request.scope["query_string"], {"recording"})
        return bytes_answer(thumbnails.of(shown.state(), asked.text("recording")), "image/png")

    return {"/api/recordings": recordings, "/api/thumbnail": thumbnail}
