"""The conformance corpus: files of every format with the events that a right decoder finds in them.

The files are made from the formats' layouts alone, one event after the other, by code that shares
nothing with our readers and writers; a table in the documentation says which libraries read them.

``case``   one file and its truth        ``write``  all files into a folder
``mutate`` damages files for tests of readers
``evt3`` ``evt2`` ``records`` ``aedat`` ``containers`` ``bags``   the cases, by family of formats
"""
