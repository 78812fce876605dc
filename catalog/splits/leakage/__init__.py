"""Leakage: what of one fold of a split is also, or nearly, in another.

``check``             all checks of one split      ``report``        kept beside the split
``groups``            one person in two folds      ``intervals``     one moment in two folds
``contents``          identical content            ``distribution``  folds of other classes
``near_duplicates``   altered copies: ``rate_profile`` → ``codes`` → ``votes`` find candidates by
                      when events come, ``alignment`` → ``matching`` compare them event by event
"""
