"""A seqc and a clang in whose programs the layout of the code can be seen."""

from tests.support.world import World, script

# A layout is n/100 slower than the program without padding, which takes 800 us.
_CLANG = script(
    'case $1 in --version) echo "clang version 18.1.0"; exit ;; esac',
    "layout=0",
    "for word; do case $word in *before.c) layout=${word#*/layout-}; layout=${layout%%-*} ;; esac; done",
    'while [ "$1" != -o ]; do shift; done',
    'echo "clang $layout" >>"${0%/*}/log"',
    'sed "s/elapsed_ns: 800000/elapsed_ns: $((800000 + layout * 8000))/" "$3" >"$2" && echo "# $layout" >>"$2"',
    'chmod 755 "$2"',
)


def link_in_layouts(world: World) -> None:
    """Let the tools of a world link as the real ones: the layouts 2 to 5 are 2 to 5 % slower than the first."""
    seqc = world.tools / "seqc"
    old, new = 'clang "$source" "$output"', 'clang "${source%.seq}.ll" -o "$output" "$source"'
    text = seqc.read_text()
    assert old in text
    world.tool("seqc", text.replace(old, new))
    world.tool("clang", _CLANG)
