"""Networks that keep working when their numbers or their events are not quite what they were.

``numbers``       what can deviate      ``mismatch``     random deviations, as of analogue circuits
``noisy_forward`` training with them    ``adversarial``  training against the worst small ones
``integer_rule``  what chips round to   ``quantised``    training through that rounding
``stages``        a network as chips see it
``method``        the above, by name    ``curves``       accuracy over how strong it all is
"""
