"""What the profile of a loader shows of itself."""

from typing import TYPE_CHECKING

from eventstore.notebook.panel import Panel, panel_html

if TYPE_CHECKING:
    from eventstore.loader.profile import Profile

BOUND = 0.1
"""Share of the time from which on data is what holds training up."""


def profile_html(profile: "Profile") -> str:
    """Return a small page about where the time of an epoch went."""

    def verdict() -> str:
        if not profile.epoch_s:
            return "nothing was measured yet: loop over the loader first"
        if profile.wait_share < BOUND:
            return "data is not the bottleneck"
        most = "decoding" if profile.decode_s > profile.transform_s else "making batches"
        return f"training waits for data, most of it for {most}: give more threads, or a cache"

    other = max(profile.epoch_s - profile.wait_s, 0.0)
    return panel_html(
        Panel(
            kind="Profile",
            title=lambda: f"{profile.epoch_s:.2f} s",
            facts=[
                ("waited for data", lambda: f"{profile.wait_s:.2f} s, {profile.wait_share:.1%}"),
                ("decoding", lambda: f"{profile.decode_s:.2f} s, summed over threads"),
                ("making batches", lambda: f"{profile.transform_s:.2f} s, summed over threads"),
                ("which says", verdict),
            ],
            shares=[("consumer", other), ("waiting", profile.wait_s)] if profile.epoch_s else (),
        )
    )
