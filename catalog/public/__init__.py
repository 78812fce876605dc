"""The registry of public datasets: what they are and where they lie, as data.

``entry``     one dataset's facts, a TOML file each in ``entries/``
"""
