from seqbench.bench.placement import VARIABLE
from tests.support.world import World, says, script


def test_programs_get_the_settings_of_their_own_runtime_and_those_of_the_spec_and_no_secrets(world: World) -> None:
    for runtime in ("seq", "go"):
        world.add("alpha", **{runtime: script(f'env >"$HOME/{runtime}.env"', says())})
    world.environment |= {"SEQ_X": "1", "GOGC": "50", "SECRET": "x", "GOFLAGS": "-race"}
    world.bench(seqc=f"{world.tools / 'seqc'},SEQ_POOL_CAPACITY=2", runs="1")

    def variables(name: str) -> set[str]:
        lines = (world.home / name).read_text().splitlines()
        not_settings = ("PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_", VARIABLE)
        return {line for line in lines if line.partition("=")[0] not in not_settings}

    assert variables("seq.env") == {"SEQ_X=1", "SEQ_POOL_CAPACITY=2"}
    assert variables("go.env") == {"GOGC=50"}


def test_programs_get_the_parameters_in_the_order_of_the_manifest(world: World) -> None:
    manifest = "[parameters.b]\nfull = 7\nquick = 3\n[parameters.a]\nfull = 100\nquick = 10\nscales = true\n"
    source = script('echo "$@" >>"$HOME/arguments"', says("$2"))
    world.add("alpha", seq=source, toml=manifest + '[expect]\nresult = "a"\n')
    for flags in ({}, {"size": "quick"}, {"size": "55"}):
        assert world.bench(runs="1", runtimes="seq", **flags).failures() == ()

    ran = (world.home / "arguments").read_text().splitlines()
    # A larger size is run at a smaller one first, which tells what it costs.
    assert ran == ["7 10", "7 100", "7 100", "3 10", "3 10", "7 55", "7 55"]
