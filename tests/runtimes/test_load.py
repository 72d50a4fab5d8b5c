"""A runtime's file is checked when it is read, and each error names its line."""

from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.runtimes.base import Runtime, Startup, Target
from seqbench.runtimes.load import load_runtime
from seqbench.runtimes.registry import RUNTIMES, arranged
from seqbench.toolchain.settings import Kind

LUA = """\
title = "Lua"
extension = ".lua"

[tools.lua]
find = ["env:LUA", "path:lua5.4", "path:lua"]
version = ["{lua}", "-v"]
version-pattern = 'Lua (?P<version>\\S+)'
at-least = "5.3"

[build]
commands = [["{lua}", "-p", "{source}"], ["cp", "{source}", "{output}"]]
made = "{output}"
path = ["lua"]
files = { "x.cfg" = "for {lua.version}" }
baseline = { LUA_CPU = "old", flags = ["-m", "old"] }

[run]
command = ["{lua}", "{source}"]
settings = ["LUA_*"]
folder = "source"

[startup]
most = "20ms"
per = { LUA_POOL = "1us" }

[strand]
base = { maps = 10, bytes = "2 MiB" }
each = { maps = 1.5, bytes = 300, threads = 1 }

[quick-start]
set = { LUA_POOL = "max(10, live)" }
below = 100

[report]
settings = { LUA_REPORT = "1" }
from = "stdout"
json = { spawned = "made" }
fix = "take a newer one"
"""


def read(tmp_path: Path, text: str) -> Runtime:
    path = tmp_path / "lua.toml"
    path.write_text(text)
    return load_runtime(path)


def test_startup_depends_on_settings_and_on_what_they_are_by_themselves(tmp_path: Path) -> None:
    more = 'processor = { most = "2ms", per = { LUA_POOL = "2us" } }\nunset = { LUA_POOL = 1_000 }\n'
    startup = read(tmp_path, LUA.replace('per = { LUA_POOL = "1us" }\n', 'per = { LUA_POOL = "1us" }\n' + more)).startup

    assert startup is not None
    limits = [
        (startup.limit_ns(settings), startup.processor_limit_ns(settings))
        for settings in ({}, {"LUA_POOL": "10"}, {"LUA_POOL": "x"})
    ]
    assert limits == [(21_000_000, 4_000_000), (20_010_000, 2_020_000), (20_000_000, 2_000_000)]
    without = read(tmp_path, LUA).startup
    assert without is not None
    assert without.processor_limit_ns({}) is None


def test_every_table_of_a_file_is_read(tmp_path: Path) -> None:
    lua = read(tmp_path, LUA)

    assert (lua.name, lua.title, lua.extension, lua.compiler, lua.is_default) == ("lua", "Lua", ".lua", "lua", False)
    assert lua.tools[0].places == ("env:LUA", "path:lua5.4", "path:lua")
    assert lua.build is not None
    assert lua.build.baseline == Target(environment=(("LUA_CPU", "old"),), flags=("-m", "old"))
    assert lua.run.in_source_folder
    assert lua.run.settings == ("LUA_*",)
    assert lua.startup == Startup(most_ns=20_000_000, per=(("LUA_POOL", 1_000),))
    assert lua.cost is not None
    assert (lua.cost.bytes_base, lua.cost.maps_per_strand, lua.cost.threads_per_strand) == (2 << 20, 1.5, 1)
    assert lua.quick_start is not None
    assert lua.quick_start.below == 100
    assert lua.report is not None
    assert (lua.report.names, lua.report.on_stderr, lua.report.fix) == (
        (("spawned", "made"),),
        False,
        "take a newer one",
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('extension = ".lua"', 'extenson = ".lua"', 2, "unknown key 'extenson'; did you mean 'extension'?"),
        ("at-least =", "at-leest =", 8, "unknown key 'at-leest' in tools.lua; did you mean 'at-least'?"),
        ("made =", "zzz =", 12, "unknown key 'zzz' in build; expected one of: commands, output, made,"),
        ('title = "Lua"\n', "", 1, "missing required field `title`"),
        ('title = "Lua"', "title = 3", 1, "title: Expected `str`, got `int`"),
        ('"{lua}", "-v"', '"{luna}", "-v"', 6, "there is no {luna}; did you mean {lua}?"),
        ('"cp", "{source}"', '"cp", "{sauce}"', 11, "there is no {sauce}; did you mean {source}?"),
        ('"cp", "{source}"', '"cp", "{source"', 11, "'{source' has a brace without its partner"),
        ('"-p",', '"-p{flags}",', 11, "{flags} may be several words, so it must stand alone"),
        ("?P<version>", "?P<v>", 7, "version-pattern has no group (?P<version>...)"),
        (r"\S+)'", r"\S+'", 7, "version-pattern does not compile: missing )"),
        ("version = [", "# ", 8, "at-least needs a command `version`"),
        ('["cp", "{source}", "{output}"]', '"cp"', 11, "Expected `array`, got `str`"),
        ('path = ["lua"]', 'path = ["ld"]', 13, "'ld' in path is not one of the tools"),
        ('"x.cfg"', '"../x.cfg"', 10, "'../x.cfg' is not a file within the folder"),
        ("path:lua5.4", "pth:lua5.4", 5, "'pth:lua5.4' is not a place of a tool"),
        ("path:lua5.4", "provider:gcc", 5, "'provider:gcc' is not a place of a tool"),
        ("path:lua5.4", "maven:a:b:1", 5, "expected maven:GROUP:ARTIFACT:VERSION#sha256=DIGEST"),
        ('"20ms"', '"soon"', 23, "most: 'soon' is not a duration above zero"),
        ('"2 MiB"', '"2 MB"', 27, "bytes: '2 MB' is not a size"),
        ("max(10, live)", "max(10, alive)", 31, "LUA_POOL: unknown parameter 'alive'"),
        ('LUA_CPU = "old"', 'LUA_CPU = ["old"]', 15, "baseline.LUA_CPU: expected `flags` as a list"),
        ('folder = "source"', 'folder = "home"', 20, "run.folder: Invalid enum value 'home'"),
        ("spawned =", "made =", 37, "report.json"),
        ('["cp", "{source}", "{output}"]', "[]", 11, "a command has no word"),
        ('find = ["env:LUA"', 'find = ["path:"', 5, "is not a place of a tool"),
    ],
)
def test_error_names_the_file_and_the_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert LUA.count(old) >= 1
    text = LUA.replace("version = [", '# "', 1) if old == "version = [" else LUA.replace(old, new, 1)
    if old == "version = [":
        text = text.replace("version-pattern", "# version-pattern")
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)

    assert words in caught.value.message
    assert caught.value.message.startswith(f"{tmp_path / 'lua.toml'}:{line}: ")
    assert caught.value.fix == f"fix {tmp_path / 'lua.toml'}"


def test_two_runtimes_with_one_extension_are_an_error(tmp_path: Path) -> None:
    lua = read(tmp_path, LUA.replace('".lua"', '".go"'))
    with pytest.raises(UsageError, match=r"the runtimes go and lua both have the extension '\.go'"):
        arranged((*RUNTIMES, lua))


def test_tools_of_one_name_that_differ_are_told_apart(tmp_path: Path) -> None:
    lua = read(tmp_path, LUA.replace("[tools.lua]", "[tools.go]").replace("{lua", "{go").replace('["lua"]', '["go"]'))
    found = {runtime.name: runtime.compiler for runtime in arranged((*RUNTIMES, lua))}

    assert found.items() >= {"seq": "seqc", "go": "go", "may": "may", "tokio": "tokio", "lua": "lua-go"}.items()


_SETTINGS = """
[settings.LUA_POOL]
kind = "count"
meaning = "states kept for reuse"
default = "10"
levels = ["20"]

[settings.LUA_MODE]
kind = "choice"
meaning = "how it collects garbage"
words = ["fast", "small"]
only-with = "LUA_POOL"
"""


def test_settings_of_a_file_are_read(tmp_path: Path) -> None:
    pool, mode = read(tmp_path, LUA + _SETTINGS).known_settings
    assert (pool.name, pool.kind, pool.default, pool.levels) == ("LUA_POOL", Kind.COUNT, "10", ("20",))
    assert (mode.words, mode.only_with) == (("fast", "small"), "LUA_POOL")
    assert read(tmp_path, LUA).known_settings == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('default = "10"', 'default = "many"', "LUA_POOL cannot be 'many': expected a whole number"),
        ('levels = ["20"]', 'levels = ["0"]', "LUA_POOL cannot be '0'"),
        ('words = ["fast", "small"]\n', "", "LUA_MODE is a choice without words"),
        ('only-with = "LUA_POOL"', 'only-with = "LUA_POL"', "'LUA_POL' is not one of the settings"),
        ('kind = "count"', 'kind = "number"', "Invalid enum value 'number'"),
        ("meaning =", "meanings =", "did you mean 'meaning'?"),
    ],
)
def test_error_in_a_setting_names_the_file_and_the_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, LUA + _SETTINGS.replace(old, new, 1))
    assert words in caught.value.message
    assert int(caught.value.message.removeprefix(f"{tmp_path / 'lua.toml'}:").partition(":")[0]) > LUA.count("\n")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('tool = "ld"\npattern = "x"', "'ld' is not one of the tools"),
        ('tool = "lua"\npattern = "("', "pattern does not compile: missing )"),
    ],
)
def test_error_in_a_bug_of_a_compiler_names_the_file_and_the_line(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f'{LUA}\n[compiler-bug]\n{table}\nkeep = "*.c"\nfix = "take a newer one"\n')
    assert words in caught.value.message
    assert int(caught.value.message.removeprefix(f"{tmp_path / 'lua.toml'}:").partition(":")[0]) > LUA.count("\n")


def test_template_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"there is no {tmp_path / 'none.template'}"):
        read(tmp_path, f'template = "none.template"\n{LUA}')
    (tmp_path / "lua.template").touch()
    assert read(tmp_path, f'template = "lua.template"\n{LUA}').template == tmp_path / "lua.template"
