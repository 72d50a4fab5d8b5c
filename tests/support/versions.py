"""Versions of a fake compiler, whose programs are slower by a factor of each version."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.world import World, script

UNIT_NS = 400
"""The own time of a program is this, times the factor of its compiler in thousandths."""
FACTOR = "FACTOR"


def timed(result: int | str = 42, *before: str) -> str:
    """Build the source of a program whose own time its compiler decides, with a little noise."""
    return script(*before, f'echo "result: {result}"', f'echo "elapsed_ns: $(({UNIT_NS} * {FACTOR} + $$ % 97))"')


def compiler(world: World, factor: int, *, fails: bool = False) -> str:
    """Return a fake seqc whose programs have this factor, in thousandths."""
    text = (world.tools / "seqc").read_text()
    link = 'clang "$source" "$output"'
    assert link in text
    with_factor = f'sed "s/{FACTOR}/{factor}/" "$source" >"$TMPDIR/source" && clang "$TMPDIR/source" "$output"'
    problem = 'echo "Error: this compiler is broken" >&2; exit 1'
    return text.replace(link, problem if fails else with_factor)


def compilers(world: World, *factors: int | None) -> str:
    """Write compilers with these factors, of which None does not compile, and return the list for --versions."""
    paths = []
    for number, factor in enumerate(factors, start=1):
        path = world.root / f"v{number}" / "seqc"
        path.parent.mkdir()
        path.write_text(compiler(world, factor or 1_000, fails=factor is None))
        path.chmod(0o755)
        paths.append(str(path))
    return ",".join(paths)


def slower_compiler(world: World, name: str) -> Path:
    """Write a fake seqc whose programs take a quarter longer, if they say 800000."""
    text = (world.tools / "seqc").read_text()
    link = 'clang "$source" "$output"'
    assert link in text
    slow_down = 'sed s/800000/1000000/ "$source" >"$source.new" && mv "$source.new" "$source"'
    return world.tool(f"{name}-seqc", text.replace(link, f"{slow_down}; {link}"))


def releases(world: World, factors: dict[str, int | None], *, withdrawn: Sequence[str] = ()) -> None:
    """Let the fake cargo have releases with these factors, of which None does not build, and an index of them."""
    for version, factor in factors.items():
        if factor is None:
            (world.tools / f"fails-{version}").touch()
        else:
            world.tool(f"seqc-{version}", compiler(world, factor))
    write_index(world.home, factors, withdrawn)


def write_index(home: Path, versions: Sequence[str] | dict[str, int | None], withdrawn: Sequence[str] = ()) -> Path:
    """Write an entry of cargo's index as cargo does: a head, then each version and its object with zeros after them."""
    path = home / ".cargo" / "registry" / "index" / "mirror-1" / ".cache" / "se" / "q-" / "seq-compiler"
    path.parent.mkdir(parents=True, exist_ok=True)
    pieces = [b"\x03\x02\x00\x00\x00etag: W/x"]
    for version in versions:
        entry = {"name": "seq-compiler", "vers": version, "yanked": version in withdrawn}
        pieces += [version.encode(), json.dumps(entry).encode()]
    path.write_bytes(b"\0".join(pieces) + b"\0")
    return path


def clone(world: World, *factors: int | None) -> tuple[Path, list[str]]:
    """Make a clone with a commit for each factor, of which None does not build; return it and the hashes."""
    folder = world.root / "clone"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "Cargo.toml").write_text("[workspace]\n")
    (folder / ".gitignore").write_text("target\n")
    hashes = []
    for number, factor in enumerate(factors, start=1):
        (folder / "seqc").write_text("no compiler\n" if factor is None else compiler(world, factor))
        (folder / "seqc").chmod(0o755)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "--message", f"Change number {number}")
        hashes.append(git(folder, "rev-parse", "HEAD"))
    return folder, hashes


def git(folder: Path, *words: str) -> str:
    """Run git with an author of its own."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(("git", *who, *words), cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
