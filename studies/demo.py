"""Record a first run as an asciinema cast, and draw it as an animated picture: docs/images/demo.cast and demo.svg.

    python -m studies.demo            # a real run of about a minute, with the `tests` dependency group
    python -m studies.demo draw       # only the picture, from the cast that is there

The run needs seqc in the cache, so that it shows no build: run it once before. Long pauses are shortened, in the
picture only. The picture needs no script: CSS shows each line while it is on the screen. Who prefers reduced motion,
or has a viewer without animations, sees the last screen.
"""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pyte

PROJECT = Path(__file__).resolve().parents[1]
CAST = PROJECT / "docs" / "images" / "demo.cast"
PICTURE = CAST.with_suffix(".svg")
COMMAND = "invoke bench --size quick --budget 20s --no-record"
COLUMNS, ROWS = 100, 40
_TITLE = "A first run: two commands in a terminal"
_TYPED_S = 0.04
_LONGEST_PAUSE_S = 1.0
# So that the table can be read before the run begins again.
_LAST_S = 10.0
_LEAST_FRAME_S = 0.1
# In units of the picture.
_CELL, _LINE, _MARGIN = 8.4, 18.0, 16.0
_FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
_STYLE = (
    f"text{{font:14px {_FONTS};white-space:pre}}.b{{font-weight:700}}.l{{visibility:hidden}}.z{{visibility:visible}}"
)
_COLOURS = {
    "default": "#d6d9dd",
    "black": "#7d8590",
    "red": "#ff9c85",
    "green": "#6fdcb8",
    "brown": "#e8c15c",
    "blue": "#92c4f7",
    "magenta": "#dd92cb",
    "cyan": "#7fd6e0",
    "white": "#f0f3f6",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a terminal received at a time, in seconds from the beginning."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Characters of one style beside each other."""

    column: int
    text: str
    colour: str
    is_bold: bool


Line = tuple[Run, ...]
"""A line of the screen; empty if it is blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The screen from a time on."""

    at_s: float
    lines: tuple[Line, ...]


def record(command: Sequence[str], environment: dict[str, str]) -> Iterator[Output]:
    """Run a command in a terminal, and yield what it prints when it prints it.

    Raises
    ------
    ValueError
        The command failed.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    began = time.monotonic()
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        pending = b""
        while received := _read(ours):
            # A character may arrive in two pieces.
            pending += received
            text = pending.decode(errors="ignore")
            pending = pending[len(text.encode()) :]
            yield Output(at_s=time.monotonic() - began, text=text)
    os.close(ours)
    if process.returncode:
        raise ValueError(f"{' '.join(command)} ended with exit code {process.returncode}")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux: the other end is closed
        return b""


def typed(command: str) -> Iterator[Output]:
    """Yield a prompt and a command as if somebody typed it."""
    yield Output(at_s=0.0, text="\x1b[32m$\x1b[0m ")
    for number, letter in enumerate(command, start=1):
        yield Output(at_s=0.5 + number * _TYPED_S, text=letter)
    yield Output(at_s=0.9 + len(command) * _TYPED_S, text="\r\n")


def cast_of(outputs: Sequence[Output]) -> str:
    """Return a recording in asciinema's format, version 2."""
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": _TITLE, "env": {"TERM": "xterm-256color"}}
    events = [[round(each.at_s, 3), "o", each.text] for each in outputs]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in (header, *events))


def outputs_of(cast: str) -> list[Output]:
    """Return what a recording in asciinema's format holds."""
    _, *events = map(json.loads, cast.splitlines())
    return [Output(at_s=at_s, text=text) for at_s, kind, text in events if kind == "o"]


def frames_of(outputs: Sequence[Output]) -> list[Frame]:
    """Return the screens that the outputs make, with long pauses shortened."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    frames: list[Frame] = []
    shown_s = last_s = 0.0
    for output in outputs:
        shown_s += min(_LONGEST_PAUSE_S, output.at_s - last_s)
        last_s = output.at_s
        stream.feed(output.text)
        lines = tuple(_line(screen, row) for row in range(ROWS))
        if frames and shown_s - frames[-1].at_s < _LEAST_FRAME_S:
            frames[-1] = Frame(at_s=frames[-1].at_s, lines=lines)
        elif not frames or lines != frames[-1].lines:
            frames.append(Frame(at_s=shown_s, lines=lines))
    return frames


def _line(screen: pyte.Screen, row: int) -> Line:
    cells = [(column, screen.buffer[row][column]) for column in range(COLUMNS)]
    runs = []
    for (colour, is_bold), some in groupby(cells, key=lambda cell: (cell[1].fg, cell[1].bold)):
        found = list(some)
        text = "".join(cell.data for _, cell in found)
        column = found[0][0] + len(text) - len(text.lstrip())
        if text.strip():
            runs.append(Run(column=column, text=text.strip(), colour=colour, is_bold=is_bold))
    return tuple(runs)


def picture_of(frames: Sequence[Frame]) -> str:
    """Return the frames as an animated SVG, which repeats."""
    whole_s = frames[-1].at_s + _LAST_S
    ends = [frame.at_s for frame in frames[1:]] + [whole_s]
    shown: dict[tuple[int, Line], list[tuple[float, float]]] = {}
    for frame, end_s in zip(frames, ends, strict=True):
        for row, line in enumerate(frame.lines):
            if line:
                shown.setdefault((row, line), []).append((frame.at_s, end_s))
    rules, texts = [], []
    for number, ((row, line), spans) in enumerate(shown.items()):
        is_last = frames[-1].lines[row] == line
        texts.append(f'<g class="l{" z" if is_last else ""}" id="l{number}">{_texts(row, line)}</g>')
        rules.append(f"@keyframes k{number}{{{_steps(_joined(spans), whole_s)}}}#l{number}{{animation-name:k{number}}}")
    rows = 1 + max(row for row, _ in shown)
    width, height = COLUMNS * _CELL + 2 * _MARGIN, rows * _LINE + 2 * _MARGIN
    colours = "".join(f".{name}{{fill:{colour}}}" for name, colour in _COLOURS.items())
    animation = f".l{{animation:{whole_s:.1f}s step-end infinite}}{''.join(rules)}"
    style = f"{_STYLE}{colours}@media(prefers-reduced-motion:no-preference){{{animation}}}"
    size = f'viewBox="0 0 {width:g} {height:g}" xml:space="preserve"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">'
        f'<title id="title">{escape(_TITLE)}</title><style>{style}</style>'
        f'<rect width="100%" height="100%" rx="8" fill="#15171a"/>{"".join(texts)}</svg>\n'
    )


def _texts(row: int, line: Line) -> str:
    y = _MARGIN + (row + 0.75) * _LINE
    return "".join(
        f'<text x="{_MARGIN + run.column * _CELL:g}" y="{y:g}" textLength="{len(run.text) * _CELL:g}"'
        f" class={quoteattr(_class(run))}>{escape(run.text)}</text>"
        for run in line
    )


def _class(run: Run) -> str:
    colour = run.colour.removeprefix("bright")
    return f"{colour if colour in _COLOURS else 'default'}{' b' if run.is_bold else ''}"


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join spans that follow each other."""
    starts = [spans[0][0], *(after[0] for before, after in pairwise(spans) if before[1] != after[0])]
    ends = [*(before[1] for before, after in pairwise(spans) if before[1] != after[0]), spans[-1][1]]
    return list(zip(starts, ends, strict=True))


def _steps(spans: Sequence[tuple[float, float]], whole_s: float) -> str:
    """Return keyframes in which something is visible in these spans, and hidden otherwise."""
    steps = {0.0: "hidden"}
    for start, end in spans:
        steps[start] = "visible"
        if end < whole_s:
            steps[end] = "hidden"
    return "".join(f"{100 * at_s / whole_s:.2f}%{{visibility:{value}}}" for at_s, value in sorted(steps.items()))


def _first_run() -> list[Output]:
    """Run the command; the session that it stores is removed, so that it is not the latest one for other tasks."""
    results = PROJECT / "results"
    there = set(results.glob("*.json"))
    unwanted = ("NO_COLOR", "COLUMNS", "LINES", "SEQBENCH_RESULTS")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    invoke = str(Path(sys.executable).with_name("invoke"))
    begin = list(typed(COMMAND))
    try:
        found = list(record([invoke, *COMMAND.split()[1:]], {**environment, "TERM": "xterm-256color"}))
    finally:
        for path in set(results.glob("*.json")) - there:
            path.unlink()
    return [*begin, *(Output(at_s=begin[-1].at_s + each.at_s, text=each.text) for each in found)]


def main() -> None:
    """Write the cast and the picture."""
    if sys.argv[1:] not in ([], ["draw"]):
        sys.exit("expected no argument, or: draw")
    if not sys.argv[1:]:
        try:
            CAST.write_text(cast_of(_first_run()), encoding="utf-8")
        except ValueError as error:
            sys.exit(f"{error}; fix: {COMMAND}")
    PICTURE.write_text(picture_of(frames_of(outputs_of(CAST.read_text(encoding="utf-8")))), encoding="utf-8")
    for path in (CAST, PICTURE):
        print(f"{path.relative_to(PROJECT)}: {path.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
