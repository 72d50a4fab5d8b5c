"""Time the operations on a history of 100,000 sessions.

    python studies/history_size.py [SESSIONS]

The study fills a temporary history with synthetic sessions of three machines: seven programs at two sizes, six rounds
and a warm-up each. Figures of a run are in docs/HISTORY.md.
"""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from tabulate import tabulate

from seqbench.events import ignore
from seqbench.publish.history import database as history
from seqbench.publish.history.report import full_text
from seqbench.publish.history.series import Selection
from seqbench.publish.history.trend import trend_of
from seqbench.publish.html.history import read_history
from seqbench.sessions import store
from seqbench.sessions.session import (
    BenchmarkResult,
    Measured,
    ProgramResult,
    RuntimeColumn,
    Sample,
    Session,
    State,
    ToolIdentity,
)
from seqbench.system.facts import Machine

PROJECT = Path(__file__).resolve().parent.parent
SESSIONS = 100_000
ROUNDS = 6
REPEATS = 5
_START = datetime(2016, 1, 1, tzinfo=UTC)
_BENCHMARKS = {"fanout": ("", "idiomatic"), "pingpong": ("",), "skynet": ("",)}


def made_up(number: int, draw: Random) -> Session:
    """Build a synthetic session, 30 min after the previous one, with a new commit every ten sessions."""
    version = f"7.{number // 1000}.0"
    tools = tuple(
        ToolIdentity(name=name, version=version, digest=f"sha256:{name}{version}", provenance="made up")
        for name in ("seqc", "clang", "go")
    )
    is_full = number % 2 == 0
    started_at = _START + timedelta(minutes=30 * number)
    return Session(
        seqbench_version="0.1.0",
        state=State.COMPLETE,
        started_at=started_at,
        finished_at=started_at + timedelta(minutes=2),
        seed=number,
        commit=f"{number // 10:040x}",
        dirty=False,
        machine=Machine(
            cpu="A processor", cores=2, memory_bytes=1 << 34, system="Linux", identity=f"machine-{number % 3}"
        ),
        load_before=0.1,
        suite=tuple(_BENCHMARKS),
        is_default_suite=True,
        sources="sha256:1",
        size="full" if is_full else "quick",
        runtimes=(RuntimeColumn(name="seq", title="Seq"), RuntimeColumn(name="go", title="Go")),
        is_every_runtime=True,
        toolchain=tools,
        settings=(),
        budget_s=100.0,
        wall_ns=1,
        programs_ns=1,
        build_ns=1,
        results=tuple(_result(name, draw, is_full=is_full) for name in _BENCHMARKS),
    )


def _result(name: str, draw: Random, *, is_full: bool) -> BenchmarkResult:
    size = 1_000_000 if is_full else 10_000
    programs = (("seq", ""), *(("go", variant) for variant in _BENCHMARKS[name]))
    return BenchmarkResult(
        name=name,
        title=name,
        parameters=(("size", size),),
        is_full=is_full,
        size_label=f"{size:,}",
        size_sentence="",
        remedies=(),
        rate_count=None,
        rate_unit="",
        rounds=ROUNDS,
        variant_labels=(("idiomatic", "idiomatic Go"),),
        programs=tuple(
            ProgramResult(
                runtime=runtime,
                variant=variant,
                executable="sha256:0",
                outcome=Measured(
                    samples=tuple(_sample(number, draw) for number in range(1, ROUNDS + 1)),
                    warm_ups=(_sample(0, draw),),
                ),
            )
            for runtime, variant in programs
        ),
    )


def _sample(number: int, draw: Random) -> Sample:
    elapsed_ns = int(5e8 * draw.lognormvariate(0.0, 0.03))
    return Sample(
        round_number=number,
        position=0,
        result=1,
        elapsed_ns=elapsed_ns,
        ledger=(),
        wall_ns=elapsed_ns + 130_000_000,
        user_ns=elapsed_ns,
        system_ns=50_000_000,
        max_rss_bytes=100 << 20,
        max_rss_floor_bytes=46 << 20,
        minor_faults=20_000,
        major_faults=3,
        voluntary_switches=4_000,
        involuntary_switches=60,
    )


def _fill(path: Path, count: int) -> None:
    """Add the sessions in one transaction; `history.record` would wait for the disk at each."""
    draw = Random(1)  # noqa: S311 - nothing secret
    history.record(path, made_up(0, draw))
    with history.opened(path, "rw", "BEGIN EXCLUSIVE", ignore) as database:
        for number in range(1, count):
            history.add_session(database, made_up(number, draw))
            if number % 1000 == 0:
                print(f"\r{number:,} of {count:,}", end="", file=sys.stderr, flush=True)  # noqa: T201
        database.execute("COMMIT")
    print(file=sys.stderr)  # noqa: T201


def _timed(act: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return times


def _queries() -> Iterator[tuple[str, str]]:
    text = (PROJECT / "docs" / "HISTORY.md").read_text(encoding="utf-8")
    for query in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
        yield query.splitlines()[0].removeprefix("-- "), query


def main() -> None:
    """Print the size of the file, and for each operation the median and the worst time of five."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        started = time.perf_counter()
        _fill(path, count)
        filled_s = time.perf_counter() - started
        draw = Random(2)  # noqa: S311 - as above
        news = iter([made_up(count + number, draw) for number in range(REPEATS)])
        old = made_up(1, draw)
        month = replace(Selection(), since=made_up(count, draw).started_at - timedelta(days=30))

        def shown(selection: Selection) -> str:
            return full_text([trend_of(series) for series in history.series(path, selection)])

        # A project without any other document, which would be in the report as well.
        empty = Path(folder) / "project"
        empty.mkdir()

        def seqbench(*words: str) -> None:
            environment = {**os.environ, "SEQBENCH_HISTORY": str(path)}
            command = (sys.executable, "-m", "seqbench", *words)
            subprocess.run(command, cwd=empty, env=environment, stdout=subprocess.DEVNULL, check=True)

        def ask(query: str) -> None:
            with closing(sqlite3.connect(path)) as database:
                database.execute(query).fetchall()

        last = Path(folder) / "last.json"
        store.save(last, made_up(count - 1, draw))
        report = ("report", "--session", str(last), "--out", str(Path(folder) / "report.html"))
        one = Selection(only=("fanout",), runtimes=("seq",))
        many = Selection(limit=1000)
        acts: list[tuple[str, Callable[[], object]]] = [
            ("`history.record`, a new session", lambda: history.record(path, next(news))),
            ("`history.record`, one that is there", lambda: history.record(path, old)),
            ("`history.series`, everything, 30 points each", lambda: history.series(path, Selection())),
            ("`history.series`, one benchmark and runtime", lambda: history.series(path, one)),
            ("`history.series`, the last 30 days", lambda: history.series(path, month)),
            ("`history.series`, everything, 1,000 points each", lambda: history.series(path, many)),
            ("with changes and text, 30 points each", lambda: shown(Selection())),
            ("with changes and text, 1,000 points each", lambda: shown(many)),
            ("`read_history`, for a report", lambda: read_history(path, ("machine-0",))),
            ("`invoke history`, the whole command", partial(seqbench, "history")),
            ("`invoke report`, the whole command", partial(seqbench, *report)),
            *((f"SQL: {title}", partial(ask, query)) for title, query in _queries()),
        ]
        timed = [(name, _timed(act)) for name, act in acts]
        rows = [(name, *(f"{1e3 * value:,.0f} ms" for value in (median(times), max(times)))) for name, times in timed]
        with closing(sqlite3.connect(path)) as database:
            ((points, samples),) = database.execute(
                "SELECT (SELECT COUNT(*) FROM program), (SELECT COUNT(*) FROM sample)"
            ).fetchall()
        size = f"{path.stat().st_size / (1 << 20):,.0f} MiB"
        print(f"{count:,} sessions, {points:,} points, {samples:,} samples: {size}, filled in {filled_s:.0f} s\n")  # noqa: T201
        print(tabulate(rows, ("what", "median", "worst"), tablefmt="github"))  # noqa: T201


if __name__ == "__main__":
    main()
