"""Fused implementations of the recurrence in `snn.dynamics`."""
