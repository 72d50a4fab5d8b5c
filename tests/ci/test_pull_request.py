import json
from pathlib import Path

import pytest

from seqbench.ci.pull_request import CommentError, PullRequest, keep_comment, pull_request_of
from tests.support.forge import Forge, forge_api

MARKER = "<!-- seqbench 0123456789abcdef -->"
TEXT = f"{MARKER}\n### seqbench: passed\n"


def place(forge: Forge) -> PullRequest:
    return PullRequest(api=f"{forge.address}/api/v1", repository="owner/project", number=7)


def event(folder: Path, text: str) -> dict[str, str]:
    (folder / "event.json").write_text(text)
    return {
        "GITHUB_API_URL": "https://forge.example/api/v1/",
        "GITHUB_REPOSITORY": "owner/project",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
    }


def test_pull_request_is_that_of_the_event(tmp_path: Path) -> None:
    found = pull_request_of(event(tmp_path, json.dumps({"pull_request": {"number": 7}})))
    assert found == PullRequest(api="https://forge.example/api/v1", repository="owner/project", number=7)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"pull_request": 7}', '{"pull_request": {"number": "7"}}'])
def test_event_without_a_pull_request_has_none(tmp_path: Path, text: str) -> None:
    assert pull_request_of(event(tmp_path, text)) is None


@pytest.mark.parametrize("missing", ["GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_EVENT_PATH"])
def test_variable_that_is_missing_means_no_pull_request(tmp_path: Path, missing: str) -> None:
    assert pull_request_of(event(tmp_path, '{"pull_request": {"number": 7}}') | {missing: ""}) is None


def test_one_comment_is_written_and_then_replaced() -> None:
    with forge_api(Forge()) as forge:
        forge.comments += [{"id": 1, "body": "looks good"}, {"id": 2, "body": f"> {TEXT}"}, {"id": 3, "body": None}]
        keep_comment(place(forge), "secret", TEXT, MARKER)
        keep_comment(place(forge), "secret", TEXT.replace("passed", "slower"), MARKER)

        assert [each["body"] for each in forge.comments[3:]] == [TEXT.replace("passed", "slower")]
        assert forge.comments[0]["body"] == "looks good"
        assert {token for _, _, token in forge.asked} == {"token secret"}


def test_comment_is_found_on_a_later_page() -> None:
    with forge_api(Forge(page_size=2)) as forge:
        forge.comments += [{"id": number, "body": "x"} for number in range(5)]
        keep_comment(place(forge), "secret", TEXT, MARKER)
        keep_comment(place(forge), "secret", TEXT, MARKER)

        assert len(forge.comments) == 6
        assert [method for method, _, _ in forge.asked].count("PATCH") == 1


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_forge_that_refuses_is_an_error_with_its_reason_and_the_fix(status: int) -> None:
    with forge_api(Forge(refusal=status)) as forge, pytest.raises(CommentError) as error:
        keep_comment(place(forge), "secret", TEXT, MARKER)
    assert f"answers {status} Resource not accessible by integration" in error.value.message
    assert ("pull-requests: write" in error.value.fix) == (status != 500)


@pytest.mark.parametrize("text", ["", "<html>", "[]", '{"message": "a\\n::error::b"}'])
def test_refusal_in_any_form_is_one_line(text: str) -> None:
    with forge_api(Forge(refusal=403, refusal_text=text)) as forge, pytest.raises(CommentError) as error:
        keep_comment(place(forge), "secret", TEXT, MARKER)
    assert "answers 403" in error.value.message
    assert "\n" not in error.value.message


def test_redirect_is_not_followed_so_that_the_token_goes_nowhere_else() -> None:
    with forge_api(Forge()) as other, forge_api(Forge(redirect=f"{other.address}/x")) as forge:
        with pytest.raises(CommentError, match="answers 302"):
            keep_comment(place(forge), "secret", TEXT, MARKER)
        assert other.asked == []


@pytest.mark.parametrize("token", ["two\nlines", "umlaut-ä\u20ac"])
def test_token_that_cannot_be_sent_is_an_error_that_does_not_show_it(token: str) -> None:
    with forge_api(Forge()) as forge, pytest.raises(CommentError) as error:
        keep_comment(place(forge), token, TEXT, MARKER)
    assert token not in error.value.message


def test_forge_that_is_not_there_is_an_error() -> None:
    with forge_api(Forge()) as forge:
        gone = place(forge)
    with pytest.raises(CommentError, match="does not answer as expected"):
        keep_comment(gone, "secret", TEXT, MARKER)
