"""The format that a file of labels is in: named, or told by what it holds."""

from catalog.labels.formats import LABEL_FORMATS
from catalog.labels.formats.protocol import LabelFormat
from eventstore.errors import InvalidInput


def choose_format(name: str | None, path: str, data: bytes) -> LabelFormat:
    r"""Return the format of a file.

    Args:
        name: the format, or None to look at the file.
        path: the file's path.
        data: its content.

    Raises:
        NotFound: there is no format of that name.
        InvalidInput: no format is sure of the file, or more than one is.

    Examples:
        >>> choose_format(None, "a.csv", b"class,startTime_usec,endTime_usec\n").name
        'dvs-gesture'
    """
    if name is not None:
        return LABEL_FORMATS[name]
    sure = [x for x in map(LABEL_FORMATS.__getitem__, LABEL_FORMATS) if x.claims(path, data)]
    if len(sure) != 1:
        known = ", ".join(LABEL_FORMATS)
        by = f"{', '.join(x.name for x in sure)} all claim it" if sure else "nothing in it tells"
        message = f"cannot tell the format of {path}: {by}"
        raise InvalidInput(message, hint=f"name it: --format NAME, of {known}")
    return sure[0]
