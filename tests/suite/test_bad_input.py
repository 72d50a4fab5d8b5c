"""What is wrong in the file of a suite is said with its line, and nothing of a suite is started to look at it."""

import csv
import io
import json

import pytest

from seqbench.ci.annotations import Level, command, of_session
from seqbench.errors import UsageError
from seqbench.publish.export.csv import csv_text
from seqbench.publish.html.render import render
from seqbench.sessions import latest_run, report
from seqbench.sessions.recording import record_of
from seqbench.suite.manifest import load_suite
from tests.support.world import World, says, script

PATTERN = "[output]\nformat = 'pattern'\n[output.pattern]\nline = '{}'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PATTERN.format("("), "4: the pattern does not compile: missing )"),
        (PATTERN.format("(?P<result>x)"), "4: the pattern has no time: expected a group such as (?P<elapsed_ms>...)"),
        (
            PATTERN.format("(?P<elapsed_ms>x) (?P<elapsed_s>y)"),
            "4: the pattern has elapsed_s and elapsed_ms, expected one time in one unit",
        ),
        ("[output]\nformat = 'pattern'\n", '2: format = "pattern" needs [output.pattern] with `line`'),
        ("[output]\nformat = 'none'\nclock = 'own'\n", '3: format = "none" reads no time of the program'),
        ("[output]\nformat = 'lines'\n[output.pattern]\nline = 'x'\n", '3: a pattern needs format = "pattern"'),
        ("[output]\nfromat = 'none'\n", "2: unknown key 'fromat' in output; did you mean 'format'?"),
        ("[output]\nformat = 'nothing'\n", "2: output.format: Invalid enum value 'nothing'"),
        ("[layout]\nsources = '../{benchmark}'\n", "2: '../{benchmark}' is not a path within the suite"),
        ("[layout]\nsources = '{benchmark'\n", "2: '{benchmark' has a brace without its partner"),
        ("[layout\n", "1: invalid TOML"),
        ("[runtimes.X]\ntitle = 'X'\nextension = '.x'\nrun.command = ['x']\n", "1: 'X' is not a valid name"),
        ("[runtimes.x]\ntitle = 'X'\nextension = '.go'\nrun.command = ['x']\n", "1: the runtimes go and x both"),
    ],
)  # fmt: skip
def test_mistake_names_the_line(world: World, text: str, words: str) -> None:
    world.add_right("hop")
    path = world.suite / "suite.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_suite(world.suite)
    assert caught.value.message.startswith(f"{path}:{words}")


@pytest.mark.parametrize("words", [("--list",), ("--complete", "--", "invoke bench --"), ("doctor",)], ids=str)
def test_nothing_of_a_suite_is_started_but_version_probes(world: World, words: tuple[str, ...]) -> None:
    log = world.root / "log"
    tool = world.tool("x", script(f'echo "$@" >>"{log}"', "echo x 1.0"))
    started = world.root / "started"
    world.add("hop", seq=says(), go=says(), x=script(f'echo started >"{started}"'))
    (world.suite / "suite.toml").write_text(
        "[runtimes.x]\ntitle = 'X'\nextension = '.x'\ndefault = true\n"
        f"[runtimes.x.tools.x]\nfind = ['path:{tool.name}']\nversion = ['{{x}}', '--version']\n"
        "version-pattern = 'x (?P<version>.*)'\n[runtimes.x.run]\ncommand = ['{x}', '{source}']\n"
        f"[commands]\nold = 'touch {started}'\n"
    )
    world.task(*words)

    assert not started.exists()
    probes = log.read_text().splitlines() if log.exists() else []
    assert probes == (["--version"] if words == ("doctor",) else [])


HOSTILE = "=cmd|x!A1 \x1b[2J<script>alert(1)</script>`\x07"


@pytest.fixture
def hostile(world: World) -> World:
    """A suite whose title, runtime, output and errors try to do harm."""
    lines = [f"printf '%s' '{HOSTILE}' >&2", f"printf 'took 5.5 ms %s\\n' '{HOSTILE}'"]
    world.add("hop", seq=script("sleep 0.01", *lines), go=script(*lines, "exit 3"))
    (world.suite / "suite.toml").write_text(
        "[output]\nformat = 'pattern'\n[output.pattern]\n"
        "line = '^took (?P<elapsed_ms>\\S+) ms (?P<result>.*)$'\n"
        f"[benchmarks.hop]\ntitle = {json.dumps(HOSTILE)}\n"
    )
    return world


def test_hostile_text_is_written_out_on_the_terminal_and_in_the_record(hostile: World) -> None:
    said = hostile.task("bench", "--runs", "1")

    assert said.code == 4
    for text in (said.out, said.err, hostile.record.read_text()):
        assert "\x1b" not in text
        assert "\x07" not in text
    assert "\\x1b[2J" in said.out
    assert latest_run.parse(hostile.record.read_text()).table.count("\\x1b[2J") == 1


def test_hostile_text_is_escaped_in_every_file(hostile: World) -> None:
    session = hostile.bench()

    cells = [cell for row in csv.reader(io.StringIO(csv_text(session))) for cell in row]
    assert not [cell for cell in cells if cell.startswith("=") or "\x1b" in cell]
    assert [cell for cell in cells if cell.startswith("'=cmd")]
    assert "<script>alert" not in report.markdown(session).replace("\\<script>", "").split("```")[0]
    assert "<script>alert" not in render([session], [], [])
    for note in of_session(session, {}):
        assert "\x1b" not in command(Level.ERROR, note)
        assert "\n" not in command(Level.ERROR, note).strip()
    record = record_of(session)
    assert latest_run.parse(latest_run.render(record)) == record


@pytest.mark.parametrize("output", ["lines", "none"])
def test_output_without_an_end_is_stopped(world: World, output: str) -> None:
    world.add("hop", go="#!/bin/sh\nexec yes\n")
    (world.suite / "suite.toml").write_text(f"[output]\nformat = '{output}'\n")
    (failed,) = [failed for _, _, failed in world.bench().failures()]

    assert failed.reason == "too much output"


def test_number_beyond_64_bits_is_kept(world: World) -> None:
    world.add("hop", go=script(f"echo result: {10**30}", "echo elapsed_ns: 400000", f"echo tasks: {10**30}"))
    said = world.task("bench", "--runs", "1", "--json", "found.json")

    assert said.code == 0, said.err
    assert str(10**30) in (world.project / "found.json").read_text()
