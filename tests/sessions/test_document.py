import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from seqbench.errors import UsageError
from seqbench.sessions.document import HEAD_BYTES, read_document, read_text_file, schema_of, write_document

SCHEMA = "seqbench/echo"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Echo:
    words: tuple[str, ...]
    loud: bool = False


def test_document_is_read_back_and_names_its_schema_first() -> None:
    echo = _Echo(words=("a", "ü"), loud=True)
    text = write_document(echo, SCHEMA)

    assert list(json.loads(text)) == ["schema", "schema_version", "words", "loud"]
    assert read_document(text, "a file", _Echo, SCHEMA) == echo


def test_field_with_a_default_may_be_missing() -> None:
    text = '{"schema": "seqbench/echo", "schema_version": 1, "words": []}'
    assert read_document(text, "a file", _Echo, SCHEMA) == _Echo(words=())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON, or cut short"),
        ("[1]", "not an echo of seqbench: expected schema 'seqbench/echo'"),
        ('{"schema": "seqbench/sweep"}', "not an echo of seqbench"),
        ('{"schema": "seqbench/echo", "schema_version": 2}', "schema version 2, expected 1"),
        ('{"schema": "seqbench/echo", "schema_version": 1}', "missing required field `words`"),
        ('{"schema": "seqbench/echo", "schema_version": 1, "words": [1]}', "Expected `str`, got `int`"),
    ],
)
def test_document_that_cannot_be_read_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"^echo\.json: ") as caught:
        read_document(text, "echo.json", _Echo, SCHEMA)
    assert said in caught.value.message
    assert caught.value.fix


def test_schema_of_reads_only_the_head_of_a_file(tmp_path: Path) -> None:
    near, far, none = (tmp_path / name for name in ("near", "far", "none"))
    near.write_text(write_document(_Echo(words=()), SCHEMA))
    far.write_text(" " * HEAD_BYTES + '"schema": "seqbench/echo"')

    assert [schema_of(path) for path in (near, far, none, tmp_path)] == [SCHEMA, "", "", ""]


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_text_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.json: cannot be read"):
        read_text_file(path)
