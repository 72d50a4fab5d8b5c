"""Run the commands of a page again, and write what they print into it.

    python -m studies.page_runs docs/COMPARISONS.md             # all of them, one after another
    python -m studies.page_runs docs/COMPARISONS.md 7.7.3 pool  # those whose heading has one of these words

Run it on a machine without other work. A heading is followed by a line with a command, `invoke ...`, and
by a block with what it printed. The command is run as it stands there, and the block is replaced. The page is written
after each command, so that an interruption loses no block.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from seqbench.errors import ExitCode
from seqbench.system.files import write_atomically

PROJECT = Path(__file__).resolve().parents[1]
_SECTION = re.compile(
    r"^## (?P<title>[^\n]+)\n\n"
    r"(?:(?!`invoke |#|```)[^\n]+\n+)*?"
    r"`invoke (?P<words>[^`\n]+)`\n\n```text\n(?P<block>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
# Where rounds do not decide, the page says so.
_EXPECTED = (ExitCode.OK, ExitCode.INCONCLUSIVE)


def printed(words: str) -> str:
    """Run a task, and return what it printed on standard output.

    Raises
    ------
    SystemExit
        It failed; its error was printed.
    """
    command = [sys.executable, "-m", "invoke", *shlex.split(words)]
    ran = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, "COLUMNS": "200"}, stdout=subprocess.PIPE, check=False
    )
    if ran.returncode not in _EXPECTED:
        raise SystemExit(f"{words} failed with {ran.returncode}; fix: see its error above")
    return ran.stdout.decode()


def commands(page: str) -> dict[str, str]:
    """Return the command of each section that has one, by the heading of the section."""
    return {section["title"]: section["words"] for section in _SECTION.finditer(page)}


def with_block(page: str, title: str, block: str) -> str:
    """Return the page with another block in the section of this title."""
    section = next(section for section in _SECTION.finditer(page) if section["title"] == title)
    return page[: section.start("block")] + block.rstrip("\n") + "\n" + page[section.end("block") :]


def main() -> None:
    """Run the command."""
    if len(sys.argv) == 1:
        sys.exit("expected the page: python -m studies.page_runs docs/COMPARISONS.md")
    path, wanted = Path(sys.argv[1]), sys.argv[2:]
    for title, words in commands(path.read_text(encoding="utf-8")).items():
        if wanted and not any(word in title for word in wanted):
            continue
        print(f"{title}: invoke {words}", flush=True)  # noqa: T201
        block = printed(words)
        write_atomically(path, with_block(path.read_text(encoding="utf-8"), title, block).encode())


if __name__ == "__main__":
    main()
