"""DYNAP-SE2, a mixed-signal chip: its limits, its weights of four bits, its mismatch."""
