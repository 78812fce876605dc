"""Writers: events out to the formats of other tools.

``atis``  the 40-bit records of N-MNIST
"""
