"""A version described in the words of others, and packed for an archive.

``croissant``  JSON-LD of MLCommons      ``citation``  CITATION.cff
``datacite``   what a DOI is made from   ``archive``   one zip of a version, after BagIt
``facts``      what they are made of     ``documents`` those that each save writes
"""
