"""What changed between two states of a dataset, and the version number that this demands.

``change``   one change; all of them, counted      ``tables``   rows of tables that differ
``compare``  two states, file by file              ``bump``     major, minor or patch
``proposal`` the number that a draft demands
"""
