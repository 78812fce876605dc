"""What datasets, versions and splits show of themselves in a notebook.

Modules:
    dataset_panel: a dataset, and one state of it.
    split_panel: a split.
"""
