"""Where a recording came from and what was done to it, as the text of one JSON object."""

import json
from collections.abc import Mapping

from eventstore.errors import IntegrityError, InvalidInput


def provenance_text(provenance: Mapping[str, object] | None) -> str:
    """Return provenance as it is stored: compact JSON, keys in order.

    Args:
        provenance: values of JSON by name; by custom ``source``, its name; ``reader``, with its
            options; ``repairs``, each with the number of events it changed; ``header``, what the
            file said of itself.

    Raises:
        InvalidInput: a value that JSON does not have, such as NaN.

    Examples:
        >>> provenance_text({"source": "a.raw", "repairs": {"sort": 3}})
        '{"repairs":{"sort":3},"source":"a.raw"}'
    """
    try:
        text = json.dumps(
            dict(provenance or {}),
            allow_nan=False,
            ensure_ascii=False,
            separators=(",", ":"),
            sort_keys=True,
        )
        text.encode()  # lone surrogates are no text
    except (TypeError, ValueError) as error:
        message = f"provenance is not JSON ({error})"
        raise InvalidInput(message, hint="use texts, numbers, lists and mappings only") from error
    return text


def parse_provenance(text: str) -> dict[str, object]:
    """Return what a stored text says; nothing where it is empty.

    Raises:
        IntegrityError: it is no JSON object.

    Examples:
        >>> parse_provenance('{"source":"a.raw"}')
        {'source': 'a.raw'}
    """
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        message = f"provenance is not JSON ({error})"
        raise IntegrityError(message) from None
    if not isinstance(found, dict):
        message = "provenance is not a JSON object"
        raise IntegrityError(message)
    return found
