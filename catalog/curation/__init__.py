"""Curation: what is odd about a dataset, and where.

``check``       all checks of a state of a dataset   ``limits``  what a recording may be
``recordings``  by their statistics                  ``places``  where in a recording it lies
``describing``  what card and tables do not say      ``labels``  label sets as a whole
"""
