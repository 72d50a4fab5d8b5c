import itertools
from pathlib import Path

from seqbench.bench.build import Executable
from seqbench.bench.placement import VARIABLE, copies_in, on_new_pages, padding


def sizes(seed: str, rounds: int = 200) -> list[int]:
    return [len(padding(seed, number)[VARIABLE]) for number in range(rounds)]


def test_size_is_drawn_anew_for_each_round_and_again_from_the_same_seed() -> None:
    assert sizes("1/alpha") == sizes("1/alpha")
    assert sizes("1/alpha") != sizes("2/alpha")
    assert sizes("1/alpha") != sizes("1/beta")


def test_sizes_cover_a_page_in_steps_of_sixteen_bytes() -> None:
    found = sizes("1/alpha", 2000)
    assert {size % 16 for size in found} == {0}
    assert min(found) == 0
    assert max(found) == 4080
    assert len(set(found)) > 200


def built(path: Path, *command: str) -> Executable:
    return Executable(path=path, digest="sha256:0", command=command, size_bytes=path.stat().st_size)


def test_a_copy_has_the_bytes_and_the_mode_of_its_executable_and_takes_its_place_in_the_command(tmp_path: Path) -> None:
    path = tmp_path / "alpha"
    path.write_bytes(b"\x7fELF and more")
    path.chmod(0o755)
    plain = on_new_pages(built(path), tmp_path / "copies")
    wrapped = on_new_pages(built(path, "/bin/nice", str(path)), tmp_path / "copies")

    assert plain.path == wrapped.path == tmp_path / "copies" / "alpha"
    assert (plain.path.read_bytes(), plain.path.stat().st_mode) == (path.read_bytes(), path.stat().st_mode)
    assert (plain.argv, wrapped.argv) == ((str(plain.path),), ("/bin/nice", str(plain.path)))
    assert [each.name for each in (tmp_path / "copies").iterdir()] == ["alpha"]


def test_the_last_copy_is_there_until_the_next_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "alpha"
    path.write_bytes(b"\x7fELF")
    inodes = [on_new_pages(built(path), tmp_path / "copies").path.stat().st_ino for _ in range(4)]
    assert all(before != after for before, after in itertools.pairwise(inodes))


def test_what_is_not_started_itself_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "alpha"
    path.write_bytes(b"bytes")
    (tmp_path / "classes").mkdir()
    of_folder = Executable(
        path=tmp_path / "classes", digest="", command=("java", str(tmp_path / "classes")), size_bytes=9
    )
    source = Executable(path=path, digest="", command=("python", str(path)))
    archive = built(path, "java", f"-cp={path}")
    for each in (of_folder, source, archive):
        assert on_new_pages(each, tmp_path / "copies") == each
    assert not (tmp_path / "copies").exists()


def test_copies_of_a_killed_run_go_and_so_do_those_of_this_one(tmp_path: Path) -> None:
    (tmp_path / "copies" / "old").mkdir(parents=True)
    with copies_in(tmp_path) as folder:
        assert list(folder.iterdir()) == []
        (folder / "alpha").touch()
    assert not folder.exists()
