"""Options of a configuration become fields in range, and nothing else gets through."""

import itertools
from typing import Any

import pytest

from devices.config_schema import check_fields
from devices.speck.chip import SPECK2F
from devices.speck.config_fields import config_fields
from devices.speck.config_options import NO_READOUT, ReadoutOptions
from eventstore.errors import InvalidInput

READOUT = config_fields(SPECK2F).members["readout"]


def test_every_choice_of_the_readout_has_fields_of_its_own() -> None:
    choices = itertools.product(
        (1, 16, 32),
        ("2x2x4", "2x4x2", "4x4x1", "1x1x16"),
        ("off", "comparisons", "selected average", "largest average"),
        ("pins", "values", "nothing"),
    )
    seen = set()
    for average_over, addressing, output, tell in choices:
        options: Any = {"average_over": average_over, "addressing": addressing}
        chosen = ReadoutOptions(**options, output=output, tell=tell)  # type: ignore[arg-type]
        fields = chosen.to_fields()
        assert ReadoutOptions.from_fields(fields) == chosen
        assert list(check_fields(fields, READOUT)) == []
        seen.add(tuple(fields.values()))
    assert len(seen) == 3 * 4 * 4 * 3
    assert ReadoutOptions.from_fields(NO_READOUT) is None
    assert list(check_fields(NO_READOUT, READOUT)) == []


@pytest.mark.parametrize(
    "wrong", [{"average_over": 8}, {"addressing": "3x3"}, {"tell": "all"}, {"threshold": 256}]
)
def test_options_that_the_chip_has_not_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=f"readout: {next(iter(wrong))}") as caught:
        ReadoutOptions(**wrong)
    assert caught.value.hint.startswith("take ")
