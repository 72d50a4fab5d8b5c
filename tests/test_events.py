from seqbench.events import Estimate, Estimates, Event, Phase, without_estimates


def test_estimate_is_reported_again_only_when_it_was_far_off() -> None:
    events: list[Event] = []
    estimates = Estimates(events.append)
    for seconds in (100, 110, 90, 200, 210, 10):
        estimates.report(seconds)

    assert events == [Estimate(total_s=seconds) for seconds in (100, 200, 10)]


def test_estimate_of_a_part_is_not_that_of_everything() -> None:
    events: list[Event] = []
    listen = without_estimates(events.append)
    listen(Phase(text="pilot"))
    listen(Estimate(total_s=1.0))

    assert events == [Phase(text="pilot")]
    assert Estimate(total_s=90.0, of="alpha at 10 messages").text == "alpha at 10 messages takes about 1 min 30 s"
