import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.dynapse.mismatch import PARAMETERS, ChipMismatch, draw_chip, stream
from eventstore.errors import InvalidInput, NotFound
from snn.dpi.circuit import CURRENTS
from snn.dpi.inhibition import INHIBITION
from tests.devices.dynapse.small_nets import drawn_net

NET = drawn_net((20, 60, 40), 0, recurrent=True)


def shares(mismatch: ChipMismatch, seed: int) -> np.ndarray:
    drawn = draw_chip(NET, mismatch, seed)
    return np.concatenate(
        [
            (after.currents / before.currents).ravel()
            for before, after in zip(NET.populations, drawn.populations, strict=True)
        ]
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_the_same_seed_is_the_same_chip_and_another_is_another(seed: int) -> None:
    one, same, other = (draw_chip(NET, ChipMismatch(), s) for s in (seed, seed, seed + 1))
    for a, b, c in zip(one.populations, same.populations, other.populations, strict=True):
        np.testing.assert_array_equal(a.weight, b.weight)
        np.testing.assert_array_equal(a.currents, b.currents)
        assert (a.weight != c.weight).mean() > 0.9
        assert (a.currents != c.currents).mean() > 0.9


def test_thirty_per_cent_at_three_sigmas_is_a_deviation_of_ten() -> None:
    found = np.concatenate([shares(ChipMismatch(percent=0.3, sigmas=3), k) for k in range(20)])
    assert found.mean() == pytest.approx(1.0, abs=2e-3)
    assert found.std() == pytest.approx(0.1, rel=0.02)


def test_each_neuron_and_synapse_deviates_by_itself() -> None:
    drawn = draw_chip(NET, ChipMismatch(), 0).populations[0]
    before = NET.populations[0]
    assert len(np.unique(drawn.currents[0])) == before.n_neurons
    ratio = drawn.weight / before.weight
    assert len(np.unique(ratio.round(5))) > 0.95 * ratio.size
    assert (np.sign(drawn.weight) == np.sign(before.weight)).all()


def test_a_larger_sigma_goes_the_same_way_further() -> None:
    small, large = (shares(ChipMismatch(percent=p, sigmas=1), 4) - 1 for p in (0.05, 0.1))
    np.testing.assert_allclose(large, 2 * small, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("only", [("weights",), ("itau_mem", "ispkthr")])
def test_only_what_is_named_deviates_and_as_it_does_among_others(only: tuple[str, ...]) -> None:
    whole = draw_chip(NET, ChipMismatch(), 1).populations[1]
    part = draw_chip(NET, ChipMismatch(only=only), 1).populations[1]
    before = NET.populations[1]
    for at, name in enumerate(CURRENTS):
        wanted = whole if name in only else before
        np.testing.assert_array_equal(part.currents[at], wanted.currents[at])
    wanted = whole if "weights" in only else before
    np.testing.assert_array_equal(part.weight, wanted.weight)
    assert part.recurrent is not None
    assert wanted.recurrent is not None
    np.testing.assert_array_equal(part.recurrent, wanted.recurrent)


def test_inhibitory_synapses_deviate_by_themselves() -> None:
    net = drawn_net((5, 6), 0, inhibited=True)
    before, after = net.populations[0], draw_chip(net, ChipMismatch(), 3).populations[0]
    without = draw_chip(drawn_net((5, 6), 0), ChipMismatch(), 3).populations[0]
    np.testing.assert_array_equal(after.currents[:12], without.currents)
    share = after.currents[12:] / before.currents[12:]
    assert len(np.unique(share)) == 12


def test_currents_stay_positive_whatever_the_mismatch() -> None:
    assert shares(ChipMismatch(percent=3.0, sigmas=1), 0).min() >= 0.05 - 1e-9


def test_what_is_no_mismatch_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"mismatch of -0\.1 at 3\.0 standard deviations"):
        ChipMismatch(percent=-0.1)
    with pytest.raises(NotFound, match="no parameter of a chip 'tau'"):
        ChipMismatch(only=("tau",))
    assert {*PARAMETERS} == {*CURRENTS, *INHIBITION, "weights"}


def test_streams_depend_on_seed_and_name() -> None:
    draws = {stream(s, name).random() for s in (0, 1) for name in ("a", "b")}
    assert len(draws) == 4
