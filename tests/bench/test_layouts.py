import pytest

from seqbench.bench.build import Executable
from seqbench.bench.layouts import layout_sides
from seqbench.bench.prepare import prepared_to_compare
from seqbench.bench.programs import Side
from seqbench.errors import ToolchainError
from seqbench.events import ignore
from tests.support.layouts import link_in_layouts
from tests.support.world import World


def sides_of(world: World) -> tuple[Side, ...]:
    request = world.request()
    with prepared_to_compare(request, {"base": request.spec}, ignore) as ready:
        return layout_sides(ready, ignore)


def test_every_layout_is_another_executable_and_is_built_once(world: World) -> None:
    link_in_layouts(world)
    world.add_right("alpha")
    first, again = sides_of(world), sides_of(world)

    built = [made for side in first for made in side.executables.values()]
    digests = [made.digest for made in built if isinstance(made, Executable)]
    assert len(set(digests)) == 5
    assert [side.executables for side in again] == [side.executables for side in first]
    assert world.calls("clang") == ["clang 0", "clang 2", "clang 3", "clang 4", "clang 5"]


def test_programs_that_padding_does_not_change_have_no_layouts(world: World) -> None:
    world.add_right("alpha")
    with pytest.raises(ToolchainError, match="alpha is the same in every code layout"):
        sides_of(world)
