import tomllib

from tests.support.world import REPOSITORY


def test_every_package_stands_in_the_architecture_and_in_the_wheel() -> None:
    text = (REPOSITORY / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "packages"
    ]
    folders = [path.parent.relative_to(REPOSITORY) for path in (REPOSITORY / "seqbench").rglob("__init__.py")]
    assert len(folders) > 10
    assert [folder for folder in folders if ".".join(folder.parts) not in listed] == []
    assert [
        folder for folder in folders if f"`{folder.relative_to('seqbench')}/`" not in text and len(folder.parts) > 1
    ] == []
