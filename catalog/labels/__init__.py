"""Labels: half-open intervals of recordings with a class each, as text with history.

``intervals``  the table ``labels/<set>.tsv`` and its digest
"""
