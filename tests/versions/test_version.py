import pytest

from seqbench.errors import UsageError
from seqbench.versions.version import Version, named, split_range, split_specs


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("7.0.0,7.1.0", ("7.0.0", "7.1.0")),
        ("7.0.0,runtime=cargo-install,7.1.0, --loop-opt", ("7.0.0,runtime=cargo-install", "7.1.0,--loop-opt")),
        ("a/seqc,,checkout:b@0123456", ("a/seqc", "checkout:b@0123456")),
    ],
)
def test_a_list_of_compilers_is_split_at_compilers(text: str, specs: tuple[str, ...]) -> None:
    assert split_specs(text, of_compilers=True) == specs


def test_a_list_of_another_runtime_is_split_where_a_variable_comes_again() -> None:
    assert split_specs("GO=/a,GOGC=1,GO=/b,GOGC=1", of_compilers=False) == ("GO=/a,GOGC=1", "GO=/b,GOGC=1")


@pytest.mark.parametrize(
    ("text", "problem"), [("", "names no version"), (" , ", "no version"), ("7.0.0,7.0.0", "twice")]
)
def test_an_empty_list_and_a_version_twice_are_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        split_specs(text, of_compilers=True)


def test_a_range_has_two_ends_and_a_path_is_none() -> None:
    assert split_range("7.0.0..7.7.5") == ("7.0.0", "7.7.5")
    assert split_range("../seqc,../other/seqc") is None
    assert split_range("7.0.0,7.1.0") is None
    with pytest.raises(UsageError, match="an end of the range is missing"):
        split_range("7.0.0..")


def test_a_range_of_commits_may_have_slashes() -> None:
    assert split_range("origin/main..HEAD", of_commits=True) == ("origin/main", "HEAD")
    assert split_range("origin/main..HEAD") is None
    assert split_range("a/b,c/d", of_commits=True) is None


def test_a_version_is_named_by_label_spec_or_the_beginning_of_its_label() -> None:
    versions = [Version(label=each, spec=f"x{each}") for each in ("abc1", "abc2", "def")]
    assert [named(versions, name, "--good") for name in ("abc1", "xabc2", "d")] == [0, 1, 2]
    with pytest.raises(UsageError, match="--good ab may be more than one version"):
        named(versions, "ab", "--good")
    with pytest.raises(UsageError, match="--bad q is not in the list") as caught:
        named(versions, "q", "--bad")
    assert "abc1, abc2, def" in caught.value.fix
