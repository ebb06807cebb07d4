"""The screen "Desk": each kind of document is made in the browser, and is the library's own."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import CliRunner
from test_blocks import needs_numba
from test_workbench_page import (
    CASES,
    WAIT,
    Opened,
    Watched,
    bench,
    browser,
    opened,
    playwright,
    pytestmark,
    serving,
    taken,
    watched,
)
from test_workbench_reader import axe_finds_nothing
from workbench import serving as served_here

import offramp
from offramp.cli import main
from offramp.web import making
from offramp.web.desk import PAPERS, Desk
from offramp.web.guard import CSP, HEADERS

__all__ = ["bench", "browser", "opened", "watched"]
pytestmark = [*pytestmark, needs_numba]
expect = playwright.expect
DAY = "2031-04-10"


def made(page: Any) -> Any:
    """The frame with the document, once it is made."""
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("iframe")).to_be_visible(timeout=WAIT)
    return page.frame_locator("iframe")


def shown(page: Any) -> bytes:
    """What the frame shows, as the server has it."""
    address = page.locator("iframe").get_attribute("src")
    root = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    answer = page.request.get(f"{root}{address}")
    assert answer.ok
    return bytes(answer.body())


KINDS: dict[str, tuple[str, Any]] = {
    "today": (
        f"on={DAY}&as=tass&worlds=128",
        lambda: offramp.today("tutorial", as_of=DAY, assessment="tass", worlds=128),
    ),
    "watch": (
        "q=blockade&as=ilvane&worlds=128",
        lambda: offramp.watch("tutorial", "blockade", assessment="ilvane", worlds=128),
    ),
    "evidence": (
        f"on={DAY}&by=tass,ilvane&worlds=128",
        lambda: offramp.evidence("tutorial", "tass", "ilvane", as_of=DAY, worlds=128),
    ),
    "assumptions": (
        "q=war&worlds=128&s=7",
        lambda: offramp.assumptions("tutorial", "war", worlds=128, seed=7),
    ),
    "scenarios": ("worlds=200", None),  # the command's are the library's: test_leaflets.py
    "page": ("quick=1&worlds=128", lambda: offramp.essentials("tutorial", quick=True, worlds=128)),
    "brief": ("quick=1&worlds=64", None),  # made twice is enough
    "handout": ("", lambda: None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_document_is_the_library_s_and_the_command_s(
    opened: Opened, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query, found = KINDS[kind]
    page = opened(f"/c/tutorial/desk/{kind}?{query}")
    frame = made(page)
    own = shown(page)
    assert found is None or own == offramp.document("tutorial", found())
    expect(frame.locator("h1").first).to_be_visible()
    assert frame.locator("h1").first.inner_text()[:20] in unescape(own.decode("utf-8"))
    assert dict(parse_qsl(urlsplit(page.url).query)) == {**dict(parse_qsl(query)), "made": "1"}
    monkeypatch.chdir(tmp_path)
    offramp_, *command = shlex.split(page.locator(".command code").inner_text())
    assert offramp_ == "offramp"
    result = CliRunner().invoke(main, command)
    assert result.exit_code in (0, 1), result.output  # 1: worlds so few are not to be trusted
    assert Path(command[-1]).read_bytes() == own


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(offramp.OfframpError) as error:
        call()
    return str(error.value)


@pytest.mark.parametrize(
    ("address", "call"),
    [
        (
            "scenarios?on=2031-06-20",
            lambda: offramp.scenarios("tutorial", as_of="2031-06-20"),
        ),
        ("evidence?by=tass", lambda: offramp.evidence("tutorial", "tass")),
        ("today?as=nobody", lambda: offramp.today("tutorial", assessment="nobody")),
        ("watch?q=gravest_act", lambda: offramp.watch("tutorial", "gravest_act")),
        ("page?on=1999-01-01", lambda: offramp.essentials("tutorial", as_of="1999-01-01")),
    ],
)
def test_what_the_command_refuses_is_refused_in_its_words(
    opened: Opened, address: str, call: Callable[[], object]
) -> None:
    page = opened(f"/c/tutorial/desk/{address}&made=1")
    expect(page.locator(".told")).to_contain_text("not at hand")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("alert")).to_have_text(refused(call), timeout=WAIT)
    expect(page.locator("iframe")).to_have_count(0)


def test_too_many_worlds_are_refused(opened: Opened) -> None:
    page = opened("/c/tutorial/desk/watch")
    page.get_by_role("spinbutton", name="worlds").fill("20001")
    page.get_by_role("button", name="Make it").click()
    words = "20,001 worlds: the page has 64 to 20,000"
    expect(page.get_by_role("alert")).to_have_text(words, timeout=WAIT)


def test_a_run_is_stopped_and_gives_its_place_back(opened: Opened) -> None:
    page = opened("/c/tutorial/desk/assumptions")
    for worlds in 19_999, 20_000:  # as many as go on at once
        page.get_by_role("spinbutton", name="worlds").fill(str(worlds))
        page.get_by_role("button", name="Make it").click()
        expect(page.get_by_role("status").filter(has_text="Making “Key")).to_be_visible()
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".told")).to_contain_text("not at hand")
        expect(page.get_by_role("button", name="Make it")).to_be_enabled()
    page.get_by_role("link", name="Handout for a class").click()
    made(page)
    expect(page.get_by_role("heading", name="Handout for a class")).to_be_visible()


def test_it_is_saved_as_html_and_as_pdf(opened: Opened) -> None:
    page = opened("/c/tutorial/desk/handout")
    made(page)
    for ending in ".html", ".pdf":
        link = page.get_by_role("link", name=f"Save as {ending[1:].upper()}")
        assert taken(page, link.click).read_bytes() == offramp.document("tutorial", ending=ending)
    with page.expect_popup() as waiting:
        page.get_by_role("link", name="Open it by itself").click()
    expect(waiting.value.locator("h1").first).to_be_visible()


def test_back_and_forward_and_a_bookmark_find_it_at_once(opened: Opened, watched: Watched) -> None:
    page = opened("/c/tutorial/desk/watch")
    page.get_by_role("spinbutton", name="worlds").fill("65")
    made(page)
    bookmark = urlsplit(page.url)

    def runs() -> list[str]:
        return [
            u for u in watched.asked if "/desk/watch?" in u and "/api/" in u and "kept=" not in u
        ]

    assert len(runs()) == 1
    page.go_back()
    expect(page.locator("iframe")).to_have_count(0)
    page.go_forward()
    expect(page.locator("iframe")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="worlds")).to_have_value("65")
    page.get_by_role("link", name="Forecast").click()
    assert urlsplit(page.url).query == ""  # what a document is of is the desk's alone
    other = opened(f"{bookmark.path}?{bookmark.query}")
    expect(other.locator("iframe")).to_be_visible()
    assert len(runs()) == 1
    unknown = opened(f"{bookmark.path}?worlds=66&made=1")
    expect(unknown.locator(".told")).to_contain_text("“Make it” makes it")
    assert len(runs()) == 1


def test_the_contents_of_the_brief_lead_inside_it(opened: Opened) -> None:
    page = opened("/c/tutorial/desk/brief?quick=1&worlds=64")
    made(page)
    address = page.url
    frame = page.locator("iframe").element_handle().content_frame()
    frame.get_by_role("link", name="Passages", exact=True).click()
    expect(frame.locator("#sources")).to_be_in_viewport()
    assert (page.url, frame.url.endswith("#sources")) == (address, True)


def test_a_document_goes_when_the_case_has_changed(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    with serving(browser, str(folder)) as own:
        page = opened("/c/mine/desk/handout", own)
        made(page)
        history = folder / "history.csv"  # no part of the model
        history.write_bytes(history.read_bytes() + b"\n")
        page.get_by_role("button", name="Read it again").click(timeout=WAIT)
        expect(page.locator("iframe")).to_have_count(0)
        expect(page.locator("#main .told")).to_contain_text("not at hand")
        page.close()


def test_the_day_and_the_author_are_those_of_the_address(opened: Opened) -> None:
    page = opened(f"/c/tutorial/desk/watch?on={DAY}&as=tass")
    expect(page.get_by_label("reports known by")).to_have_value(DAY)
    expect(page.get_by_label("premises")).to_have_value("tass")
    expect(page.locator("body")).not_to_contain_text("what stands here is of the case as it is")
    page.get_by_label("reports known by").fill("2031-04-06")
    page.get_by_role("link", name="Evidence").click()  # takes along what was typed
    expect(page.get_by_label("reports known by")).to_have_value("2031-04-06")
    expect(page.get_by_label("premises")).to_have_count(0)
    expect(page).to_have_url(re.compile("on=2031-04-06"))


def test_it_is_made_by_keys_alone_and_axe_finds_nothing(opened: Opened) -> None:
    page = opened("/c/tutorial/forecast/blockade")
    expect(page.locator(".state")).to_contain_text("worlds", timeout=WAIT)
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="The desk")).to_be_visible(timeout=WAIT)
    axe_finds_nothing(page)
    page.get_by_role("link", name="What to watch").focus()
    page.keyboard.press("Enter")
    page.get_by_label("question").focus()
    page.keyboard.type("Will Kelmark blockade")
    page.get_by_role("spinbutton", name="worlds").focus()
    page.keyboard.type("128")
    page.keyboard.press("Enter")
    expect(page.locator("iframe")).to_be_visible(timeout=WAIT)
    axe_finds_nothing(page)
    cited = page.get_by_role("link", name=re.compile("^T[0-9]+$")).first
    passage = cited.inner_text()
    cited.click()
    expect(page).to_have_url(re.compile(f"/sources/.*p={passage}"))


def test_nothing_runs_in_a_document_and_only_our_page_frames_it() -> None:
    with served_here("tutorial") as served:
        address = "/api/c/tutorial/paper/handout.html"
        none = served.ask(address)
        assert (none.status, none.guarded) == (404, True)
        assert "make it on the screen Desk" in none.json["refused"]
        [line] = served.ask("/api/c/tutorial/desk/handout").lines[-1:]
        assert line["done"]["command"] == "offramp handout tutorial -o tutorial-handout.html"
        found = served.ask(address)
        assert found.body == offramp.document("tutorial")
        rules = dict((*part.split(" ", 1), "")[:2] for part in found.header(CSP).split("; "))
        style = re.findall(r"<style>(.*?)</style>", found.body.decode("utf-8"), re.S)
        named = " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
            for s in style
        )
        assert rules == {
            "default-src": "'none'",
            "style-src": named,
            "img-src": "data:",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'self'",
            "sandbox": "",
        }
        for name, value in HEADERS.items():
            assert name == CSP or found.header(name) == value
        pdf = served.ask("/api/c/tutorial/paper/handout.pdf")
        assert pdf.guarded
        assert pdf.header("content-disposition").startswith("attachment")
        assert served.ask("/api/c/tutorial/paper/handout.exe").status == 404
        unknown = served.ask("/api/c/tutorial/desk/poem")
        assert "no document 'poem'; there are today, watch" in unknown.json["refused"]


def test_a_day_on_a_handout_changes_nothing() -> None:
    """What a kind is not told is no part of its order."""
    with_day = making.ordered("handout", {"on": DAY, "as": "tass", "q": "war"}, 500, 3)
    assert with_day == making.ordered("handout", {}, 0, 1)
    one, other = ({"q": "war", "on": day} for day in ("", DAY))
    assert making.ordered("watch", one, 0, 1) != making.ordered("watch", other, 0, 1)


def test_documents_are_kept_until_the_case_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = list[str]()

    def counted(case: offramp.Case, order: making.Order, progress: object) -> making.Paper:
        calls.append(order.kind)
        return making.Paper(html=b"", pdf=b"", command="", cites=())

    monkeypatch.setattr("offramp.web.desk.made", counted)
    desk = Desk(("tutorial",))
    orders = [making.ordered("watch", {}, 100 + n, 1) for n in range(PAPERS + 1)]
    for order in (*orders, orders[-1]):
        desk.make("tutorial", order, lambda done, total: None)
    assert len(calls) == PAPERS + 1
    assert desk.paper("tutorial", orders[0]) is None  # the oldest went
    assert desk.paper("tutorial", orders[1]) is not None
    desk.reread("tutorial")
    assert desk.paper("tutorial", orders[1]) is None
