"""Statistics of recordings: measured once, when they are ingested, and searched ever after.

``counting``  one pass over the events    ``measure``  recordings of a store, block by block
``table``     ``statistics.tsv``           ``keeping``  the table of a dataset's folder
``checking``  whether it is true
"""
