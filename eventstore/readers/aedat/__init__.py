"""AEDAT 1 to 4, and the address-event streams without a header that came before them.

``aedat4``  DV's container of FlatBuffers: ``aedat4_file`` its packets, ``aedat4_side`` frames, IMU
            samples and triggers, ``flatbuffer`` a walk that trusts no offset
"""
