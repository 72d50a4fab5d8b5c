from dataclasses import replace

import pytest

from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.layout import (
    DEFAULT_LAYOUT,
    LayoutError,
    Place,
    check_layout,
    depth,
    glob_of,
    place_of,
    plain_name,
)

GO = replace(next(runtime for runtime in RUNTIMES if runtime.name == "go"), aliases=("golang",))


@pytest.mark.parametrize(
    ("path", "layout", "place"),
    [
        ("hop/hop.go", DEFAULT_LAYOUT, Place(benchmark="hop", variant="")),
        ("hop/hop.fast.go", DEFAULT_LAYOUT, Place(benchmark="hop", variant="fast")),
        ("hop/skip.go", DEFAULT_LAYOUT, None),
        ("hop/hop.rs", DEFAULT_LAYOUT, None),
        ("N_Queens/go.go", "{benchmark}/{runtime}{extension}", Place(benchmark="n-queens", variant="")),
        ("hop/golang.go", "{benchmark}/{runtime}{extension}", Place(benchmark="hop", variant="")),
        ("hop/rust.go", "{benchmark}/{runtime}{extension}", None),
        ("go/hop.go", "{runtime}/{benchmark}{extension}", Place(benchmark="hop", variant="")),
        ("micro/hop/main.go", "{category}/{benchmark}/main{extension}", Place(benchmark="hop", variant="")),
        ("a/hop/hop.go", "*/{benchmark}/{benchmark}{extension}", Place(benchmark="hop", variant="")),
        ("src/Hop.go", "src/Hop.go", Place(benchmark="hop", variant="")),
        ("srcXHop.go", "src.Hop{extension}", None),
    ],
)
def test_path_says_benchmark_and_variant(path: str, layout: str, place: Place | None) -> None:
    check_layout(layout)
    assert place_of(path, layout, GO) == place


@pytest.mark.parametrize("layout", ["", "/x{extension}", "../{benchmark}", "{bench}/x", "{benchmark", "a}"])
def test_layout_that_cannot_be_used_is_refused(layout: str) -> None:
    with pytest.raises(LayoutError):
        check_layout(layout)


def test_names_of_foreign_suites_become_ours() -> None:
    assert plain_name("N_Queens") == "n-queens"


def test_glob_fits_every_runtime() -> None:
    assert glob_of("{category}/{benchmark}/{runtime}{extension}") == "*/*/**"
    assert depth("{category}/{benchmark}/{runtime}{extension}") == 2
