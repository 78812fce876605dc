"""Withdrawal: recordings are taken back, their bytes go from every place that is known.

``finding``      which recordings, of which subject
``withdrawing``  the steps, in an order that survives a kill
``places``       where bytes are: keys of saved versions, published files
``published``    published versions   ``annexed``  this repository and its remotes

What is said of recordings that were withdrawn is in `catalog.tombstones`, what an old version has
lost since in `catalog.lost_files`.
"""
