"""Edits: what a curator wants changed, proposed, reviewed, then carried out all at once.

``edit``       one edit, its kinds              ``log``        the file that only grows
``proposing``  what may be proposed             ``effects``    what edits do to events
``planning``   what applying would do           ``on_labels``  what they do to labels and boxes
``applying``   carrying out what was accepted   ``reviewing``  accept or reject
``growing``    a log that lost lines is found
"""
