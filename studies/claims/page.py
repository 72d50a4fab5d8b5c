"""Write docs/FINDINGS.md: the claims, and each command with its output. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from seqbench.errors import filled
from seqbench.experiments.explain import report as explain_report
from seqbench.experiments.explain.document import Explanation
from seqbench.experiments.sweep import report as sweep_report
from seqbench.experiments.sweep.document import SweepDocument
from seqbench.experiments.tune import report as tune_report
from seqbench.experiments.tune.document import TuneDocument
from seqbench.sessions import report
from seqbench.sessions.session import Session
from seqbench.text import MARKDOWN, fenced, table
from seqbench.units import iso_utc
from studies.claims.claim import Assessment, Claim, ClaimStatus
from studies.claims.claims import assess_claims
from studies.claims.evidence import ClaimEvidence, claim_evidence_of
from studies.claims.program_facts import ProgramFacts, facts_text
from studies.claims.sources import with_facts, with_sweep, with_tuning


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """All measurements for the page."""

    explanation: Explanation
    sweeps: tuple[SweepDocument, ...]
    tuning: TuneDocument
    facts: ProgramFacts
    bench: Session | None
    """The last valid session at full size; None if there is none."""

    def has_failures(self) -> bool:
        """Return whether a program failed in any part."""
        swept = any(document.failed_throughout() for document in self.sweeps)
        others = self.tuning.default_failed() or bool(self.facts.probes.failures())
        return self.explanation.has_failures() or swept or others


def page(investigation: Investigation, now: datetime) -> str:
    """Return the page as Markdown."""
    explanation, bench = investigation.explanation, investigation.bench
    evidence = claim_evidence_of(explanation, investigation.facts.probes, *(() if bench is None else (bench,)))
    evidence = with_tuning(evidence, investigation.tuning)
    evidence = with_facts(evidence, investigation.facts)
    for document in investigation.sweeps:
        evidence = with_sweep(evidence, document)
    parts = [
        "# Findings",
        _origin(explanation, now),
        "## Claims and measurements",
        _claims(evidence),
        _section(_explain_command(explanation), explain_report.full_text(explanation)),
        *(_section(_sweep_command(document), sweep_report.full_text(document)) for document in investigation.sweeps),
        _section(_tune_command(investigation.tuning), tune_report.full_text(investigation.tuning)),
        f"## Small programs\n\n{fenced(facts_text(investigation.facts))}",
        _full_size(investigation.bench),
    ]
    return "\n\n".join(parts) + "\n"


def _origin(explanation: Explanation, now: datetime) -> str:
    large = explanation.large
    lines = [
        f"Written by `python -m studies.claims` at {iso_utc(now)}.",
        "Every block is the output of the command above it.",
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
        "The claims of the document that this suite replaces, in its words. A figure is confirmed if the 95 % interval",
        "includes it, rounded as in the document. A bound is confirmed if the whole interval is within it.",
        f"Result: {counts}.",
    ]
    return "\n".join([*intro, "", _table(claims)])


def _table(claims: Sequence[tuple[Claim, Assessment]]) -> str:
    rows = [[f"“{claim.words}”", each.status.value, each.figures] for claim, each in claims]
    return table(rows, ["claim", "status", "figures"], MARKDOWN)


def _section(command: str, text: str) -> str:
    return f"## `{command}`\n\n{fenced(filled(text))}"


def _explain_command(explanation: Explanation) -> str:
    budget_s = sum(session.budget_s or 0.0 for session in (explanation.small, explanation.large))
    return f"invoke explain --budget {budget_s:.0f}s --seed {explanation.large.seed}"


def _sweep_command(document: SweepDocument) -> str:
    names = ",".join(each.name for each in document.benchmarks)
    runtimes = ",".join(column.name for column in document.session.runtimes)
    words = f"--only {names} --over {document.over} --runtimes {runtimes}"
    return f"invoke sweep {words} --budget {document.budget_s:.0f}s --seed {document.session.seed}"


def _tune_command(document: TuneDocument) -> str:
    return f"invoke tune --budget {document.budget_s:.0f}s --seed {document.seed}"


def _full_size(bench: Session | None) -> str:
    """Return the last run at full size, or how to measure one."""
    if bench is not None:
        return _section(f"invoke bench --seed {bench.seed}", report.full_text(bench))
    fix = "`invoke bench` measures one; if full size does not fit, `invoke doctor` shows how to change that"
    return f"## Full size\n\n`results/` has no run at full size of these sources on this machine. {fix}."
