"""Make the JSON schemas of the TOML files, so that editors complete and check them. Pure."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from seqbench.runtimes.schema import RawRuntime
from seqbench.suite.schema import RawManifest, RawSuite, RawSuiteRuntime

_TITLES = {
    "runtime": (RawRuntime, "a runtime of seqbench"),
    "benchmark": (RawManifest, "benchmark.toml of seqbench"),
    "suite": (RawSuite, "suite.toml of seqbench"),
}


def schemas() -> Mapping[str, str]:
    """Return the JSON schema of each kind of file as text, by the name of the kind."""
    return {name: _text(kind, title) for name, (kind, title) in _TITLES.items()}


def _text(kind: type, title: str) -> str:
    (root,), components = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    if kind is RawSuite:
        _, more = msgspec.json.schema_components((RawSuiteRuntime,), ref_template="#/$defs/{name}")
        components |= more
        # What `extends` brings need not be there.
        components["RawSuiteRuntime"].pop("required")
        components["RawSuite"]["properties"]["runtimes"]["additionalProperties"] = {"$ref": "#/$defs/RawSuiteRuntime"}
    definitions = {name.removeprefix("Raw"): _renamed(schema) for name, schema in sorted(components.items())}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_renamed(root),
        "$defs": definitions,
    }
    return json.dumps(schema, indent=2) + "\n"


def _renamed(value: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Return a part of a schema with the names that users know: without `Raw`."""
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if not (key == "title" and str(each).startswith("Raw"))}
        return {key: _renamed(each) for key, each in kept.items()}
    if isinstance(value, list):
        return [_renamed(each) for each in value]
    return value.replace("#/$defs/Raw", "#/$defs/") if isinstance(value, str) else value
