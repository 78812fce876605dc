from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from devices.dynapse.coded import CodedNet
from eventstore.errors import InvalidInput
from tests.devices.dynapse.small_nets import coded_nets


@settings(max_examples=20, deadline=None)
@given(coded_nets())
def test_weights_are_sums_of_their_cores_currents(net: CodedNet) -> None:
    for coded, decoded in zip(net.populations, net.decoded().populations, strict=True):
        for (codes, signs), weights in zip(
            coded.matrices(), (decoded.weight, decoded.recurrent), strict=False
        ):
            assert weights is not None
            for (i, j), code in np.ndenumerate(codes):
                currents = net.base[coded.core[j]]
                wanted = sum(currents[bit] for bit in range(4) if code >> bit & 1) / net.i_scale
                assert weights[i, j] == pytest.approx(signs[i, j] * wanted, rel=1e-5)


@settings(max_examples=10, deadline=None)
@given(coded_nets())
def test_what_does_not_belong_together_is_refused(net: CodedNet) -> None:
    one = net.populations[0]
    with pytest.raises(InvalidInput, match="do not belong together"):
        replace(one, signs=one.signs * 0, codes=one.codes * 0 + 3)
    with pytest.raises(InvalidInput, match=f"of {net.n_cores}"):
        replace(net, populations=(replace(one, core=one.core + 99),))
    with pytest.raises(InvalidInput, match="not of the same cores"):
        replace(net, base=net.base[:, :3])
