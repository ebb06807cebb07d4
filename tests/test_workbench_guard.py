"""What stands before the workbench: hostile requests, each sent to a real server byte by byte, and
what it says to them. Whatever it says has the headers that keep a page at home, and no path."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hostile_case import write_hostile
from test_blocks import needs_numba
from workbench import NOT_TOLD, PAGE, Answer, Header, Served, page_in, parsed, serving

from offramp.web.guard import ENTRY, MOST, MOST_FILE, POLICY, Guard, Keys

pytestmark = needs_numba
EVIL = "http://evil.example"
CASES = "/api/cases"
WHATIF = "/api/c/tutorial/whatif"
JSON = ("Content-Type", "application/json")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with page_in(tmp_path_factory.mktemp("page")), serving("tutorial") as served:
        yield served


def sound(answer: Answer) -> Answer:
    """The answer, which has the headers of every answer, and tells nothing of this machine."""
    assert answer.guarded, answer
    assert not [words for words in NOT_TOLD if words.encode() in answer.body]
    return answer


# ---- who asks ------------------------------------------------------------------------------------


def test_our_own_page_is_answered(own: Served) -> None:
    assert sound(own.ask(CASES)).json["cases"][0]["id"] == "tutorial"
    assert sound(own.ask("/")).body == PAGE
    assert sound(own.ask("/c/tutorial/forecast")).body == PAGE
    assert sound(own.ask("/assets/page.js")).body == b"run()"
    assert sound(own.ask("/licences")).status == 200
    local = [("Host", f"localhost:{own.port}"), own.cookie]
    assert sound(own.raw("GET", CASES, local)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "localhost.evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "127.0.0.1:{port}@evil.example",
        "evil.example@127.0.0.1:{port}",
        "127.0.0.1:{port}.",
        "localhost.:{port}",
        "127.0.0.1:0{port}",
        "127.1:{port}",
        "2130706433:{port}",
        "0.0.0.0:{port}",
        "[::1]:{port}",
        "127.0.0.1:{port}, evil.example",
        "",
    ],
)
def test_a_foreign_host_is_misdirected(own: Served, host: str) -> None:
    """A name of theirs that points at this machine makes their page look like ours."""
    found = own.raw("GET", CASES, [("Host", host.format(port=own.port)), own.cookie])
    assert sound(found).status == 421


def test_a_request_without_a_host_is_refused(own: Served) -> None:
    assert own.raw("GET", CASES, [own.cookie]).status == 400  # by the parser, before the guard
    old = f"GET {CASES} HTTP/1.0\r\n{': '.join(own.cookie)}\r\n\r\n"
    assert sound(own.bytes(old.encode())).status == 421


@pytest.mark.parametrize("twice", ["Host", "Cookie", "Origin", "Content-Type", "Sec-Fetch-Site"])
def test_a_header_that_decides_stands_once(own: Served, twice: str) -> None:
    values = {
        "Host": own.host[1],
        "Cookie": own.cookie[1],
        "Origin": own.origin[1],
        "Content-Type": "application/json",
        "Sec-Fetch-Site": "same-origin",
    }
    found = own.raw("GET", CASES, [*values.items(), (twice, values[twice])])
    assert found.status == 400


@pytest.mark.parametrize(
    "target", [f"http://evil.example{CASES}", "http://evil.example/", "*", "evil.example:80"]
)
def test_another_form_of_address_leads_nowhere(own: Served, target: str) -> None:
    assert sound(own.ask(target)).status == 404


@pytest.mark.parametrize("origin", [EVIL, "null", "", "http://127.0.0.1:1", "https://127.0.0.1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_origin_is_refused(own: Served, origin: str, method: str) -> None:
    more = [("Origin", origin), JSON, ("Content-Length", "0")]
    assert sound(own.ask(CASES, *more, method=method)).status == 403


FROM_ELSEWHERE = [
    ("cross-site", "cors", "empty"),
    ("same-site", "cors", "empty"),  # another port of this machine
    ("cross-site", "no-cors", "image"),
    ("cross-site", "no-cors", "script"),
    ("cross-site", "navigate", "iframe"),
    ("cross-site", "navigate", "embed"),
    ("nonsense", "cors", "empty"),
    ("", "", ""),
]


def fetched(how: tuple[str, str, str]) -> list[Header]:
    """What a browser tells of how it came to ask."""
    return list(zip(("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"), how, strict=True))


@pytest.mark.parametrize("how", FROM_ELSEWHERE)
@pytest.mark.parametrize("target", ["/", CASES, "/assets/page.js", ENTRY])
def test_another_site_gets_nothing(own: Served, how: tuple[str, str, str], target: str) -> None:
    assert sound(own.ask(target, *fetched(how))).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_from_elsewhere_opens_the_page_alone(own: Served, site: str) -> None:
    """Not what the page asks for: a link could start runs."""
    link = fetched((site, "navigate", "document"))
    assert sound(own.ask("/c/tutorial/forecast", *link)).status == 200
    assert sound(own.raw("GET", "/", [own.host, *link])).status == 401
    for target in (CASES, "/api/c/tutorial/study/why?question=war", "/api/c/tutorial/worlds"):
        assert sound(own.ask(target, *link)).status == 403
    assert sound(own.ask("/", *link, JSON, method="POST")).status == 403


# ---- the secret and the cookie -------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/", CASES, "/assets/page.js", "/licences", "/nothing", WHATIF])
def test_without_a_cookie_there_is_nothing(own: Served, target: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE"):
        found = own.raw(method, target, [own.host, own.origin, JSON])
        assert sound(found).status == 401


@pytest.mark.parametrize(
    "cookie",
    [
        "offramp-{port}=wrong",
        "offramp-{port}=",
        "offramp-{port}",
        "offramp-{port}={session}x",
        "offramp-1={session}",
        "offramp={session}",
        "{session}",
        "offramp-{port}=\xe9\xff",
        'offramp-{port}="\\351"',
        "=;=;;; ;",
        "x" * 5000,
    ],
)
def test_a_wrong_cookie_is_none(own: Served, cookie: str) -> None:
    value = cookie.format(port=own.port, session=own.keys.session)
    assert sound(own.raw("GET", CASES, [own.host, ("Cookie", value)])).status == 401


@pytest.mark.parametrize(
    "others", ['a="', "a=[1,2]; {}", "\xe9=\xff", "a b=c", "offramp-PORT=old", ";;", "$Version=1"]
)
def test_cookies_of_other_programs_do_not_hide_ours(own: Served, others: str) -> None:
    """Cookies know no ports, so a browser sends those of whatever else runs here."""
    value = f"{others.replace('PORT', str(own.port))}; {own.cookie[1]}; b=1"
    assert sound(own.raw("GET", CASES, [own.host, ("Cookie", value)])).status == 200


def test_the_secret_opens_once() -> None:
    with serving() as served:
        address = f"{ENTRY}?token={served.keys.token}&to=/c/tutorial/forecast"
        first = sound(served.raw("GET", address, [served.host]))
        assert (first.status, first.header("location")) == (303, "/c/tutorial/forecast")
        cookie, *attributes = first.header("set-cookie").split("; ")
        assert cookie == served.cookie[1]
        assert {a.lower() for a in attributes} == {"httponly", "path=/", "samesite=strict"}
        again = sound(served.raw("GET", address, [served.host]))
        assert (again.status, again.header("set-cookie")) == (401, "")
        assert sound(served.ask(CASES)).status == 200


@pytest.mark.parametrize(
    "query", ["", "?token=", "?token=wrong", "?token=%C3%A9", "?token=%00", "?token=%FF", "?to=/"]
)
def test_a_wrong_secret_opens_nothing(own: Served, query: str) -> None:
    found = sound(own.raw("GET", f"{ENTRY}{query}", [own.host]))
    assert (found.status, found.header("set-cookie")) == (401, "")


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "PUT"])
def test_only_a_visit_uses_the_secret_up(method: str) -> None:
    with serving() as served:
        address = f"{ENTRY}?token={served.keys.token}"
        found = sound(served.raw(method, address, [served.host]))
        assert (found.status, found.header("set-cookie")) == (401, "")
        assert served.raw("GET", address, [served.host]).status == 303


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example"])
def test_a_foreign_host_does_not_use_the_secret_up(host: str) -> None:
    with serving() as served:
        address = f"{ENTRY}?token={served.keys.token}"
        assert sound(served.raw("GET", address, [("Host", host)])).status == 421
        assert served.raw("GET", address, [served.host]).status == 303


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "/x\r\n\r\n<script>alert(1)</script>",
        "/\x00",
        "",
        "evil.example",
    ],
)
def test_the_way_in_leads_to_a_page_of_ours(to: str) -> None:
    with serving() as served:
        address = f"{ENTRY}?token={served.keys.token}&to={quote(to, safe='')}"
        found = sound(served.raw("GET", address, [served.host]))
        assert (found.status, found.header("location")) == (303, "/")
        assert [name for name, _ in found.headers].count("set-cookie") == 1
        assert found.body == b""


def test_two_servers_know_different_cookies() -> None:
    """Two workbenches in one browser do not log each other out."""
    with serving() as a, serving() as b:
        both = ("Cookie", f"{a.cookie[1]}; {b.cookie[1]}")
        assert a.raw("GET", CASES, [a.host, both]).status == 200
        assert b.raw("GET", CASES, [b.host, both]).status == 200
        assert a.raw("GET", CASES, [a.host, b.cookie]).status == 401


def test_the_secret_stands_nowhere_later(own: Served) -> None:
    keys = own.keys
    assert keys.token is not None
    for target in ("/", CASES, "/api/c/tutorial", "/api/c/nothing", "/nothing"):
        found = own.ask(target)
        everything = repr(found)
        assert keys.token not in everything
        assert keys.session not in everything


def test_the_usual_port_is_left_out_by_browsers() -> None:
    guard = Guard(nobody, Keys(), 80)
    assert {"127.0.0.1", "localhost:80"} < guard.hosts
    assert "http://localhost" in guard.origins


async def nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("it went through")


# ---- what changes or runs something --------------------------------------------------------------


def test_what_is_sent_says_which_page_sent_it(own: Served) -> None:
    body = b'{"do": {}}'
    sent = [JSON, ("Content-Length", str(len(body)))]
    assert sound(own.ask(WHATIF, *sent, method="POST", body=body)).status == 403
    for told in (own.origin, ("Sec-Fetch-Site", "same-origin")):
        assert own.ask(WHATIF, told, *sent, method="POST", body=body).status == 200
    typed = ("Sec-Fetch-Site", "none")
    assert sound(own.ask(WHATIF, typed, *sent, method="POST", body=body)).status == 403


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json", None],
)
def test_what_is_sent_is_json(own: Served, kind: str | None) -> None:
    """What a form of another site could send is none."""
    more = [own.origin, *([] if kind is None else [("Content-Type", kind)])]
    found = own.ask(WHATIF, *more, ("Content-Length", "2"), method="POST", body=b"{}")
    assert sound(found).status == 415


@pytest.mark.parametrize(
    "method", ["OPTIONS", "TRACE", "PUT", "PATCH", "PROPFIND", "CONNECT", "get", "X"]
)
def test_an_odd_method_is_refused(own: Served, method: str) -> None:
    """No answer allows other sites anything (CORS)."""
    for target in ("/", CASES, WHATIF):
        found = sound(own.ask(target, own.origin, JSON, method=method))
        assert found.status == 405
        assert not [name for name, _ in found.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("target", ["/", CASES, "/api/c/tutorial/worlds"])
def test_what_is_only_read_takes_nothing(own: Served, method: str, target: str) -> None:
    assert sound(own.ask(target, own.origin, JSON, method=method)).status == 405


def test_a_socket_is_not_opened(own: Served) -> None:
    upgrade = [("Upgrade", "websocket"), ("Sec-WebSocket-Key", "x" * 24)]
    assert sound(own.ask("/api/socket", *upgrade, ("Sec-WebSocket-Version", "13"))).status == 404


# ---- bodies and heads ----------------------------------------------------------------------------


def chunked(size: int) -> bytes:
    part = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    return part * (size // 0x10000 + 1) + b"0\r\n\r\n"


@pytest.mark.parametrize("length", [MOST + 1, 10**9, 10**19])
def test_a_body_that_is_too_long_is_not_read(own: Served, length: int) -> None:
    """It is refused before it has come."""
    more = [own.origin, JSON, ("Content-Length", str(length))]
    assert sound(own.ask(WHATIF, *more, method="POST")).status == 413


def test_a_body_that_does_not_tell_its_length_is_cut_off(own: Served) -> None:
    more = [own.origin, JSON, ("Transfer-Encoding", "chunked")]
    found = own.ask(WHATIF, *more, method="POST", body=chunked(MOST))
    assert sound(found).status == 413


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/c/tutorial/document", MOST_FILE),
        ("/api/c/nothing/document", MOST_FILE),
        ("/api/c/tutorial/write", MOST),
        ("/api/c/tutorial/document/", MOST),
        ("/api/c/tutorial/x/document", MOST),
        ("/api/c/tutorial%2fx/document", MOST),
        ("/api/c/tutorial/documents", MOST),
        ("/api/c//document", MOST),
        ("/document", MOST),
    ],
)
def test_a_document_alone_may_be_longer(own: Served, path: str, most: int) -> None:
    def answer(length: int) -> int:
        more = [own.origin, JSON, ("Content-Length", str(length))]
        return sound(own.ask(path, *more, method="POST", body=b" " * 9)).status

    assert answer(most + 1) == 413
    if most == MOST_FILE:  # nothing of it is waited for: it is not ours to change, or not open
        assert answer(most) in (403, 404)


def test_a_document_that_does_not_tell_its_length_is_cut_off(tmp_path: Path) -> None:
    with serving(str(write_hostile(tmp_path / "case"))) as own:
        more = [own.origin, JSON, ("Transfer-Encoding", "chunked")]
        found = own.ask("/api/c/case/document", *more, method="POST", body=chunked(MOST_FILE))
        assert sound(found).status == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "1" * 5000, "\xb2", "+5", "1, 2"])
def test_a_length_that_is_none_is_refused(own: Served, length: str) -> None:
    more = [own.origin, JSON, ("Content-Length", length)]
    assert own.ask(WHATIF, *more, method="POST").status == 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_only_asked_has_no_body(own: Served, method: str) -> None:
    study = "/api/c/tutorial/study/coverage"
    for more in (("Content-Length", "5"), ("Transfer-Encoding", "chunked")):
        assert sound(own.ask(study, more, method=method, body=b"5\r\nhello")).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"do=1",
        b"\xff\xfe",
        b"\x00",
        b'{"do": NaN}',
        b'{"do": {}, "worlds": Infinity}',
        b'{"do": {"never": ["\\ud800"]}}',
        b'{"do": ' + b"1" * 5000 + b"}",
        b"[" * 100_000,
        b'{"do": ' * 50_000,
        b'{"a": ' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_a_body_that_is_no_json(own: Served, body: bytes) -> None:
    assert sound(own.post(WHATIF, body)).status == 400


@pytest.mark.parametrize(
    "value",
    [
        [],
        1,
        None,
        "do",
        {},
        {"do": []},
        {"do": None},
        {"do": {}, "worlds": "9"},
        {"do": {}, "worlds": 9.5},
        {"do": {}, "worlds": True},
        {"do": {}, "seed": -1},
        {"do": {}, "seed": 10**30},
    ],
)
def test_a_body_of_another_shape(own: Served, value: object) -> None:
    assert sound(own.post(WHATIF, value)).status == 422


def test_a_head_that_is_too_long_is_refused(own: Served) -> None:
    """By the parser, before there is a request; the server goes on."""
    for long in (("X-Long", "x" * 200_000), ("Cookie", "y" * 200_000)):
        assert own.ask(CASES, long).status == 400
    assert own.ask(f"/c/{'x' * 200_000}").status == 400
    many = [(f"X-{k}", "x") for k in range(20_000)]
    assert own.ask(CASES, *many).status == 400
    assert own.ask(CASES).status == 200


@pytest.mark.parametrize(
    "content",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # somebody speaks TLS
        b"\r\n\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(own: Served, content: bytes) -> None:
    with own.connected() as s:
        s.sendall(content)
        s.shutdown(1)
        found = b""
        while part := s.recv(65536):
            found += part
    if found:
        assert parsed(found).status in (400, 421)
    assert own.ask(CASES).status == 200


# ---- names and paths -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "../../secret.txt",
        "..%2f..%2fsecret.txt",
        "%2e%2e/%2e%2e/secret.txt",
        "%2e%2e%2f%2e%2e%2fsecret.txt",
        "..%252f..%252fsecret.txt",
        "%252e%252e/%252e%252e/secret.txt",
        "..\\..\\secret.txt",
        "..%5c..%5csecret.txt",
        "page.js/../../../secret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "//etc/passwd",
        "page.js%00",
        "page.js%00.html",
        "%00",
        ".",
        "",
        "%ff",
        "%",
        "x" * 5000,
        "../index.html",
        "%2e%2e/index.html",
    ],
)
def test_only_the_files_of_the_page_are_given(own: Served, path: str) -> None:
    found = sound(own.ask(f"/assets/{path}"))
    assert found.status in (400, 404, 405)
    assert b"nobody may read" not in found.body


@pytest.mark.skipif(not hasattr(Path, "symlink_to"), reason="pipes and signals of POSIX")
def test_a_link_out_of_the_page_is_not_followed(tmp_path: Path) -> None:
    with page_in(tmp_path) as folder, serving() as served:
        (folder / "static" / "assets" / "link.js").symlink_to(folder / "secret.txt")
        assert sound(served.ask("/assets/link.js")).status == 404


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e",
        "../tutorial",
        "..%2ftutorial",
        "..%2f..%2f..%2f..%2fetc",
        "%2e%2e%2fcases%2ftutorial",
        ".%2ftutorial",
        "tutorial%2f",
        "tutorial%00",
        "tutorial%20",
        "TUTORIAL",
        "quarantine",
        "%2fetc%2fpasswd",
        "C:%5cx",
        "%ff%fe",
        "__class__",
        "%3Cscript%3Ealert(1)%3C%2fscript%3E",
        "x" * 10_000,
    ],
)
def test_a_case_is_looked_up_and_never_joined_to_a_path(own: Served, name: str) -> None:
    for rest in ("", "/passages", "/worlds?kept", "/study/coverage"):
        found = sound(own.ask(f"/api/c/{name}{rest}"))
        assert found.status == 404
        assert len(found.body) < 500
        assert found.header("content-type") in ("application/json", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("worlds?n=0", 422),
        ("worlds?n=-1", 422),
        ("worlds?n=1000000000", 422),
        ("worlds?n=20001", 422),
        ("worlds?n=1e9", 422),
        ("worlds?n=", 422),
        ("worlds?n=%C2%B2", 422),
        ("worlds?n=%D9%A3", 422),
        ("worlds?seed=-1", 422),
        ("worlds?seed=1.5", 422),
        ("worlds?as=nobody", 422),
        ("worlds?as=..%2f..%2fx", 422),
        ("story/x", 422),
        ("story/-1", 422),
        ("story/" + "9" * 5000, 422),
        ("story/1000000", 404),
        ("story/1?seed=x", 422),
        ("grounds/nothing", 422),
        ("grounds/%00", 422),
        ("study/nothing", 404),
        ("study/__import__", 404),
        ("study/%2e%2e", 404),
        ("nothing", 404),
        ("whatif", 405),
    ],
)
def test_what_does_not_fit_is_refused_in_words(own: Served, target: str, status: int) -> None:
    found = sound(own.ask(f"/api/c/tutorial/{target}"))
    assert found.status == status
    if status == 422:
        assert found.json["refused"]


# ---- faults of ours ------------------------------------------------------------------------------


def test_a_fault_of_ours_tells_the_page_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("tutorial") as served:

        def fails(name: str) -> None:
            raise ZeroDivisionError(f"in {Path.home()}/secret")

        monkeypatch.setattr(served.desk, "case", fails)
        with caplog.at_level(logging.ERROR, "offramp.web"):
            found = sound(served.ask("/api/c/tutorial"))
    assert found.status == 500
    assert "fault" in found.json["refused"]
    (record,) = caplog.records
    assert record.exc_info is not None


def test_a_page_that_is_gone_is_said(tmp_path: Path) -> None:
    with page_in(tmp_path) as folder, serving() as served:
        (folder / "static" / "index.html").unlink()
        found = sound(served.ask("/"))
        assert found.status == 404
        assert b"install" in found.body
        lost = sound(served.ask("/nosuch"))
        assert (lost.status, lost.header("content-type")) == (404, "text/plain; charset=utf-8")
        assert b"/ has the cases that are open" in lost.body


def test_the_page_may_load_nothing_from_elsewhere() -> None:
    """Nor may it be framed, nor run what stands in a text."""
    rules = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert "http" not in POLICY
    assert "unsafe" not in POLICY
