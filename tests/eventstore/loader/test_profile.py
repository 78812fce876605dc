from eventstore.loader import Profile


def test_the_share_is_of_the_whole_loop() -> None:
    profile = Profile(decode_s=3, transform_s=1, wait_s=0.5, epoch_s=2)
    assert profile.wait_share == 0.25
    assert str(profile) == (
        "25.0% of 2.00 s waited for data (decode 3.00 s, transform 1.00 s in threads)"
    )


def test_before_any_loop_nothing_waited() -> None:
    assert Profile(decode_s=0, transform_s=0, wait_s=0, epoch_s=0).wait_share == 0
