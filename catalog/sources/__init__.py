"""Files that recordings of sound were made from, kept beside their events to be listened to.

``table``    which are kept, and the bytes of one, checked
``keeping``  keep those of an ingest; let those of removed recordings go
"""
