import pytest

from seqbench.ci.go_tool import provide_go_program
from seqbench.errors import ToolchainError
from tests.support.world import World

_PACKAGE = "example.org/perf/cmd/sums@v1.2.3"


def test_a_program_is_installed_by_its_version_once(world: World) -> None:
    for _ in range(2):
        program = provide_go_program(_PACKAGE, cache=world.cache, environment=world.environment)
        assert program == world.cache / "tools" / "sums-v1.2.3" / "sums"
        assert program.is_file()
    provide_go_program(_PACKAGE.replace("v1.2.3", "v1.2.4"), cache=world.cache, environment=world.environment)

    # What Go fetches can be removed again.
    assert (world.tools / "goflags").read_text() == "-modcacherw\n"
    assert world.calls("go install") == [f"go install {_PACKAGE[:-1]}{patch}" for patch in (3, 4)]


def test_what_go_says_is_shown_where_it_cannot_build(world: World) -> None:
    package = _PACKAGE.replace("v1.2.3", "v0.0.0")
    with pytest.raises(ToolchainError, match=r"unknown revision v0\.0\.0") as caught:
        provide_go_program(package, cache=world.cache, environment=world.environment)
    assert package in caught.value.message
    assert caught.value.fix


def test_a_go_that_leaves_no_program_is_an_error(world: World) -> None:
    text = (world.tools / "go").read_text()
    world.tool("go", text.replace('mkdir -p "$GOBIN" && ', "exit 0; "))
    with pytest.raises(ToolchainError, match="failed"):
        provide_go_program(_PACKAGE, cache=world.cache, environment=world.environment)
