"""Skynet: a tree of asyncio tasks, ten children a node.

Each leaf reports its number to its parent, each node the sum of its children's reports.
It measures what it costs to start a task, and to keep many alive.

    skynet LEAVES

Fairness:

- Every node of the tree is a task, the leaves too, and each inner node has one queue for
  its ten children.
- The clock starts before the root is started and stops when main has its report, which
  is the last message. Starting and closing the event loop is outside.
- The queues are unbounded, as Seq's channels are: a send never waits.
- The tasks are counted, not calculated: a report is the sum of the leaf numbers and the
  number of nodes that it stands for.
"""

import asyncio
import sys
import time

CHILDREN = 10
MAX_LEAVES = 1_000_000

Report = tuple[int, int]


async def node(parent: asyncio.Queue[Report], leaves: int, first: int) -> None:
    """Report for this many leaves, numbered from `first`."""
    if leaves == 1:
        parent.put_nowait((first, 1))
        return
    reports: asyncio.Queue[Report] = asyncio.Queue()
    share = leaves // CHILDREN
    # The event loop refers to a task only weakly, so its parent keeps it.
    children = [asyncio.create_task(node(reports, share, first + child * share)) for child in range(CHILDREN)]
    total, nodes = 0, 1
    for _ in children:
        child_total, child_nodes = await reports.get()
        total += child_total
        nodes += child_nodes
    parent.put_nowait((total, nodes))


async def run(leaves: int) -> None:
    """Grow the tree, and print the result, the time and the ledger."""
    start = time.perf_counter_ns()
    reports: asyncio.Queue[Report] = asyncio.Queue()
    root = asyncio.create_task(node(reports, leaves, 0))
    total, nodes = await reports.get()
    elapsed = time.perf_counter_ns() - start
    await root
    print(f"result: {total}\nelapsed_ns: {elapsed}")
    print(f"tasks: {nodes}\nmessages: {nodes}")  # each node sends its one report


def parse_leaves(text: str) -> int | None:
    """Return a power of ten from 1 to MAX_LEAVES, written plainly, or None.

    With any other number the division by ten would miss 1 and the tree would never end.
    """
    powers = {str(10**exponent): 10**exponent for exponent in range(len(str(MAX_LEAVES)))}
    return powers.get(text)


def main() -> int:
    """Run with the arguments of the command line; return the exit status."""
    leaves = parse_leaves(sys.argv[1]) if len(sys.argv) == 2 else None
    if leaves is None:
        print("usage: skynet LEAVES (a power of ten, 1 to 1000000)", file=sys.stderr)
        return 2
    asyncio.run(run(leaves))
    return 0


if __name__ == "__main__":
    sys.exit(main())
