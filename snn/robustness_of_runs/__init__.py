"""How trained runs fare under mismatch, jitter and loss of events.

``options``  what is tried     ``report``  curves of the runs of each recipe
``files``    as JSON, Markdown and a plot
"""
