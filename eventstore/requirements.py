"""What this distribution says it needs, and what of that is installed.

Names, floors and extras stand in ``pyproject.toml`` alone: they are read from the metadata that pip
wrote beside the packages, so that ``doctor``, the bill of materials and the tests cannot differ.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from eventstore.errors import NotFound

OURS = "spikelake"
"""Name of the distribution that holds the four packages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One stated requirement, and what answers it here.

    Args:
        name: the distribution's name, as it was stated.
        wanted: versions that will do, such as ``">=2.0"``; empty: any.
        extra: the extra that asks for it; empty: everything does.
        found: the version that is installed; empty: it is not.
    """

    name: str
    wanted: str
    extra: str
    found: str

    @property
    def is_met(self) -> bool:
        """Whether it is installed in a version that will do."""
        if not self.found:
            return False
        return Requirement(f"{self.name}{self.wanted}").specifier.contains(
            self.found, prereleases=True
        )

    @property
    def install(self) -> str:
        """The command that brings it."""
        return f"pip install '{OURS}[{self.extra}]'" if self.extra else f"pip install {OURS}"


def stated_needs(name: str = OURS) -> list[Need]:
    """Return what a distribution states that it needs on this machine, its extras last.

    Raises:
        NotFound: the distribution itself is not installed.

    Examples:
        >>> {need.extra for need in stated_needs() if need.name in {"numpy", "s3fs"}} == {"", "s3"}
        True
    """
    metadata = installed(name).metadata
    extras = ["", *sorted(metadata.get_all("Provides-Extra") or ())]
    return [need for extra in extras for need in _asked(name, extra)]


def installed(name: str) -> Distribution:
    """Return an installed distribution.

    Raises:
        NotFound: it is not installed.
    """
    try:
        return distribution(name)
    except PackageNotFoundError:
        message = f"the distribution {name!r} is not installed here"
        hint = f"pip install {name}; from a checkout: pip install --editable ."
        raise NotFound(message, hint=hint) from None


def closure(
    extras: Iterable[str] = (), *, without: Iterable[str] = (), name: str = OURS
) -> dict[str, Distribution]:
    """Return all that a distribution needs, and what those need in turn, by canonical name.

    What is not installed is left out: see `stated_needs` for what is missing.

    Args:
        extras: extras of the distribution that are wanted too.
        without: names to leave out, with what nothing else needs.
        name: the distribution, which is not part of the answer.

    Examples:
        >>> needed = closure()
        >>> "numba" in needed, "llvmlite" in needed, "pytest" in needed
        (True, True, False)
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    left_out = {canonicalize_name(other) for other in without}
    waiting = [(name, extra) for extra in ("", *extras)]
    while waiting:
        at, extra = waiting.pop()
        if (at, extra) in seen:
            continue
        seen.add((at, extra))
        for requirement in _requirements(at, extra):
            other = canonicalize_name(requirement.name)
            if other in left_out:
                continue
            try:
                found[other] = distribution(other)
            except PackageNotFoundError:
                continue
            waiting += [(other, wanted) for wanted in ("", *requirement.extras)]
    found.pop(canonicalize_name(name), None)
    return dict(sorted(found.items()))


def _asked(name: str, extra: str) -> Iterator[Need]:
    for requirement in _requirements(name, extra):
        wanted = str(requirement.specifier)
        found = _version(requirement.name)
        yield Need(name=requirement.name, wanted=wanted, extra=extra, found=found)


def _requirements(name: str, extra: str) -> Iterator[Requirement]:
    """Yield what an extra adds; of the extra "", what is needed without any."""
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        always = marker is None or marker.evaluate({"extra": ""})
        if always if not extra else not always and marker and marker.evaluate({"extra": extra}):
            yield requirement


def _version(name: str) -> str:
    try:
        found = distribution(name).version
        return str(Version(found))
    except (PackageNotFoundError, InvalidVersion):
        return ""
