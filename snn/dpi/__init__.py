"""Neurons of mixed-signal chips: differential-pair integrators, as their circuits compute.

``circuit``    what a process fixes, and currents that make time constants
``dynamics``   the recurrence, as a plain loop over time: the definition
``kernel``     the same compiled, forwards and backwards, over blocks of neurons in one array
``operators``  that as an operator of torch
``layer``      a module over it
``inhibition`` inhibitory synapses of their own   ``signed_linear``  weights to both kinds
"""
