"""Withdrawal: recordings are taken back, their bytes go from every place that is known.

``tombstones``   what the dataset says of them since   ``finding``   which recordings, where
``withdrawing``  the steps, in an order that survives a kill
``places``       where bytes are: keys of saved versions, published files
``published``    published versions   ``annexed``  this repository and its remotes
"""
