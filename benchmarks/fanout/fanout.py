"""Fan-out: one producer, many workers, one queue that they all receive from.

It measures the throughput of a queue with many receivers and how evenly the event loop
shares the work out.

    fanout WORKERS MESSAGES

Fairness:

- The clock starts before the queues are made and stops when the producer and every worker
  have reported: after the last receive, not the last send. Starting and closing the event
  loop is outside.
- The queues are unbounded, as Seq's channels are: a send never waits.
- A worker yields after each message, as in Seq: a queue that holds something returns at
  once, and the same worker would take everything.
- The producer ends the work with one -1 for each worker, as in Seq.
- The producer counts what it sent and the workers what they received; result and messages
  agree only if no message was lost or delivered twice.
"""

import asyncio
import sys
import time

SENTINEL = -1

Queue = asyncio.Queue[int]


async def worker(inbox: Queue, reports: Queue) -> None:
    """Count what comes until the sentinel, and report the count."""
    received = 0
    while await inbox.get() != SENTINEL:
        received += 1
        await asyncio.sleep(0)
    reports.put_nowait(received)


async def producer(workers: int, messages: int, inbox: Queue, report: Queue) -> None:
    """Send all messages and a sentinel for each worker, and report how many messages were sent."""
    sent = 0
    while sent < messages:
        inbox.put_nowait(sent)
        sent += 1
    for _ in range(workers):
        inbox.put_nowait(SENTINEL)
    report.put_nowait(sent)


async def run(workers: int, messages: int) -> None:
    """Start everything, wait for every report, and print the result, the time and the ledger."""
    start = time.perf_counter_ns()
    inbox, reports, producer_report = Queue(), Queue(), Queue()
    tasks = [asyncio.create_task(worker(inbox, reports)) for _ in range(workers)]
    tasks.append(asyncio.create_task(producer(workers, messages, inbox, producer_report)))
    sent = await producer_report.get()
    counts = [await reports.get() for _ in range(workers)]
    elapsed = time.perf_counter_ns() - start
    await asyncio.gather(*tasks)
    print(f"result: {sum(counts)}\nelapsed_ns: {elapsed}")
    print(f"tasks: {len(counts) + 1}\nmessages: {sent}")  # the producer has reported as well
    print(f"workers: {len(counts)}\nleast: {min(counts)}\nmost: {max(counts)}")


def parse_count(text: str) -> int | None:
    """Return a number of 1 or more, written plainly (no "007", no "+5"), or None."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return number if number >= 1 and str(number) == text else None


def main() -> int:
    """Run with the arguments of the command line; return the exit status."""
    workers, messages = map(parse_count, sys.argv[1:]) if len(sys.argv) == 3 else (None, None)
    if workers is None or messages is None:
        print("usage: fanout WORKERS MESSAGES (integers, 1 or more)", file=sys.stderr)
        return 2
    asyncio.run(run(workers, messages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
