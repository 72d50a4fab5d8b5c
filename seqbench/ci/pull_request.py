"""Keep one comment on a pull request up to date, by the API that GitHub and Forgejo have in common."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from seqbench.errors import SeqbenchError
from seqbench.text import printable

_TIMEOUT_S = 60.0
_LIMIT_BYTES = 64 << 20
_SHOWN_CHARACTERS = 300
_MOST_PAGES = 100
_FORBIDDEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_FIX = (
    "give the token the right to write comments: `permissions: pull-requests: write` on GitHub; a pull request from a "
    "fork may only read"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request, and the address of the API of its forge: https://api.github.com or https://FORGE/api/v1."""

    api: str
    repository: str
    number: int

    @property
    def comments(self) -> str:
        """Return the address of its comments."""
        return f"{self.api}/repos/{urllib.parse.quote(self.repository)}/issues/{self.number}/comments"

    def comment_address(self, ident: int) -> str:
        """Return the address of one comment."""
        return f"{self.api}/repos/{urllib.parse.quote(self.repository)}/issues/comments/{ident}"


class CommentError(SeqbenchError):
    """A comment could not be written."""


def pull_request_of(environment: Mapping[str, str]) -> PullRequest | None:
    """Return the pull request that a workflow runs for; None if it runs for something else."""
    api, repository = environment.get("GITHUB_API_URL", "").rstrip("/"), environment.get("GITHUB_REPOSITORY", "")
    try:
        event = json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_bytes())
        number = event["pull_request"]["number"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if not re.match("https?://", api) or not repository or not isinstance(number, int):
        return None
    return PullRequest(api=api, repository=repository, number=number)


def keep_comment(place: PullRequest, token: str, text: str, marker: str) -> None:
    """Replace the comment that begins with the marker, or write it if there is none.

    Raises
    ------
    CommentError
        The forge does not allow it, or does not answer.
    """
    if not re.fullmatch("[!-~]+", token):
        raise CommentError(
            f"{_what(place)}: the token has a character that no token has", "set `token` to a token alone"
        )
    try:
        ident = next(
            (each["id"] for each in _comments(place, token) if str(each.get("body", "")).startswith(marker)), None
        )
        body = {"body": printable(text)}
        if ident is None:
            _ask("POST", place.comments, token, body)
        else:
            _ask("PATCH", place.comment_address(ident), token, body)
    except urllib.error.HTTPError as error:
        fix = _FIX if error.code in _FORBIDDEN else ""
        raise CommentError(f"{_what(place)}: the forge answers {error.code} {_reason(error)}", fix) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise CommentError(f"{_what(place)}: {place.api} does not answer as expected: {reason}") from error


def _what(place: PullRequest) -> str:
    return f"no comment on pull request {place.number}"


def _reason(error: urllib.error.HTTPError) -> str:
    """Return what the forge says about an error, on one line."""
    try:
        said = str(json.loads(error.read(_LIMIT_BYTES))["message"])
    except (OSError, ValueError, LookupError, TypeError):
        said = HTTPStatus(error.code).phrase if error.code in set(HTTPStatus) else ""
    return " ".join(said.split())[:_SHOWN_CHARACTERS]


def _comments(place: PullRequest, token: str) -> Iterator[dict[str, Any]]:
    """Read all comments; Forgejo sends them at once, GitHub a hundred at a time and the address of the next ones."""
    address = f"{place.comments}?per_page=100"
    for _ in range(_MOST_PAGES):
        found, links = _ask("GET", address, token)
        yield from found
        following = re.search(r'<([^<>]+)>;\s*rel="next"', links)
        if following is None or not following[1].startswith(f"{place.api}/"):
            return
        address = following[1]


def _ask(method: str, address: str, token: str, body: object = None) -> tuple[Any, str]:
    """Send one request, and return the answer and its links to further pages."""
    request = urllib.request.Request(  # noqa: S310 - an address of the API, which begins with http
        address,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {token}", "Accept": "application/json", "Content-Type": "application/json"},
    )
    with _OPENER.open(request, timeout=_TIMEOUT_S) as answer:
        return json.loads(answer.read(_LIMIT_BYTES)), answer.headers.get("Link", "")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes a redirect an error, because the token would go with it to another host."""

    def redirect_request(self, *_request: Any) -> None:  # noqa: ANN401 - as in the class above
        """Return nothing: the answer becomes an HTTPError."""


_OPENER = urllib.request.build_opener(_NoRedirect)
