"""Where the time of an epoch went."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Seconds of a loop over a loader, up to now.

    Args:
        decode_s: reading and decoding, summed over threads.
        transform_s: making batches of what was read, summed over threads.
        wait_s: how long the consumer waited for batches.
        epoch_s: how long the loop has taken: waiting, and what the consumer did in between.

    Examples:
        >>> profile = Profile(decode_s=2.0, transform_s=1.5, wait_s=0.05, epoch_s=4.0)
        >>> profile.wait_share
        0.0125
        >>> print(profile)
        1.2% of 4.00 s waited for data (decode 2.00 s, transform 1.50 s in threads)
    """

    decode_s: float
    transform_s: float
    wait_s: float
    epoch_s: float

    @property
    def wait_share(self) -> float:
        """Share of the time that the consumer waited: near 0, data is not the bottleneck."""
        return self.wait_s / self.epoch_s if self.epoch_s else 0.0

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from eventstore.notebook.profile_panel import profile_html

        return profile_html(self)

    def __str__(self) -> str:
        """Return one line for people."""
        return (
            f"{self.wait_share:.1%} of {self.epoch_s:.2f} s waited for data "
            f"(decode {self.decode_s:.2f} s, transform {self.transform_s:.2f} s in threads)"
        )
