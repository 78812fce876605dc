"""What the profile of a loader shows."""

from eventstore.loader.profile import Profile


def test_a_profile_says_whether_training_waits() -> None:
    fast = Profile(decode_s=2.0, transform_s=1.5, wait_s=0.05, epoch_s=4.0)._repr_html_()
    assert "data is not the bottleneck" in fast
    assert "waiting 1.2 %" in fast
    slow = Profile(decode_s=2.0, transform_s=3.5, wait_s=2.0, epoch_s=4.0)._repr_html_()
    assert "waits for data, most of it for making batches" in slow
    none = Profile(decode_s=0, transform_s=0, wait_s=0, epoch_s=0)._repr_html_()
    assert "nothing was measured yet" in none
