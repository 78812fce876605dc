"""Recordings as films that any browser, slide or chat shows: GIF, MP4 and WebM.

Modules:
    write: a recording into a film.
    options: how it looks and how fast it runs.
    source: where the events come from.
    frames: pictures of counts, made as packets of events pass.
    colours: what a count looks like.
    gif, gif_codes: GIF, frame by frame.
    ffmpeg: MP4 and WebM, by the program of that name.
    command: the verb.
"""
