import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from eventstore.errors import InvalidInput, NotFound
from snn.nir.nodes import IF, LI, LIF, CubaLIF, I, Node
from snn.nir.writers import NIR, WRITERS, meaning_of, share_goes, share_stays, writer_named

ONE = np.ones(2)
DT = 0.001


def lif(tau: float, r: float = 1.0, v_leak: float = 0.0) -> LIF:
    return LIF(tau=tau * ONE, r=r, v_leak=v_leak, v_threshold=1.0)  # type: ignore[arg-type]


def cuba(r: float, w_in: float = 1.0, v_leak: float = 0.0) -> CubaLIF:
    numbers = {"tau_syn": 0.01, "tau_mem": 0.02, "v_threshold": 1.0}
    return CubaLIF(r=r * ONE, w_in=w_in, v_leak=v_leak, **numbers)  # type: ignore[arg-type]


def test_nir_itself_means_its_equations_solved_exactly() -> None:
    alpha, beta = math.exp(-0.05), math.exp(-0.1)
    means = meaning_of(lif(0.02, r=3), NIR, DT)
    assert means.tau is not None
    assert_allclose(means.tau, 0.02)
    assert_allclose(means.scale, 3 * (1 - alpha))
    assert_allclose(
        meaning_of(LI(tau=0.02 * ONE, r=3 * ONE, v_leak=ONE), NIR, DT).scale, 3 * (1 - alpha)
    )
    assert_allclose(
        meaning_of(cuba(3, w_in=5), NIR, DT).scale, (1 - beta) * 5 * (1 - alpha) * 3 / beta
    )
    for node in (IF(r=7 * ONE, v_threshold=ONE), I(r=7 * ONE)):
        assert meaning_of(node, NIR, DT).tau is None
        assert_allclose(meaning_of(node, NIR, DT).scale, 0.007)


@pytest.mark.parametrize(
    ("name", "node", "tau", "scale"),
    [
        ("sinabs", lif(10.0), 0.01, 1.0),
        ("norse", lif(1e-5, r=2), DT / -math.log(0.9), 0.1 * 2),
        ("spikingjelly", lif(0.002), DT / -math.log(0.5), 0.5),
        ("rockpool", cuba(math.exp(-0.05) * 20), 0.02, 1.0),
    ],
)
def test_programs_mean_what_their_table_says(
    name: str, node: Node, tau: float, scale: float
) -> None:
    means = meaning_of(node, WRITERS[name], DT)
    assert means.tau is not None
    assert_allclose(means.tau, tau, rtol=1e-6)
    assert_allclose(means.scale, scale, rtol=1e-6)


def test_long_time_constants_lose_no_digits() -> None:
    assert_allclose(share_goes(np.array([1e6]), DT), 1e-9, rtol=1e-9)
    assert_allclose(share_stays(np.array([0.02]), DT) + share_goes(np.array([0.02]), DT), 1)
    with pytest.raises(InvalidInput, match="a time constant is 0 s"):
        share_stays(np.array([0.02, 0.0]), DT)


@pytest.mark.parametrize(
    ("name", "node", "said"),
    [
        ("sinabs", lif(10.0, r=2), "r is 2, and sinabs writes 1"),
        ("sinabs", lif(10.0, v_leak=1), "v_leak is 1, and sinabs writes 0"),
        ("sinabs", IF(r=2 * ONE, v_threshold=ONE), "r is 2, and sinabs writes 1"),
        ("rockpool", cuba(20.0), "r is 20, and at dt 0.001 s Rockpool writes 19.0246"),
        ("rockpool", cuba(19.0246, w_in=2), "w_in is 2"),
        ("rockpool", cuba(19.0246, v_leak=0.5), "v_leak is 0.5"),
        ("norse", lif(1e-7), "1e-07 is not above the step 1e-06"),
        ("spikingjelly", lif(0.0005), "0.0005 is not above the step 0.001"),
        ("norse", cuba(1.0), "means by CubaLIF is not known"),
        ("sinabs", cuba(1.0), "means by CubaLIF is not known"),
        ("snntorch", lif(0.02), "neurons of snnTorch subtract the threshold one step after"),
    ],
)
def test_what_a_program_would_not_write_or_is_not_known_is_refused(
    name: str, node: Node, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        meaning_of(node, WRITERS[name], DT)
    assert caught.value.hint


def test_writers_have_names() -> None:
    assert writer_named(None) is NIR
    assert writer_named("norse") is WRITERS["norse"]
    with pytest.raises(NotFound, match="sinabs"):
        writer_named("sinab")
