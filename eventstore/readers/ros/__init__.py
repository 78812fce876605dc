"""Bags of ROS 1 and ROS 2: three containers of messages, and the messages that hold events.

``bag``      what all containers give: topics, and messages in the order of the file
``bag1``     ``.bag`` of ROS 1          ``mcap``  ``.mcap``          ``sqlite``  ``.db3``
``fields``   a message's fields, in either serialization
``arrays``   messages of event records  ``packets``  messages of encoded events
``beside``   images and IMU samples     ``reader``   the readers ``ros1`` and ``ros2``
"""
