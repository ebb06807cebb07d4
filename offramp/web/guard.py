"""What stands before every request: who asks, from where, and how much.

Loopback is no fence: any page that a browser shows can send requests to it, and a name that points
at 127.0.0.1 makes them look like the page's own (DNS rebinding). So the host and the origin must be
ours, a secret that is used once brings a cookie of this process, and what changes something must
come from our own page as JSON. The page itself may load nothing from elsewhere.

The page of a seat in a game stands before somebody who may see that seat and nothing else: its
addresses want no cookie, are told no cookie, and lead to what their own secret is for.
"""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENTRY = "/-/in"  # where the address with the secret leads
COOKIE = "offramp-{port}"  # cookies know no ports: two workbenches must not share one
MOST = 2_000_000  # bytes of a request's body
MOST_FILE = 41_000_000  # of the one that brings a document: 30 MB as base64, and what is said of it
_FILE = re.compile(r"/api/c/[^/]+/document")
MOST_SEAT = 20_000  # of what a seat answers
SEATS = ("/seat/", "/api/seat/")  # whose addresses have a secret of their own (`seating`)
SAFE = {"GET", "HEAD"}
FAULT = "this went wrong by a fault of Offramp's; the terminal that serves it says more"

log = logging.getLogger("offramp.web")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
CSP = "content-security-policy"
# A document that our page shows in a frame: nothing runs in it, and it loads and sends nothing. Its
# own style sheets are named by their hashes.
_PAPER = re.compile(r"/api/c/[^/]+/paper/[^/]+")
FRAMED = (
    "default-src 'none'; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
HEADERS = {
    CSP: POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


@dataclass
class Keys:
    """The secret of the first address, gone once it was used, and the cookie that it brings."""

    token: str | None = field(default_factory=lambda: secrets.token_urlsafe(24))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def used(self, given: str) -> bool:
        """Whether the secret is right; it is not right a second time."""
        right = self.token is not None and same(given, self.token)
        if right:
            self.token = None
        return right


class Guard:
    """Lets a request through to the pages behind it, or says why not."""

    def __init__(
        self, app: ASGIApp, keys: Keys, port: int, loaded: frozenset[str] = frozenset()
    ) -> None:
        """`loaded`: the files that the page of a seat loads, which has no cookie of ours."""
        self.app, self.keys, self.cookie = app, keys, COOKIE.format(port=port)
        self.loaded = loaded
        names = ("127.0.0.1", "localhost")
        self.hosts = {f"{name}:{port}" for name in names}
        if port == 80:  # which browsers leave out
            self.hosts |= set(names)
        self.origins = {f"http://{host}" for host in self.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":  # there are none
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return

        begun = False

        async def out(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(raw=message["headers"])
                framed = headers.get(CSP) if _PAPER.fullmatch(scope["path"]) else None
                for name, value in HEADERS.items():
                    headers[name] = value
                headers[CSP] = framed or POLICY
                message["headers"] = headers.raw
            await send(message)

        try:
            answer = self.judged(scope)
            if answer is not None:
                await answer(scope, receive, out)
            else:
                await self.app(scope, _bounded(receive, _most(scope)), out)
        except Exception:  # a fault of ours: its traceback is for the terminal alone
            log.exception("a request failed")
            if not begun:
                await _refused(500, FAULT)(scope, receive, out)

    def judged(self, scope: Scope) -> Response | None:
        """What is said instead of an answer; None where the request is in order."""
        headers = _headers(scope)
        if headers is None:
            return _refused(400, "a header stands twice that may stand once")
        if headers.get("host") not in self.hosts:
            return _refused(421, "this server answers to its own address alone")
        if "origin" in headers and headers["origin"] not in self.origins:
            return _refused(403, "another site asked")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            # A link from elsewhere may open the page; nothing else is given to other sites.
            opens = scope["method"] in SAFE and headers.get("sec-fetch-mode") == "navigate"
            page = headers.get("sec-fetch-dest") == "document" and not _asks(scope["path"])
            if not (opens and page):
                return _refused(403, "another site asked")
        if scope["path"] == ENTRY:
            return self.entered(scope)
        if not (scope["path"].startswith(SEATS) or scope["path"] in self.loaded):
            cookies = _cookies(headers.get("cookie", ""), self.cookie)
            if not any(same(value, self.keys.session) for value in cookies):
                return _refused(401, "open the address that `offramp` printed when it started")
        if scope["method"] not in SAFE:
            return _changing(scope, headers)
        if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
            return _refused(400, f"a {scope['method']} has no body")
        return None

    def entered(self, scope: Scope) -> Response:
        query = parse_qs(scope["query_string"].decode("ascii", "replace"))
        if scope["method"] != "GET" or not self.keys.used(query.get("token", [""])[0]):
            return _refused(
                401,
                "this address was used already: go back to the open page, or start `offramp` again",
            )
        to = query.get("to", ["/"])[0]
        answer = RedirectResponse(to if _own_path(to) else "/", 303)
        answer.set_cookie(self.cookie, self.keys.session, httponly=True, samesite="strict")
        return answer


def _own_path(to: str) -> bool:
    """Whether it is a path of this server, and no way to another."""
    return to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()


def _headers(scope: Scope) -> dict[str, str] | None:
    """The headers by name; None where one that decides something stands twice."""
    once = {"host", "origin", "content-type", "content-length", "sec-fetch-site", "cookie"}
    out = dict[str, str]()
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").lower()
        if name in once and name in out:
            return None
        out[name] = value.decode("latin-1")
    return out


def _asks(path: str) -> bool:
    """Whether it is asked of the server, and not the page itself."""
    return path.startswith("/api/")


def _cookies(header: str, name: str) -> list[str]:
    """The values of the cookies of this name. Other programs on this machine set cookies for the
    same host, in any spelling, and must not keep ours from being found."""
    pairs = (part.partition("=") for part in header.split(";"))
    return [value.strip() for found, _, value in pairs if found.strip() == name]


def same(given: str, secret: str) -> bool:
    """Whether they are the same, in a time that does not tell how far they are."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), secret.encode("utf-8"))


def _changing(scope: Scope, headers: dict[str, str]) -> Response | None:
    """What is wrong with a request that changes something, or runs something."""
    if scope["method"] not in ("POST", "DELETE"):
        return _refused(405, "GET, POST and DELETE are all that is asked here")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return _refused(403, "another site asked")
    if "origin" not in headers and "sec-fetch-site" not in headers:
        return _refused(403, "it is not told which page asked")
    if headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return _refused(415, "send JSON, as `content-type: application/json`")
    length = headers.get("content-length", "0")
    most = _most(scope)
    if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > most:
        return _refused(413, f"more than {most:,} bytes")
    return None


def _most(scope: Scope) -> int:
    """How many bytes the body of a request may have."""
    if scope["path"].startswith(SEATS):
        return MOST_SEAT
    return MOST_FILE if _FILE.fullmatch(scope["path"]) else MOST


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(why + "\n", status)


class TooLong(Exception):
    """A body without a length that goes on beyond the limit."""


def _bounded(receive: Receive, most: int) -> Receive:
    """The request's body, cut off where it is too long."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise TooLong
        return message

    return bounded
