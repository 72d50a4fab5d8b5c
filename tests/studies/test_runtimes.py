from seqbench.suite.manifest import load_suite
from studies.runtimes import BEGIN, DOCUMENT, END, _tables
from tests.support.world import MANIFEST, World, says


def test_tables_have_all_runtimes_together_and_each_alone(world: World) -> None:
    manifest = MANIFEST.format(name="hop")
    world.add("hop", seq=says("$1", 800_000), go=says("$1", 400_000), toml=manifest)
    together, alone = list(_tables(world.request(runs="6", size="100"), load_suite(world.suite).used_runtimes))[1:4:2]

    assert together.splitlines()[0].split("|")[2].strip() == "The hop [100 messages]"
    assert [line.split("|")[1].strip() for line in together.splitlines()[2:]] == ["Seq", "Go"]
    assert "0.8ms, 2.0x [2.0, 2.0]" in together
    assert "x" not in alone.splitlines()[2]


def test_page_has_the_marks_of_the_tables() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert 0 < text.index(BEGIN) < text.index(END)
