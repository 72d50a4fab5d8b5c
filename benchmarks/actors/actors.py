"""Actors: many long-lived asyncio tasks, each with a queue of its own.

One driver sends them message after message. It measures what a message to an actor costs
and at how many messages an actor has earned its start back.

    actors ACTORS MESSAGES

Fairness:

- The clock starts before the first queue is made and stops when the driver and every actor
  have reported: starting the actors is part of the time. Starting and closing the event
  loop is outside.
- The queues are unbounded, as Seq's channels are: a send never waits.
- The driver yields once after each pass over all actors, as in Seq, so that they can run
  between the passes.
- An actor knows how many messages it gets, so there is no sentinel.
- The driver counts what it sends and main the reports; the result holds only if every actor
  received each of its messages once.
"""

import asyncio
import sys
import time

MAX_COUNT = 1_000_000

Queue = asyncio.Queue[int]


async def actor(messages: int, inbox: Queue, sums: Queue) -> None:
    """Add up the messages and report the sum."""
    total = 0
    for _ in range(messages):
        total += await inbox.get()
    sums.put_nowait(total)


async def driver(actors: int, messages: int, sums: Queue, report: Queue) -> None:
    """Start all actors, then send each one the number of each pass."""
    inboxes = [Queue() for _ in range(actors)]
    tasks = [asyncio.create_task(actor(messages, inbox, sums)) for inbox in inboxes]
    sent = 0
    for number in range(1, messages + 1):
        for inbox in inboxes:
            inbox.put_nowait(number)
            sent += 1
        await asyncio.sleep(0)
    report.put_nowait(sent)
    await asyncio.gather(*tasks)


async def run(actors: int, messages: int) -> None:
    """Start the driver, wait for every report, and print the result, the time and the ledger."""
    start = time.perf_counter_ns()
    sums, report = Queue(), Queue()
    driving = asyncio.create_task(driver(actors, messages, sums, report))
    sent = await report.get()
    totals = [await sums.get() for _ in range(actors)]
    elapsed = time.perf_counter_ns() - start
    await driving
    print(f"result: {sum(totals)}\nelapsed_ns: {elapsed}")
    print(f"tasks: {len(totals) + 1}")  # the driver has reported as well
    print(f"messages: {sent + len(totals)}")


def parse_count(text: str) -> int | None:
    """Return a number from 1 to MAX_COUNT, written plainly (no "007", no "+5"), or None.

    With larger ones the result would not fit Seq's integers of 63 bits.
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_COUNT)) else 0
    return number if 1 <= number <= MAX_COUNT and str(number) == text else None


def main() -> int:
    """Run with the arguments of the command line; return the exit status."""
    actors, messages = map(parse_count, sys.argv[1:]) if len(sys.argv) == 3 else (None, None)
    if actors is None or messages is None:
        print("usage: actors ACTORS MESSAGES (integers, 1 to 1000000)", file=sys.stderr)
        return 2
    asyncio.run(run(actors, messages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
