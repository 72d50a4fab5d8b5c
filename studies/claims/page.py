"""Write docs/FINDINGS.md with its pictures, and docs/findings/ with the output of each command. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from seqbench.errors import filled
from seqbench.experiments.explain import report as explain_report
from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.sweep import report as sweep_report
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.timeline.document import TimelineDocument
from seqbench.experiments.tune import report as tune_report
from seqbench.experiments.tune.document import TuneDocument
from seqbench.publish.html.picture import standalone
from seqbench.sessions import report
from seqbench.sessions.session import Session
from seqbench.text import MARKDOWN, table
from seqbench.units import iso_utc
from studies.claims import story
from studies.claims.claim import Assessment, Claim, ClaimStatus
from studies.claims.claims import assess_claims
from studies.claims.evidence import ClaimEvidence, claim_evidence_of
from studies.claims.program_facts import ProgramFacts, facts_text
from studies.claims.sources import with_facts, with_sweep, with_tuning
from studies.claims.story import Answer

_ABOUT = """\
What do strands and messages cost in Seq, where does that come from, and what helps?
Intervals in brackets are 95 %; those of the settings have 99 % for all benchmarks together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """All measurements for the page."""

    explanation: Explanation
    sweeps: tuple[SweepDocument, ...]
    tuning: TuneDocument
    facts: ProgramFacts
    bench: Session | None
    """The last valid session at full size; None if there is none."""
    releases: TimelineDocument | None
    """The timeline of most versions; None if there is none."""

    def has_failures(self) -> bool:
        """Return whether a program failed in any part."""
        swept = any(document.failed_throughout() for document in self.sweeps)
        others = self.tuning.default_failed() or bool(self.facts.probes.failures())
        return self.explanation.has_failures() or swept or others


def pages(investigation: Investigation, now: datetime) -> dict[str, str]:
    """Return the text of each file by its path in docs/: the page, its pictures, and what each command printed."""
    explanation, bench = investigation.explanation, investigation.bench
    evidence = claim_evidence_of(explanation, investigation.facts.probes, *(() if bench is None else (bench,)))
    evidence = with_tuning(evidence, investigation.tuning)
    evidence = with_facts(evidence, investigation.facts)
    for document in investigation.sweeps:
        evidence = with_sweep(evidence, document)
    answers = tuple(_answers(investigation))
    parts = [
        "# Findings",
        _ABOUT,
        *(answer.markdown() for answer in answers),
        "## How it was measured",
        _origin(explanation, now),
        _sources(investigation),
        "## Claims and measurements",
        _claims(evidence),
    ]
    pictures = {
        f"images/findings-{answer.name}.svg": standalone(answer.drawing, "light")
        for answer in answers
        if answer.drawing
    }
    return {"FINDINGS.md": "\n\n".join(parts) + "\n", **pictures, **_outputs(investigation)}


def _answers(investigation: Investigation) -> Iterator[Answer]:
    explanation, sweeps = investigation.explanation, investigation.sweeps
    command = _explain_command(explanation)
    skynet = next((each for each in sweeps if _sweep_name(each).startswith("sweep-skynet")), None)
    actors = next((each for each in sweeps if _sweep_name(each).startswith("sweep-actors")), None)
    yield story.strands(explanation, skynet, command)
    yield story.messages(explanation, command)
    if actors is not None:
        yield story.amortization(actors, _sweep_command(actors), f"findings/{_sweep_name(actors)}.txt")
    yield story.settings(investigation.tuning, _tune_command(investigation.tuning))
    yield story.runtimes(explanation, command)
    if investigation.releases is not None:
        yield story.releases(investigation.releases, _timeline_command(investigation.releases))


def _outputs(investigation: Investigation) -> dict[str, str]:
    """Return what each command printed, by its file."""
    found = {
        "explain": (_explain_command(investigation.explanation), explain_report.full_text(investigation.explanation)),
        **{_sweep_name(each): (_sweep_command(each), sweep_report.full_text(each)) for each in investigation.sweeps},
        "tune": (_tune_command(investigation.tuning), tune_report.full_text(investigation.tuning)),
        "small-programs": ("python -m studies.claims", facts_text(investigation.facts)),
    }
    if investigation.bench is not None:
        found["full-size"] = (f"invoke bench --seed {investigation.bench.seed}", report.full_text(investigation.bench))
    return {f"findings/{name}.txt": f"$ {command}\n\n{filled(text)}\n" for name, (command, text) in found.items()}


def _sources(investigation: Investigation) -> str:
    outputs = _outputs(investigation)
    lines = [f"- [`{text.partition(chr(10))[0].removeprefix('$ ')}`]({path})" for path, text in outputs.items()]
    if investigation.releases is not None:
        lines.append(f"- [`{_timeline_command(investigation.releases)}`](TIMELINE.md)")
    if investigation.bench is None:
        fix = "`invoke bench` measures one; if full size does not fit, `invoke doctor` shows how to change that"
        lines.append(f"- `results/` has no run at full size of these sources on this machine. {fix}.")
    return "\n".join(lines)


def _origin(explanation: Explanation, now: datetime) -> str:
    large = explanation.large
    lines = [
        f"Written by `python -m studies.claims` at {iso_utc(now)}, with the output of each command in a file.",
        "[METHOD.md](METHOD.md) explains the numbers.",
        "",
        f"- machine: {large.machine.sentence()}",
        *(f"- {tool.sentence()}" for tool in large.toolchain),
    ]
    return "\n".join(lines)


def _claims(evidence: ClaimEvidence) -> str:
    claims = assess_claims(evidence)
    counts = ", ".join(f"{sum(each.status is status for _, each in claims)} {status}" for status in ClaimStatus)
    intro = [
        "The claims of the document that this suite replaces, in its words.",
        "A figure is confirmed if the 95 % interval includes it, rounded as in the document.",
        "A bound is confirmed if the whole interval is within it.",
        f"Result: {counts}.",
    ]
    return "\n".join([*intro, "", _table(claims)])


def _table(claims: Sequence[tuple[Claim, Assessment]]) -> str:
    rows = [[f"“{claim.words}”", each.status.value, each.figures] for claim, each in claims]
    return table(rows, ["claim", "status", "figures"], MARKDOWN)


def _explain_command(explanation: Explanation) -> str:
    parts_s = sum(session.budget_s or 0.0 for session in explanation.sessions())
    budget_s = parts_s if explanation.budget_s is None else explanation.budget_s
    return f"invoke explain --budget {budget_s:.0f}s --seed {explanation.large.seed}"


def _sweep_command(document: SweepDocument) -> str:
    names = ",".join(each.name for each in document.benchmarks)
    runtimes = ",".join(column.name for column in document.session.runtimes)
    words = f"--only {names} --over {document.over} --runtimes {runtimes}"
    return f"invoke sweep {words} --budget {document.budget_s:.0f}s --seed {document.session.seed}"


def _sweep_name(document: SweepDocument) -> str:
    return f"sweep-{'-'.join(each.name for each in document.benchmarks)}-{document.over.partition('=')[0]}"


def _timeline_command(document: TimelineDocument) -> str:
    flags = {
        "versions": ",".join(version.label for version in document.versions),
        "only": ",".join(document.only),
        "size": document.size,
        "clock": document.clock,
        "reference": document.reference,
    }
    given = " ".join(f"--{name} {value}" for name, value in flags.items() if value)
    return f"invoke timeline {given} --seed {document.seed}"


def _tune_command(document: TuneDocument) -> str:
    return f"invoke tune --budget {document.budget_s:.0f}s --seed {document.seed}"
