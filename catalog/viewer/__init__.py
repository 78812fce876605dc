"""Look at a dataset in a browser, and correct its labels there.

``serving``  the server and its address   ``application``  which address answers what
``guard``    who may ask                  ``shown``        the dataset that is looked at
``grid``     recordings in a table        ``frames``       events as pictures
"""
