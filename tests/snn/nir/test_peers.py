import pytest

from eventstore.errors import NotFound
from eventstore.findings import Severity
from snn.nir.nodes import NODES
from snn.nir.peers import NEURONS, PEERS, peer_named
from snn.nir.writers import WRITERS


def test_every_program_whose_files_we_read_is_checked_for() -> None:
    assert set(WRITERS) < set(PEERS)
    assert {name for name in WRITERS if WRITERS[name].subtracts} == {
        name for name in PEERS if PEERS[name].after_spike == "subtract"
    }


@pytest.mark.parametrize("name", PEERS)
def test_facts_are_of_nodes_there_are(name: str) -> None:
    peer = PEERS[name]
    assert peer.kinds <= set(NODES)
    assert peer.recurrent <= NEURONS & peer.kinds
    for remark in peer.remarks:
        assert remark.kinds <= (peer.kinds or {"NIRGraph"})
        assert remark.severity >= Severity.WARNING
        assert remark.fix or remark.severity == Severity.WARNING
        for number in remark.unless:
            assert all(number in NODES[kind].__dataclass_fields__ for kind in remark.kinds)


def test_an_unknown_program_is_named() -> None:
    assert peer_named("norse") is PEERS["norse"]
    with pytest.raises(NotFound, match="snntorch"):
        peer_named("snntorc")
