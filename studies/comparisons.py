"""Run the comparisons of docs/COMPARISONS.md again, and write their tables into it.

    python -m studies.comparisons                  # all of them: about a quarter of an hour once everything is built
    python -m studies.comparisons 7.7.3 pool       # those whose heading has one of these words

Run it on a machine without other work. Each heading of the page is followed by a command and by a block with what it
printed; the command is run as it stands there, and the block is replaced.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from seqbench.errors import ExitCode
from seqbench.system.files import write_atomically

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "COMPARISONS.md"
_SECTION = re.compile(
    r"^## (?P<title>[^\n]+)\n\n`invoke (?P<words>compare [^`]+)`\n\n```text\n(?P<block>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
# Where rounds do not decide, the page says so.
_EXPECTED = (ExitCode.OK, ExitCode.INCONCLUSIVE)


def printed(words: Sequence[str]) -> str:
    """Run a comparison, and return what it printed on standard output.

    Raises
    ------
    SystemExit
        It failed; its error was printed.
    """
    command = [sys.executable, "-m", "invoke", *words]
    ran = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, "COLUMNS": "200"}, stdout=subprocess.PIPE, check=False
    )
    if ran.returncode not in _EXPECTED:
        raise SystemExit(f"{shlex.join(words)} failed with {ran.returncode}; fix: see its error above")
    return ran.stdout.decode()


def rewritten(page: str, wanted: Sequence[str]) -> str:
    """Return the page with new blocks in the sections whose heading has one of the words; in all without words."""

    def renewed(section: re.Match[str]) -> str:
        if wanted and not any(word in section["title"] for word in wanted):
            return section[0]
        print(f"{section['title']}: invoke {section['words']}", flush=True)  # noqa: T201
        start, end = section.start("block") - section.start(), section.end("block") - section.start()
        return section[0][:start] + printed(shlex.split(section["words"])).rstrip("\n") + "\n" + section[0][end:]

    return _SECTION.sub(renewed, page)


def main() -> None:
    """Run the command."""
    page = PAGE.read_text(encoding="utf-8")
    write_atomically(PAGE, rewritten(page, sys.argv[1:]).encode())


if __name__ == "__main__":
    main()
