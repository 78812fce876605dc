"""AEDAT 1 to 4, and the address-event streams without a header that came before them.

``jaer``    AEDAT 1 and 2: ``text_header`` is above the data, ``address_events`` are its records,
            ``address_maps`` say what their bits are, ``address_side`` what else stands among them
``aer``     streams of cochleas, mostly without a header
``aedat31`` cAER's packets: ``aedat31_file`` is their container, ``aedat31_side`` what else is in it
``aedat4``  DV's container of FlatBuffers: ``aedat4_file`` its packets, ``aedat4_side`` frames, IMU
            samples and triggers, ``flatbuffer`` a walk that trusts no offset
``imu_units``  g and °/s to SI, for all of them
"""
