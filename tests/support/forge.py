"""Reads what is written for a runner, and plays the API of a forge."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A workflow command."""

    level: str
    properties: dict[str, str]
    message: str


def outputs_in(text: str) -> dict[str, str]:
    """Read the outputs of a file for GITHUB_OUTPUT."""
    found = {}
    while text:
        match = re.match(r"(?P<name>[\w-]+)<<(?P<end>\S+)\n(?P<value>.*?)\n(?P=end)\n", text, re.DOTALL)
        assert match, text
        found[match["name"]], text = match["value"], text[match.end() :]
    return found


def commands_in(text: str) -> list[Told]:
    """Read lines of workflow commands, each of which is one."""
    found = []
    for line in filter(None, text.split("\n")):
        match = re.fullmatch(r"::(?P<level>\w+)(?: (?P<given>.*?))?::(?P<message>.*)", line)
        assert match, line
        pairs = [each.split("=", 1) for each in (match["given"] or "").split(",") if each]
        properties = {key: _plain(value, "%3A:", "%2C,") for key, value in pairs}
        found.append(Told(level=match["level"], properties=properties, message=_plain(match["message"])))
    return found


def _plain(text: str, *more: str) -> str:
    for each in (*more, "%0D\r", "%0A\n", "%25%"):
        text = text.replace(each[:3], each[3:])
    return text


@dataclass(slots=True, kw_only=True)
class Forge:
    """The comments of one pull request, and what the forge was asked."""

    address: str = ""
    comments: list[dict[str, object]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and token of each request."""
    page_size: int = 1_000
    """GitHub sends so many comments at once."""
    refusal: int = 0
    """The status of the answer to whoever wants to write."""
    refusal_text: str = '{"message": "Resource not accessible by integration"}'
    redirect: str = ""


class _Server(ThreadingHTTPServer):
    """The server of one forge."""

    def __init__(self, forge: Forge) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.forge = forge
        forge.address = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    """Serves the comments of pull request 7 of owner/project."""

    @property
    def _forge(self) -> Forge:
        assert isinstance(self.server, _Server)
        return self.server.forge

    def _answer(self, status: int, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> str:
        self._forge.asked.append((self.command, self.path, self.headers["Authorization"]))
        return self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()

    def do_GET(self) -> None:
        forge = self._forge
        self._body()
        if forge.redirect:
            self._answer(302, "", Location=forge.redirect)
            return
        page = re.search(r"[?&]page=(\d+)", self.path)
        number = int(page[1]) if page else 1
        start, end = (number - 1) * forge.page_size, number * forge.page_size
        here = self.path.partition("?")[0]
        assert here.endswith("/repos/owner/project/issues/7/comments"), here
        more = f'<{forge.address}{here}?per_page=100&page={number + 1}>; rel="next"'
        links = {"Link": more} if end < len(forge.comments) else {}
        self._answer(200, json.dumps(forge.comments[start:end]), **links)

    def do_POST(self) -> None:
        text = self._body()
        assert self.path.endswith("/repos/owner/project/issues/7/comments"), self.path
        if not self._is_refused():
            self._forge.comments.append({"id": 100 + len(self._forge.comments), **json.loads(text)})
            self._answer(201, json.dumps(self._forge.comments[-1]))

    def do_PATCH(self) -> None:
        text = self._body()
        match = re.search(r"/repos/owner/project/issues/comments/(\d+)$", self.path)
        assert match, self.path
        if not self._is_refused():
            (comment,) = (each for each in self._forge.comments if each["id"] == int(match[1]))
            comment.update(json.loads(text))
            self._answer(200, json.dumps(comment))

    def _is_refused(self) -> bool:
        if self._forge.refusal:
            self._answer(self._forge.refusal, self._forge.refusal_text)
        return bool(self._forge.refusal)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def forge_api(forge: Forge) -> Iterator[Forge]:
    """Serve the comments of a pull request on this machine."""
    server = _Server(forge)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
