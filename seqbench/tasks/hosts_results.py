"""Keep and print what came back from hosts: a table for each host, and one overview."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from seqbench.compare.compared import samples_of
from seqbench.compare.comparison import Comparison, compare
from seqbench.compare.document import StoredComparison, comparison_from_json, comparison_to_json
from seqbench.compare.gate import GateOutcome, judge_gate
from seqbench.compare.machines import OverMachines, judge_machines
from seqbench.compare.machines_gate import GateOverMachines, judge_gate_machines
from seqbench.compare.report import gate_tables
from seqbench.compare.settle import settle_lines, settling_over_machines
from seqbench.compare.verdict import Verdict
from seqbench.errors import ExitCode, UsageError
from seqbench.hosts.arrival import Arrival, Commit, placed
from seqbench.hosts.names import file_stem, same_machine
from seqbench.project import Project
from seqbench.runtimes.registry import COMPARED_RUNTIME
from seqbench.sessions import store
from seqbench.sessions.report import brief_text, full_text
from seqbench.sessions.result_file import ResultFile
from seqbench.sessions.session import Session, State
from seqbench.tasks.common import say, shown
from seqbench.tasks.hosts_overview import figures, gate_figures, gate_overview, side_by_side, verdicts
from seqbench.tasks.on_hosts import TASKS_ON_HOSTS
from seqbench.tasks.output import TaskOutput
from seqbench.units import clock_duration, percent

# A command as a task on a host prints it, and its task if that runs on hosts; `bench-NAME` does too.
_THERE = re.compile(r"python -m seqbench(?: (bench-[\w-]+|" + "|".join(TASKS_ON_HOSTS) + r")(?![\w-]))?")
_MEASURED = {"bench", "compare", "gate", "calibrate", "sweep"}
_SEVERAL = 2
_WORTH_SAYING_S = 1.0
_CONCLUSIVE = {Verdict.FASTER, Verdict.SLOWER, Verdict.SAME}


class Results:
    """What came back from the hosts of one run."""

    def __init__(
        self,
        project: Project,
        output: TaskOutput,
        task: str,
        arrivals: Sequence[Arrival],
        commit: Commit,
        *,
        in_history: bool,
        verbose: bool,
    ) -> None:
        self._project = project
        self._output = output
        self._task = task
        self._arrivals = tuple(_with_commands_of_here(each, project.command) for each in arrivals)
        self._commit = commit
        self._in_history = in_history
        self._verbose = verbose
        self._sessions: dict[str, Session] = {}
        self._comparisons: dict[str, Comparison] = {}
        self._stored_ones: dict[str, StoredComparison] = {}
        self._kept: list[str] = []
        self.has_unkept = False
        """Whether something that a host sent is in no file here."""
        self._gate: GateOverMachines | None = None
        self.is_judged_together = False
        """Whether there are verdicts over all hosts, which then decide alone."""
        self.code = ExitCode.OK
        """The exit code of the overview."""

    def show(self) -> None:
        """Keep everything first; then print a table for each host, one overview, and what happened on the way."""
        files = {each.name: self._keep(each) for each in self._arrivals}
        self._require_machines()
        for arrival in self._arrivals:
            self._print_host(arrival)
        judged = self._overview()
        self._output.document(self._document(judged))
        for text in self._kept:
            say(self._project, text)
        if self._task == "bench":
            self._remember(files)

    def _keep(self, arrival: Arrival) -> Path | None:
        """Write what a host measured to a file in results/; return it."""
        if not arrival.document:
            return None
        with self._output.attempt():
            stem, text = self._stored(arrival)
            # A calibration is used on its host only, and no other task reads it here.
            folder = self._project.results / "hosts" if self._task == "calibrate" else self._project.results
            file = ResultFile(folder, f"{stem}-{file_stem(arrival.name)}")
            file.save(text)
            self._output.require_kept(file)
            if file.path is not None and file.problem is None:
                self._kept.append(f"{arrival.name}: kept in {shown(file.path)}")
                return file.path
        self.has_unkept = True
        return None

    def _stored(self, arrival: Arrival) -> tuple[str, str]:
        """Return the stem and the text of the file of an arrival, and remember its sessions."""
        match self._task:
            case "bench":
                session = placed(store.from_json(arrival.document, arrival.name), arrival, self._commit)
                self._sessions[arrival.name] = session
                return store.result_stem(session), store.to_json(session)
            case "compare" | "gate":
                stored = comparison_from_json(arrival.document, arrival.name)
                sessions = tuple(placed(each, arrival, self._commit) for each in stored.sessions)
                if len(sessions) < (expected := 3 if self._task == "gate" else 2):
                    raise UsageError(
                        f"{arrival.name}: what it sent has {len(sessions)} sessions, expected {expected}",
                        "measure again",
                    )
                stored = replace(stored, sessions=sessions, hosts=len(self._arrivals))
                base, head = sessions[:2]
                self._sessions[arrival.name] = base
                self._stored_ones[arrival.name] = stored
                self._comparisons[arrival.name] = compare(
                    base,
                    head,
                    runtime=stored.runtime or COMPARED_RUNTIME,
                    paired=True,
                    margin=stored.margin,
                    metrics=stored.metrics,
                )
                return f"{self._task}-{base.seed}", comparison_to_json(stored)
        return self._task, arrival.document

    def _require_machines(self) -> None:
        """Check again that the hosts are different machines, by what the sessions say."""
        twice = same_machine({name: session.machine.identity for name, session in self._sessions.items()})
        if twice is None:
            return
        self._in_history = False
        self._comparisons.clear()
        self.code = ExitCode.USAGE
        say(
            self._project,
            f"error: the sessions of {twice[0]} and {twice[1]} have the identity of one machine: they are not in the "
            "history, and not judged together\n  fix: give each a machine ID of its own: systemd-machine-id-setup",
        )

    def _print_host(self, arrival: Arrival) -> None:
        session = self._sessions.get(arrival.name)
        machine = f" ({session.machine.sentence()})" if session else ""
        title = f"{arrival.name}{machine}"
        text = arrival.text.strip()
        if session and self._task == "bench":
            # The same table, with the commit of here and as wide as the terminal.
            text = (full_text if self._verbose else brief_text)(session, width=self._output.width)
        if self._is_gate_of_all and arrival.name in self._stored_ones:
            text = self._gate_tables(arrival.name)
        lines = [title, "=" * len(title), "", text]
        if arrival.watching is not None and self._task in _MEASURED:
            share = percent(arrival.watching, digits=2)
            lines.append(f"following the run used {share} of one core there")
        if arrival.waited_s >= _WORTH_SAYING_S:
            lines.append(f"waited {clock_duration(arrival.waited_s)} for the other hosts")
        compared = self._comparisons.get(arrival.name)
        if (
            compared
            and len(self._arrivals) >= _SEVERAL
            and any(len(each.base) < each.planned for each in compared.benchmarks)
        ):
            lines.append("the verdicts over all hosts, which are below, decided where its benchmarks stopped")
        if text:
            self._output.text("\n".join((*lines, "")))
        for message in arrival.messages:
            say(self._project, f"{arrival.name}: {message}")

    def _overview(self) -> tuple[OverMachines, ...]:
        if len(self._arrivals) < _SEVERAL:
            return ()
        if text := side_by_side(self._task, self._arrivals, self._sessions, self._output.width):
            self._print_overview(text)
        if not self._comparisons:
            return ()
        margin = next(iter(self._comparisons.values())).margin
        judged = judge_machines(self._comparisons, margin=margin)
        texts = [verdicts(judged, list(self._comparisons), self._output.width), *self._left_out()]
        if advice := self._advice(judged):
            texts += ["", *advice]
        self._print_overview(*texts)
        found = {each.overall.verdict for each in judged}
        self.is_judged_together = True
        if self._is_gate_of_all:
            self._judge_gate(judged, margin)
        elif not found <= _CONCLUSIVE:
            self.code = ExitCode.INCONCLUSIVE
        return judged

    def _advice(self, judged: Sequence[OverMachines]) -> tuple[str, ...]:
        """Return what would settle the open verdicts over all hosts, and the commands."""
        stored, comparison = next((self._stored_ones[name], each) for name, each in self._comparisons.items())
        runtime = stored.runtime or COMPARED_RUNTIME
        found = [
            settling_over_machines(
                each,
                self._comparisons,
                {
                    name: samples_of(probe, each.name, runtime)
                    for name in self._comparisons
                    for probe in self._stored_ones[name].sessions[2:]
                },
            )
            for each in judged
        ]
        flags = (*replace(stored, hosts=0).flags(), ("hosts", ",".join(self._comparisons)))
        return settle_lines(
            filter(None, found), self._task, stored.base_spec, stored.head_spec, comparison, flags=flags
        )

    @property
    def _is_gate_of_all(self) -> bool:
        """Return whether all hosts together make a gate, which single hosts are no part of."""
        return self._task == "gate" and len(self._arrivals) >= _SEVERAL

    def _gate_tables(self, name: str) -> str:
        """Return the tables of one host in a gate over all of them, which alone has an outcome."""
        stored = self._stored_ones[name]
        runtime = stored.runtime or COMPARED_RUNTIME
        gate = judge_gate(*stored.sessions, runtime=runtime, margin=stored.margin, metrics=stored.metrics)
        flags = (*replace(stored, hosts=0).flags(), ("hosts", name))
        return gate_tables(gate, stored.base_spec, stored.head_spec, width=self._output.width, flags=flags)

    def _judge_gate(self, judged: Sequence[OverMachines], margin: float) -> None:
        """Judge the gate over all hosts, print its outcome, and set the exit code."""
        stored = next(iter(self._stored_ones.values()))
        probes = {name: self._stored_ones[name].sessions[2] for name in self._comparisons}
        runtime = stored.runtime or COMPARED_RUNTIME
        gate = judge_gate_machines(judged, self._comparisons, probes, runtime=runtime, margin=margin)
        self._output.text(f"\n{gate_overview(gate, self._output.width)}")
        self._gate = gate
        codes = {GateOutcome.PASS: ExitCode.OK, GateOutcome.FAIL: ExitCode.CHECK_FAILED}
        self.code = codes.get(gate.outcome, ExitCode.INCONCLUSIVE)

    def _print_overview(self, *texts: str) -> None:
        title = f"All {len(self._arrivals)} hosts"
        self._output.text("\n".join((title, "=" * len(title), "", *texts)))

    def _left_out(self) -> Iterator[str]:
        """Yield what the verdicts over all machines do not say."""
        if missing := [each.name for each in self._arrivals if each.name not in self._comparisons]:
            yield f"Without {', '.join(missing)}, where nothing was measured."

    def _document(self, judged: Sequence[OverMachines]) -> str:
        hosts = [
            {
                "name": each.name,
                "exit_code": each.status,
                "result": json.loads(each.document) if each.document else None,
                "text": each.text,
            }
            for each in self._arrivals
        ]
        found = [
            {
                "benchmark": each.name,
                "metric": each.metric.value,
                **figures(each.overall),
                "disagree": each.is_disagreement,
                "machines": [{"name": name, **figures(found)} for name, found in each.machines],
            }
            for each in judged
        ]
        document = {"schema": "seqbench/hosts", "schema_version": 1, "task": self._task, "hosts": hosts}
        gate = {} if self._gate is None else {"gate": gate_figures(self._gate)}
        return json.dumps({**document, "verdicts": found, **gate}, indent=1) + "\n"

    def _remember(self, files: dict[str, Path | None]) -> None:
        """Add the sessions to the history, each under the identity of its machine."""
        from seqbench.flags import history_path
        from seqbench.publish.history import database

        for name, path in files.items():
            session = self._sessions.get(name)
            if path is None or session is None or session.state is not State.COMPLETE or not self._in_history:
                continue
            try:
                # Reading the file checks every figure.
                database.record(history_path(self._project), store.load(path))
            except UsageError as error:
                say(self._project, f"warning: {name}: not in the history: {error.message}\n  fix: {error.fix}")


def _with_commands_of_here(arrival: Arrival, command: str) -> Arrival:
    """Return what came from a host with its commands as they are typed here, where they run on that host again."""

    def typed(found: re.Match[str]) -> str:
        return f"{command} {found[1]} --hosts {arrival.name}" if found[1] else command

    messages = tuple(_THERE.sub(typed, message) for message in arrival.messages)
    return replace(arrival, text=_THERE.sub(typed, arrival.text), messages=messages)
