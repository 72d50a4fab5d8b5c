from seqbench.events import Detail, Event, Phase
from seqbench.toolchain.steps import Step, Steps

STEPS = (Step(title="fetch", share=0.1), Step(title="runtime", share=0.5), Step(title="compiler", share=0.4))


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Detail)]


def test_every_line_of_a_build_has_its_step_and_the_time_so_far() -> None:
    clock, events = Clock(), list[Event]()
    steps = Steps(STEPS, events.append, clock)
    steps.begin()
    clock.now += 4
    steps.begin()
    clock.now += 21
    steps(Detail(text="   Building [=======>        ] 45/123: syn, tokio"))
    steps(Detail(text="Compiling may v0.3.51"))

    assert _texts(events) == [
        "step 1 of 3, fetch (0 s so far)",
        "step 2 of 3, runtime (4 s so far)",
        "step 2 of 3, runtime (25 s so far): 45 of 123 crates, syn, tokio",
        "step 2 of 3, runtime (25 s so far): Compiling may v0.3.51",
    ]


def test_time_left_is_estimated_from_the_steps_that_are_done() -> None:
    clock, events = Clock(), list[Event]()
    steps = Steps(STEPS, events.append, clock)
    steps.begin()
    steps.begin()
    clock.now += 90
    steps.begin()
    clock.now += 20
    steps(Detail(text="Compiling x"))
    # It takes longer than estimated.
    clock.now += 200
    steps(Detail(text="Compiling y"))

    assert _texts(events)[2:] == [
        "step 3 of 3, compiler (1 min 30 s so far, about 1 min 00 s left)",
        "step 3 of 3, compiler (1 min 50 s so far, about 40 s left): Compiling x",
        "step 3 of 3, compiler (5 min 10 s so far): Compiling y",
    ]


def test_other_events_pass_unchanged() -> None:
    events = list[Event]()
    Steps(STEPS, events.append)(Phase(text="building"))
    assert events == [Phase(text="building")]
