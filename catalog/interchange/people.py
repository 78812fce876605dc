"""Authors as a card lists them: ``"Family, Given"``, a group's name, an ORCID behind either."""

import re
from typing import NamedTuple

_ORCID = re.compile(r"\s*[<(]?(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])[>)]?\s*$")

ORCID_URL = "https://orcid.org/"


class Author(NamedTuple):
    """One author.

    Args:
        name: name in full, as it is read.
        family: family name; empty for a group, or where it was not told apart.
        given: given names.
        orcid: digits of the ORCID; empty where unknown.
    """

    name: str
    family: str = ""
    given: str = ""
    orcid: str = ""


def read_author(text: str) -> Author:
    """Return an author's names; one without a comma is taken as a whole, never guessed at.

    Examples:
        >>> read_author("Lovelace, Ada <https://orcid.org/0000-0002-1825-0097>")
        Author(name='Ada Lovelace', family='Lovelace', given='Ada', orcid='0000-0002-1825-0097')
        >>> read_author("Example Lab").family
        ''
    """
    found = _ORCID.search(text)
    orcid = found[1] if found else ""
    name = text[: found.start()].strip() if found else text.strip()
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma and family and given and "," not in given:
        return Author(f"{given} {family}", family, given, orcid)
    return Author(name, orcid=orcid)
