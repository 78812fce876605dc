"""Identifiers of rights and works: SPDX licence expressions, DOIs."""

import re
from functools import cache
from importlib.resources import files
from typing import NoReturn

from eventstore.errors import InvalidInput, NotFound

UNKNOWN = "unknown"
"""What a card says of a licence that nobody stated."""

_OWN = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_PREFIX = re.compile(r"^(?:doi:\s*|(?:https?://)?(?:dx\.)?doi\.org/)", re.IGNORECASE)
_WORDS = re.compile(r"[()]|[^\s()]+")


@cache
def spdx_ids() -> frozenset[str]:
    """Return the identifiers of the SPDX License List, as of the version that `spdx.txt` names.

    Examples:
        >>> "CC-BY-4.0" in spdx_ids()
        True
    """
    lines = (files("catalog") / "spdx.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def check_licence(text: str) -> None:
    """Refuse what is no SPDX expression of known licences, nor ``"unknown"``.

    Licences may be joined by ``AND`` and ``OR``; ``LicenseRef-…`` names one that has no id.

    Raises:
        NotFound: a licence that the SPDX list has not; names the nearest one.
        InvalidInput: an expression that is not well formed.

    Examples:
        >>> check_licence("CC-BY-4.0 OR MIT")
        >>> check_licence("CC BY 4.0")
        Traceback (most recent call last):
        eventstore.errors.NotFound: 'CC BY 4.0' is no SPDX licence
        hint: did you mean 'CC-BY-4.0'?
    """
    if text == UNKNOWN:
        return
    words = _WORDS.findall(text)
    depth, expects_licence = 0, True
    for word in words:
        if word in {"AND", "OR", ")"} and expects_licence:
            _refuse(text)
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif word in {"AND", "OR"}:
            expects_licence = True
        elif not expects_licence:
            _refuse(text)
        else:
            _check_id(word, text)
            expects_licence = False
        if depth < 0:
            _refuse(text)
    if expects_licence or depth:
        _refuse(text)


def bare_doi(text: str) -> str:
    """Return a DOI without the prefix of a link.

    Examples:
        >>> bare_doi("https://doi.org/10.17632/468j46mzdv.1")
        '10.17632/468j46mzdv.1'
    """
    return _DOI_PREFIX.sub("", text.strip())


def check_doi(text: str) -> None:
    """Refuse what is no bare DOI.

    Raises:
        InvalidInput: it is none.

    Examples:
        >>> check_doi("10.17632/468j46mzdv.1")
    """
    if not _DOI.fullmatch(text):
        bare = bare_doi(text)
        found = _DOI.fullmatch(bare)
        hint = f"write {bare}" if found else "a DOI reads 10.NUMBER/NAME, without a prefix"
        message = f"{text!r} is no DOI"
        raise InvalidInput(message, hint=hint)


def _check_id(word: str, text: str) -> None:
    if word in spdx_ids() or _OWN.fullmatch(word):
        return
    by_shape = {_shape(name): name for name in spdx_ids()}
    for wanted in (text, word):
        near = NotFound.among("licence", _shape(wanted), by_shape).hint.partition("'")[2][:-2]
        if near:
            hint = f"did you mean {by_shape[near]!r}?"
            break
    else:
        hint = "see https://spdx.org/licenses; LicenseRef-NAME for another one, or 'unknown'"
    message = f"{text!r} is no SPDX licence"
    raise NotFound(message, hint=hint)


def _shape(text: str) -> str:
    """Return what two spellings of one licence have in common."""
    return re.sub(r"[\s_-]+", "-", text.strip()).lower()


def _refuse(text: str) -> NoReturn:
    message = f"{text!r} is no SPDX expression"
    raise InvalidInput(message, hint="join licences by AND or OR, such as 'CC-BY-4.0 OR MIT'")
