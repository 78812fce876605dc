"""Fused implementations of the recurrence in :mod:`snn.dynamics`."""
