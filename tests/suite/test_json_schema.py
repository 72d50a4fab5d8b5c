import json
import tomllib
from typing import Any

import pytest

from seqbench.suite.json_schema import schemas
from tests.support.world import REPOSITORY

FOLDER = REPOSITORY / "docs" / "schema"


@pytest.mark.parametrize("name", ["benchmark", "runtime", "suite"])
def test_published_schema_is_that_of_the_code(name: str) -> None:
    """`nox -s schema` writes the files."""
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == schemas()[name]


def check(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> None:  # noqa: ANN401
    """Check that every key of a document is one of the schema, and has a description or a type."""
    if "$ref" in schema:
        check(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    elif "anyOf" in schema:
        options = [each for each in schema["anyOf"] if each.get("type") != "null"]
        if len(options) == 1:
            check(value, options[0], root)
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        assert set(schema.get("required", ())) <= value.keys()
        for key, each in value.items():
            rest = schema.get("additionalProperties", False)
            assert key in known or isinstance(rest, dict), key
            check(each, known.get(key, rest), root)


@pytest.mark.parametrize(
    ("pattern", "name"), [("seqbench/runtimes/*.toml", "runtime"), ("benchmarks/*/benchmark.toml", "benchmark")]
)
def test_shipped_files_name_their_schema_and_fit_it(pattern: str, name: str) -> None:
    schema = json.loads(schemas()[name])
    paths = list(REPOSITORY.glob(pattern))
    assert len(paths) > 3
    for path in paths:
        text = path.read_text(encoding="utf-8")
        check(tomllib.loads(text), schema, schema)
        assert text.startswith(f"#:schema ../../docs/schema/{name}.json\n")


def test_runtime_of_a_suite_that_extends_another_needs_nothing() -> None:
    schema = json.loads(schemas()["suite"])
    check({"runtimes": {"rust": {"extends": "rust", "sources": "x/{benchmark}{extension}"}}}, schema, schema)
    assert "Raw" not in schemas()["suite"]
