"""Quantised networks as plain C, for processors that are no neuromorphic chip."""
