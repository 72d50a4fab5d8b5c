"""What is kept and printed of what came back from hosts."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from seqbench.compare.document import StoredComparison, comparison_to_json, load_comparison
from seqbench.compare.metrics import ONLY_TIME, Metric
from seqbench.errors import ExitCode
from seqbench.hosts.arrival import Arrival, Commit
from seqbench.project import Project
from seqbench.publish.history import database
from seqbench.sessions import store
from seqbench.sessions.session import Session
from seqbench.tasks import namespace_of
from seqbench.tasks.hosts_results import Results
from seqbench.tasks.on_hosts import TASKS_ON_HOSTS
from seqbench.tasks.output import TaskOutput
from tests.support.compared import CALM, WILD, heavier, pair, probe, slowed
from tests.support.strategies import a_program, a_result, a_session, measured
from tests.support.world import REPOSITORY, World

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SESSION = a_session(a_result(a_program(measured(*CALM)), a_program(measured(*CALM), "go")))


@pytest.fixture
def project(world: World, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SEQBENCH_HISTORY", str(world.history))
    monkeypatch.chdir(world.project)
    return Project(root=world.project)


def _on(session: Session, machine: str) -> Session:
    return replace(session, machine=replace(session.machine, identity=machine))


def _arrival(name: str, document: str, *, status: int = 0) -> Arrival:
    return Arrival(name=name, status=status, text=f"table of {name}", document=document, arrived_at=NOW)


def _compared(
    name: str, sides: tuple[Session, ...], *, metrics: tuple[Metric, ...] = ONLY_TIME, status: int = 0
) -> Arrival:
    stored = StoredComparison(
        base_spec="7.7.3",
        head_spec="7.7.5",
        only=(),
        margin=0.02,
        sessions=tuple(_on(side, name) for side in sides),
        metrics=metrics,
    )
    return _arrival(name, comparison_to_json(stored), status=status)


def _shown(project: Project, task: str, *arrivals: Arrival, json_file: str | None = None) -> Results:
    output = TaskOutput(project, json_file)
    results = Results(project, output, task, arrivals, Commit(commit="abc"), in_history=True, verbose=False)
    results.show()
    return results


def test_sessions_of_one_machine_are_kept_and_neither_judged_nor_in_the_history(
    project: Project, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    document = store.to_json(SESSION)
    results = _shown(project, "bench", _arrival("a", document), _arrival("b", document))
    said = capsys.readouterr()

    assert results.code == ExitCode.USAGE
    assert "error: the sessions of a and b have the identity of one machine" in said.err
    assert "fix: give each a machine ID of its own" in said.err
    assert sorted(path.stem.rpartition("-")[2] for path in world.results.glob("*.json")) == ["a", "b"]
    assert not world.history.exists()


@pytest.mark.parametrize("task", ["bench", "calibrate", "sweep", "doctor"])
def test_one_host_has_no_overview(project: Project, capsys: pytest.CaptureFixture[str], task: str) -> None:
    _shown(project, task, _arrival("a", store.to_json(SESSION) if task == "bench" else ""))
    assert "hosts" not in capsys.readouterr().out


def test_checks_that_are_ok_on_every_host_are_not_in_the_overview(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = "ok       Python      3.11\n{}  C compiler  cc\n         fix: none\n{}  size of hop  full\n"
    texts = {"a": checks.format("ok     ", "ok     "), "b": checks.format("missing", "warning")}
    arrivals = [replace(_arrival(name, ""), text=text) for name, text in texts.items()]
    _shown(project, "doctor", *arrivals)
    overview = capsys.readouterr().out.partition("All 2 hosts")[2]
    assert [line.split("  ")[0] for line in overview.splitlines()[5:7]] == ["C compiler", "size of hop"]
    assert re.search(r"^C compiler +ok +missing$", overview, re.MULTILINE)
    _shown(project, "doctor", *(replace(each, text=texts["a"]) for each in arrivals))
    assert "nothing to fix" in capsys.readouterr().out


def test_history_that_cannot_be_written_costs_only_itself(
    project: Project, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.history.parent.mkdir()
    world.history.write_text("no database")
    results = _shown(project, "bench", _arrival("a", store.to_json(SESSION)))
    said = capsys.readouterr()

    assert results.code == ExitCode.OK
    assert "warning: a: not in the history: " in said.err
    assert "fix: " in said.err
    assert len(list(world.results.glob("*.json"))) == 1


def test_session_of_each_machine_is_in_the_history(project: Project, world: World) -> None:
    _shown(project, "bench", *(_arrival(name, store.to_json(_on(SESSION, name))) for name in ("a", "b")))
    assert {each.identity for each in database.machines(world.history)} == {"a", "b"}


def test_host_that_sends_no_session_is_an_error_of_that_host(
    project: Project, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _shown(project, "bench", _arrival("a", '{"schema": "other"}'), _arrival("b", store.to_json(SESSION)))
    assert "error: a: " in capsys.readouterr().err
    assert [path.stem.rpartition("-")[2] for path in world.results.glob("*.json")] == ["b"]


def test_verdict_over_all_machines_is_the_exit_code_of_a_comparison(project: Project) -> None:
    slower, wild = pair(slowed(CALM, 1.1)), pair(WILD)
    settled = _shown(project, "compare", _compared("a", slower, status=5), _compared("b", slower))
    assert (settled.code, settled.is_judged_together) == (ExitCode.OK, True)
    open_one = _shown(project, "compare", _compared("a", wild), _compared("b", wild))
    assert (open_one.code, open_one.is_judged_together) == (ExitCode.INCONCLUSIVE, True)


def test_overview_of_verdicts_has_every_machine_within_a_page(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("north", "south", "west")
    _shown(project, "compare", *(_compared(name, pair(WILD)) for name in names))
    overview = capsys.readouterr().out.partition("All 3 hosts")[2]
    assert re.search("^Benchmark +Head / Base +Verdict +north +south +west$", overview, re.MULTILINE)
    assert len(re.findall("inconclusive", overview.splitlines()[5])) == 1 + len(names)
    assert "too narrow" not in overview


@pytest.mark.parametrize("task", ["compare", "gate"])
def test_open_verdict_over_all_machines_says_what_would_settle_it(
    project: Project, capsys: pytest.CaptureFixture[str], task: str
) -> None:
    sides = (*pair(WILD), probe(0.1))[: 3 if task == "gate" else 2]
    _shown(project, task, *(_compared(name, sides) for name in "ab"))
    overview = capsys.readouterr().out.partition("All 2 hosts")[2]
    found = re.search(
        r"^Ping-Pong over all machines: inconclusive, would detect a slowdown of \d+ %; (\d+) to (\d+) rounds would "
        rf"settle it, which take .*:\n  {project.command} {task} --base 7.7.3 --head 7.7.5 --hosts a,b --only ",
        overview,
        re.MULTILINE,
    )
    assert found, overview
    # Of each machine; both have run 60 rounds.
    assert 60 < int(found[1]) < int(found[2]) < 120


def test_gate_fails_by_the_verdict_over_all_machines(
    project: Project, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    slower = (*pair(slowed(CALM, 1.1)), probe(0.1))
    file = str(world.root / "j")
    found = _shown(project, "gate", *(_compared(name, slower, status=1) for name in "ab"), json_file=file)
    assert (found.code, found.is_judged_together) == (ExitCode.CHECK_FAILED, True)
    of_hosts, _, overview = capsys.readouterr().out.partition("All 2 hosts")
    assert "gate: fail\n  - pingpong is slower over all machines: +10.0 % [" in overview
    assert re.search(r"^pingpong +1\.0.* 10 % +1\.1.* slower +120$", overview, re.MULTILINE)
    # A single host is no gate of its own.
    assert of_hosts.count("Slowed / Base") == 2
    assert "gate:" not in of_hosts
    gate = json.loads((world.root / "j").read_text())["gate"]
    assert (gate["outcome"], len(gate["reasons"])) == ("fail", 1)
    assert gate["probes"][0]["slowed"]["verdict"] == "slower"


@pytest.mark.parametrize(
    ("ratio", "slowdown", "code", "outcome"),
    [(1.0, 0.1, ExitCode.OK, "pass"), (1.1, 0.0, ExitCode.INCONCLUSIVE, "unfit")],
)
def test_outcome_of_the_gate_over_all_machines_is_the_exit_code(
    project: Project, capsys: pytest.CaptureFixture[str], *, ratio: float, slowdown: float, code: ExitCode, outcome: str
) -> None:
    sides = (*pair(slowed(CALM, ratio)), probe(slowdown))
    found = _shown(project, "gate", *(_compared(name, sides, status=5) for name in "ab"))
    assert found.code == code
    assert f"gate: {outcome}\n" in capsys.readouterr().out


def test_gate_of_several_metrics_has_one_outcome_over_all_hosts(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (base, head), both = pair(slowed(CALM, 1.0)), (Metric.TIME, Metric.PEAK_MEMORY)
    sides = (heavier(base, 1.0), heavier(head, 3.0), probe(0.1))
    found = _shown(project, "gate", *(_compared(name, sides, metrics=both) for name in "ab"))
    assert (found.code, found.is_judged_together) == (ExitCode.CHECK_FAILED, True)
    hosts, _, overview = capsys.readouterr().out.rpartition("All 2 hosts")
    assert "gate:" not in hosts
    assert "gate: fail\n" in overview
    assert "pingpong is slower by peak-memory over all machines: +200.0 %" in overview


def test_host_that_sends_too_few_sessions_is_an_error_of_that_host(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = pair(slowed(CALM, 1.0))
    _shown(project, "gate", _compared("a", sides), _compared("b", (*sides, probe(0.1))))
    said = capsys.readouterr()
    assert "error: a: what it sent has 2 sessions, expected 3" in said.err
    assert "Without a, where nothing was measured." in said.out


def test_comparison_on_one_host_is_judged_there(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    found = _shown(project, "compare", _compared("a", pair(WILD), status=5))
    assert (found.code, found.is_judged_together) == (ExitCode.OK, False)
    assert "All 1 hosts" not in capsys.readouterr().out


def test_command_that_a_host_prints_runs_on_that_host_again(
    project: Project, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    there = "python -m seqbench"
    arrivals = [
        replace(
            _compared(name, pair(WILD), status=5),
            text=f"Hop: inconclusive:\n  {there} compare --base 7.7.3 --head 7.7.5 --budget 90s",
            messages=(
                f"warning: old\n  fix: {there} calibrate",
                f"error: none\n  fix: {there} bench-hop\n  {there} tune",
            ),
        )
        for name in "ab"
    ]
    _shown(project, "compare", *arrivals, json_file=str(world.root / "j"))
    said, command = capsys.readouterr(), project.command
    texts = [each["text"] for each in json.loads((world.root / "j").read_text())["hosts"]]
    for name, text in zip("ab", texts, strict=True):
        line = f"  {command} compare --hosts {name} --base 7.7.3 --head 7.7.5 --budget 90s"
        assert line in said.out
        assert line in text
        assert f"  fix: {command} calibrate --hosts {name}\n" in said.err
        assert f"  fix: {command} bench-hop --hosts {name}\n  {command} tune\n" in said.err


def test_stored_comparison_of_a_host_has_the_flag_for_it_by_its_own_name(project: Project, world: World) -> None:
    """Not by the one of the ssh configuration, which is nobody's business who reads the file."""
    for names in ("a", "ab"):
        _shown(project, "compare", *(replace(_compared(name, pair(WILD)), name=f"me@{name}:22") for name in names))
        stored = [load_comparison(path) for path in world.results.glob("compare-*.json")]
        assert {each.hosts for each in stored} == {len(names)}
        host = stored[0].sessions[0].machine.host
        assert {each.flags() for each in stored} == {(("hosts", host or "HOST"),)}
        for path in world.results.glob("compare-*.json"):
            assert "me@" not in path.read_text()
            path.unlink()


def test_every_task_that_runs_on_hosts_is_known() -> None:
    """Else the commands that it prints would run here in place of on its host."""
    tasks = namespace_of(Project(root=REPOSITORY)).tasks
    with_flag = {name for name, task in tasks.items() if any(a.name == "hosts" for a in task.get_arguments())}
    assert {name for name in with_flag if not name.startswith("bench-")} == set(TASKS_ON_HOSTS)


@pytest.mark.parametrize("metrics", [(Metric.TIME, Metric.PEAK_MEMORY), (Metric.PEAK_MEMORY,)])
def test_metrics_are_judged_over_all_hosts(
    project: Project, world: World, capsys: pytest.CaptureFixture[str], metrics: tuple[Metric, ...]
) -> None:
    (base, head), file = pair(slowed(CALM, 1.0)), world.root / "j"
    sides = heavier(base, 1.0), heavier(head, 3.0)
    found = _shown(project, "compare", *(_compared(name, sides, metrics=metrics) for name in "ab"), json_file=str(file))
    said = capsys.readouterr().out.rpartition("All 2 hosts")[2]
    (line,) = (each for each in said.splitlines() if each.startswith("Ping-Pong, peak-memory"))
    assert "3.000 [3.000, 3.000]" in line
    assert "slower" in line
    assert found.is_judged_together
    verdicts = json.loads(file.read_text())["verdicts"]
    assert [each["metric"] for each in verdicts] == [metric.value for metric in metrics]


def test_machine_without_results_is_named_in_the_overview_and_the_document(
    project: Project, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    slower = pair(slowed(CALM, 1.1))
    _shown(project, "compare", _compared("a", slower), _arrival("b", "", status=3), json_file=str(world.root / "j"))
    assert "Without b, where nothing was measured." in capsys.readouterr().out
    document = json.loads((world.root / "j").read_text())
    assert [(each["name"], each["exit_code"], each["result"] is None) for each in document["hosts"]] == [
        ("a", 0, False),
        ("b", 3, True),
    ]
    assert [each["benchmark"] for each in document["verdicts"]] == ["pingpong"]


@pytest.mark.parametrize(("waited_s", "line"), [(12.0, "waited 12 s for the other hosts\n"), (0.5, "")])
def test_wait_for_the_other_hosts_is_printed_if_it_is_worth_it(
    project: Project, capsys: pytest.CaptureFixture[str], waited_s: float, line: str
) -> None:
    _shown(project, "bench", replace(_arrival("a", store.to_json(SESSION)), waited_s=waited_s))
    said = capsys.readouterr().out
    assert line in said
    assert ("waited" in said) is bool(line)


@pytest.mark.parametrize(
    ("document", "results_is_file"),
    [('{"schema": "other"}', False), (store.to_json(SESSION), True)],
    ids=["other", "file"],
)
def test_what_could_not_be_kept_is_known(
    project: Project, world: World, *, document: str, results_is_file: bool
) -> None:
    if results_is_file:
        world.results.write_text("")
    assert _shown(project, "bench", _arrival("a", document)).has_unkept
    assert not _shown(project, "bench", _arrival("a", "")).has_unkept
