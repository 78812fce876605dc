"""What objects show of themselves in a notebook: small pages of HTML that need nothing else.

They are made in a moment whatever the size of the data, never fail, and escape all text.

Modules:
    panel: the page.
    events_panel, store_panel, recording_panel, selection_panel, profile_panel: of each object.
"""
