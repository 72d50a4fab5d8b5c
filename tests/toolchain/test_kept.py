import os
from datetime import UTC, datetime
from pathlib import Path

from seqbench.toolchain.kept import kept_compilers, mark_used, remove_unused

OLD = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = datetime(2026, 2, 1, tzinfo=UTC)


def built(cache: Path, name: str, *, is_old: bool, folder: str = "seqc") -> Path:
    home = cache / folder / name
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "seqc").write_bytes(b"x" * 100_000)
    if is_old:
        os.utime(home, (OLD.timestamp(), OLD.timestamp()))
    return home


def test_compilers_and_trees_are_listed_with_room_and_last_use(tmp_path: Path) -> None:
    old, _ = built(tmp_path, "7.0.0", is_old=True), built(tmp_path, "abc", is_old=False, folder="worktrees")
    (tmp_path / "seqc" / ".7.0.0.lock").touch()
    found = kept_compilers(tmp_path)
    assert [kept.path.name for kept in found] == ["7.0.0", "abc"]
    assert found[0].used_at == OLD
    assert all(100_000 <= kept.size_bytes < 200_000 for kept in found)
    mark_used(old)
    assert kept_compilers(tmp_path)[0].used_at > SINCE


def test_what_was_not_used_since_is_removed(tmp_path: Path) -> None:
    old, new = built(tmp_path, "7.0.0", is_old=True), built(tmp_path, "7.7.5", is_old=False)
    assert [kept.path for kept in remove_unused(tmp_path, SINCE)] == [old]
    assert (old.exists(), new.exists()) == (False, True)


def test_an_empty_cache_has_none_and_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    assert kept_compilers(tmp_path) == ()
    mark_used(tmp_path / "nowhere")
