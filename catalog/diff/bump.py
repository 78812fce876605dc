"""What a version number says of the change before it: patch, minor or major."""

from enum import IntEnum

from catalog.versions import parse_version


class Bump(IntEnum):
    """How much a change asks of those who rely on a version; the greatest of several counts."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def text(self) -> str:
        """The word, in lower case."""
        return self.name.lower()


def next_version(version: str, bump: Bump) -> str:
    """Return the lowest number above a version that says at least this much.

    Below 1.0.0 nothing is promised yet, so that there a major change asks for a minor number.

    Examples:
        >>> next_version("1.4.2", Bump.MINOR), next_version("1.4.2", Bump.MAJOR)
        ('1.5.0', '2.0.0')
        >>> next_version("0.4.2", Bump.MAJOR)
        '0.5.0'
    """
    major, minor, patch = parse_version(version)
    if bump is Bump.MAJOR and major:
        return f"{major + 1}.0.0"
    if bump >= Bump.MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def is_enough(version: str, before: str, bump: Bump) -> bool:
    """Say whether a number tells of a change that demands ``bump``.

    Examples:
        >>> is_enough("1.5.0", "1.4.2", Bump.MINOR), is_enough("1.4.3", "1.4.2", Bump.MINOR)
        (True, False)
    """
    return parse_version(version) >= parse_version(next_version(before, bump))
