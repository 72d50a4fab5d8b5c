from datetime import UTC, datetime, timedelta

import pytest

from tests.support.outcomes import rewrite
from tests.support.world import (
    World,
    says,
)

# --- ci


def test_ci_ticks_every_step_shows_the_problems_and_writes_the_job_summary(recorded: World) -> None:
    for name in ("codespell", "proselint", "ruff", "lint-imports", "zizmor", "pytest"):
        recorded.tool(name, "#!/bin/sh\n")
    recorded.tool("mypy", "#!/bin/sh\necho 'types are wrong\n```\n<b>bold</b>'; exit 1\n")
    rewrite(recorded, timestamp=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24))
    recorded.environment["GITHUB_STEP_SUMMARY"] = str(recorded.root / "summary.md")
    said = recorded.task("ci")

    assert said.code == 1
    marks = [line for line in said.out.splitlines() if line[:2] in ("✓ ", "✗ ")]
    assert len(marks) >= 11
    assert [line for line in marks if line.startswith("✗")] == ["✗ types", "✗ benchmarks fresh"]
    assert "types are wrong" in said.out
    assert recorded.task("check-fresh").err.removeprefix("error: ").strip() in said.out
    summary = (recorded.root / "summary.md").read_text()
    assert all(f"- {mark}" in summary for mark in marks)
    # What a tool says cannot end the block that it stands in.
    assert "````text\n--- types ---\ntypes are wrong\n```\n<b>bold</b>\n````" in summary
    assert "Excellent?" in summary


@pytest.mark.whole
def test_ci_with_a_baseline_ends_with_the_gate_and_exits_with_5_if_inconclusive(recorded: World, slower: str) -> None:
    for name in ("codespell", "proselint", "ruff", "lint-imports", "zizmor", "pytest", "mypy"):
        recorded.tool(name, "#!/bin/sh\n")
    with (recorded.project / "pyproject.toml").open("a") as file:
        print(f"baseline = {slower!r}\ncompare-budget = '4s'", file=file)
    said = recorded.task("ci")

    # The clocks of these programs are painted on, so the probe cannot be slowed down.
    assert said.code == 5, said.out
    assert "? no slowdown since the baseline" in said.out
    assert "a known slowdown of 10 % was not found" in said.out
    # What no statistics is needed for comes first.
    recorded.add("alpha", seq=says() + "# COMPILE ERROR\n")
    said = recorded.task("ci")
    assert said.code == 1
    assert "✗ no slowdown since the baseline" in said.out


def test_job_summary_that_cannot_be_written_costs_only_itself(recorded: World) -> None:
    for name in ("codespell", "proselint", "ruff", "lint-imports", "zizmor", "pytest", "mypy"):
        recorded.tool(name, "#!/bin/sh\n")
    recorded.environment["GITHUB_STEP_SUMMARY"] = str(recorded.root / "nowhere" / "summary.md")
    recorded.environment["FORCE_COLOR"] = "1"
    said = recorded.task("ci")

    assert "\x1b[32m✓\x1b[0m types\n" in said.out
    assert "\x1b[31merror\x1b[0m: " in said.err
    assert "nowhere/summary.md" in said.err
    assert said.code in (1, 2)
