"""Programs that account for their work, and a strace under which they run."""

from pathlib import Path

from tests.support.world import World, script

# As strace 6.1 says it where nothing may be traced.
REFUSAL = (
    "strace: test_ptrace_get_syscall_info: PTRACE_TRACEME: Operation not permitted",
    "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted",
)
MANIFEST = """\
title = "The {name}"

[parameters.actors]
full = 7
quick = 3

[parameters.messages]
full = 1000
quick = 10
scales = true

[expect]
result = "messages"
control-messages = 1
[expect.ledger]
tasks = "actors"
messages = "messages"
"""
# What it says of strands and messages is right: one more strand for main, and one message that the ledger has not.
REPORTS = (
    '[ "$SEQ_REPORT" = json ] && printf \'{"strands_spawned":%d,"strands_completed":%d,"peak_strands":2,'
    '"messages_sent":%d,"messages_received":%d,"worker_threads":1}\' '
    "$(($1 + 1)) $(($1 + 1)) $(($2 + 1)) $(($2 + 1)) >&2"
)


def works(each_ns: int, *after: str) -> str:
    """Build a program that works so long for each message; the manifest gives it actors and messages."""
    return script(
        f'echo "result: $2"; echo "elapsed_ns: $((10000 + $2 * {each_ns}))"; echo "tasks: $1"; echo "messages: $2"',
        *after,
        "exit 0",
    )


def a_strace(world: World) -> Path:
    """Put a strace on PATH under which a program makes 100 maps and two calls for each message."""
    return world.tool(
        "strace",
        script(
            'table=$4; shift 4; "$@"; code=$?',
            'row() { echo " 50.00    0.000311          10 $1           $2"; }',
            '{ row 100 mmap; row $((2 * $3)) write; row $((100 + 2 * $3)) total; } >"$table"',
            "exit $code",
        ),
    )
