from dataclasses import dataclass

import numpy as np
import pytest

from eventstore.errors import InvalidInput
from eventstore.fields import check_choice, set_integer, set_number


@dataclass
class Fields:
    share: object = 0.5
    per: object = "sample"
    n: object = 3


def test_whole_numbers_become_plain_ones() -> None:
    fields = Fields(n=np.int64(7))
    set_integer(fields, "n", minimum=0)
    assert (type(fields.n), fields.n) == (int, 7)


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1.5, r"Fields\(n=1.5\) is not an integer"),
        (None, r"Fields\(n=None\) is not an integer"),
        (True, r"Fields\(n=True\) is out of range"),
        (-1, r"Fields\(n=-1\) is out of range\nhint: give n 0 … 9"),
        (10, r"Fields\(n=10\) is out of range"),
    ],
)
def test_whole_fields_out_of_range_are_refused(n: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        set_integer(Fields(n=n), "n", minimum=0, maximum=9)


def test_real_fields_become_plain_floats() -> None:
    fields = Fields(share=np.float32(0.25))
    set_number(fields, "share", minimum=0, maximum=1)
    assert (type(fields.share), fields.share) == (float, 0.25)


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), float("inf"), True, "0.5", None])
def test_real_fields_out_of_range_are_refused(share: object) -> None:
    with pytest.raises(InvalidInput, match=r"^Fields\(share=.*\) is outside 0 … 1"):
        set_number(Fields(share=share), "share", minimum=0, maximum=1)


@pytest.mark.parametrize("per", ["Sample", None, 1])
def test_a_choice_is_one_of_the_values_given(per: object) -> None:
    check_choice(Fields(), "per", ("sample", "event"))
    with pytest.raises(InvalidInput, match=r"is none of the choices\nhint: .*'sample' or 'event'"):
        check_choice(Fields(per=per), "per", ("sample", "event"))


def test_one_is_not_true() -> None:
    with pytest.raises(InvalidInput, match=r"Fields\(per=1\)"):
        check_choice(Fields(per=1), "per", (False, True))
