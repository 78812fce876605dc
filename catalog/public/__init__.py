"""The registry of public datasets: what they are and where they lie, as data.

``entry``      one dataset's facts, a TOML file each in ``entries/``
``add``        fetch, ingest, split, save         ``sources``        ``sources.json``
``acquire``    which files, and where they are    ``fetch``          one file from its mirrors
``preparing``  the folder, its card               ``archive_check``  what is refused
``official``   the splits of its publisher        ``page``           the list in the documentation
"""
