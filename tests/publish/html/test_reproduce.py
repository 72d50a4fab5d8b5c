import shlex
from dataclasses import replace

import pytest
from hypothesis import given

from seqbench.publish.html.reproduce import commands, remarks
from seqbench.sessions.session import Session, ToolIdentity
from seqbench.suite.size_request import parse_size
from tests.support.laws import FEW
from tests.support.strategies import a_program, a_result, a_session, measured, sessions

_SESSION = a_session(a_result(a_program(measured(1))))


def _compiler(version: str, provenance: str) -> ToolIdentity:
    return ToolIdentity(name="seqc", version=version, digest="sha256:" + "a" * 64, provenance=provenance)


def _with_compiler(provenance: str) -> Session:
    return replace(_SESSION, toolchain=(_compiler("7.7.5", provenance),))


def _bench(session: Session) -> list[str]:
    return shlex.split(commands(session)[-1])


def test_the_commands_get_the_commit_the_tools_and_the_same_run() -> None:
    session = _with_compiler("crates.io 7.7.5, runtime built first with opt-level 3, diagnostics on, rustc 1.95.0")
    assert commands(session) == (
        "git checkout 0123456789ab",
        "pip install -e '.[toolchain]'",
        "invoke bench --runtimes seq,go --budget 100s --seed 7 --seqc 7.7.5",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"budget_s": None}, ["--runs", "6"]),
        ({"size": "quick"}, ["--size", "quick"]),
        ({"size": "1,000"}, ["--size", "1000"]),
        ({"size": "skynet=100,000"}, ["--size", "skynet=100000"]),
        ({"size": "quick skynet=100,000 round_trips=7"}, ["--size", "quick,skynet=100000,round_trips=7"]),
        ({"size": "1,000 skynet=5"}, ["--size", "1000,skynet=5"]),
        ({"size": "full skynet=5"}, ["--size", "full,skynet=5"]),
        ({"suite": ("pingpong", "skynet")}, ["--only", "pingpong"]),
        ({"target_cpu": "native"}, ["--target-cpu", "native"]),
        ({"settings": (("SEQ_POOL_CAPACITY", "20"),)}, ["SEQ_POOL_CAPACITY=20", "invoke"]),
    ],
)
def test_what_was_asked_for_is_asked_for_again(change: dict[str, object], words: list[str]) -> None:
    found = " ".join(_bench(replace(_SESSION, **change)))  # type: ignore[arg-type]
    assert " ".join(words) in found


@pytest.mark.parametrize("text", ["full", "", "of no kind", "skynet=x", "$(id)=1"])
def test_size_that_is_the_default_or_none_is_not_asked_for(text: str) -> None:
    assert "--size" not in _bench(replace(_SESSION, size=text))


@pytest.mark.parametrize("text", ["quick", "skynet=100_000", "quick,round_trips=5,skynet=7", "12", "full,skynet=5"])
def test_size_that_was_typed_is_asked_for_as_it_was(text: str) -> None:
    words = _bench(replace(_SESSION, size=parse_size(text).text))
    assert parse_size(words[words.index("--size") + 1]) == parse_size(text)


def test_full_size_is_not_asked_for_because_it_was_scaled_down_where_it_did_not_fit() -> None:
    assert "--size" not in _bench(_SESSION)


@pytest.mark.parametrize(
    ("provenance", "spec"),
    [
        ("crates.io 7.7.5, runtime built first, diagnostics off, rustc 1", "7.7.5,diagnostics=off"),
        (
            "crates.io 7.7.5, by plain cargo install, which does not optimise the runtime, diagnostics on",
            "7.7.5,runtime=cargo-install",
        ),
        (
            "crates.io 7.7.5, diagnostics off, rustc 1, full runtime archive, flags --loop-opt,--loop-yield-cadence=64",
            "7.7.5,diagnostics=off,--loop-opt,--loop-yield-cadence=64",
        ),
    ],
)
def test_a_compiler_of_a_recipe_is_made_by_that_recipe(provenance: str, spec: str) -> None:
    assert _bench(_with_compiler(provenance))[-2:] == ["--seqc", spec]


def test_run_without_a_budget_is_repeated_without_one() -> None:
    assert "--budget" in _bench(_SESSION)
    again = _bench(replace(_SESSION, keeps_budget=False))
    assert not {"--budget", "--runs"} & set(again)


def test_a_compiler_from_somewhere_else_is_named_and_no_other_is_put_in_its_place() -> None:
    session = _with_compiler("from a path, runtime unknown")
    assert "--seqc" not in _bench(session)
    assert any("from a path" in line for line in remarks(session))


def test_what_cannot_be_had_again_is_said() -> None:
    assert remarks(_SESSION) == ()
    found = remarks(replace(_SESSION, dirty=True, is_default_suite=False))
    assert ["uncommitted changes" in found[0], "--suite" in found[1]] == [True, True]
    assert commands(replace(_SESSION, commit=""))[0].startswith("pip")


@FEW
@given(sessions)
def test_whatever_a_session_holds_its_words_are_no_more_than_words_of_a_shell(session: Session) -> None:
    hostile = replace(
        session,
        commit="$(touch /tmp/x); rm",
        settings=(("SEQ_A", "`x` $(y) 'z' \"\n"), ("; rm -rf ~", "1")),
        results=tuple(replace(result, name="$(id)") for result in session.results),
        suite=("left out", "$(id)"),
    )
    checkout, _, bench = commands(hostile)
    assert shlex.split(checkout) == ["git", "checkout", "$(touch /tmp"]
    words = shlex.split(bench)
    assert words[:3] == ["SEQ_A=`x` $(y) 'z' \"\n", "invoke", "bench"]
    assert "rm" not in words
    if hostile.results:
        assert words[words.index("--only") + 1] == ",".join("$(id)" for _ in hostile.results)
