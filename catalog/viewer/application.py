"""Which address answers what; each is one text, so that no part of it can be a path."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.viewer.access import Access
from catalog.viewer.answers import Endpoint, bytes_answer, error_answer, json_answer
from catalog.viewer.grid_answers import grid_answers
from catalog.viewer.guard import Guard
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
    reading = {**grid_answers(shown), **player_answers(shown)}
    routes = [Route(address, _sent(file)) for address, file in static_files().items()]
    routes += [
        Route(address, _said(answer), methods=["GET"]) for address, answer in reading.items()
    ]
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


def _unknown(request: Request, error: Exception) -> Response:
    said = {"error": "not-found", "message": "nothing is at this address", "hint": "begin at /"}
    return json_answer(said, status=getattr(error, "status_code", 404))
