"""The writer that a user means, by its name or by the suffix of the file."""

from pathlib import Path

from eventstore.errors import InvalidInput, MissingExtra, NotFound
from eventstore.plugin_options import named_plugin
from eventstore.writers import WRITERS
from eventstore.writers.protocol import Writer


def find_writer(path: Path, name: str | None = None) -> Writer:
    """Return a writer for a file.

    Args:
        path: the file to be written.
        name: name of the writer, with options after a colon; by the longest suffix where absent.

    Raises:
        NotFound: there is no writer, or no option, of that name, or none for the suffix.
        InvalidInput: several formats have the suffix, or an option cannot take its value.

    Examples:
        >>> find_writer(Path("walk.bin")).name
        'atis'
    """
    if name is not None:
        return named_plugin(WRITERS, name, what="writer")
    writers, missing = installed_writers()
    matches = {
        writer.name: suffix
        for writer in writers
        for suffix in sorted(writer.suffixes, key=len)
        if path.name.lower().endswith(suffix)
    }
    longest = max(map(len, matches.values()), default=0)
    names = [name for name, suffix in matches.items() if len(suffix) == longest]
    if not names:
        known = ", ".join(sorted({suffix for writer in writers for suffix in writer.suffixes}))
        message = f"no writer for {path.suffix!r}: {path} (known: {known})"
        raise NotFound(message, hint="; ".join(["name the writer (--writer)", *missing]))
    if len(names) > 1:
        message = f"{path} may be {' or '.join(names)}: they share the suffix {path.suffix}"
        raise InvalidInput(message, hint=f"name the writer, such as --writer {names[-1]}")
    return WRITERS[names[0]]


def installed_writers() -> tuple[list[Writer], list[str]]:
    """Return the writers that can be used here, and how to install those that cannot."""
    writers, missing = [], []
    for name in WRITERS:
        try:
            writers.append(WRITERS[name])
        except MissingExtra as error:
            missing.append(f"for {name}: {error.hint}")
    return writers, missing
