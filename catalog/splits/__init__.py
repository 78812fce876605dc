"""Splits: frozen lists sample → fold, and the rules that propose them.

``rules``   official, group-hash, balanced     ``plan``         let a rule propose, refuse what must
``record``  the two files of a split                            not be frozen
``split``   a split opened for streaming       ``holding_out``  choose epochs without test data
"""
