"""The page of `invoke report` in a real Chromium: what it shows, and whether everyone can read it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from seqbench.compare.comparison import compare
from seqbench.experiments.sweep.analysis import analyze_sweep
from seqbench.publish.history.database import record
from seqbench.publish.html.history import read_history
from seqbench.publish.html.plots.of_documents import change_plot, growth_plots
from seqbench.publish.html.render import render
from seqbench.publish.html.section import Section, Unread
from seqbench.sessions.session import Failed, Session, Stage
from tests.support.hostile import HOSTILE, SHOWN, hostile_session
from tests.support.strategies import NOON, a_program, a_result, a_session, measured
from tests.support.sweeps import a_point, a_sweep

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
_SEQ = (502, 500, 503, 502, 501, 1900)
_GO = (217, 216, 218, 217, 219, 215)
_MAY = (300, 301, 299, 302, 298, 300)
_DESK, _PHONE = 1280, 380
_LOOKS = [("light", _DESK), ("dark", _DESK), ("light", _PHONE), ("dark", _PHONE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page in a browser tab, and all that it said or asked for on its way there."""

    page: "Page"
    console: list[str]
    requests: list[str]

    def numbers(self, selector: str, *keys: str) -> list[tuple[str, ...]]:
        """Return what the elements carry as `data-` attributes."""
        script = "(all, keys) => all.map(each => keys.map(key => each.dataset[key]))"
        return [tuple(each) for each in self.page.eval_on_selector_all(selector, script, list(keys))]

    def places(self, selector: str) -> list[tuple[float, float]]:
        """Return the middle of each element on the screen."""
        middle = "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]"
        script = f"all => all.map(e => {{ {middle} }})"
        return [(x, y) for x, y in self.page.eval_on_selector_all(selector, script)]


Show = Callable[..., Shown]


@pytest.fixture
def show(browser: "Browser", tmp_path: Path) -> Iterator[Show]:
    """Return what opens a page in a theme and at a width."""
    contexts = []

    def open_page(text: str, theme: str = "light", width: int = _DESK) -> Shown:
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        settings: dict[str, Any] = {"color_scheme": theme, "viewport": {"width": width, "height": 800}}
        context = browser.new_context(offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        shown = Shown(page=page, console=[], requests=[])
        page.on("console", lambda message: shown.console.append(message.text))
        page.on("pageerror", lambda error: shown.console.append(str(error)))
        page.on("request", lambda request: shown.requests.append(request.url))
        page.goto(file.as_uri())
        return shown

    yield open_page
    for context in contexts:
        context.close()


def _session() -> Session:
    """Build a run with all that a page can have: variants, a far-out run, a failure, and a size scaled down."""
    pingpong = replace(
        a_result(
            a_program(measured(*_SEQ)),
            a_program(measured(*_GO), "go"),
            a_program(measured(*[50] * 6), "go", "idiomatic"),
            a_program(measured(*_MAY), "may"),
        ),
        rate_count=2_000_000,
        rate_unit="msg/sec",
        variant_labels=(("idiomatic", "idiomatic Go"),),
    )
    failed = Failed(stage=Stage.RUN, reason="timed out", detail="no end after 90 s\n" + "a long line " * 40)
    skynet = replace(
        a_result(a_program(measured(*[9000] * 6)), a_program(failed, "go"), title="Skynet"),
        name="skynet",
        is_full=False,
        size_label="10,000 strands",
        size_sentence="10,000 strands (full is 1,000,000: vm.max_map_count is 65,530, needs 2,400,000)",
        remedies=("sudo sysctl -w vm.max_map_count=2400000",),
    )
    return replace(a_session(pingpong, skynet, runtimes=("seq", "go", "may")), settings=(("SEQ_POOL_CAPACITY", "9"),))


def _past() -> tuple[Section, ...]:
    """Build what a history of thirty days has of two programs, of which one changed; and of a machine that is new."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        for day in range(30):
            seq = [(500 if day < 18 else 600) + each + 40 * (day == 5) * day for each in range(6)]
            session = a_session(a_result(a_program(measured(*seq)), a_program(measured(*_GO), "go")))
            record(path, replace(session, started_at=NOON + timedelta(days=day)))
        record(path, replace(session, machine=replace(session.machine, identity="new", cpu="A new processor")))
        return read_history(path, ("ab12", "new")).sections


def _sections() -> tuple[Section, ...]:
    sides = [a_session(a_result(a_program(measured(*[time] * 12))), runtimes=("seq",)) for time in (100, 103)]
    found = compare(*sides, runtime="seq", paired=True, margin=0.02)
    sweep = a_sweep(
        a_point(10, a_program(measured(1, 1)), a_program(measured(2, 2), "go")),
        a_point(100, a_program(measured(10, 10)), a_program(measured(4, 4), "go")),
    )
    text = "\n".join(["a line of a table that is wider than a phone " * 4] * 3)
    return (
        *_past(),
        Section(
            kind="Sweeps",
            title="Over strands",
            about="sweep-1.json",
            text=text,
            plots=growth_plots(analyze_sweep(sweep), "d1"),
        ),
        Section(
            kind="Comparisons", title="7.7.3 against 7.7.5", about="c.json", text=text, plots=change_plot(found, "d2")
        ),
    )


@pytest.fixture(scope="module")
def whole() -> str:
    return render([_session()], _sections(), [Unread(problem="results/x.json: not JSON", fix="give another file")])


@pytest.mark.parametrize(("theme", "width"), _LOOKS)
def test_it_renders_without_a_complaint_asks_for_nothing_and_fits_the_screen(
    show: Show, whole: str, theme: str, width: int
) -> None:
    shown = show(whole, theme, width)
    assert shown.console == []
    assert [url for url in shown.requests if not url.endswith("/report.html")] == []
    shown.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    assert shown.page.evaluate("document.documentElement.scrollWidth") == width
    assert shown.page.get_by_role("heading", level=1).inner_text() == "Seq, Go and May"
    assert shown.page.locator("svg.plot").count() > 10
    script = "all => all.map(each => { const b = each.getBoundingClientRect(); return [b.width, b.right] })"
    for across, right in shown.page.eval_on_selector_all("svg.plot", script):
        assert across > 250
        assert right <= width


def test_what_scrolls_sideways_says_so_and_nothing_else_does(show: Show, whole: str) -> None:
    script = """all => all.filter(each => each.clientWidth).map(each =>
        [each.scrollWidth > each.clientWidth, getComputedStyle(each, "::before").display == "block"])"""
    for width in (380, 1280):
        shown = show(whole, "light", width)
        shown.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
        # The animation that says so begins with a frame after the details were opened.
        agree = "([...document.querySelectorAll('.scroll, pre')])"
        shown.page.wait_for_function(f"() => ({script}){agree}.every(([scrolls, says]) => scrolls == says)")
        found = shown.page.eval_on_selector_all(".scroll, pre", script)
        assert [says for _, says in found] == [scrolls for scrolls, _ in found]
        assert [True, True] in found
    assert [False, False] in found


@pytest.mark.parametrize(("theme", "width"), _LOOKS)
def test_everyone_can_read_it(show: Show, whole: str, theme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - it may be missing

    shown = show(whole, theme, width)
    shown.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    found = Axe().run(shown.page, options={"resultTypes": ["violations", "passes"]}).response
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
    checked = {each["id"] for each in found["passes"]}
    assert checked >= {"color-contrast", "svg-img-alt", "scrollable-region-focusable"}


def test_axe_finds_what_is_wrong_where_something_is(show: Show) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - it may be missing

    shown = show("<!doctype html><p style='color: #aaa; background: #fff'>pale</p><svg role='img'></svg>")
    found = {each["id"] for each in Axe().run(shown.page).response["violations"]}
    assert {"color-contrast", "svg-img-alt", "html-has-lang"} <= found


def test_the_plots_hold_the_numbers_that_were_measured(show: Show, whole: str) -> None:
    shown = show(whole)
    runs = 'section[aria-labelledby="s1-b1"] figure:has(h4:text-is("Every run")) [data-ns]'
    drawn = {(program, int(at)): float(ns) / 1e6 for program, at, ns in shown.numbers(runs, "program", "round", "ns")}
    wanted = {"Seq": _SEQ, "Go": _GO, "idiomatic Go": [50] * 6, "May": _MAY}
    assert drawn == {(name, at): time for name, times in wanted.items() for at, time in enumerate(times, start=1)}
    medians = shown.numbers('figure:has(h4:text-is("Median time")) [data-low]', "program", "value", "low", "high")
    assert ("Seq", "502000000", "500000000", "1.9e+09") in medians
    assert ("Go", "217000000", "215000000", "219000000") in medians
    ratios = shown.numbers('figure:has(h4:text-is("Ratio to Go")) [data-value]', "program", "value")
    assert [(name, round(float(value), 2)) for name, value in ratios] == [
        ("Seq / Go", 2.31),
        ("May / Go", 1.39),
        ("Seq / idiomatic Go", 10.04),
        ("May / idiomatic Go", 6.0),
    ]
    shares = shown.numbers('figure:has(h4:text-is("CPU time")) [data-part]', "program", "part", "share")
    assert ("Seq", "user", "0.75") in shares
    assert ("Seq", "system", "0.25") in shares


def test_the_history_is_drawn_from_left_to_right_with_its_change(show: Show, whole: str) -> None:
    shown = show(whole)
    plot = 'details.section figure:has(h4:text-is("Ping-Pong [1,000,000 round trips]")) '
    points = shown.numbers(f"{plot}[data-value]", "program", "at", "value")
    assert len(points) == 60
    seq = {at: float(value) / 1e6 for program, at, value in points if program == "Seq"}
    assert (seq["2026-03-01T12:00:00Z"], seq["2026-03-30T12:00:00Z"]) == (502.5, 602.5)
    (shift,) = shown.numbers(f"{plot}[data-shift]", "program", "at", "shift")
    assert shift == ("Seq", "2026-03-19T12:00:00Z", "+20%")
    places = dict(zip(points, shown.places(f"{plot}[data-value]"), strict=True))
    dots = sorted((at, value, xy) for (name, at, value), xy in places.items() if name == "Seq")
    inside = [(at, xy) for at, value, xy in dots if value != "702500000"]
    steps = [after[1][0] - before[1][0] for before, after in pairwise(inside[6:])]
    assert max(steps) - min(steps) < 0.5
    assert inside[0][1][1] > inside[-1][1][1] + 10
    (line,) = shown.places(f"{plot}[data-shift]")
    assert line[0] == pytest.approx(next(xy[0] for at, xy in inside if at == shift[1]), abs=1)
    assert shown.page.locator(f'{plot}text:has-text("+20%")').count() == 1
    new = shown.page.locator("details.section", has_text="A new processor")
    assert "Too few sessions" in (new.text_content() or "")


def test_the_plots_are_drawn_to_their_scales(show: Show, whole: str) -> None:
    shown = show(whole)
    plot = '#s1 figure:has(h4:text-is("Ratio to Go")) '
    dots = [x for x, _ in shown.places(f"{plot}[data-value]")]
    ticks = {text: shown.places(f'{plot}text:text-is("{text}")')[0][0] for text in ("2x", "5x")}
    seq, may, idiomatic, _ = dots
    assert may < ticks["2x"] < seq < ticks["5x"] < idiomatic
    lines = [x for x, _ in shown.places(f'{plot}path[style*="dasharray"]')]
    assert {round(x) for x in lines} == {round(x) for x in sorted(lines)[:: len(lines) - 1]}
    assert min(lines) == pytest.approx(ticks["2x"], abs=1.5)
    assert max(lines) == pytest.approx(ticks["5x"], abs=1.5)
    rounds = [x for x, _ in shown.places('#s1 figure:has(h4:text-is("Every run")) [data-program="May"][data-ns]')]
    steps = [after - before for before, after in pairwise(rounds)]
    assert max(steps) - min(steps) < 0.5


def test_the_values_of_points_beyond_the_scale_do_not_overlap(show: Show) -> None:
    """With the fonts of the browser, whose letters are wider than those of the drawing's own."""
    times = [100.0 + number % 3 for number in range(30)]
    far = {4: 900.0, 5: 901, 6: 1902, 7: 4903, 15: 300, 27: 700, 28: 701, 29: 702}
    times = [far.get(number, time) for number, time in enumerate(times)]
    shown = show(render([a_session(a_result(a_program(measured(*times)), a_program(measured(*times), "go")))]))
    script = """all => all.map(e => [e.textContent, e.getBoundingClientRect()])
        .map(([text, b]) => [text, b.left, b.top, b.right, b.bottom])"""
    plot = '#s1 figure:has(h4:text-is("Every run")) svg text'
    found = [each for each in shown.page.eval_on_selector_all(plot, script) if each[0].strip()]
    assert len([text for text, *_ in found if text.startswith("+") and len(text) >= 5]) >= 2 * len(far)
    overlaps = [
        (one[0], other[0])
        for one, other in combinations(found, 2)
        if min(one[3], other[3]) - max(one[1], other[1]) > 1 and min(one[4], other[4]) - max(one[2], other[2]) > 3
    ]
    assert overlaps == []


def _four_benchmarks() -> Session:
    """Build what a whole run has: four benchmarks of 30 rounds with a variant and runs beyond the scale."""
    seq = [500.0 + number % 7 for number in range(26)] + [900, 901, 1902, 700]
    go = [217.0 + number % 5 for number in range(30)]
    results = []
    for name in ("Actors (1,000 actors)", "Fan-Out (100 workers)", "Ping-Pong", "Skynet"):
        programs = [a_program(measured(*seq)), a_program(measured(*go), "go")]
        if name.startswith("Fan-Out"):
            programs.append(a_program(measured(*[time / 4 for time in go]), "go", "idiomatic"))
        result = a_result(*programs, name=name.split()[0].lower(), title=name)
        results.append(
            replace(
                result,
                rounds=30,
                rate_count=2_000_000,
                rate_unit="strands/sec" if name == "Skynet" else "msg/sec",
                variant_labels=(("idiomatic", "idiomatic Go"),),
            )
        )
    session = a_session(*results)
    tool = replace(
        session.toolchain[0],
        name="seqc",
        version="7.7.5",
        provenance="crates.io 7.7.5, runtime built first with opt-level 3, LTO and 1 codegen unit, diagnostics on, "
        "rustc 1.95.0, full runtime archive with code for x86-64",
    )
    machine = replace(session.machine, system="Linux 6.18.44-fc-v595 x86_64", host="host")
    return replace(session, toolchain=(tool, tool, *session.toolchain), machine=machine)


@pytest.mark.parametrize("width", [_DESK, _PHONE])
def test_the_first_screen_answers_the_four_questions_and_shows_the_table(show: Show, width: int) -> None:
    shown = show(render([_four_benchmarks()]), width=width)
    assert shown.page.locator(".answers dt").all_inner_texts() == ["What", "How sure", "Machine", "Since when"]
    for selector in (".answers", "table.headline"):
        box = shown.page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800


@pytest.mark.parametrize("width", [_DESK, _PHONE])
def test_a_term_shows_its_meaning_to_the_keyboard_to_a_click_and_to_a_pointer(show: Show, width: int) -> None:
    shown = show(render([_four_benchmarks()]), width=width)
    term = shown.page.locator(".answers button.term", has_text="intervals")
    tip = shown.page.locator("#term-interval")
    assert term.evaluate("e => getComputedStyle(e).cursor") == "help"
    assert not tip.is_visible()
    term.focus()
    shown.page.keyboard.press("Enter")
    tip.wait_for(state="visible")
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    shown.page.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    term.click()
    tip.wait_for(state="visible")
    assert tip.inner_text() == "interval: the range that holds the true value with a stated confidence"
    assert shown.page.evaluate("document.documentElement.scrollWidth") == width


def test_four_benchmarks_are_two_pages_on_paper(show: Show) -> None:
    shown = show(render([_four_benchmarks()]))
    shown.page.emulate_media(media="print")
    titles = set(shown.page.locator("#s1 .benchmark h4:visible").all_inner_texts())
    assert titles == {"Every run", "CPU time", "Peak memory"}
    paper = shown.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 2
    # A4, in points.
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12]", paper)


def test_a_theme_colours_the_plots_and_print_is_on_white_whatever_the_theme(show: Show, whole: str) -> None:
    colours = {}
    script = "e => [getComputedStyle(e).fill, getComputedStyle(document.body).color]"
    for theme in ("light", "dark"):
        shown = show(whole, theme)
        colours[theme] = shown.page.eval_on_selector('[data-program="Seq"][data-ns]', script)
        shown.page.emulate_media(media="print")
        colours[f"{theme} print"] = shown.page.eval_on_selector('[data-program="Seq"][data-ns]', script)
        assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert colours["light"] == ["rgb(11, 98, 168)", "rgb(28, 29, 31)"]
    assert colours["dark"] != colours["light"]
    assert colours["dark print"] == colours["light print"] == colours["light"]


def test_whatever_programs_and_names_say_does_nothing_and_is_shown_as_it_is(show: Show) -> None:
    attack = '"><img src="https://example.invalid/x" onerror="window.hacked = 1"><script>window.hacked = 1</script>'
    section = Section(kind=attack, title=attack, about=attack, text=attack)
    page = render([hostile_session(HOSTILE), hostile_session(attack)], [section], [Unread(problem=attack, fix=attack)])
    shown = show(page)
    assert shown.page.evaluate("window.hacked === undefined")
    assert shown.console == []
    assert [url for url in shown.requests if not url.endswith("/report.html")] == []
    assert shown.page.locator("script, img").count() == 0
    text = " ".join(shown.page.evaluate("document.body.textContent").split())
    assert text.count(" ".join(SHOWN.split())) > 20
    assert text.count(attack) > 20


def test_sessions_are_side_by_side_on_a_desk_and_one_after_the_other_on_a_phone(show: Show) -> None:
    other = replace(_session(), machine=replace(_session().machine, identity="other", cpu="Another processor"))
    page = render([_session(), other])
    boxes = {}
    for width in (_DESK + 200, _PHONE):
        shown = show(page, width=width)
        boxes[width] = [each.bounding_box() for each in shown.page.locator("section.session").all()]
        assert shown.page.evaluate("document.documentElement.scrollWidth") == width
    (one, two), (upper, lower) = boxes.values()
    assert one is not None
    assert two is not None
    assert upper is not None
    assert lower is not None
    assert (one["y"], one["x"] + one["width"] <= two["x"]) == (two["y"], True)
    assert (upper["x"], upper["y"] + upper["height"] <= lower["y"]) == (lower["x"], True)


@pytest.mark.parametrize("width", [_DESK, _PHONE])
def test_tooltip_is_at_the_lower_edge_where_the_browser_cannot_place_it_beside_its_term(show: Show, width: int) -> None:
    shown = show(render([_four_benchmarks()]).replace("position-area:", "no-such-property:"), width=width)
    shown.page.locator(".answers button.term", has_text="intervals").click()
    tip = shown.page.locator("#term-interval")
    tip.wait_for(state="visible")
    box = tip.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    assert 700 <= box["y"] + box["height"] <= 800


def test_fix_of_a_file_that_could_not_be_read_has_a_line_of_its_own(show: Show) -> None:
    shown = show(render([_four_benchmarks()], unread=[Unread(problem="results/x.json: not JSON", fix="remove it")]))
    notice = shown.page.locator("main > .notice")
    assert notice.locator("li").inner_text() == "results/x.json: not JSON\nFix: remove it"
    title, box = shown.page.locator("h1").bounding_box(), notice.bounding_box()
    assert title is not None
    assert box is not None
    assert box["y"] >= title["y"] + title["height"] + 8
