import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings

from seqbench.events import Detail, Event
from seqbench.publish.html.plots.parts import Plot
from seqbench.publish.html.render import render
from seqbench.publish.html.section import Section, Unread
from seqbench.sessions.report import COST_HEADER
from seqbench.sessions.session import BenchmarkResult, Failed, Measured, Session, Skipped, Stage, State
from seqbench.text import printable
from tests.support.hostile import HOSTILE, SHOWN, hostile_session
from tests.support.laws import FEW
from tests.support.page import Element, read_page, rows_of
from tests.support.strategies import NOON, a_program, a_result, a_session, any_text, measured, sessions, several

_SEQ = measured(502, 500, 503, 502, 501, 504)
_GO = measured(217, 216, 218, 217, 219, 215)
_FAILED = Failed(stage=Stage.RUN, reason="timed out", detail="no end after 90 s\nstderr ends with:\nstill here")
_BOTH = a_result(a_program(_SEQ), a_program(_GO, "go"))


@cache
def _text(*of_sessions: Session, sections: tuple[Section, ...] = (), unread: tuple[Unread, ...] = ()) -> str:
    return render(of_sessions, sections, unread)


@cache
def _page(*of_sessions: Session, sections: tuple[Section, ...] = (), unread: tuple[Unread, ...] = ()) -> Element:
    return read_page(_text(*of_sessions, sections=sections, unread=unread))


def _notices(page: Element) -> list[Element]:
    return [each for each in page.all("li") if "notice" in each.attributes.get("class", "").split()]


def test_the_headline_table_has_times_rates_ratios_intervals_and_bands() -> None:
    result = replace(_BOTH, rate_count=2_000_000, rate_unit="msg/sec")
    page = _page(a_session(result))
    assert rows_of(page.one("table", class_="headline")) == [
        ["Benchmark", "Seq", "Go", "Ratio"],
        ["Ping-Pong", "502ms 4.0M msg/sec", "217ms 9.2M msg/sec", "2.3x 2.3 to 2.3 Good"],
    ]
    assert page.one("h1").text == "Seq against Go"


def test_a_third_runtime_has_its_ratio_to_the_reference_in_its_cell() -> None:
    result = a_result(a_program(measured(2)), a_program(measured(1), "go"), a_program(measured(4), "may"))
    page = _page(a_session(result, runtimes=("seq", "go", "may")))
    assert rows_of(page.one("table", class_="headline"))[1:] == [
        ["Ping-Pong", "2ms", "1ms", "4ms to Go: 4.0x? Good", "2.0x? Excellent?"]
    ]


def test_every_band_that_the_interval_touches_is_named_and_a_ratio_of_few_rounds_is_marked() -> None:
    unsure = a_result(a_program(measured(230, 231)), a_program(measured(100, 100), "go"))
    wide = a_result(a_program(measured(190, 185, 300, 310, 495, 510)), a_program(measured(*[100] * 6), "go"))
    rows = rows_of(_page(a_session(unsure, wide)).one("table", class_="headline"))
    assert [row[-1] for row in rows[1:]] == ["2.3x? Good?", "3.0x 1.9 to 5.1 Excellent or Good or Investigate"]


def test_the_page_needs_nothing_beside_it_and_runs_nothing() -> None:
    text = _text(a_session(_BOTH), sections=(_section(),))
    page = _page(a_session(_BOTH), sections=(_section(),))
    assert not list(page.all("script"))
    assert "default-src 'none'" in page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    for element in page.all():
        for key, value in element.attributes.items():
            assert not key.startswith("on")
            if key in ("src", "href", "action", "data"):
                assert value.startswith(("#", "data:,"))
    assert not re.findall(r"@import|url\((?!#)", text)


def test_failures_and_what_was_scaled_down_come_before_the_table() -> None:
    scaled = replace(
        _BOTH,
        name="skynet",
        is_full=False,
        size_sentence="10,000 strands (full is 1,000,000: vm.max_map_count is 65,530, needs 2,400,000)",
        remedies=("sudo sysctl -w vm.max_map_count=2400000",),
    )
    failed = a_result(a_program(_FAILED), a_program(Skipped(reason="no tool", remedy="install it"), "go"))
    session = replace(
        a_session(failed, scaled), suite=("fanout", "pingpong", "skynet"), state=State.INTERRUPTED, load_before=9.0
    )
    text = render([session])
    notices = [notice.text for notice in _notices(read_page(text))]
    assert notices[:2] == [
        "Ping-Pong, Seq: run failed: timed out no end after 90 s stderr ends with: still here",
        "Ping-Pong, Go: skipped: no tool Fix: install it",
    ]
    for word in (
        "INTERRUPTED",
        "busy",
        "sudo sysctl -w vm.max_map_count=2400000",
    ):
        assert any(word in notice for notice in notices)
    assert any("10,000 strands (full is 1,000,000" in notice for notice in notices)
    assert text.index("still here") < text.index('<table class="headline"')


def test_benchmarks_that_were_left_out_are_one_line_below_the_table() -> None:
    page = _page(replace(a_session(_BOTH), suite=("fanout", "pingpong", "skynet")))
    assert _notices(page) == []
    assert [row[0] for row in rows_of(page.one("table", class_="headline"))] == ["Benchmark", "Ping-Pong"]
    assert page.text.count("fanout") == 1
    assert "not run (not chosen): fanout, skynet" in page.text


def test_a_run_of_which_nothing_is_wrong_has_no_notice() -> None:
    assert _notices(_page(a_session(_BOTH))) == []


def test_a_session_that_is_not_finished_says_so() -> None:
    (notice,) = _notices(_page(replace(a_session(_BOTH), state=State.RUNNING)))
    assert "NOT COMPLETE" in notice.text


def test_a_benchmark_has_its_plots_each_with_its_numbers_as_a_table() -> None:
    page = _page(a_session(_BOTH))
    figures = list(page.one("section", class_="benchmark").all("figure"))
    assert [figure.one("h4").text for figure in figures] == [
        "Every run",
        "Median time",
        "Ratio to Go",
        "CPU time",
        "Peak memory",
    ]
    for figure in figures:
        assert figure.one("svg").attributes["role"] == "img"
        assert rows_of(figure.one("details"))[1:]
    assert rows_of(figures[1].one("details"))[1] == ["Seq", "502.000", "500.000", "504.000", "6"]


def test_plots_of_a_benchmark_explain_processor_time_and_memory() -> None:
    part = _page(a_session(_BOTH)).one("section", class_="benchmark")
    terms = {button.text for button in part.all("button", class_="term")}
    assert {"median", "interval", "user time", "system time", "peak memory", "own clock"} <= terms


def test_a_benchmark_of_which_nothing_was_measured_says_so_in_place_of_plots() -> None:
    part = _page(a_session(a_result(a_program(_FAILED), a_program(_FAILED, "go")))).one("section", class_="benchmark")
    assert not list(part.all("svg"))
    assert part.text.count("failed: timed out") == 2


def test_what_it_was_measured_with_and_how_to_do_it_again_is_there() -> None:
    session = replace(a_session(_BOTH), settings=(("SEQ_A", "1"),), dirty=True)
    page = _page(session)
    text = page.text
    for word in (
        "A processor, 8 cores, 16.0 GiB, Linux 6 x86_64",
        "go 1.27.3 (a wheel; sha256:cccccccccccc)",
        "0123456789ab, with uncommitted changes",
        "SEQ_A=1",
        "full, a budget of 100 s",
        "round_trips = 1,000,000",
        "SEQ_A=1 invoke bench --runtimes seq,go --budget 100s --seed 7",
    ):
        assert word in text
    assert any(rows[0] == list(COST_HEADER) for rows in map(rows_of, page.all("table")))


def test_sessions_stand_side_by_side_and_nothing_of_one_is_in_a_line_or_a_plot_of_another() -> None:
    here = replace(a_session(_BOTH), machine=replace(a_session().machine, cpu="This processor"))
    there = replace(
        a_session(a_result(a_program(measured(9)), a_program(measured(3), "go"))),
        machine=replace(a_session().machine, cpu="Another processor", identity="other"),
        started_at=NOON + timedelta(days=1),
    )
    page = _page(here, there)
    parts = list(page.all("section", class_="session"))
    assert len(parts) == 2
    assert [part.one("h2").text for part in parts] == ["1 March 2026, 12:00:00 UTC", "2 March 2026, 12:00:00 UTC"]
    seen = [("This processor", "502ms"), ("Another processor", "9ms")]
    for part, own, other in zip(parts, seen, reversed(seen), strict=True):
        words = part.text.split()
        assert own[1] in words
        assert other[1] not in words
        assert (own[0] in part.text, other[0] in part.text) == (True, False)
    outside = sum(1 for _ in page.all("table")) - sum(1 for part in parts for _ in part.all("table"))
    assert outside == 0
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    links = [link.attributes["href"].removeprefix("#") for link in page.one("nav").all("a")]
    assert set(links) <= set(ids)


def _section(kind: str = "Comparisons", title: str = "7.7.3 against 7.7.5", text: str = "the verdict") -> Section:
    plot = Plot(title="A plot", note="A note", drawing="<svg></svg>", header=("a",), rows=(("b",),))
    return Section(kind=kind, title=title, about="compare-1.json, on a machine", text=text, plots=(plot,))


def test_sections_of_other_documents_stand_by_kind_with_their_text_and_plots() -> None:
    sections = (_section(), _section("Sweeps", "Over strands", "it grows"), _section(title="7.7.5 against 8.0.0"))
    page = _page(a_session(_BOTH), sections=sections)
    headings = [heading.text for heading in page.all("h2")][1:]
    assert headings == ["Comparisons", "Sweeps"]
    parts = [part for part in page.all("details") if part.attributes.get("class") == "section"]
    assert [part.one("h3").text for part in parts] == ["7.7.3 against 7.7.5", "7.7.5 against 8.0.0", "Over strands"]
    assert ["open" in part.attributes for part in parts] == [True, False, True]
    assert [part.one("pre").text for part in parts] == ["the verdict", "the verdict", "it grows"]
    assert all("compare-1.json, on a machine" in part.text and "A note" in part.text for part in parts)


def test_a_remark_of_a_section_stands_above_its_text() -> None:
    text = render([], [replace(_section(), remarks=("<too> few",))])
    (section,) = [each for each in read_page(text).all("details") if each.attributes.get("class") == "section"]
    assert "<too> few" in [each.text for each in section.all("p", class_="note")]
    assert text.index("few") < text.index("the verdict")


def test_what_could_not_be_read_is_named_at_the_top() -> None:
    text = render([a_session(_BOTH)], unread=[Unread(problem="results/x.json: not JSON", fix="give another file")])
    part = read_page(text).one("section", aria_labelledby="unread")
    assert "results/x.json: not JSON Fix: give another file" in part.text
    assert text.index("not JSON") < text.index('<table class="headline"')


def test_a_report_of_other_documents_alone_can_be_made() -> None:
    assert "the verdict" in _page(sections=(_section(),)).text


def test_whatever_a_name_or_a_program_says_is_text_on_the_page() -> None:
    section = replace(_section(HOSTILE, HOSTILE, HOSTILE), about=HOSTILE, remarks=(HOSTILE,))
    text = render([hostile_session()], [section], [Unread(problem=HOSTILE, fix=HOSTILE)])
    page = read_page(text)
    assert not list(page.all("script"))
    assert sum(1 for _ in page.all("style")) == 1
    shown = " ".join(SHOWN.split())
    assert page.text.count(shown) > 20
    assert "\x00" not in text
    failed = next(notice for notice in _notices(page) if "run failed" in notice.text)
    assert failed.one("pre").text == shown
    # In attributes too: they are what a screen reader says.
    labels = [element.attributes["aria-label"] for element in page.all() if "aria-label" in element.attributes]
    assert any(SHOWN in label for label in labels)


# Times of 1 ns beside those of years are drawn as well; a page of them takes a second.
@settings(FEW, max_examples=10)
@given(several(sessions, most=2), several(any_text, most=2))
def test_every_session_makes_a_page_on_which_every_title_and_message_stands(
    of_sessions: tuple[Session, ...], texts: tuple[str, ...]
) -> None:
    sections = [_section(text, text, text) for text in texts]
    text = render(of_sessions, sections, [Unread(problem=each, fix=each) for each in texts])
    text.encode()
    page = read_page(text)
    for session in of_sessions:
        for words in _messages(session):
            assert " ".join(printable(words).split()) in page.text
    for words in texts:
        assert " ".join(printable(words).split()) in page.text


def _messages(session: Session) -> list[str]:
    found = [session.machine.cpu, session.sources, *(tool.provenance for tool in session.toolchain)]
    for result in session.results:
        found.append(result.title)
        found += [remedy for remedy in result.remedies if not result.is_full]
        for program in result.programs:
            match program.outcome:
                case Failed(reason=reason, detail=detail):
                    found += [reason, detail]
                case Skipped(reason=reason, remedy=remedy):
                    found += [reason, remedy]
    return found


def test_the_same_sessions_make_the_same_page() -> None:
    assert render([a_session(_BOTH)]) == _text(a_session(_BOTH))


def test_it_tells_which_benchmark_it_is_at() -> None:
    events: list[Event] = []
    render([a_session(_BOTH)], listen=events.append)
    assert Detail(text="Ping-Pong") in events


@pytest.mark.parametrize(
    ("runtimes", "title"), [(("seq",), "Seq"), (("seq", "go", "may"), "Seq, Go and May"), ((), "Report")]
)
def test_the_title_names_the_runtimes(runtimes: tuple[str, ...], title: str) -> None:
    result = a_result(*(a_program(measured(1), runtime) for runtime in runtimes))
    assert _page(a_session(result, runtimes=runtimes)).one("h1").text == title


def test_a_program_that_was_interrupted_before_its_first_counted_run_says_so() -> None:
    result: BenchmarkResult = a_result(a_program(Measured(samples=(), warm_ups=())), a_program(_GO, "go"))
    assert (
        "interrupted before its first counted run" in _page(a_session(result)).one("section", class_="benchmark").text
    )
