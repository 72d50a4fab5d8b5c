import pytest

from seqbench.formula import parse_formula
from seqbench.runtimes.base import QuickStart, Run, SelfReport, Startup


def test_settings_are_names_or_prefixes_with_a_star() -> None:
    run = Run(settings=("SEQ_*", "GOGC"))
    names = ("SEQ_X", "SEQ_", "SEQX", "GOGC", "GOGCX", "GO")

    assert [run.reads(name) for name in names] == [True, True, False, True, False, False]


@pytest.mark.parametrize(
    ("settings", "limit_ns"), [({}, 20_000_000), ({"POOL": "5"}, 20_005_000), ({"POOL": "many"}, 20_000_000)]
)
def test_limit_of_the_start_grows_with_a_setting(settings: dict[str, str], limit_ns: int) -> None:
    assert Startup(most_ns=20_000_000, per=(("POOL", 1_000),)).limit_ns(settings) == limit_ns


def test_quick_start_sets_only_what_is_below_its_bound() -> None:
    quick = QuickStart(settings=(("POOL", parse_formula("max(10, live)")),), below=100)

    assert [quick.variables(live) for live in (1, 99, 100)] == [{"POOL": "10"}, {"POOL": "99"}, {}]


def report(*, on_stderr: bool) -> SelfReport:
    names = (("spawned", "made"), ("peak", "most"))
    return SelfReport(settings=(), names=names, on_stderr=on_stderr, own_strands=0, fix="")


def test_report_is_the_last_object_with_all_counts() -> None:
    text = 'x {"made": 1, "most": 1}\n{"made": 3, "most": 2, "more": {"made": 9}}\n{"made": 4}\n{'

    assert report(on_stderr=True).read("", text) == {"spawned": 3, "peak": 2}
    assert report(on_stderr=False).read(text, "") == {"spawned": 3, "peak": 2}


@pytest.mark.parametrize("text", ["", "{}", "{" * 1_000, '{"made": "x", "most": 1}', "[1]", '{"made": 1'])
def test_output_without_a_report_gives_none(text: str) -> None:
    assert report(on_stderr=True).read("", text) is None
