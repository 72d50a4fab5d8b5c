import pytest

from seqbench.errors import UsageError
from seqbench.hosts.names import file_stem, parse_hosts, same_machine


@pytest.mark.parametrize("name", ["a", "me@server", "server:2222", "me@10.0.0.1:22", "build-1.example.org"])
def test_names_of_ssh_are_accepted(name: str) -> None:
    assert parse_hosts(f"{name},other") == (name, "other")


@pytest.mark.parametrize("name", ["-oProxyCommand=id", "a b", "a;id", "$(id)", "a\n", "a:b", "@a", "../a", "a\x1b[2J"])
def test_names_that_something_else_could_read_are_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_hosts(f"{name},b".replace("a\n", "\na\nb"))
    assert "is not the name of a host" in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(("text", "what"), [("", "no name"), (" ,", "no name"), ("a,b,a", "a is given twice")])
def test_lists_without_a_meaning_are_refused(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        parse_hosts(text)


def test_same_machine_names_the_first_two() -> None:
    assert same_machine({"a": "1", "b": "2", "c": "2", "d": "1"}) == ("b", "c")
    assert same_machine({"a": "1", "b": "2"}) is None


def test_file_stem_has_no_separator() -> None:
    assert file_stem("me@server:22") == "me-server-22"
