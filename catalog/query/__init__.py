"""Search recordings: ``rate_mev_s > 1 and lighting == 'led'``.

``tokens``   text → words                    ``columns``   what can be asked for
``parser``   words → expression              ``evaluate``  expression → which rows
``search``   a version's recordings that an expression is true of

Nothing of an expression is ever run as Python.
"""
