"""Passages that a model endpoint proposes: what leaves and when, what of a reply is kept, and what
is said where it fails. The endpoint is a server of the test's own; no model is asked."""

from __future__ import annotations

import json
import re
import shlex
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st
from model_endpoint import Served, plainly, said, serving

import offramp
from offramp.api.endpoint import MOST_BYTES, endpoint
from offramp.cli import main
from offramp.sources import proposing
from offramp.sources.cues import KINDS
from offramp.sources.proposing import Proposed, pieces, reasoned, rows_of, sifted
from offramp.sources.quotation import repeated

CASE = "tutorial"
READ = offramp.load(CASE)
TEXT = offramp.source_text(CASE, "tass")
TASS = READ.documents["tass"]
BOUNDS = (TASS.start, TASS.end)
LANDING = "A landing on the islands is possible this spring."
KEY = "sk-abc-DEF-nothing-else"


def row(quotation: object, kind: object = "estimate", reason: object = "a hedge") -> dict[str, Any]:
    return {"quotation": quotation, "kind": kind, "reason": reason}


def proposed(served: Served, **more: Any) -> Proposed:
    return offramp.propose(CASE, "tass", endpoint=served.address, model="m", **more)


def invoke(served: Served | str, *more: str, document: str = "tass", typed: str = "") -> Result:
    address = served if isinstance(served, str) else served.address
    words = ["sources", "propose", CASE, document, "--endpoint", address, "--model", "m", *more]
    return CliRunner().invoke(main, words, input=typed)


def dropped(*rows: Any) -> dict[str, int]:
    kept, lost = sifted(TEXT, BOUNDS, [list(rows)])
    assert kept == ()
    return {d.why: d.count for d in lost}


# ---- what leaves, and when -----------------------------------------------------------------------


@pytest.mark.parametrize("document", ["tass", "ilvane", "quillon"])
def test_what_leaves_is_the_documents_own_text_and_the_kinds_and_nothing_else(
    document: str,
) -> None:
    """Each message to the model is a piece of the text; no word of passages.yaml, of the model or
    of sources.yaml is anywhere in a request."""
    known, text = READ.documents[document], offramp.source_text(CASE, document)
    with serving(said([])) as served:
        offramp.propose(CASE, document, endpoint=served.address, model="m", kinds=["cause"])
    sent = [body["messages"][1]["content"] for body in served.bodies]
    parts = pieces(text, known.start, known.end)
    assert sent == [text[low:high] for low, high in parts]
    for path, head, raw in served.asked:
        body = json.loads(raw)
        assert set(body) == {"model", "messages", "stream"}
        assert [m["role"] for m in body["messages"]] == ["system", "user"]
        asked = body["messages"][0]["content"]
        assert asked == proposing.request("m", "another text", ["cause"])["messages"][0]["content"]
        assert [k for k in KINDS if f'"{k}"' in asked] == ["cause"]
        ours = [p.paraphrase for p in READ.passages.values()]
        ours += [p.sha256 for p in READ.passages.values()]
        ours += [e.title for e in READ.crisis.events] + [
            q.id for q in READ.questions if "_" in q.id
        ]
        ours += [known.sha256, known.file, known.publisher, READ.model_sha256]
        beside = (asked + path + str(head)).casefold()
        assert not [words for words in ours if words.casefold() in beside]
        assert path == "/v1/chat/completions"
        assert "Authorization" not in head


def test_a_long_text_goes_in_pieces_that_end_where_sentences_do() -> None:
    parts = pieces(TEXT, *BOUNDS, most=400)
    whole = pieces(TEXT, *BOUNDS, most=10**6)
    assert len(parts) > 3
    assert all(high - low <= 400 for low, high in parts)
    assert (parts[0][0], parts[-1][1]) == whole[0]
    assert not [1 for a, b in pairwise(parts) if TEXT[a[1] : b[0]].strip()]
    assert all(TEXT[high - 1] in ".?!" for _, high in parts[1:])


def test_nothing_is_sent_before_somebody_has_agreed() -> None:
    with serving(said([row(LANDING)])) as served:
        refused = invoke(served)
        assert served.asked == []
        assert refused.exit_code == 2
        assert "nothing was sent" in refused.stderr
        assert "--yes" in refused.stderr
        assert refused.stdout == ""
        with pytest.raises(offramp.Unanswerable, match="nothing was sent"):
            proposed(served, allow=lambda leaves: False)
        assert served.asked == []
        told: list[tuple[str, int]] = []
        proposed(served, allow=lambda leaves: not told.append((leaves, len(served.asked))))
        assert len(served.asked) == 1
    ((leaves, before),) = told
    assert before == 0
    assert served.host in leaves
    assert f"{sum(high - low for low, high in pieces(TEXT, *BOUNDS)):,} characters" in leaves
    assert TASS.licence in leaves


@pytest.mark.parametrize(("typed", "requests"), [("y\n", 1), ("n\n", 0), ("\n", 0), ("", 0)])
def test_in_a_terminal_it_asks(monkeypatch: pytest.MonkeyPatch, typed: str, requests: int) -> None:
    monkeypatch.setattr("offramp.cli.new_texts.terminal", lambda: True)
    with serving(said([row(LANDING)])) as served:
        shown = invoke(served, typed=typed)
    assert len(served.asked) == requests
    assert shown.exit_code == (0 if requests else 1)
    assert "goes to the model 'm' at 127.0.0.1" in shown.stderr


def test_what_is_wrong_with_the_arguments_is_said_before_anything_is_sent() -> None:
    with serving(said([])) as served:
        for more, words in (
            ({"model": ""}, "model's name"),
            ({"model": "a\nb"}, "model's name"),
            ({"kinds": ["estimat"]}, "did you mean 'estimate'"),
            ({"seconds": 0}, "seconds"),
            ({"seconds": float("nan")}, "seconds"),
            ({"key": " "}, "key"),
            ({"key": "two words"}, "key"),
        ):
            given = {"endpoint": served.address, "model": "m"} | more
            with pytest.raises(offramp.Mistake, match=words):
                offramp.propose(CASE, "tass", **given)
        with pytest.raises(offramp.Unanswerable, match="no document 'tas'"):
            offramp.propose(CASE, "tas", endpoint=served.address, model="m")
    assert served.asked == []


def test_no_other_part_of_offramp_can_send_anything() -> None:
    """The endpoint is the one client; the workbench is a server."""
    clients = re.compile(
        r"^\s*(?:import|from) (?:urllib\.request|urllib import|http|ftplib|smtplib|httpx|requests|"
        r"aiohttp|socket)\b",
        re.M,
    )
    package = Path(offramp.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if clients.search(path.read_text("utf-8"))
    }
    assert found == {"api/endpoint.py", "web/serve.py"}


# ---- where it may go -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "host", "path"),
    [
        ("https://api.example.org/v1", "api.example.org", "/v1/chat/completions"),
        ("https://api.example.org/v1/", "api.example.org", "/v1/chat/completions"),
        ("https://api.example.org:8443", "api.example.org:8443", "/chat/completions"),
        ("HTTPS://h.example/x/chat/completions", "h.example", "/x/chat/completions"),
        ("http://localhost:11434/v1", "localhost:11434", "/v1/chat/completions"),
        ("http://127.0.0.2/v1", "127.0.0.2", "/v1/chat/completions"),
        ("http://[::1]:80/v1", "[::1]:80", "/v1/chat/completions"),
    ],
)
def test_an_address_is_https_or_of_this_machine(address: str, host: str, path: str) -> None:
    found = endpoint(address)
    assert (found.host, found.path) == (host, path)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "not one"),
        ("api.example.org/v1", "neither with https"),
        ("file:///etc/passwd", "neither with https"),
        ("ftp://127.0.0.1/", "neither with https"),
        ("http://api.example.org/v1", "without encryption"),
        ("http://192.168.0.7:11434/v1", "without encryption"),
        ("http://0.0.0.0:11434/v1", "without encryption"),
        ("http://localhost.example.org/v1", "without encryption"),
        ("http://127.0.0.1.example.org/v1", "without encryption"),
        ("http://127.0.0.1\\@evil.example/v1", "a password"),
        ("https://user:secret@api.example.org/v1", "a password"),
        ("https://api.example.org/v1?key=secret", "environment variable"),
        ("https://api.example.org/v1#secret", "environment variable"),
        ("https://api.example.org:port/v1", "cannot|can be read"),
        ("https://api.example.org:99999/v1", "can be read"),
        ("https://[::1/v1", "can be read"),
        ("https:///v1", "names no host"),
        ("https://api.exämple.org/v1", "not one"),
        ("https://api.example.org/v1\r\nHost: evil", "not one"),
        ("https://api.example.org/" + "x" * 3000, "not one"),
    ],
)
def test_any_other_address_is_refused_in_a_sentence(address: str, words: str) -> None:
    with pytest.raises(offramp.Mistake, match=words) as refused:
        endpoint(address)
    assert "secret" not in str(refused.value)
    shown = invoke(address, "--yes")
    assert shown.exit_code == 2
    assert "Invalid value for --endpoint" in shown.stderr


def test_a_redirect_is_not_followed_and_a_proxy_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another host would have got is seen by asking it."""
    with serving(said([row(LANDING)])) as other:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{other.host}")
        for status in (301, 302, 303, 307, 308):
            moved = plainly(b"", status, {"Location": f"{other.address}/chat/completions"})
            with serving(moved) as served:
                with pytest.raises(offramp.Unanswerable, match="another address, which is not"):
                    proposed(served)
                assert len(served.asked) == 1
        assert other.asked == []


# ---- the key -------------------------------------------------------------------------------------


def test_a_key_goes_to_the_endpoint_and_stands_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the endpoint says it again, in every place that it can fill."""
    monkeypatch.setenv("MY_KEY", f"{KEY}\n")
    hostile = {"choices": [{"message": {"content": json.dumps([row(LANDING, reason=KEY)])}}]}
    answers = [
        said([row(LANDING, reason=f"the key is {KEY}"), row(KEY), row(LANDING, kind=KEY)]),
        plainly(json.dumps(hostile | {"model": KEY, "id": KEY}).encode()),
        plainly(KEY.encode()),
        plainly(json.dumps({"error": KEY}).encode()),
        said(KEY),
        *(plainly(KEY.encode(), s, {"Location": KEY, "X": KEY}) for s in (302, 401, 429, 500)),
        lambda handler, body: handler.wfile.write(f"{KEY}\r\n\r\n".encode()),
    ]
    for answer in answers:
        for form in ((), ("--json",)):
            with serving(answer) as served:
                shown = invoke(served, "--yes", "--key-from", "MY_KEY", *form)
            assert served.asked[0][1]["Authorization"] == f"Bearer {KEY}"
            assert KEY not in shown.output + shown.stderr
            assert shown.exit_code in (0, 1)
            assert "with your key" in shown.stderr
    with serving(said([row(LANDING)])) as served:
        assert KEY not in repr(proposed(served, key=KEY))


@pytest.mark.parametrize("given", [KEY, "sk_1234", "", "A=B"])
def test_a_key_in_place_of_a_variables_name_is_not_repeated(given: str) -> None:
    with serving(said([])) as served:
        shown = invoke(served, "--yes", "--key-from", given)
    assert shown.exit_code == 2
    assert "no environment variable of that name" in shown.stderr
    assert not given or given not in shown.stderr
    assert served.asked == []


# ---- what is kept --------------------------------------------------------------------------------


def test_what_a_model_quotes_is_kept_as_a_place_and_marked() -> None:
    with serving(said([row(LANDING, "estimate", "a word of\u202e probability")])) as served:
        found = proposed(served)
    (candidate,) = found.candidates
    assert TEXT[candidate.place.start : candidate.place.end] == candidate.quotation == LANDING
    assert candidate.place.words == "A landing on the islands is"
    assert (candidate.kind, candidate.reason) == ("estimate", "a word of probability")
    touching = [
        p.id
        for p in READ.passages.values()
        if p.document == "tass" and p.start < candidate.place.end and candidate.place.start < p.end
    ]
    assert list(candidate.passages) == touching
    assert found.mark == f"proposed by m at {served.host}, not read by a person"
    assert found.dropped == ()
    assert (found.pieces, found.unread) == (1, 0)


@pytest.mark.parametrize(
    "altered",
    [
        "A landing on the islands is possible this spring!",
        "A landing on the islands was possible this spring.",
        "a landing on the islands is possible this spring.",
        "A  landing on the islands is possible this spring.",
        "A landing\non the islands is possible this spring.",
        "A landing on the islands is … possible this spring.",
        "A landing on the islands is\u00a0possible this spring.",
        "A landіng on the islands is possible this spring.",  # a Cyrillic letter
        "A landing on the islands is possible this spring\u200b.",
        "Landings are possible, at 70%.",
    ],
)
def test_an_altered_quotation_is_dropped_and_counted(altered: str) -> None:
    assert dropped(row(altered)) == {proposing.ALTERED: 1}


def test_other_quotations_that_are_dropped_and_why() -> None:
    assert dropped(row("Kelmark"), row("the")) == {proposing.SEVERAL: 2}
    assert dropped(row("landing on the isl")) == {proposing.CUT: 1}
    assert dropped(row("anding on the islands")) == {proposing.CUT: 1}
    assert dropped(row("2031."), row(""), row(" \n"), row(".")) == {proposing.NO_LETTER: 4}
    assert dropped(row("x" * 3000)) == {proposing.TOO_LONG: 1}
    assert dropped(row("A landing\x1b[31m"), row("\ud800 x")) == {proposing.UNSHOWN: 2}
    strange = [row(LANDING, kind) for kind in ("probability", "70%", 7, None, ["estimate"], "")]
    assert dropped(*strange) == {proposing.NO_KIND: 6}
    rows = [LANDING, 7, None, [LANDING], {"quote": LANDING}, row(7), row([LANDING]), {}]
    assert dropped(*rows) == {proposing.NO_ROW: len(rows)}
    outside = TEXT[: TASS.start].strip() or TEXT[TASS.end :].strip()
    if outside:
        assert dropped(row(outside.split("\n")[0])) == {proposing.ALTERED: 1}


def test_the_same_twice_is_one_and_a_flood_is_cut() -> None:
    kept, lost = sifted(TEXT, BOUNDS, [[row(LANDING)] * 3, [row(LANDING, "cause")] * 300])
    assert [c.kind for c in kept] == ["estimate", "cause"]
    assert {d.why: d.count for d in lost} == {proposing.AGAIN: 201, proposing.TOO_MANY: 100}


def test_an_author_s_own_text_ends_where_the_case_says() -> None:
    """Nothing of the page around it is kept, though it stands in the file."""
    text = "Menu of the site. The navy may well come. Cookies of the site."
    bounds = (18, 41)
    assert text[slice(*bounds)] == "The navy may well come."
    kept, lost = sifted(text, bounds, [[row("The navy may well come."), row("Menu of the site.")]])
    assert [c.quotation for c in kept] == ["The navy may well come."]
    assert lost[0].why == proposing.ALTERED


pieces_of_text = st.builds(
    lambda a, n: TEXT[a : a + n], st.integers(0, len(TEXT)), st.integers(0, 300)
)
strings = st.lists(st.one_of(st.text(), pieces_of_text, pieces_of_text.map(str.upper)), max_size=30)


@given(strings, st.sampled_from(KINDS))
@example([LANDING, f" {LANDING}\n", LANDING[2:]], "estimate")
@settings(max_examples=300, deadline=None)
def test_whatever_a_model_says_a_candidate_is_the_documents_own_slice(
    quoted: list[str], kind: Any
) -> None:
    """And `passages add` takes the words for the same place; and nothing is lost without count."""
    kept, lost = sifted(TEXT, BOUNDS, [[row(q, kind, q) for q in quoted]])
    for c in kept:
        assert TEXT[c.place.start : c.place.end] == c.quotation
        assert c.quotation in [q.strip() for q in quoted]
        assert TASS.start <= c.place.start < c.place.end <= TASS.end
        place = (c.place.start, c.place.end)
        assert offramp.find_passage(READ, "tass", c.quotation) == place
        assert repeated(f"{c.place.words} | {c.reason}", [TEXT]) == []
        assert not any(x.isnumeric() for x in c.reason)
    assert len(kept) + sum(d.count for d in lost) == len(quoted)


# ---- numbers, and other words of the model's -----------------------------------------------------


@pytest.mark.parametrize(
    "reason",
    [
        "a probability of 70",
        "probability 0.7",
        "seventy percent likely",
        "two in three",
        "about half",
        "a THIRD of them",
        "７ of them",
        "½ of it",
        "three-quarters",
        "sev\u200benty",
        "ｓｅｖｅｎｔｙ of them",
        "三 of them",
        "odds of a\u2168",
        "a dozen ships",
        "twofold",
        "a reason of many words that goes on and on before it says at last 70",
    ],
)
def test_a_reason_with_a_number_is_not_kept(reason: str) -> None:
    """The candidate is: its words are the document's."""
    ((kept,), lost) = sifted(TEXT, BOUNDS, [[row(LANDING, reason=reason)]])
    assert kept.reason == ""
    assert lost == ()


def test_a_reason_is_one_plain_line_of_few_words_and_none_of_the_documents() -> None:
    assert reasoned("says\x1b[m what\nthe navy\u2028fears\u202e") == "says [m what the navy fears"
    assert reasoned("a " * 40) == "a a a a a a a a a a a a ..."
    assert len(reasoned("x" * 1999)) < 130
    assert [reasoned(x) for x in (None, 7, 0.7, ["a"], {"a": "b"}, True)] == [""] * 6
    long = " ".join(TEXT[TASS.start :].split()[40:52])
    ((kept,), _) = sifted(TEXT, BOUNDS, [[row(LANDING, reason=long)]])
    assert kept.reason == ""


def test_a_number_beside_a_quotation_goes_nowhere() -> None:
    """Whatever fields a reply adds; all numbers of the result are offsets and counts of ours."""
    wild = row(LANDING) | {"probability": 0.7125, "start": 987654, "end": "987655", "id": "P31337"}
    with serving(said([wild])) as served:
        for form in ((), ("--json",), ("--csv", "candidates")):
            shown = invoke(served, "--yes", *form)
            assert shown.exit_code == 0
            assert not re.search("7125|98765|31337", shown.output)
        made = json.loads(invoke(served, "--yes", "--json").stdout)
    assert set(made["candidates"][0]) == {
        *("start", "end", "words", "kind", "reason", "mark", "passages"),
    }
    assert made["candidates"][0]["mark"].endswith("not read by a person")


# ---- replies of other shapes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([row(LANDING)]),
        f"```json\n{json.dumps([row(LANDING)])}\n```",
        f"<think>A list [] is wanted, 70% sure.</think>\n\n{json.dumps([row(LANDING)])}",
        json.dumps({"passages": [row(LANDING)]}),
    ],
)
def test_a_list_is_read_in_the_dress_that_models_give_it(content: str) -> None:
    assert rows_of(content) == [row(LANDING)]


@pytest.mark.parametrize(
    "content",
    [
        *("", "I cannot help.", "7", "null", '"x"', "{}", "[", "[" * 100_000, "[NaN]"),
        f"[1{'0' * 9999}]",
        '{"a": [], "b": []}',
        f"{json.dumps([row(LANDING)])} and more",
    ],
)
def test_what_is_no_list_is_unread_and_counted(content: str) -> None:
    assert rows_of(content) is None
    with serving(said(content)) as served:
        shown = invoke(served, "--yes")
        assert shown.exit_code == 1
        assert "gave no list of quotations" in shown.stderr


def test_a_piece_without_a_list_does_not_lose_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def mixed(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        piece = json.loads(body)["messages"][1]["content"]
        said([row(LANDING)] if LANDING in piece else "Nothing here.")(handler, body)

    parts = pieces(TEXT, *BOUNDS, most=400)
    monkeypatch.setattr(proposing, "pieces", lambda *where: parts)
    steps: list[tuple[int, int | None]] = []
    with serving(mixed) as served:
        found = proposed(served, progress=lambda *step: steps.append(step))
        shown = invoke(served, "--yes")
    assert [c.quotation for c in found.candidates] == [LANDING]
    assert (found.pieces, found.unread) == (len(parts), len(parts) - 1)
    assert steps == [(k, len(parts)) for k in range(1, len(parts) + 1)]
    assert f"no list of quotations came back for {len(parts) - 1} of {len(parts)}" in shown.stdout


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (plainly(b"<html>hello</html>"), "what is not JSON"),
        (plainly(b""), "what is not JSON"),
        (plainly(b"\xff\xfe"), "what is not JSON"),
        (plainly(b"\x1f\x8b\x08\x00", head={"Content-Encoding": "gzip"}), "what is not JSON"),
        (plainly(b"[" * 100_000), "what is not JSON"),
        (plainly(b"[]"), "no chat completion"),
        (plainly(b"7"), "no chat completion"),
        (plainly(b'{"choices": []}'), "no chat completion"),
        (plainly(b'{"choices": {"0": 1}}'), "no chat completion"),
        (plainly(b'{"choices": [{"message": "x"}]}'), "no chat completion"),
        (plainly(b'{"choices": [{"message": {"content": null}}]}'), "gave no list"),
        (plainly(b'{"choices": [{"message": {"content": [7]}}]}'), "gave no list"),
        (plainly(b"x" * (MOST_BYTES + 1)), "more than 2,000,000 bytes"),
        (plainly(b"no", 400), "does not take this request"),
        (plainly(b"no", 401), "it wants a key"),
        (plainly(b"no", 404), "no such model, or nothing at /v1/chat/completions"),
        (plainly(b"no", 429), "too many requests"),
        (plainly(b"no", 418), "answered 418"),
        (plainly(b"no", 503), "failed on its own side"),
        (lambda handler, body: handler.wfile.write(b"SSH-2.0-x\r\n"), "is not HTTP"),
        (lambda handler, body: None, "ended the connection"),
        (
            lambda handler, body: handler.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
            ),
            "ended the connection",
        ),
    ],
)
def test_what_an_endpoint_may_do_wrong_is_told_in_one_sentence(answer: Any, words: str) -> None:
    with serving(answer) as served:
        shown = invoke(served, "--yes")
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert words in shown.stderr
    _, error = shown.stderr.strip().split("\n")
    assert error.startswith("Error: ")


def test_a_key_that_is_refused_and_one_that_is_missing_are_told_apart() -> None:
    with (
        serving(plainly(b"", 401)) as served,
        pytest.raises(offramp.Unanswerable, match="does not take this key"),
    ):
        proposed(served, key=KEY)


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shown = invoke(f"http://127.0.0.1:{port}/v1", "--yes")
    assert shown.exit_code == 1
    assert "nobody listens at 127.0.0.1" in shown.stderr


def test_no_host_of_that_name() -> None:
    shown = invoke(f"https://{'x' * 70}.invalid/v1", "--yes")
    assert shown.exit_code == 1
    assert "no host is known by the name" in shown.stderr


def test_http_where_https_is_spoken_of_is_told() -> None:
    with serving(said([])) as served:
        shown = invoke(served.address.replace("http", "https"), "--yes")
    assert shown.exit_code == 1
    assert "is not HTTPS" in shown.stderr
    assert served.asked == []


def silent(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    time.sleep(10)


def dripping_head(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n"[:1])
        time.sleep(0.1)


def dripping_body(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.1)


def flooding(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


@pytest.mark.parametrize("slow", [silent, dripping_head, dripping_body, flooding])
def test_an_endpoint_has_so_long_from_the_first_byte_to_the_last(slow: Any) -> None:
    with serving(slow) as served:
        before = time.monotonic()
        with pytest.raises(offramp.Unanswerable, match="did not answer within 1 seconds"):
            proposed(served, seconds=1)
        assert time.monotonic() - before < 8  # of the ten for which they go on
    assert not [t for t in threading.enumerate() if isinstance(t, threading.Timer)]


# ---- the command ---------------------------------------------------------------------------------


def test_a_candidate_is_shown_with_the_command_that_makes_a_passage_of_it(tmp_path: Path) -> None:
    """Which is run here as it is printed: the passage is where the candidate was, and the person's
    own words are the paraphrase. Until then nothing is in the case."""
    text = 'The navy\'s "patrols" may end.\n- A strike is likely.\n'
    (tmp_path / "page.txt").write_text(text, "utf-8")
    folder = tmp_path / "a quarrel"
    told = ["--id", "paper", "--author", "A", "--title", "T", "--publisher", "P"]
    told += ["--date", "2024-03-01", "--dated-by", "printed", "--licence", "CC0"]
    run = CliRunner().invoke
    assert run(main, ["new", str(folder)]).exit_code == 0
    added = run(main, ["sources", "add", str(folder), str(tmp_path / "page.txt"), *told])
    assert added.exit_code == 0, added.stderr
    files = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    rows = [row('The navy\'s "patrols" may end.'), row("- A strike is likely.")]
    with serving(said(rows)) as served:
        words = ["--endpoint", served.address, "--model", "m", "--yes"]
        shown = run(main, ["sources", "propose", str(folder), "paper", *words])
    assert shown.exit_code == 0
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == files
    assert "not read by a person" in shown.stdout
    commands = re.findall(r"^  (offramp passages add .*)$", shown.stdout, re.M)
    assert len(commands) == shown.stdout.count("  proposed, estimate") == 2
    for command, quoted in zip(commands, rows, strict=True):
        _, *arguments = shlex.split(command)
        done = run(main, [*arguments[:2], "--paraphrase", "Perhaps not for ever", *arguments[2:]])
        assert done.exit_code == 0, done.stderr
        start = text.index(quoted["quotation"])
        assert f"characters {start} to {start + len(quoted['quotation'])}" in done.stdout


def test_json_is_the_result_and_holds_no_more_than_six_words_of_the_text() -> None:
    rows = [row(LANDING), row("no such words"), row("Skippers are angry men with loans to pay.")]
    with serving(said(rows)) as served:
        shown = invoke(served, "--yes", "--json")
        assert json.loads(shown.stdout) == offramp.to_dict(proposed(served))
    assert repeated(shown.stdout, [TEXT]) == []
    made = json.loads(shown.stdout)
    assert made["schema"] == "offramp.propose/1"
    assert made["dropped"] == [{"why": proposing.ALTERED, "count": 1}]


def test_what_was_dropped_is_told_and_a_reason_is_no_markup() -> None:
    with serving(said([row("[bold]no[/]"), row(LANDING, reason="[bold]why[/]")])) as served:
        shown = invoke(served, "--yes")
    assert "dropped, 1: stands nowhere in the document byte for byte" in shown.stdout
    assert "[bold]why[/]" in shown.stdout
