import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pytest

from seqbench.errors import ExitCode, UsageError
from seqbench.system.files import (
    cache_folder,
    history_file,
    remove_folder,
    require_writable,
    require_writable_file,
    write_atomically,
    write_new,
)
from tests.support.mounts import mounted_file, read_only, small_disk


@contextmanager
def full_disk(left_bytes: int) -> Iterator[None]:
    """Let no file grow beyond this, as when a disk is full in the middle of a write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_its_folder_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.json"
    write_atomically(path, b"content")

    assert path.read_bytes() == b"content"
    assert names_in(path.parent) == ["file.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_can_be_made_executable(tmp_path: Path) -> None:
    write_atomically(tmp_path / "tool", b"#!/bin/sh\n", executable=True)

    assert os.access(tmp_path / "tool", os.X_OK)


def test_who_reads_the_old_file_goes_on_reading_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old content")
    with path.open("rb") as reader:
        assert reader.read(4) == b"old "
        write_atomically(path, b"NEW CONTENT")
        assert reader.read() == b"content"

    assert path.read_bytes() == b"NEW CONTENT"


def test_a_disk_that_fills_up_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with full_disk(1000), pytest.raises(OSError, match="File too large") as caught:
        write_atomically(path, b"x" * 5000)

    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


def test_a_file_where_a_folder_should_be_is_an_os_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("mine")
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        write_atomically(tmp_path / "results" / "session.json", b"x")

    assert (tmp_path / "results").read_text() == "mine"
    assert names_in(tmp_path) == ["results"]


def test_a_folder_where_the_file_should_be_is_an_os_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "file", b"x")

    assert names_in(tmp_path) == ["file"]


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_atomically(link, b"x")

    assert link.is_symlink()
    assert link.is_char_device()
    assert names_in(tmp_path) == ["null"]


def test_the_cache_is_where_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert cache_folder({"SEQBENCH_CACHE": "/somewhere/else"}) == Path("/somewhere/else")
    assert cache_folder({"SEQBENCH_CACHE": "here"}) == tmp_path / "here"


@pytest.mark.parametrize("environment", [{}, {"SEQBENCH_CACHE": ""}])
def test_the_cache_is_at_the_usual_place_otherwise(environment: dict[str, str]) -> None:
    assert cache_folder(environment) == Path(platformdirs.user_cache_dir("seqbench", appauthor=False))


def test_a_folder_that_can_be_written_is_made_and_left_empty(tmp_path: Path) -> None:
    require_writable(tmp_path / "a" / "b")

    assert names_in(tmp_path / "a" / "b") == []


@pytest.mark.parametrize("below", ["", "results"])
def test_a_folder_that_cannot_be_made_is_told_before_any_work(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("mine")
    folder = tmp_path / "file" / below
    with pytest.raises(UsageError) as caught:
        require_writable(folder)

    assert str(folder) in caught.value.message
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.fix


def test_a_disk_without_room_for_a_byte_is_told_before_any_work(tmp_path: Path) -> None:
    with full_disk(0), pytest.raises(UsageError, match="cannot be written: File too large"):
        require_writable(tmp_path)

    assert names_in(tmp_path) == []


def test_removing_a_folder_says_whether_there_was_one(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()

    assert remove_folder(tmp_path / "a")
    assert not remove_folder(tmp_path / "a")
    assert names_in(tmp_path) == []


def test_history_path_is_that_of_the_environment_then_the_configuration_then_the_user() -> None:
    project = Path("/a/project")
    assert history_file("own.db", project, {"SEQBENCH_HISTORY": "/x/y.db"}) == Path("/x/y.db")
    assert history_file("own.db", project, {"SEQBENCH_HISTORY": "y.db"}) == Path.cwd() / "y.db"
    assert history_file("own/h.db", project, {"SEQBENCH_HISTORY": ""}) == project / "own" / "h.db"
    assert history_file("/b/h.db", project, {}) == Path("/b/h.db")
    assert history_file("~/h.db", project, {}) == Path("~/h.db").expanduser()
    data = Path(platformdirs.user_data_dir("seqbench", appauthor=False))
    assert history_file("", project, {}) == data / "history.db"


@pytest.mark.parametrize("is_there", [True, False])
def test_link_is_written_through_and_stays(tmp_path: Path, is_there: bool) -> None:  # noqa: FBT001
    (tmp_path / "kept").mkdir()
    target = tmp_path / "kept" / "2026.json"
    if is_there:
        target.write_text("old")
    (tmp_path / "latest.json").symlink_to("kept/2026.json")
    (tmp_path / "link.json").symlink_to(tmp_path / "latest.json")
    write_atomically(tmp_path / "link.json", b"new")

    assert (tmp_path / "link.json").readlink() == tmp_path / "latest.json"
    assert (tmp_path / "latest.json").readlink() == Path("kept/2026.json")
    assert target.read_text() == "new"
    assert names_in(tmp_path / "kept") == ["2026.json"]


def test_link_into_a_folder_that_does_not_exist_yet_makes_it(tmp_path: Path) -> None:
    (tmp_path / "latest.json").symlink_to("later/2026.json")
    require_writable_file(tmp_path / "latest.json")
    write_atomically(tmp_path / "latest.json", b"new")

    assert (tmp_path / "later" / "2026.json").read_text() == "new"


def test_links_that_lead_nowhere_are_an_error_and_stay(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=r"Too many levels"):
        write_atomically(tmp_path / "a", b"new")

    assert (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "link"])
def test_open_file_is_written_where_it_stands(tmp_path: Path, name: str) -> None:
    with (tmp_path / "out").open("wb") as file:
        file.write(b"text ")
        file.flush()
        if name == "link":
            (tmp_path / "link").symlink_to(f"/dev/fd/{file.fileno()}")
        path = tmp_path / name.format(file.fileno())
        require_writable_file(path)
        write_atomically(path, b"document ")
        file.write(b"text")

    assert (tmp_path / "out").read_text() == "text document text"


def test_permissions_of_a_replaced_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.touch(0o600)
    write_atomically(path, b"new")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_mounted_file_is_written_in_place(tmp_path: Path) -> None:
    source, target = tmp_path / "source.json", tmp_path / "mounted.json"
    source.write_text("what was there before")
    with mounted_file(source, target):
        require_writable_file(target)
        write_atomically(target, b"new")

    assert source.read_text() == "new"
    assert names_in(tmp_path) == ["mounted.json", "source.json"]


def test_file_in_a_read_only_folder_is_written_if_it_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "source").touch()
    (folder / "open.json").touch()
    (folder / "closed.json").write_text("old")
    with read_only(folder), mounted_file(tmp_path / "source", folder / "open.json"):
        require_writable_file(folder / "open.json")
        write_atomically(folder / "open.json", b"new")
        with pytest.raises(UsageError, match="cannot be written"):
            require_writable_file(folder / "closed.json")
        with pytest.raises(OSError, match="Read-only") as caught:
            write_atomically(folder / "closed.json", b"new")
        assert caught.value.filename == str(folder / "closed.json")

    assert (tmp_path / "source").read_text() == "new"
    assert (folder / "closed.json").read_text() == "old"


def test_full_disk_leaves_a_file_that_is_written_in_place_as_it_was(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 32):
        source, target = tmp_path / "disk" / "source", tmp_path / "mounted"
        source.write_bytes(b"old" * 1000)
        with mounted_file(source, target), pytest.raises(OSError, match="No space left"):
            write_atomically(target, b"new" * 100_000)
        assert source.read_bytes() == b"old" * 1000


def test_new_file_never_replaces_another_one(tmp_path: Path) -> None:
    paths = [write_new(tmp_path, "session", text) for text in (b"a", b"b")]

    assert [path.name for path in paths] == ["session.json", "session-2.json"]
    assert [path.read_bytes() for path in paths] == [b"a", b"b"]
    assert len(names_in(tmp_path)) == 2
