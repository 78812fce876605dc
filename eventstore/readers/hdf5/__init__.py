"""HDF5 files, walked without libhdf5: no byte outside the file is touched, no size believed.

``file``      open one, and find groups and datasets by path
``dataset``   shape, type and rows             ``chunks`` ``chunk_arrays``  where chunks lie
``filters`` ``lzf``  unpack them               ``attributes``  small values with a name
``superblock`` ``messages`` ``links`` ``heaps`` ``btree2``     what leads there
``datatypes`` ``dataspaces`` ``cursor`` ``checksum``           what all of it is made of
"""
