"""Tasks: which samples of which versions, to learn what, judged how; and results on them.

``record``   the file of a task, its digest   ``metrics``    accuracy and others, by name
``spec``     what is asked for                ``result``     what one run gave
``making``   work out the record              ``spread``     mean, deviation, interval over runs
``task``     a task opened for streaming      ``benchmark``  the card of a result, checked again
``opening``  open one, refusing what changed  ``citing``     the line and BibTeX
``pins``     digests of a part                ``verifying``  recompute every digest
"""
