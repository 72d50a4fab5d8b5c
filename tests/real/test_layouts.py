"""The real tools link one source in five layouts."""

import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from seqbench.bench.build import Executable
from seqbench.bench.layouts import layout_sides
from seqbench.bench.prepare import prepared_to_compare
from seqbench.bench.request import Request
from seqbench.events import ignore
from seqbench.system.facts import Command
from seqbench.system.process import run

pytestmark = pytest.mark.toolchain
_SYMBOLS = 2
_FUNCTION = 2


def function_addresses(path: Path) -> Mapping[str, int]:
    """Read the symbols of a 64-bit ELF file: the address of each function by its name."""
    data = path.read_bytes()
    (sections_at,) = struct.unpack_from("<Q", data, 0x28)
    entry_size, count = struct.unpack_from("<HH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, sections_at + number * entry_size) for number in range(count)]
    found = {}
    for _, kind, _, _, offset, size, link, _, _, _ in headers:
        if kind != _SYMBOLS:
            continue
        names_at = headers[link][4]
        for at in range(offset, offset + size, 24):
            name, info, _, _, value, _ = struct.unpack_from("<IBBHQQ", data, at)
            if info & 15 == _FUNCTION and value:
                text = data[names_at + name : data.index(b"\0", names_at + name)]
                found[text.decode()] = value
    return found


def test_one_source_is_linked_in_five_layouts(request_for_quick_run: Request, tmp_path: Path) -> None:
    asked = replace(request_for_quick_run, only=("pingpong",))
    with prepared_to_compare(asked, {"base": asked.spec}, ignore) as ready:
        sides = layout_sides(ready, ignore)

    built = [made for side in sides for made in side.executables.values() if isinstance(made, Executable)]
    assert len({made.digest for made in built}) == 5
    tables = [function_addresses(made.path) for made in built]
    # The runtime moves against the program, and both move against cache lines and pages.
    distances = {table["patch_seq_chan_send"] - table["seq_main"] for table in tables}
    assert len(distances) == 5
    assert len({table["seq_main"] % 4096 for table in tables}) == 5
    printed = set()
    for made in built:
        finished = run(Command(argv=(*made.argv, "100"), directory=tmp_path, environment={}, timeout_s=600.0))
        assert finished.ok, finished.stderr
        printed.add(tuple(line for line in finished.stdout.decode().splitlines() if "elapsed_ns" not in line))
    assert len(printed) == 1
