from snn.dpi import dynamics, layout
from snn.dpi.layout import BLOCK


def rows_of(*names: str) -> list[int]:
    return [int(getattr(layout, name)) // BLOCK for name in names]


def test_state_and_constants_lie_in_the_order_of_the_reference() -> None:
    states = ("SYN", "AHP", "MEM", "VOLT", "REST", "SPIKES")
    assert rows_of(*states) == [
        dynamics.I_SYN,
        dynamics.I_AHP,
        dynamics.I_MEM,
        dynamics.V_MEM,
        dynamics.REST,
        dynamics.SPIKES,
    ]
    constants = ("SYN_DECAY", "DRIVE", "DRIVE_FLOOR", "AHP_DECAY", "AHP_JUMP", "AHP_FLOOR", "LEAK")
    more = ("DC", "GAIN", "RATE", "FEEDBACK", "THRESHOLD", "REFRACTORY")
    wanted = [dynamics.N_STATES + getattr(dynamics, name) for name in constants + more]
    assert rows_of(*constants, *more) == wanted
    assert (layout.N_STATES, layout.N_CONSTANTS) == (dynamics.N_STATES, dynamics.N_ROWS)


def test_no_two_rows_of_an_array_overlap() -> None:
    gradients = [name for name in vars(layout) if name.startswith("G_")]
    assert sorted(rows_of(*gradients)) == list(range(layout.N_GRADIENTS - 1))
    tape = (
        "SLOPE PER_MEM STAYED RISE TO_GIVEN TO_AHP TO_VOLT TO_MEM ADAPTS JUMPS DRIVES WAS_SYN "
        "WAS_AHP WAS_SPIKES WAS_INPUT RATIO TO_LEAK TO_GAIN TO_RATE TO_FEEDBACK"
    )
    assert sorted(rows_of(*tape.split())) == list(range(layout.N_TAPE_LEARNING))
