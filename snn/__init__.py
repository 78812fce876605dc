"""Spikes, gradients, training."""
