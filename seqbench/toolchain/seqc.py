"""Provide the `seqc` that a SPEC names: from a path, or built from crates.io or a checkout into the cache.

A plain `cargo install seq-compiler` compiles the runtime as a build dependency, which Cargo does not optimise.
seqbench therefore builds the runtime first, with the release profile of the Seq project (opt-level 3, LTO, one codegen
unit). The compiler then embeds that archive. The Seq project builds in the same order.
"""

import json
import mmap
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.events import Listener
from seqbench.system import lock
from seqbench.system.files import write_atomically
from seqbench.system.git import NoCommit, commit_state
from seqbench.toolchain.cargo import Cargo, CargoError
from seqbench.toolchain.commits import full_hash, tree_at, tree_folder
from seqbench.toolchain.compiler_spec import Binary, Checkout, Commanded, Installed, Published, RuntimeBuild, Spec
from seqbench.toolchain.kept import mark_used
from seqbench.toolchain.places import content_digest, version_output
from seqbench.toolchain.steps import SECONDS, Step, Steps, last_seconds
from seqbench.toolchain.target_cpu import TargetCpu
from seqbench.toolchain.toolchain import Tool

# Change this with the recipe, so that the cache does not return a compiler of the old recipe.
_RECIPE = "r2"
_PROVENANCE = "provenance.json"
_DIGEST = "digest"
BUILD_TIME = "2 minutes on two idle cores, 10 or more on busy ones"
"""How long building a compiler takes; the pages say it in the same words."""
# On an idle machine with two cores: 4 s, 70 s and 45 s.
_STEPS = (
    Step(title="download the sources", share=0.03),
    Step(title="compile the runtime", share=0.59),
    Step(title="compile the compiler", share=0.38),
)
_ONE_STEP = (Step(title="compile the compiler and its runtime", share=1.0),)
_NO_VERSION = re.compile(
    r"failed to select a version for the requirement `seq-|could not find `seq-compiler` in registry"
)
_CANDIDATES = re.compile(r"candidate versions found which didn't match: ([^\s,]+)")
_WITHOUT_DIAGNOSTICS = ("--no-default-features", "--features", "full,report-json")


def provide_seqc(spec: Spec, *, cache: Path, environment: Mapping[str, str], cpu: TargetCpu, listen: Listener) -> Tool:
    """Return the compiler that `spec` names, and build it when it is not in the cache.

    Raises
    ------
    ToolchainError
        The version, path or checkout does not exist, cargo was not found, or cargo fails (with its output).
    """
    match spec.source:
        case Published(version=version):
            return _published(version, spec, cache=cache, environment=environment, cpu=cpu, listen=listen)
        case Binary(path=path):
            return _binary(path, spec, environment)
        case Checkout() as source:
            return _checkout(source, spec, cache=cache, environment=environment, cpu=cpu, listen=listen)
        case Installed() | Commanded():
            raise ToolchainError(f"{spec.text!r} names no compiler of Seq", "use a version, a path or checkout:DIR")


def runtime_build_of(seqc: Path) -> tuple[RuntimeBuild, str]:
    """Return how the runtime inside a compiler was built, and how seqbench knows it."""
    folder = seqc.resolve().parent
    try:
        stored = json.loads((folder.parent / _PROVENANCE).read_text())
        return RuntimeBuild(stored["runtime"]), str(stored["provenance"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    archive = folder / "libseq_runtime.a"
    if folder.name == "release" and archive.is_file() and _contains(seqc, archive):
        return RuntimeBuild.OPTIMISED, "embeds the release build of libseq_runtime.a that lies beside it"
    try:
        installed = (folder.parent / ".crates2.json").read_text()
    except OSError:
        installed = ""
    if re.search(r'"seq-compiler [^"]*\(registry\+', installed):
        return RuntimeBuild.CARGO_INSTALL, "made by a plain cargo install, which does not optimise the runtime"
    return RuntimeBuild.UNKNOWN, "nothing beside it tells how its runtime was built"


def home_of(version: str, spec: Spec, cache: Path, cpu: TargetCpu) -> Path:
    """Return the folder of the cache for a published version, whether or not it is built."""
    variant = spec.runtime.value + ("" if spec.diagnostics else "-without-diagnostics")
    return cache / "seqc" / "-".join(filter(None, (version, variant, cpu.folder, _RECIPE)))


def is_built(home: Path) -> bool:
    """Return whether a folder of `home_of` contains a complete compiler, with the content that was built."""
    seqc = home / "bin" / "seqc"
    try:
        stored = json.loads((home / _PROVENANCE).read_bytes())
        # An earlier seqbench kept no digest.
        is_whole = stored["provenance"] and stored.get(_DIGEST, "") in ("", content_digest(seqc))
        return bool(is_whole) and seqc.stat().st_size > 0
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _published(
    version: str, spec: Spec, *, cache: Path, environment: Mapping[str, str], cpu: TargetCpu, listen: Listener
) -> Tool:
    home = home_of(version, spec, cache, cpu)
    if not is_built(home):
        home.parent.mkdir(parents=True, exist_ok=True)
        with lock.held(home.parent / f".{home.name}.lock", listen, to="finish building it"):
            if not is_built(home):
                steps = _steps(_STEPS if spec.runtime is RuntimeBuild.OPTIMISED else _ONE_STEP, home, listen)
                steps.announce(f"building seqc {version} (runtime {spec.runtime}), once", BUILD_TIME)
                shutil.rmtree(home, ignore_errors=True)
                cargo = Cargo(environment, cpu, cwd=home.parent, listen=steps)
                try:
                    _build_published(version, spec, home=home, cargo=cargo, steps=steps)
                except CargoError as error:
                    raise (_no_such_version(version, error, cargo) or error) from error
    mark_used(home)
    stored = json.loads((home / _PROVENANCE).read_text())
    # The folder says for which CPU it was built; the stored text of an earlier seqbench does not.
    provenance = f"{stored['provenance']}, {_linked(cpu)}"
    return _tool(home / "bin" / "seqc", spec, version=version, provenance=provenance)


def _no_such_version(version: str, error: CargoError, cargo: Cargo) -> ToolchainError | None:
    """Return an error with the newest version if cargo failed because it knows no such version."""
    if not _NO_VERSION.search(error.output):
        return None
    # Cargo lists the versions that there are from the newest on, or none.
    listed = _CANDIDATES.search(error.output)
    newest = listed[1] if listed else cargo.newest("seq-compiler")
    return ToolchainError(
        f"no seqc {version}; newest is {newest}" if newest else f"no seqc {version} in the registry that cargo uses",
        f"use a published version, such as {newest or '7.7.5'}, the path to a seqc, or checkout:DIR",
    )


def _build_published(version: str, spec: Spec, *, home: Path, cargo: Cargo, steps: Steps) -> None:
    """Build into a temporary folder and rename it to `home`, so that `home` is always complete."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{home.name}.") as scratch:
        work = Path(scratch)
        target, root = work / "target", work / "root"
        if spec.runtime is RuntimeBuild.OPTIMISED:
            steps.begin()
            sources = _vendor(version, cargo, work)
            steps.begin()
            cargo.run(
                *("build", "--release", "--locked"),
                *("--manifest-path", str(sources / "seq-runtime" / "Cargo.toml"), "--target-dir", str(target)),
                *("--config", "profile.release.opt-level=3", "--config", "profile.release.lto=true"),
                *("--config", "profile.release.codegen-units=1"),
                *(() if spec.diagnostics else _WITHOUT_DIAGNOSTICS),
            )
            steps.begin()
            cargo.run(
                *("install", "--locked", "--no-default-features", "--path", str(sources / "seq-compiler")),
                *("--target-dir", str(target), "--root", str(root)),
            )
            _require_embedded(root / "bin" / "seqc", target)
            how = "runtime built first with opt-level 3, LTO and 1 codegen unit"
        else:
            steps.begin()
            cargo.run(
                "install",
                "seq-compiler",
                "--version",
                f"={version}",
                "--locked",
                "--target-dir",
                str(target),
                "--root",
                str(root),
            )
            how = "by plain cargo install, which does not optimise the runtime"
        rustc = cargo.rustc_version()
        diagnostics = "on" if spec.diagnostics else "off"
        provenance = f"crates.io {version}, {how}, diagnostics {diagnostics}, {rustc}"
        _write_provenance(root, spec.runtime, provenance, steps.seconds())
        root.rename(home)


def _steps(steps: Sequence[Step], home: Path, listen: Listener) -> Steps:
    """Return the steps of a build, with the times of the last one whose compiler lies beside this one."""
    return Steps(steps, listen, last_s=last_seconds(tuple(home.parent.glob(f"*/{_PROVENANCE}")), steps))


def _vendor(version: str, cargo: "Cargo", work: Path) -> Path:
    """Download the sources of the compiler and its runtime, and return the folder of both."""
    stub = work / "stub"
    (stub / "src").mkdir(parents=True)
    (stub / "src" / "lib.rs").touch()
    (stub / "Cargo.toml").write_text(
        '[package]\nname = "stub"\nversion = "0.0.0"\nedition = "2021"\n'
        f'[dependencies]\nseq-compiler = "={version}"\nseq-runtime = "={version}"\n[workspace]\n'
    )
    cargo.run("vendor", "--manifest-path", str(stub / "Cargo.toml"), str(work / "vendor"))
    return work / "vendor"


def _binary(path: Path, spec: Spec, environment: Mapping[str, str]) -> Tool:
    seqc = path.absolute()
    if not seqc.is_file() or not os.access(seqc, os.X_OK):
        raise ToolchainError(
            f"no compiler at {seqc}: expected an executable seqc",
            "use a version such as --seqc 7.7.5, the path to a seqc, or checkout:DIR",
        )
    output = version_output("seqc", (str(seqc), "--version"), {"PATH": environment.get("PATH", "")})
    match = re.search(r"\bseqc (\d+\.\d+\.\d+\S*)", output)
    if not match:
        raise ToolchainError(f"{seqc} is not seqc: `--version` prints {output[:200]!r}", "use the path to a seqc")
    runtime, reason = runtime_build_of(seqc)
    return _tool(seqc, spec, version=match[1], provenance=f"from a path, runtime {runtime.value} ({reason})")


def _checkout(
    source: Checkout, spec: Spec, *, cache: Path, environment: Mapping[str, str], cpu: TargetCpu, listen: Listener
) -> Tool:
    """Build in the clone, runtime first, and copy the compiler out so that a later build does not change it."""
    clone = source.directory.absolute()
    if source.commit:
        return _commit(clone, source.commit, spec, cache=cache, environment=environment, cpu=cpu, listen=listen)
    _require_seq(clone, str(clone))
    target = clone / "target" / _variant(spec, cpu)
    steps = Steps(_STEPS[1:], listen)
    cargo = Cargo(environment, cpu, cwd=clone, listen=steps)
    steps.announce(f"building seqc in {clone}, runtime first", f"{BUILD_TIME}, less if it was built there before")
    with lock.held(target / ".seqbench.lock", listen, to="finish building it"):
        built = _build_in_tree(target, spec, cargo, steps)
        digest = content_digest(built)
        home = cache / "seqc" / f"checkout-{digest.removeprefix('sha256:')[:16]}"
        seqc = home / "bin" / "seqc"
        if not seqc.is_file() or content_digest(seqc) != digest:
            write_atomically(seqc, built.read_bytes(), executable=True)
    # The next build there takes less time, so that these times say nothing.
    commit = _commit_of(clone, environment)
    _write_provenance(home, RuntimeBuild.OPTIMISED, _built_here(commit, spec, cargo, cpu), seconds={})
    return _built_in_tree(home, spec, environment)


def _commit(
    clone: Path,
    commit: str,
    spec: Spec,
    *,
    cache: Path,
    environment: Mapping[str, str],
    cpu: TargetCpu,
    listen: Listener,
) -> Tool:
    """Build a commit in a tree of its own, once; the clone stays as it is."""
    commit = full_hash(clone, commit, environment)
    home = cache / "seqc" / "-".join(("commit", commit[:16], _variant(spec, cpu), _RECIPE))
    if not is_built(home):
        folder = tree_folder(clone, cache)
        with lock.held(folder.parent / f".{folder.name}.lock", listen, to="finish building it"):
            if not is_built(home):
                steps = _steps(_STEPS[1:], home, listen)
                steps.announce(f"building seqc at commit {commit[:12]} of {clone}, once", BUILD_TIME)
                mark_used(folder)
                tree = tree_at(clone, commit, folder, environment)
                _require_seq(tree, f"commit {commit[:12]} of {clone}")
                cargo = Cargo(environment, cpu, cwd=tree, listen=steps)
                built = _build_in_tree(folder / f"target-{_variant(spec, cpu)}", spec, cargo, steps)
                write_atomically(home / "bin" / "seqc", built.read_bytes(), executable=True)
                provenance = _built_here(commit[:12], spec, cargo, cpu)
                _write_provenance(home, RuntimeBuild.OPTIMISED, provenance, steps.seconds())
    return _built_in_tree(home, spec, environment)


def _require_seq(tree: Path, name: str) -> None:
    if not (tree / "Cargo.toml").is_file():
        raise ToolchainError(
            f"{name} is not a clone of the Seq repository: it has no Cargo.toml",
            "clone the Seq repository there with git, or use another checkout:DIR",
        )


def _variant(spec: Spec, cpu: TargetCpu) -> str:
    """Return the name of a target folder.

    It is none that the project itself uses: the compiler may find an older base archive there
    (`just build-runtime-base`), and would link it into most programs.
    """
    return "-".join(filter(None, ("seqbench", "" if spec.diagnostics else "without-diagnostics", cpu.folder)))


def _build_in_tree(target: Path, spec: Spec, cargo: Cargo, steps: Steps) -> Path:
    """Build in the tree that cargo runs in, runtime first, and return the compiler."""
    build = ("build", "--locked", "--release", "--target-dir", str(target))
    steps.begin()
    cargo.run(*build, "-p", "seq-runtime", *(() if spec.diagnostics else _WITHOUT_DIAGNOSTICS))
    steps.begin()
    cargo.run(*build, "-p", "seq-compiler", *(() if spec.diagnostics else ("--no-default-features",)))
    built = target / "release" / "seqc"
    _require_embedded(built, target)
    return built


def _built_here(commit: str, spec: Spec, cargo: Cargo, cpu: TargetCpu) -> str:
    """Return the provenance of a compiler that was built from a checkout."""
    diagnostics = "on" if spec.diagnostics else "off"
    return (
        f"checkout {commit}, runtime built first with the release profile of the project, "
        f"diagnostics {diagnostics}, {cargo.rustc_version()}, {_linked(cpu)}"
    )


def _write_provenance(home: Path, runtime: RuntimeBuild, provenance: str, seconds: Mapping[str, float]) -> None:
    """Write beside a compiler how it was built, and its digest, by which damage is found."""
    digest = content_digest(home / "bin" / "seqc")
    stored = {"runtime": runtime.value, "provenance": provenance, _DIGEST: digest, SECONDS: seconds}
    write_atomically(home / _PROVENANCE, json.dumps(stored, indent=1).encode())


def _built_in_tree(home: Path, spec: Spec, environment: Mapping[str, str]) -> Tool:
    mark_used(home)
    seqc = home / "bin" / "seqc"
    output = version_output("seqc", (str(seqc), "--version"), {"PATH": environment.get("PATH", "")})
    provenance = str(json.loads((home / _PROVENANCE).read_text())["provenance"])
    return _tool(seqc, spec, version=output.removeprefix("seqc ").strip(), provenance=provenance)


def _linked(cpu: TargetCpu) -> str:
    """Describe the runtime that a compiler links which seqbench built.

    Without a base archive it links the full one into all programs (docs/METHOD.md compares the two).
    """
    return f"full runtime archive with code for {cpu.name}"


def _tool(path: Path, spec: Spec, *, version: str, provenance: str) -> Tool:
    return Tool(
        name="seqc",
        path=path,
        version=version,
        digest=content_digest(path),
        # `ToolIdentity.flags` reads them.
        provenance=f"{provenance}, flags {','.join(spec.flags)}" if spec.flags else provenance,
        flags=spec.flags,
        settings=spec.settings,
    )


def _require_embedded(seqc: Path, target: Path) -> None:
    """Raise an error when the compiler does not contain the runtime that was built first.

    Cargo would then have embedded an unoptimised runtime of its own.
    """
    archive = target / "release" / "libseq_runtime.a"
    if not archive.is_file() or not _contains(seqc, archive):
        raise ToolchainError(
            f"the compiler that was built does not contain the optimised runtime {archive}",
            "use another version, or your own compiler with --seqc PATH",
        )


def _commit_of(clone: Path, environment: Mapping[str, str]) -> str:
    state = commit_state(clone, environment)
    if isinstance(state, NoCommit):
        return f"of an unknown commit ({state.reason})" if state.fix else "of no commit"
    return f"{state.commit[:12]}{' with changes' if state.dirty else ''}"


def _contains(file: Path, part: Path) -> bool:
    with file.open("rb") as whole, mmap.mmap(whole.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return view.find(part.read_bytes()) >= 0
