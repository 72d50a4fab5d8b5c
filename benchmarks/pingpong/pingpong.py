"""Ping-pong: two asyncio tasks pass messages back and forth over two queues.

Neither can go on before the other has answered. It measures the latency of a queue
together with the switch from one task to the other.

    pingpong ROUND_TRIPS

Fairness:

- Both sides are tasks, as both are spawned in Seq.
- The clock starts before the queues are made and stops when both sides have reported, so
  it spans every message. Starting and closing the event loop is outside.
- Each side counts what it receives: the result and the messages are counted.
- The queues are unbounded, as Seq's channels are: a send never waits.
"""

import asyncio
import sys
import time

Queue = asyncio.Queue[int]


async def pinger(rounds: int, pings: Queue, pongs: Queue, report: Queue) -> None:
    """Send, then wait for the answer."""
    received = 0
    while received < rounds:
        pings.put_nowait(received)
        await pongs.get()
        received += 1
    report.put_nowait(received)


async def ponger(rounds: int, pings: Queue, pongs: Queue, report: Queue) -> None:
    """Wait, then answer."""
    received = 0
    while received < rounds:
        await pings.get()
        received += 1
        pongs.put_nowait(received)
    report.put_nowait(received)


async def run(rounds: int) -> None:
    """Start both sides, wait for both reports, and print the result, the time and the ledger."""
    start = time.perf_counter_ns()
    pings, pongs, pinger_report, ponger_report = Queue(), Queue(), Queue(), Queue()
    sides = [
        asyncio.create_task(pinger(rounds, pings, pongs, pinger_report)),
        asyncio.create_task(ponger(rounds, pings, pongs, ponger_report)),
    ]
    pings_received, pongs_received = await ponger_report.get(), await pinger_report.get()
    elapsed = time.perf_counter_ns() - start
    await asyncio.gather(*sides)
    print(f"result: {pongs_received}\nelapsed_ns: {elapsed}")  # a round trip ends with its pong
    print(f"tasks: 2\nmessages: {pings_received + pongs_received}")  # a task for each of the two reports


def parse_count(text: str) -> int | None:
    """Return a number of 1 or more, written plainly (no "007", no "+5"), or None."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return number if number >= 1 and str(number) == text else None


def main() -> int:
    """Run with the arguments of the command line; return the exit status."""
    rounds = parse_count(sys.argv[1]) if len(sys.argv) == 2 else None
    if rounds is None:
        print("usage: pingpong ROUND_TRIPS (an integer, 1 or more)", file=sys.stderr)
        return 2
    asyncio.run(run(rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
