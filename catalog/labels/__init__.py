"""Labels: what recordings show, when and where, as text with history.

``intervals``  ``labels/<set>.tsv``         ``boxes`` ``box_table``  ``labels/boxes/<set>.tsv``
``errata``     patches with reasons         ``kinds``      all tables of a state, their digests
``checks`` ``box_checks``  what is odd      ``writing``    tables, whole or not at all
``importing`` ``exporting``  other tools' files, by ``formats/``, ``interpret``,
``recording_names`` and ``class_names``     ``editing`` ``changes``  correct, compare
"""
