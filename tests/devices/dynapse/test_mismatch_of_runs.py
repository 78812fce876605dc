"""Options; runs themselves are tested through the verb, in ``test_cli_mismatch``."""

import pytest

from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.family import Dynapse
from devices.dynapse.mismatch_of_runs import MismatchOptions, runs_on_chips
from eventstore.errors import InvalidInput, NotFound


@pytest.mark.parametrize("sigmas", [(), (0.2, 0.1), (0.1, 0.1), (-0.1,), (1.5,)])
def test_sigmas_rise_within_reason(sigmas: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="sigmas"):
        MismatchOptions(sigmas=sigmas)


def test_options_say_what_deviates() -> None:
    assert MismatchOptions(only=("weights",)).mismatch.parameters == ("weights",)
    with pytest.raises(NotFound, match="itau_men"):
        MismatchOptions(only=("itau_men",))
    with pytest.raises(InvalidInput, match="0 chips are none"):
        MismatchOptions(n_chips=0)


def test_no_run_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no run to test"):
        runs_on_chips([], None, "test", Dynapse(DYNAPSE2))  # type: ignore[arg-type] # no data
