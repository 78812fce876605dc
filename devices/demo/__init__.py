"""The main job from end to end: recordings, dataset, version, split, training, chip, report."""
