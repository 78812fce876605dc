"""Which address answers what; each is one text, so that no part of it can be a path."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.viewer.access import Access
from catalog.viewer.answers import Change, Endpoint, bytes_answer, error_answer, json_answer
from catalog.viewer.edit_answers import edit_answers
from catalog.viewer.grid_answers import grid_answers
from catalog.viewer.guard import Guard
from catalog.viewer.overview_answers import overview_answers
from catalog.viewer.player_answers import player_answers
from catalog.viewer.shown import Shown
from catalog.viewer.static_files import StaticFile, static_files
from eventstore.errors import SpikelakeError


def application(shown: Shown, access: Access) -> Guard:
    """Return the viewer of a dataset as an ASGI application, behind its guard.

    Args:
        shown: the dataset.
        access: who may ask.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.access import known_hosts, new_token
        >>> access = Access(token=new_token(), hosts=known_hosts("127.0.0.1", 8377))
        >>> type(application(Shown(tiny_dataset()), access)).__name__
        'Guard'
    """
    reading = {
        **grid_answers(shown),
        **player_answers(shown, edit=access.edit),
        **overview_answers(shown),
    }
    routes = [Route(address, _sent(file)) for address, file in static_files().items()]
    for address, answer in reading.items():
        routes.append(Route(address, _said(answer), methods=["GET"]))
    for address, change in edit_answers(shown).items() if access.edit else ():
        routes.append(Route(address, _done(change), methods=["POST"]))
    inner = Starlette(routes=routes, exception_handlers={404: _unknown, 405: _unknown})
    inner.router.redirect_slashes = False
    return Guard(inner, access)


def _sent(file: StaticFile) -> Endpoint:
    def send(request: Request) -> Response:
        return bytes_answer(file.content, file.media_type)

    return send


def _said(answer: Endpoint) -> Endpoint:
    """Answer errors of ours as such."""

    def answered(request: Request) -> Response:
        try:
            return answer(request)
        except SpikelakeError as error:
            return error_answer(error)

    return answered


def _done(change: Change) -> Callable[[Request], Awaitable[Response]]:
    """Carry out a change in a thread of its own; errors of ours are told as such."""

    def carried_out(body: bytes, headers: Mapping[str, str]) -> Response:
        try:
            return change(body, headers)
        except SpikelakeError as error:
            return error_answer(error)

    async def answered(request: Request) -> Response:
        return await run_in_threadpool(carried_out, await request.body(), request.headers)

    return answered


def _unknown(request: Request, error: Exception) -> Response:
    said = {"error": "not-found", "message": "nothing is at this address", "hint": "begin at /"}
    return json_answer(said, status=getattr(error, "status_code", 404))
