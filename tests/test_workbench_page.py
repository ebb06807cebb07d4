"""The workbench as a person has it: in a browser, by mouse and by keyboard.

Every page that is opened here is watched: it may ask its own server alone, and say nothing on the
browser's console. OFFRAMP_CHROMIUM names the browser where `chromium` is not on the path.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from odd_text import CASES, ODD, write_odd

import offramp
from offramp.answers.wording import percent
from offramp.web.desk import page_missing

playwright = pytest.importorskip("playwright.sync_api", exc_type=ImportError)
expect = playwright.expect

CHROMIUM = os.environ.get("OFFRAMP_CHROMIUM") or shutil.which("chromium")
ROOT = Path(__file__).parent.parent
AXE = Path(
    os.environ.get("OFFRAMP_AXE") or ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
)
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
TITLES = [
    *("Forecast", "Sources", "Model", "Rivals", "Time"),
    *("Why", "Map", "Policies", "Facts", "Desk", "Play"),
]
SCREENS = tuple(title.lower() for title in TITLES)
WAIT = 30_000  # ms: worlds of the tutorial on a busy machine
MARKUP = "</script><img src=x onerror=window.ran=1>"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the path"),
    pytest.mark.skipif(bool(page_missing()), reason="the page of the workbench is not built"),
]


@dataclass
class Bench:
    """A server, and the browser state of who has opened its first address."""

    process: subprocess.Popen[str]
    root: str
    state: Any = None

    def at(self, path: str) -> str:
        return self.root + path


@dataclass
class Watched:
    """What some pages asked for, and what they said on the console. `refusals`: statuses with which
    a test has the server refuse, of which the console tells, sooner or later."""

    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)

    def watch(self, page: Any) -> None:
        page.on("request", lambda r: self.asked.append(r.url))
        page.on("pageerror", lambda e: self.said.append(str(e)))
        page.on("console", lambda m: self.said.append(m.text) if m.type == "error" else None)


@contextmanager
def serving(browser: Any, *words: str, folder: Path = ROOT) -> Iterator[Bench]:
    """`offramp serve` with what is said to it, in a folder, and its printed address opened once."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "offramp", "serve", *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        parts = urlsplit(address)
        assert parts.hostname == "127.0.0.1", address
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        assert "token" not in page.url
        yield Bench(process, f"{parts.scheme}://{parts.netloc}", context.storage_state())
    finally:
        process.kill()
        process.wait()
        process.stdout.close() if process.stdout else None


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def bench(browser: Any) -> Iterator[Bench]:
    with serving(browser, "tutorial") as found:
        yield found


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Fails a test whose pages asked anybody else, or had something to say on the console."""
    found = Watched()
    yield found
    away = [
        url for url in found.asked if not re.match(r"http://127\.0\.0\.1:|file:|data:|blob:", url)
    ]
    assert away == []
    assert [x for x in found.said if not any(f"status of {s}" in x for s in found.refusals)] == []


Opened = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, bench: Bench, watched: Watched) -> Iterator[Opened]:
    """Opens an address of the tutorial's bench in a browser of its own."""
    contexts = []

    def go(path: str, to: Bench = bench, viewport: dict[str, int] = WIDE, **more: Any) -> Any:
        context = browser.new_context(storage_state=to.state, viewport=viewport, **more)
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        watched.watch(page)
        page.goto(to.at(path))
        return page

    yield go
    for context in contexts:
        context.close()


def ready(page: Any) -> Any:
    """The page once it has all its worlds."""
    worlds = "2,048 worlds as of" if "on=" in page.url else "3,000 worlds"
    expect(page.locator(".state")).to_contain_text(worlds, timeout=WAIT)
    expect(page.locator(".state")).not_to_contain_text("on their way", timeout=WAIT)
    return page


def answers(page: Any) -> dict[str, str]:
    """The list of the questions: what stands beside each."""
    rows = page.locator("a.row").evaluate_all(
        "rows => rows.map(r => [r.getAttribute('href'), r.querySelector('.p').innerText])"
    )
    return {address.split("?")[0].split("/")[-1]: text for address, text in rows}


def handle(page: Any, label: str) -> Any:
    return page.get_by_role("slider", name=label, exact=True)


def dragged(page: Any, label: str, steps: int) -> None:
    """Drags a slider's handle by the mouse."""
    slider = handle(page, label)
    slider.scroll_into_view_if_needed()
    box, value = slider.bounding_box(), float(slider.input_value())
    way, middle = box["width"] - 14, box["y"] + box["height"] / 2
    start = box["x"] + 7 + way * value / 200
    page.mouse.move(start, middle)
    page.mouse.down()
    page.mouse.move(start + way * steps / 200, middle, steps=8)
    page.mouse.up()


def focused(page: Any) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        """() => {
          const e = document.activeElement, looks = getComputedStyle(e);
          return { id: e.id, text: e.getAttribute("aria-label") ?? e.innerText,
                   shown: e.getBoundingClientRect().left >= 0,
                   outline: looks.outlineStyle !== "none" && parseFloat(looks.outlineWidth) >= 2 };
        }"""
    )
    return found


# ---- the first minute ----------------------------------------------------------------------------

HEAD = "#main h1"
TEMPO = "Restlessness of the skippers: low end"


def test_the_first_minute(opened: Opened, watched: Watched) -> None:
    page = ready(opened("/c/tutorial/forecast"))
    expect(page.locator(HEAD)).to_contain_text(re.compile(r"Kelmark blockades .*: \d+%"))
    page.locator("a.row", has_text="If League boats kill").click()
    condition = "in the worlds in which “Swarm at the anchorage: death” happens"
    expect(page.locator(".row[aria-current] .given")).to_have_text(condition)
    expect(page.locator(".condition")).to_have_text(condition)
    expect(page).to_have_url(re.compile("/c/tutorial/forecast/blockade_after_death$"))

    before, asked = page.locator(HEAD).inner_text(), len(watched.asked)
    dragged(page, TEMPO, 40)
    assert [url for url in watched.asked[asked:] if "icon" not in url] == []
    expect(page).to_have_url(re.compile(r"[?&]w=tempo:[\d.]+~[\d.]+$"))
    page.locator("a.row", has_text="Will Kelmark blockade").first.click()
    expect(page.locator(".row[aria-current] .more")).to_contain_text("by your change")
    after, address = page.locator(HEAD).inner_text(), page.url
    assert after != before
    page.reload()
    expect(ready(page).locator(HEAD)).to_have_text(after)
    assert page.url == address

    page.go_back()
    expect(page.locator(HEAD)).to_contain_text("If League boats kill")
    page.get_by_role("button", name="All as the case has them").click()
    expect(page.locator(HEAD)).to_have_text(before)
    expect(page).not_to_have_url(re.compile("w="))
    expect(page.locator("aside.left")).not_to_contain_text("by your change")


def test_the_first_minute_by_keyboard(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast"))
    page.keyboard.press("Tab")
    here = focused(page)
    assert here == here | {"text": "Skip to the content", "shown": True, "outline": True}
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "main"

    page = ready(opened("/c/tutorial/forecast"))
    before = answers(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        here = focused(page)
        assert here["outline"], here["text"]
        if here["text"] == TEMPO:
            break
    assert here["text"] == TEMPO
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("w=tempo:"))
    expect(page.locator(".row[aria-current] .more")).to_contain_text("by your change")
    assert answers(page) != before
    # What the change does is said to who does not see it, once.
    expect(page.locator("[aria-live=polite]")).to_contain_text(re.compile("% to .* by your change"))
    for key, heading in ("s", "What the documents say"), ("r", "Where the authors part"):
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.locator(HEAD)).to_contain_text(heading)
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(page.locator(".row[aria-current] .more")).to_contain_text("by your change")


# ---- keys ----------------------------------------------------------------------------------------


def test_a_dialog_lists_the_keys_and_words(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast/landing"))
    link = page.locator("a.row[aria-current]")
    link.focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys and words")
    expect(dialog).to_be_visible()
    for key in ("?", "/", "[", "]", "Esc", *"fsmrtwapc"):
        expect(dialog.locator("kbd").get_by_text(key, exact=True).first).to_be_visible()
    for word in (
        *("world", "share", "free worlds", "conditioned on the reports", "premises", "range"),
        *("precision", "regret", "effective number of worlds", "stated", "sized", "assumed"),
    ):
        expect(dialog.get_by_role("term").get_by_text(word, exact=True)).to_be_visible()
    # The focus stays within, keys do nothing behind it, and Escape gives the focus back.
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main, aside, nav') === null")
    for key in "gs]":
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    expect(page).to_have_url(re.compile("/forecast/landing$"))
    page.get_by_role("button", name="Keys and words").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("screen", ["forecast", "why", "map"])
def test_brackets_go_to_the_question_before_and_after(opened: Opened, screen: str) -> None:
    page = ready(opened(f"/c/tutorial/{screen}"))
    if screen == "forecast":
        order = list(answers(page))
    else:
        own = page.get_by_role("combobox", name="question", exact=True).locator("option")
        order = own.evaluate_all("all => all.map((one) => one.value)")
    for k in range(1, len(order)):
        page.keyboard.press("]")
        expect(page).to_have_url(re.compile(f"/{screen}/{order[k]}$"))
    page.keyboard.press("]")  # there is none behind the last
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile(f"/{screen}/{order[-2]}$"))


def test_keys_are_letters_in_a_field(browser: Any, opened: Opened, tmp_path: Path) -> None:
    page = ready(opened("/c/tutorial/forecast/landing"))
    page.keyboard.press("/")
    page.keyboard.type("?]gs")
    expect(page.locator("#search")).to_have_value("?]gs")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_url(re.compile("/forecast/landing$"))
    folder = tmp_path / "mine"  # the editor of what comes with Offramp cannot be typed into
    shutil.copytree(Path(offramp.__file__).parent / "cases" / "tutorial", folder)
    with serving(browser, str(folder)) as own:
        page = ready(opened("/c/mine/model", own))
        page.locator(".cm-content").click()
        expect(page.locator(".cm-content")).to_be_focused()
        page.keyboard.type("gs?")
        expect(page.locator(".cm-content")).to_contain_text("gs?")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page).to_have_url(re.compile("/c/mine/model"))
        page.close()


# ---- the numbers are the library's ---------------------------------------------------------------


@functools.cache
def grown() -> Any:
    """The tutorial's worlds, as the page has them."""
    (own,) = offramp.session("tutorial", seed=1, supposed=True)
    return own.grown(3000)


def said(forecast: Any, first: dt.date) -> dict[str, str]:
    """A forecast's dictionary in the words of the list."""
    out = {}
    for a in forecast["answers"]:
        out[a["id"]] = percent(a["probability"])
    for c in forecast["choices"]:
        out[c["id"]] = percent(max(o["probability"] for o in c["options"]))
    for q in forecast["quantities"]:
        out[q["id"]] = shown(q)
    return out


def shown(quantity: Any) -> str:
    middle = quantity["quantiles"]["0.5"]
    if middle is None:
        return "not in the window"
    if quantity["unit"] == "date":
        day = dt.date.fromisoformat(middle)
        return f"{day.day} {day:%b %Y}"
    return f"{middle:g} {quantity['unit']}".strip()


def test_every_answer_is_the_forecast_s(opened: Opened) -> None:
    header = json.loads(gzip.decompress(offramp.look("tutorial")).split(b"\n", 1)[0])
    found = answers(ready(opened("/c/tutorial/forecast")))
    assert found == said(header["forecast"], dt.date.fromisoformat(header["first"]))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("kelmark.precision", (0.9, 1.4)),
        ("tempo", (0.8, 1.6)),
        ("kelmark.line", (0.2, 0.3, 0.3, 0.2)),
    ],
    ids=["between", "scale", "among"],
)
def test_a_changed_range_gives_what_the_library_weighs(
    opened: Opened, name: str, numbers: tuple[float, ...]
) -> None:
    (old,) = (p for p in grown().plan.priors if p.name == name)
    new = (
        replace(old, chances=numbers)
        if old.kind == "among"
        else replace(old, a=numbers[0], b=numbers[1])
    )
    weighed = grown().weighed({name: new})
    page = ready(opened(f"/c/tutorial/forecast?w={name}:{'~'.join(map(str, numbers))}"))
    expect(page.locator(".worth")).to_contain_text(f"worth {round(3000 * weighed.share):,} ")
    found = answers(page)
    for a in weighed.answers:
        # The page's draws are of 16 bits: a world on the very edge may fall on the other side.
        near = {percent(min(1.0, max(0.0, a.probability + d))) for d in (-0.0005, 0, 0.0005)}
        assert found[a.id] in near, a.id


def share_of(session: Any, question: str, worlds: int) -> float:
    """What a question comes to in so many worlds of a session."""
    answers = session.grown(worlds).forecast.answers
    return next(a.probability for a in answers if a.id == question)


def test_an_event_edited_away(opened: Opened) -> None:
    """The table of what changes is `offramp.differences` of pairs of worlds."""
    base, variant = offramp.session(
        "tutorial", offramp.edit("tutorial", {"never": ["kelmark.blockade"]}), seed=1
    )
    found = offramp.differences(base.grown(2048), variant.grown(2048))
    page = ready(opened("/c/tutorial/forecast/blockade"))
    page.get_by_label("event", exact=True).fill("kelmark.blockade")
    page.get_by_role("button", name="Simulate", exact=True).click()
    told = page.locator(".whatif p.told")
    expect(told).to_contain_text("never kelmark.blockade", timeout=WAIT)
    expect(told).to_contain_text("Of 2,048 worlds", timeout=WAIT)
    (own,) = (d for d in found if d.id == "blockade")
    assert f"{abs(100 * own.value):.0f} points (error {100 * own.error:.1f})" in told.inner_text()
    moved = [d for d in found if d.unit == "probability" and d.distinct]
    assert page.locator(".whatif tbody tr").count() == min(12, len(moved))
    now = min(1.0, max(0.0, own.value + share_of(base, "blockade", 3000)))
    assert f"about {percent(now)} instead of" in told.inner_text()

    # Its address is the what-if, also in another tab.
    before = told.inner_text()
    page.reload()
    expect(told).to_contain_text("Of 2,048 worlds", timeout=WAIT)
    assert told.inner_text() == before

    # An event is known by its title too; a wrong one is refused in words, and nothing is left of
    # what was shown before.
    title = next(e.title for e in base.case.crisis.events if e.name == "kelmark.blockade")
    page.get_by_label("event", exact=True).fill(title)
    page.get_by_role("button", name="Simulate", exact=True).click()
    expect(told).to_contain_text("Of 2,048 worlds", timeout=WAIT)
    page.get_by_label("event", exact=True).fill("kelmark.blokade")
    page.get_by_role("button", name="Simulate", exact=True).click()
    expect(page.locator("main [role=alert]")).to_contain_text("unknown event 'kelmark.blokade'")
    expect(told).to_have_count(0)


def test_two_authors_compared(opened: Opened) -> None:
    """Who is above whom, and by how much, as `offramp.compare` has it."""
    page = ready(opened("/c/tutorial/rivals"))
    expect(page.locator("#main")).not_to_contain_text("Simulating:", timeout=WAIT)
    page.get_by_role("button", name="Compare").click()
    found = offramp.to_dict(offramp.compare("tutorial", "ilvane", "tass", worlds=1024))
    assert found["differences"]
    headings = page.locator("#main section h3")
    expect(headings).to_have_count(len(found["differences"]), timeout=WAIT)
    for d, said in zip(found["differences"], headings.all_inner_texts(), strict=True):
        side = "above" if d["difference"] > 0 else "below"
        words = f"The boats are steered {side} Nobody steers the boats by"
        assert said.lower().startswith(words.lower())
        assert f"(error {100 * d['mc_error']:.1f})" in said.lower()


def told_of(page: Any, label: str) -> list[list[str]]:
    """The cells of a table, row by row: of each its first line."""
    rows: list[list[str]] = page.get_by_role("group", name=label).evaluate(
        """(group) => [...group.querySelectorAll("tbody tr")].map(
          (row) => [...row.cells].map((cell) => cell.innerText.split("\\n")[0]))"""
    )
    return rows


def test_each_claim_holds_or_fails_in_plain_words(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    """As `offramp.claims` has it; one of them says the opposite of what comes about."""
    folder = tmp_path / "claimed"
    shutil.copytree(Path(offramp.__file__).parent / "cases" / "tutorial", folder)
    file = folder / "claims" / "ilvane.yaml"
    text = file.read_text("utf-8")
    i = text.index("T13:")
    file.write_text(text[:i] + text[i:].replace("sign: +", 'sign: "-"', 1), "utf-8")
    found = offramp.to_dict(offramp.claims(str(folder)))["claims"]
    words = {
        "holds": "✓ holds in the model",
        "fails": "✗ fails in the model",
        "inexpressible": "– cannot be told",
    }
    with serving(browser, str(folder)) as own:
        page = ready(opened("/c/claimed/rivals", own))
        page.get_by_role("button", name="Test what each author claims").click()
        expect(page.get_by_role("group", name="Claims by author")).to_be_visible(timeout=WAIT)
        told = told_of(page, "Claims by author")
        assert [row[1:3] for row in told] == [[c["says"], words[c["status"]]] for c in found]
        assert [row[6] for row in told] == [" ".join(c["passages"]) for c in found]
        (failed,) = (row for row in told if row[2] == "✗ fails in the model")
        assert failed[3].startswith("less")
        assert failed[4].startswith("+0.827 (error ")
        assert [row[0] for row in told if row[0]] == [
            "The case",
            "The boats are steered",
            "Nobody steers the boats",
        ]
        expect(page.locator("#main")).to_contain_text("Of 6 claims 4 hold, 1 fails, and 1 cannot")
        page.close()


def test_policies_are_judged_by_each_loss(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/policies"))
    page.get_by_role("button", name="Simulate them all").click()
    rows = page.locator("#main tbody tr")
    expect(rows.first).to_be_visible(timeout=WAIT)
    found = offramp.to_dict(offramp.policies("tutorial", free=True, worlds=1024))
    names = {p["id"]: p["name"] for p in found["policies"]}
    mean = {(c["loss"], c["policy"], c["assessment"]): c["mean"] for c in found["table"]}
    for loss in found["losses"]:
        page.get_by_label("judged by").select_option(loss["id"])
        own = [s for s in found["standings"] if s["loss"] == loss["id"]]
        own.sort(key=lambda s: s["max_regret"])
        told = rows.evaluate_all(
            "rows => rows.map(r => r.cells[0].querySelector('div').firstChild.data.trim())"
        )
        assert told == [names[s["policy"]] for s in own]
        # What regret is, is told by the table's own numbers.
        worst = own[-1]
        for policy in worst["policy"], worst["best_there"]:
            value = mean[loss["id"], policy, worst["at"]]
            expect(page.locator("#regret")).to_contain_text(f"{value:.3g}")
            expect(page.locator("#regret")).to_contain_text(names[policy])
        expect(page.locator("#regret")).to_contain_text(f"{worst['max_regret']:.3g}")
    # Nothing is called by its id, and who comes back finds the table.
    told = page.locator("#main h2:last-of-type + ul").inner_text()
    assert "“Kelmark's ministers”" in told
    assert not re.search(r"no_blockade|\(kelmark\)|sailors,|vessara", told)
    page.get_by_role("link", name="Sources", exact=True).click()
    expect(page.locator("#main h1")).not_to_contain_text("Advice")
    page.get_by_role("link", name="Policies", exact=True).click()
    expect(rows).to_have_count(len(names))


def test_one_edit_is_one_row(browser: Any, opened: Opened, tmp_path: Path) -> None:
    """With the names and the passages of all that recommend it."""
    folder = tmp_path / "twice"
    shutil.copytree(Path(offramp.__file__).parent / "cases" / "tutorial", folder)
    with (folder / "policies.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "  open_ports:\n    name: The ports stay open\n    addressee: [kelmark]\n"
            "    cites: [T23]\n    do: {never: [kelmark.blockade]}\n    note: as another says\n"
        )
    with serving(browser, str(folder)) as own:
        page = ready(opened("/c/twice/policies", own))
        both = page.locator("#main li", has_text="one and the same edit: never kelmark.blockade")
        for words in "Kelmark never blockades", "The ports stay open", "T28", "T23":
            expect(both).to_contain_text(words)
        page.get_by_role("button", name="Simulate them all").click()
        row = page.locator("#main tbody tr", has_text="Kelmark never blockades").first
        expect(row.locator("td").first).to_contain_text("The ports stay open", timeout=WAIT)
        expect(row.get_by_role("link", name="T23", exact=True)).to_be_visible()
        assert page.locator("#main tbody tr").count() == 5
        page.close()


def test_but_for_an_event(opened: Opened) -> None:
    """Each answer with the event and without it, as `offramp.counterfactual` has them."""
    page = ready(opened("/c/tutorial/why"))
    form = page.get_by_role("form", name="But for an event")
    form.get_by_label("without").select_option("N4")
    form.get_by_label("reports known by").fill("2031-04-24")
    form.get_by_role("button", name="Take it away").click()
    found = offramp.to_dict(
        offramp.counterfactual(
            "tutorial",
            without="kelmark.assembly.ships",
            on="2031-04-22",
            as_of="2031-04-24",
            worlds=1024,
        )
    )
    rows = page.get_by_role("group", name="Answers as it was and without the event")
    expect(rows).to_be_visible(timeout=WAIT)
    own = [q for q in found["questions"] if q["distinct"] or q["id"] == "blockade"]
    rest = [q for q in found["questions"] if q not in own]
    told = told_of(page, "Answers as it was and without the event")
    page.get_by_text(f"The {len(rest)} others: no difference beyond three errors").click()
    told += told_of(page, "Answers that the event does not move")
    assert [row[0] for row in told] == [q["text"] for q in own + rest]
    for q, row in zip(own + rest, told, strict=True):
        if q["kind"] == "binary":
            assert row[1:3] == [percent(q["actual"]), percent(q["but_for"])], q["id"]
            assert row[4] == f"{100 * q['mc_error']:.1f}"
        assert row[5].split() == q["cites"]
    for q in own + rest:
        if q["given"]:
            expect(page.locator("#main")).to_contain_text(f"in the worlds in which {q['given']}")
    expect(page.locator("#main")).to_contain_text("reported by 24 Apr 2031: 1,024 worlds")


def test_a_choice_taken_apart(opened: Opened) -> None:
    """What contributes to an option adds up to its odds, and leads to its passages."""
    page = ready(opened("/c/tutorial/why"))
    form = page.get_by_role("form", name="A choice taken apart")
    form.get_by_label("actor").select_option("kelmark")
    form.get_by_label("day").fill("2031-04-09")
    form.get_by_role("button", name="Take it apart").click()
    found = offramp.to_dict(offramp.choice("tutorial", "kelmark", "2031-04-09", worlds=1024))
    expect(page.get_by_text("What contributes to each")).to_be_visible(timeout=WAIT)
    told = told_of(page, "Options of the actor on that day")
    assert [row[0] for row in told] == [m["title"] for m in found["moves"]]
    assert [row[1] for row in told] == [percent(m["today"]) for m in found["moves"]]
    first = found["moves"][0]
    parts = told_of(page, f"What contributes to: {first['title']}")
    assert [row[0] for row in parts] == [x["title"] for x in first["parts"]]
    total = sum(float(row[2].replace("−", "-")) for row in parts)
    assert total == pytest.approx(first["log_odds"], abs=0.005 * len(parts) + 1e-9)
    assert [row[5] for row in parts] == [" ".join(x["passages"]) or "ours" for x in first["parts"]]
    page.get_by_role("group", name=f"What contributes to: {first['title']}").get_by_role(
        "link", name="T5", exact=True
    ).click()
    expect(page.locator("#T5")).to_be_focused()


# ---- where a number comes from -------------------------------------------------------------------


def test_a_passage_is_two_clicks_from_a_number(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast"))
    page.locator("a.row", has_text="Will there be a war at sea").click()
    page.locator("aside.right").get_by_role("link", name="T14", exact=True).click()
    expect(page.locator("#T14")).to_be_focused()
    expect(page.locator("section.selected h2")).to_have_text("T14")
    expect(page.locator("section.selected")).to_contain_text("War at sea is not expected")
    expect(page.locator("mark.selected")).to_contain_text("A naval war remains unlikely")
    assert page.url.endswith("/c/tutorial/sources/ilvane?p=T14")


def test_every_number_behind_an_answer_has_its_passage_or_reason(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast/blockade"))
    page.get_by_text("Every number behind it").click()
    numbers = page.locator("aside.right details section li")
    expect(numbers.first).to_be_visible()
    whole = sum(len(g.numbers) for g in offramp.grounds("tutorial", "blockade"))
    assert numbers.count() == whole
    rows = numbers.evaluate_all(
        "rows => rows.map(r => [r.innerText, r.querySelectorAll('a').length])"
    )
    bare = [text for text, links in rows if not links and "ours, because" not in text]
    assert bare == []


# ---- the documents -------------------------------------------------------------------------------


def placed(page: Any) -> dict[int, str]:
    """The text that the page shows, by the place at which each piece says that it begins."""
    expect(page.locator("mark").first).to_be_visible(timeout=WAIT)
    found = page.locator("[data-at]").evaluate_all(
        "all => all.map(e => [Number(e.dataset.at), e.textContent])"
    )
    return dict(found)


def stand_where_they_are_cited(page: Any, case: offramp.Case, document: str, text: str) -> None:
    """The pieces are the text but for what is blank between paragraphs, and each passage is what
    Python cuts out of it."""
    pieces = placed(page)
    assert pieces
    for at, piece in pieces.items():
        assert text[at : at + len(piece)] == piece
    assert "".join("".join(pieces.values()).split()) == "".join(text.split())
    marked = set(page.locator("mark").evaluate_all("all => all.map(e => Number(e.dataset.at))"))
    own = [p for p in case.passages.values() if p.document == document]
    for p in own:
        inside = {at: piece for at, piece in pieces.items() if p.start <= at < p.end}
        assert "".join("".join(inside.values()).split()) == "".join(text[p.start : p.end].split())
        assert set(inside) <= marked, p.id
        expect(page.locator(f"[id='{p.id}']")).to_have_count(1)
    assert all(any(p.start <= at < p.end for p in own) for at in marked)


def test_passages_stand_in_their_text(opened: Opened) -> None:
    case = offramp.load("tutorial")
    page = opened("/c/tutorial/sources/tass?p=T23")
    stand_where_they_are_cited(page, case, "tass", offramp.source_text(case, "tass"))
    expect(page.locator("#T23")).to_be_focused()
    expect(page.locator("#T23")).to_be_in_viewport()
    expect(page.locator("#main")).to_contain_text("16 passages cover 82% of the author's text")
    expect(page.locator("#main")).not_to_contain_text("in our words, in their order")


def test_a_text_that_tries_its_reader(browser: Any, opened: Opened, tmp_path: Path) -> None:
    """Places after characters of two units, beside right-to-left text, and markup that is text."""
    text = write_odd(tmp_path / "odd")
    with serving(browser, str(tmp_path / "odd")) as own:
        page = opened("/c/odd/sources/ilvane?p=T14", own)
        stand_where_they_are_cited(page, offramp.load(tmp_path / "odd"), "ilvane", text)
        expect(page.locator("mark.selected")).to_contain_text("A naval war remains unlikely")
        assert "A naval" not in page.locator(".text p.around").inner_text()
        assert page.evaluate("[window.ran ?? 0, document.images.length]") == [0, 0]
        page.locator("#Z1").click()
        expect(page.locator("mark.selected")).to_have_text(text[1 : len(ODD.rstrip())])
        expect(page.locator("p.around mark.selected")).to_have_count(1)
        expect(page.locator("section.selected")).to_contain_text("What is odd")
        page.close()


def selected_in(page: Any, start: int, end: int) -> None:
    """Selects characters of a document as a mouse does, from run to run."""
    page.evaluate(
        """([start, end]) => {
          const all = [...document.querySelectorAll("[data-at]")];
          const at = (place) => {
            const run = all.findLast((e) => Number(e.dataset.at) <= place);
            const before = [...run.textContent].slice(0, place - Number(run.dataset.at)).join("");
            return [run.firstChild, before.length];
          };
          getSelection().setBaseAndExtent(...at(start), ...at(end));
        }""",
        [start, end],
    )


def test_a_passage_is_made_by_selecting(
    browser: Any, opened: Opened, watched: Watched, tmp_path: Path
) -> None:
    """A shipped passage that is taken out is made again, byte for byte; and taken back."""
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    path = folder / "passages.yaml"
    whole = path.read_bytes()
    last = offramp.load("tutorial").passages["T40"]
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("  T40:")], "utf-8")
    for file in folder.rglob("*.yaml"):  # what rests on it rests on another one meanwhile
        file.write_text(re.sub(r"\bT40\b", "T39", file.read_text("utf-8")), "utf-8")
    shorter = path.read_bytes()
    with serving(browser, str(folder)) as own:
        page = opened(f"/c/mine/sources/{last.document}", own)
        expect(page.locator("mark").first).to_be_visible(timeout=WAIT)
        selected_in(page, last.start, last.end)
        form = page.get_by_role("form", name="A passage of what is selected")
        expect(form).to_contain_text(f"Characters {last.start}–{last.end}")
        words = offramp.source_text("tutorial", last.document)[last.start : last.end]
        form.get_by_label("what it says").fill(words)
        form.get_by_role("button", name="Write the passage").click()
        expect(form.get_by_role("alert")).to_contain_text("more than 6 words in a row")
        assert path.read_bytes() == shorter
        watched.said.clear()  # the browser tells of the 422 too
        form.get_by_label("what it says").fill(last.paraphrase)
        form.get_by_label("its own wording").fill(last.phrase or "")
        form.get_by_role("button", name="Write the passage").click()
        expect(page.get_by_text("T40 is written")).to_be_visible(timeout=WAIT)
        assert path.read_bytes() == whole
        expect(page.locator("#T40")).to_be_visible()
        page.goto(f"{page.url.split('/c/')[0]}/c/mine/model/passages.yaml")
        page.get_by_role("button", name="Take the last save back").click(timeout=WAIT)
        expect(page.get_by_text("is as it was before")).to_be_visible(timeout=WAIT)
        assert path.read_bytes() == shorter
        page.close()


def test_a_passage_becomes_a_number_of_the_model(
    browser: Any, opened: Opened, watched: Watched, tmp_path: Path
) -> None:
    """T13 states 300 boats: a guess in its place becomes the shipped line, byte for byte; what it
    would change is said before; and it is taken back."""
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    path = folder / "crisis.yaml"
    whole = path.read_text("utf-8")
    guessed = whole.replace("[boats = 300 boats @T13]", "[boats = 90 boats ? a guess]")
    assert guessed != whole
    path.write_text(guessed, "utf-8")
    with serving(browser, str(folder)) as own:
        page = opened("/c/mine/sources/ilvane?p=T13", own)
        page.get_by_text("Put it into the model").click(timeout=WAIT)
        form = page.get_by_role("form", name="What T13 is to the model")
        form.get_by_label("which?").fill("closed season boats")
        form.get_by_role("button", name="90 End of the closed season").click()
        form.get_by_role("combobox", name="the number").fill("three hundred")
        form.get_by_label("it states the number").check()
        expect(form.get_by_role("alert")).to_contain_text("is no number")
        form.get_by_role("combobox", name="the number").fill("300")
        lines = form.get_by_role("region", name="What changes in crisis.yaml")
        expect(lines.locator(".come")).to_contain_text("boats = 300 boats @T13")
        expect(lines.locator(".gone")).to_contain_text("boats = 90 boats ? a guess")
        watched.said.clear()  # the browser tells of the 422 too
        form.get_by_role("button", name="What would it change?").click()
        effect = page.get_by_label("What it would change", exact=True)
        expect(effect).to_contain_text("1,024 pairs of worlds", timeout=WAIT)
        expect(effect).to_contain_text("stated 27 → 28, assumed 76 → 75")
        assert path.read_text("utf-8") == guessed
        form.get_by_role("button", name="Write it").click()
        expect(page.get_by_text("Written to crisis.yaml")).to_be_visible(timeout=WAIT)
        assert path.read_text("utf-8") == whole
        page.goto(f"{page.url.split('/c/')[0]}/c/mine/model/crisis.yaml")
        page.get_by_role("button", name="Take the last save back").click(timeout=WAIT)
        expect(page.get_by_text("is as it was before")).to_be_visible(timeout=WAIT)
        assert path.read_text("utf-8") == guessed
        page.close()


def test_a_screen_that_cannot_be_loaded_is_told(opened: Opened, watched: Watched) -> None:
    """Screens are loaded when somebody goes there, and a server may be gone by then."""
    page = ready(opened("/c/tutorial/forecast"))
    page.route("**/assets/Rivals*.js", lambda route: route.abort())
    page.get_by_role("link", name="Rivals", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("the server is gone")
    watched.said.clear()  # the browser tells of it too
    page.get_by_role("link", name="Time", exact=True).click()
    ready(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_many_authors_stand_beneath_one_another(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    tass = (folder / "assessments" / "tass.yaml").read_text("utf-8")
    for k in range(6):
        text = re.sub(
            r"(?m)^(assessment: ).*", rf"\1The view of somebody with a long name, {k}", tass
        )
        (folder / "assessments" / f"author{k}.yaml").write_text(text, "utf-8")
    assert len(offramp.load(folder).assessments) == 8
    with serving(browser, str(folder)) as own:
        page = opened("/c/mine/rivals", own)
        expect(page.locator(".legend > span")).to_have_count(9, timeout=WAIT)
        for width in (1440, 1024, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


PLACE_OF = """(line, words) => {
  const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = node.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + words.length);
    const box = range.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  }
}"""


def test_the_element_at_the_cursor_is_told_in_words(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    """Its values with their passages, what moves it and what rests on it; a size in odds; and what
    was written into the case, by whom ever."""
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    offramp.cite_element(folder, "event fog", "T14", apply=True)
    place = next(n.place for n in offramp.numbers(folder, "kelmark.board") if n.text == ".7 ~T4")
    with serving(browser, str(folder)) as own:
        page = opened(f"/c/mine/model/crisis.yaml?line={place.split(':')[1]}", own)
        told = page.get_by_label("The element at the cursor, and what was written here")
        expect(told.get_by_role("heading", name="League boats boarded and held")).to_be_visible(
            timeout=WAIT
        )
        for words in (
            ".7 ~T4",
            "Moved by (1)",
            "Kelmark",
            "It moves (6)",
            "Claims tested by it (2)",
        ):
            expect(told).to_contain_text(words)
        expect(told.get_by_role("link", name="T4").first).to_have_attribute(
            "href", re.compile("p=T4")
        )
        told.get_by_role("button", name=f"line {int(place.split(':')[1]) + 1}").click()
        expect(page.locator(".cm-activeLine")).to_contain_text("pause: 3d")
        told.get_by_text("What was written here (1)").click()
        expect(told).to_contain_text("fog cites T14")
        shown = page.locator(".cm-odds")
        for _ in range(10):  # the editor scrolls to a line some frames later
            x, y = page.locator(".cm-line", has_text="cost: .7 ~T4").evaluate(PLACE_OF, ".7")
            page.mouse.move(x - 30, y)
            page.mouse.move(x, y)  # the hand rests over the number
            page.wait_for_timeout(700)
            if shown.count():
                break
        expect(shown).to_contain_text("2.3 at precision 1.2")
        page.close()


def test_what_is_new_in_the_model_comes_from_a_form(
    browser: Any, opened: Opened, watched: Watched, tmp_path: Path
) -> None:
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    with serving(browser, str(folder)) as own:
        page = opened("/c/mine/sources/ilvane?p=T5", own)
        page.get_by_text("Put it into the model").click(timeout=WAIT)
        form = page.get_by_role("form", name="What T5 is to the model")
        form.get_by_label("of something that is not in the model yet").check()
        form.get_by_label("what is it?").select_option(label="a move")
        form.get_by_label("whose").select_option("kelmark")
        form.get_by_label("its name, in words").fill("A vow: no tolls <b>")
        form.get_by_label("what it changes").select_option("anger")
        form.get_by_role("textbox", name="by how much (of a ladder").fill("5")
        form.get_by_label("it does not: the number is ours").check()
        form.get_by_label("because", exact=True).fill("too much")
        expect(form.locator(".come").first).to_contain_text("kelmark.a_vow_no_tolls_b:")
        (folder / "crisis.yaml").write_text(
            "# new\n" + (folder / "crisis.yaml").read_text("utf-8"), "utf-8"
        )
        form.get_by_role("button", name="Write it").click()
        expect(form.get_by_role("alert")).to_contain_text("was changed meanwhile")
        form.get_by_role("textbox", name="by how much (of a ladder").fill(".1")
        expect(form.locator(".come").last).to_contain_text("anger + .1 ? too much")
        watched.said.clear()  # the browser tells of the 409 too
        form.get_by_role("button", name="Write it").click()
        expect(page.get_by_text("Written to crisis.yaml")).to_be_visible(timeout=WAIT)
        made = next(
            e for e in offramp.load(folder).crisis.events if e.name == "kelmark.a_vow_no_tolls_b"
        )
        assert made.title == "A vow: no tolls <b>"
        form.get_by_label("of nothing that the model needs").check()
        form.get_by_label("it is left out, because").fill("a threat: said twice")
        form.get_by_role("button", name="Write it").click()
        expect(page.get_by_text("Written to coverage.yaml")).to_be_visible(timeout=WAIT)
        assert 'T5: "a threat: said twice"' in (folder / "coverage.yaml").read_text("utf-8")
        page.close()


def test_what_comes_with_offramp_is_stated_of_in_a_copy(opened: Opened) -> None:
    """It is shown what would be written all the same."""
    page = opened("/c/tutorial/sources/ilvane?p=T13")
    page.get_by_text("Put it into the model").click(timeout=WAIT)
    page.get_by_label("of something in the model, without a number").check()
    page.get_by_label("of what?").select_option("event fog")
    expect(page.locator(".come")).to_contain_text("cites: [T13]")
    expect(page.get_by_text("to write, make a copy (Model)")).to_be_visible()
    expect(page.get_by_role("button", name="Write it")).to_have_count(0)


def test_what_comes_with_offramp_is_cited_in_a_copy(opened: Opened) -> None:
    page = opened("/c/tutorial/sources/tass")
    expect(page.locator("mark").first).to_be_visible(timeout=WAIT)
    selected_in(page, 200, 240)
    expect(page.get_by_text("make a copy of the case (Model)")).to_be_visible()


def test_a_document_is_read_by_mouse_and_keyboard(opened: Opened) -> None:
    case = offramp.load("tutorial")
    own = sorted((p for p in case.passages.values() if p.document == "tass"), key=lambda p: p.start)
    page = opened("/c/tutorial/sources/tass")
    placed(page)
    for key, p in (("j", own[0]), ("j", own[1]), ("j", own[2]), ("k", own[1])):
        page.keyboard.press(key)
        expect(page.locator(f"#{p.id}")).to_be_focused()
        expect(page.locator("section.selected .what")).to_have_text(p.paraphrase)
    expect(page).to_have_url(re.compile(f"p={own[1].id}$"))

    page.locator("mark", has_text="low to medium").click()
    expect(page.locator("section.selected h2")).to_have_text("T18")
    expect(page.locator("section.selected")).to_contain_text("words of the source: “low to medium”")
    expect(page.locator("section.selected")).to_contain_text("rest on it")
    expect(page.locator(".list a[aria-current]")).to_contain_text("T18")
    stays = page.evaluate("scrollY")
    page.locator("#T19").click()
    expect(page.locator("section.selected h2")).to_have_text("T19")
    assert page.evaluate("scrollY") == stays
    page.go_back()
    page.locator(".list a", has_text="T28").click()
    expect(page.locator("#T28")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("p=T28$"))
    page.go_back()
    expect(page.locator("section.selected h2")).to_have_text("T18")
    page.get_by_role("link", name="close").click()
    expect(page.locator("section.selected")).to_have_count(0)

    # Letters that are typed into a field are no keys.
    page.get_by_label("Search the passages").fill("")
    page.get_by_label("Search the passages").press_sequentially("jk")
    expect(page.locator("section.selected")).to_have_count(0)

    text, inside = offramp.source_text(case, "tass"), set[int]()
    for p in own:
        inside |= set(range(p.start, p.end))
    press = page.get_by_role("button", name="Next stretch without a passage")
    told, seen = page.locator(".text").locator("xpath=..").get_by_role("status").first, []
    expect(told).to_contain_text("there are 4 of 40 characters or more")
    for _ in range(4):
        press.click()
        expect(page.locator("span.gap").first).to_be_in_viewport()
        start, end = map(int, re.search(r"characters (\d+)–(\d+)", told.inner_text()).groups())
        assert not inside & set(range(start, end))
        assert not text[start].isspace()
        seen.append(start)
    assert seen == sorted(set(seen))
    press.click()
    expect(told).to_contain_text("1 of 4")


def test_several_passages_at_one_place_are_each_selected(browser: Any, opened: Opened) -> None:
    """The shortest first, then by another click the others."""
    page = opened("/c/tutorial/sources/quillon")
    pieces = placed(page)
    assert pieces
    case = offramp.load("tutorial")
    own = [p for p in case.passages.values() if p.document == "quillon"]
    both = {
        at: sorted((p for p in own if p.start <= at < p.end), key=lambda p: p.end - p.start)
        for at in pieces
    }
    at, here = max(both.items(), key=lambda pair: len(pair[1]))
    mark = page.locator(f"mark[data-at='{at}']")
    for p in (*here, here[0]):
        mark.click()
        expect(page.locator("section.selected h2")).to_have_text(p.id)


def test_coverage_is_the_library_s(opened: Opened) -> None:
    page = opened("/c/tutorial/sources")
    table = page.locator("#main table")
    expect(table).to_be_visible(timeout=WAIT)
    found, case = offramp.coverage("tutorial"), offramp.load("tutorial")
    status = {passage: row.status for row in found.rows for passage in row.passages}
    readings = {r.document: r for r in found.readings or ()}
    rows = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(r => [...r.cells].map(c => c.innerText))"
    )
    assert len(rows) == len(case.documents) + 1
    for cells, document in zip(rows, case.documents.values(), strict=False):
        own = [p.id for p in case.passages.values() if p.document == document.id]
        counts = [sum(status[p] == s for p in own) or "" for s in found.counts]
        r = readings[document.id]
        assert cells == [
            document.title,
            *map(str, (len(own), *counts)),
            f"{r.touched} of {r.sentences}",
        ]
    expect(page.locator("#main .told")).to_contain_text("40 of 40 statements")
    table.get_by_role("link", name="Who Really Steers the Boats?").click()
    expect(page.locator(HEAD)).to_have_text("Who Really Steers the Boats?")
    expect(page.locator("mark").first).to_be_visible()


def test_what_is_left_out_says_why(browser: Any, opened: Opened, tmp_path: Path) -> None:
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "left")
    with (folder / "passages.yaml").open("a", encoding="utf-8") as end:
        text = offramp.source_text("tutorial", "tass")[0:28]
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        for id in ("T98", "T99"):
            end.write(
                f"  {id}:\n    document: tass\n    start: 0\n    end: 28\n    sha256: {sha256}\n"
                f"    paraphrase: The title, {id}\n"
            )
    (folder / "coverage.yaml").write_text("left out:\n  T98: a title <b>is no claim</b>\n", "utf-8")
    with serving(browser, str(folder)) as own:
        page = opened("/c/left/sources", own)
        expect(page.locator("#main h2").first).to_have_text("Left out, and why (2)", timeout=WAIT)
        rows = page.locator("#main ul").first.locator("li")
        expect(rows.nth(0)).to_contain_text("The title, T98 Why: a title <b>is no claim</b>")
        expect(rows.nth(1)).to_contain_text("Nobody says why.")
        rows.nth(0).get_by_role("link", name="T98").click()
        expect(page.locator("section.selected")).to_contain_text("Left out of the model: a title")
        page.close()


def test_without_the_texts_passages_stand_in_our_words(
    browser: Any, opened: Opened, watched: Watched, tmp_path: Path
) -> None:
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "bare")
    file = folder / "documents" / "tass.txt"
    file.write_text(file.read_text("utf-8") + "Another ending.", "utf-8")
    (folder / "documents" / "quillon.txt").unlink()
    with serving(browser, str(folder)) as own:
        page = opened("/c/bare/sources/quillon", own)
        told = page.locator("#main .told")
        expect(told).to_contain_text("the text of 'quillon' is not at hand")
        expect(told).to_contain_text("offramp open bare --sources FOLDER")
        expect(page.locator("mark")).to_have_count(0)
        first = page.locator("#main ol > li[id]").first
        expect(first).to_be_visible()
        page.keyboard.press("j")
        expect(first).to_be_focused()

        page.goto(own.at("/c/bare/sources/tass?p=T23"))
        expect(told).to_contain_text("is not the text that 'tass' was cited from")
        expect(page.locator("body")).not_to_contain_text("Another ending")
        expect(page.locator("mark")).to_have_count(0)
        expect(page.locator("#T23")).to_be_focused()

        # One that changes while its page is open is not shown either.
        page.goto(own.at("/c/bare/sources"))
        expect(page.locator("#main")).to_contain_text("1 of 3 texts is at hand")
        (folder / "documents" / "ilvane.txt").write_text("Another text.", "utf-8")
        page.locator("aside").get_by_role("link", name="Pressure without War").click()
        expect(page.get_by_role("alert")).to_contain_text("is not the text that 'ilvane'")
        expect(page.locator("#T14")).to_be_visible()
        expect(page.locator("body")).not_to_contain_text("Another text.")
        page.close()
    assert {re.sub(r".*status of (\d+).*", r"\1", text) for text in watched.said} == {"404"}
    watched.said.clear()


def test_the_documents_of_us_iran(browser: Any, opened: Opened) -> None:
    folder = os.environ.get("OFFRAMP_SOURCES", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("the documents are not at hand: OFFRAMP_SOURCES names no folder")
    case = offramp.load("us-iran-2020")
    with serving(browser, "us-iran-2020", "--sources", folder) as own:
        page = opened("/", own)
        page.route("**/worlds?*", lambda r: r.fulfill(status=204))  # none are wanted here
        for id in case.documents:
            page.goto(own.at(f"/c/us-iran-2020/sources/{id}"))
            text = offramp.source_text(case, id, sources=folder)
            stand_where_they_are_cited(page, case, id, text)
        page.close()


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("passage T5", "passage T5"),
        ("event swarm", "event swarm"),
        ("actor kelmark", "actor kelmark"),
        ("claim T5", "claim T5"),
        ("number crisis.yaml:116:24", "parameter crisis.yaml:116:24"),
    ],
)
def test_what_rests_on_what(opened: Opened, address: str, heading: str) -> None:
    """One step to the left what `offramp.links` says, one to the right the same the other way; no
    column has more than twelve before somebody wants all."""
    page = opened(f"/c/tutorial/map?of={address.replace(' ', '+')}")
    expect(page.locator(".around .own")).to_contain_text(heading)
    under = offramp.links("tutorial").under
    wanted = {
        "it rests on": list(under.get(address, ())),
        "rests on it": [name for name, own in under.items() if address in own],
    }
    for name, own in wanted.items():
        column = page.get_by_role("region", name=name, exact=True)
        expect(column.locator("h3")).to_have_text(f"{name} ({len(own)})", ignore_case=True)
        links = column.locator("li a")
        assert links.count() == min(12, len(own))
        if len(own) > 12:
            column.get_by_role("button", name=f"and {len(own) - 12} more").click()
            expect(links).to_have_count(len(own))


def test_the_map_is_walked(opened: Opened) -> None:
    """From a passage to the question that rests on it, whose map was there before."""
    page = opened("/c/tutorial/map")
    page.get_by_label("around").select_option("passage")
    page.get_by_label("which passage").select_option("passage T14")
    right = page.get_by_role("region", name="rests on it", exact=True)
    right.get_by_role("link", name="Will there be a war at sea").click()
    expect(page.get_by_role("combobox", name="question", exact=True)).to_have_value("war")
    expect(page.locator("#main svg rect").first).to_be_visible()
    expect(page).to_have_url(re.compile("/c/tutorial/map/war$"))
    page.go_back()
    expect(page.locator(".around .own")).to_contain_text("passage T14")
    page.locator(".own").get_by_role("link", name="T14").click()
    expect(page.locator("#T14")).to_be_focused()
    page = opened("/c/tutorial/map?of=event+nosuch")
    expect(page.get_by_role("alert")).to_have_text(
        "This case has no “event nosuch”: choose one above."
    )


# ---- what is taken along -------------------------------------------------------------------------


def taken(page: Any, press: Callable[[], None]) -> Path:
    with page.expect_download() as waiting:
        press()
    return Path(waiting.value.path())


def test_the_saved_file_needs_nobody(opened: Opened, browser: Any, tmp_path: Path) -> None:
    page = ready(opened("/c/tutorial/forecast/blockade?w=lethality:.02~.06"))
    link = page.get_by_role("link", name="This screen as one HTML file")
    file = shutil.copy(taken(page, link.click), tmp_path / "tutorial.html")
    before = answers(page)
    asked, seen = Watched(), list[str]()
    with browser.new_context(offline=True, viewport=WIDE) as context:
        saved = context.new_page()
        asked.watch(saved)
        saved.goto(Path(file).as_uri())
        assert answers(ready(saved)) == before
        dragged(saved, TEMPO, 40)
        expect(saved.locator(".row[aria-current] .more")).to_contain_text("by your change")
        assert answers(saved) != before
        saved.keyboard.press("Escape")
        saved.locator(".skip").focus()
        saved.keyboard.press("Enter")
        expect(saved.locator(HEAD)).to_contain_text("Kelmark blockades")
        saved.get_by_role("link", name="Sources").click()
        expect(saved.locator("#T13")).to_be_visible()
        seen += [u for u in asked.asked if not re.match("file:|data:|blob:", u)]
    assert seen == []
    assert asked.said == []


def test_pictures_and_tables_say_where_they_are_from(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast/blockade_after_death?w=tempo:.8~1.6"))
    press = page.get_by_role("button", name="Picture as SVG").click
    drawn = ElementTree.parse(taken(page, press)).getroot()
    model = offramp.load("tutorial").model_sha256[:12]
    words = " ".join(t.text or "" for t in drawn.iter("{http://www.w3.org/2000/svg}text"))
    for part in (
        "will Kelmark blockade by 29 June 2031?",
        "in the worlds in which",
        f"model {model}",
        "3000 worlds",
        "seed 1",
        "weighed anew: tempo:",
    ):
        assert part in words
    names = {element.tag.split("}")[1] for element in drawn.iter()}
    assert names <= {"svg", "rect", "text", "line", "path", "g"}

    picture = taken(page, page.get_by_role("button", name="as PNG").click)
    assert picture.read_bytes().startswith(b"\x89PNG\r\n")

    table = taken(page, page.get_by_role("button", name="The answers as CSV").click)
    header, *rows = csv.reader(table.read_text("utf-8").splitlines())
    assert header == [
        *("id", "question", "condition", "as_of", "premises", "ranges"),
        *("option", "answer", "low_90", "high_90", "by_your_change"),
    ]
    *lines, (mark, origin) = rows
    found = {row[0]: row for row in lines}
    assert set(found) == {q.id for q in offramp.load("tutorial").questions}
    assert found["blockade_after_death"][2].startswith("in the worlds in which")
    assert found["blockade"][2] == ""
    assert {tuple(row[3:6]) for row in lines} == {("", "", "tempo:.8~1.6")}
    assert 0 < float(found["blockade"][7]) < 1
    options = {row[6]: float(row[7]) for row in lines if row[0] == "gravest_act"}
    assert len(options) == 4
    assert sum(options.values()) == pytest.approx(1.0)  # one of them comes true in each world
    assert mark == "#"
    assert model in origin


# ---- conditioned on the reports ------------------------------------------------------------------


def test_the_forecast_of_a_day_is_that_of_its_reports(opened: Opened) -> None:
    """Chosen by the form, with its day in the address, in every sentence and in what is saved; the
    numbers are the library's, and dragging a range weighs these worlds."""
    page = ready(opened("/c/tutorial/forecast/blockade"))
    free = answers(page)
    page.get_by_label("conditioned on the reports known by").fill("2031-04-20")
    page.get_by_role("button", name="Condition").click()
    expect(page.locator(".condition").first).to_contain_text("as of 20 Apr 2031", timeout=WAIT)
    assert page.url.endswith("?on=2031-04-20")
    known = offramp.condition("tutorial", as_of="2031-04-20", worlds=2048).forecast
    assert known is not None
    own = {a.id: a.probability for a in known.answers}
    assert own["blockade"] is not None
    shown = page.locator('.row[href*="/blockade?"] .p').inner_text()
    assert shown == percent(own["blockade"])
    before = answers(page)
    assert before != free
    expect(page.locator(".told", has_text="2,048 worlds as of 20 Apr 2031")).to_be_visible()
    told = page.locator("fieldset svg path.after")  # what the reports say of each unknown
    assert told.count() == page.locator("fieldset .way").count() > 1
    assert (told.first.get_attribute("d") or "").count("M") > 5
    dragged(page, TEMPO, 40)
    expect(page.locator(".row[aria-current] .more")).to_contain_text("by your change")
    page.get_by_role("button", name="Use no report").click()
    expect(page.locator(".condition")).to_have_count(0, timeout=WAIT)


def test_the_answer_on_each_day_is_that_of_its_reports(opened: Opened) -> None:
    page = opened("/c/tutorial/time/blockade?day=2031-04-20")
    page.get_by_role("button", name=re.compile("Simulate 9 days until 20 Apr 2031")).click()
    table = page.get_by_role("group", name="The answer day by day, and what became known")
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(9, timeout=WAIT)
    first, last = rows.nth(0).inner_text(), rows.nth(8).inner_text()
    known = offramp.day_by_day("tutorial", ["2031-04-01", "2031-04-20"], worlds=2048)
    for told, found in (first, known[0]), (last, known[1]):
        assert found.forecast is not None
        p = next(a.probability for a in found.forecast.answers if a.id == "blockade")
        assert p is not None
        assert told.split("\t")[1].strip() == percent(p)
    became = [
        r for r in offramp.load("tutorial").history.reports if r.known_since <= known[1].as_of
    ]
    assert became
    shown = "".join(rows.nth(k).inner_text() for k in range(9))
    assert all(r.report in shown for r in became)
    page.get_by_label("question").select_option("war")
    expect(rows.nth(0)).not_to_have_text(first)


def test_an_edit_is_not_mixed_with_reports(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast/blockade?on=2031-04-20&do=never:kelmark.board"))
    expect(page.get_by_role("alert")).to_contain_text("worlds that use no report", timeout=WAIT)
    expect(page.locator(".whatif")).to_have_count(0)


def test_a_day_that_cannot_be_is_refused_in_words(opened: Opened, watched: Watched) -> None:
    page = opened("/c/tutorial/forecast/blockade?on=1999-01-01")
    expect(page.get_by_role("alert")).to_contain_text("2031", timeout=WAIT)
    expect(page.get_by_text("There are no worlds to show.")).to_be_visible()
    watched.said.clear()


def test_the_answers_under_an_author_as_csv_and_as_parquet(opened: Opened) -> None:
    """Both say in each row whose premises the answer is under, and are of the same worlds."""
    parquet = pytest.importorskip("pyarrow.parquet", exc_type=ImportError)
    page = ready(opened("/c/tutorial/forecast/blockade?as=tass"))
    table = taken(page, page.get_by_role("button", name="The answers as CSV").click)
    lines = {row["id"]: row for row in csv.DictReader(table.read_text("utf-8").splitlines())}
    del lines["#"]
    assert {row["premises"] for row in lines.values()} == {"Nobody steers the boats"}
    file = taken(page, page.get_by_role("button", name="as Parquet").click)
    rows = {row["id"]: row for row in parquet.read_table(file, use_threads=False).to_pylist()}
    assert set(rows) == set(lines)
    assert {row["premises"] for row in rows.values()} == {"Nobody steers the boats"}
    for row in rows.values():
        assert lines[row["id"]]["condition"] == row["condition"]
        if row["kind"] == "binary":
            assert float(lines[row["id"]]["answer"]) == pytest.approx(row["answer"])


def test_parquet_that_cannot_be_made_says_what_to_install(opened: Opened, watched: Watched) -> None:
    page = ready(opened("/c/tutorial/forecast"))
    words = "a Parquet file needs pyarrow: pip install '.[parquet]'"
    page.route("**/answers?*", lambda r: r.fulfill(status=422, body=json.dumps({"refused": words})))
    page.get_by_role("button", name="as Parquet").click()
    expect(page.locator("aside.right [role=alert]")).to_have_text(words)
    watched.said.clear()  # the browser tells of the 422 too


# ---- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/c/tutorial/forecast/landing?w=tempo:0.8~1.6",
        "/c/tutorial/forecast/swarms?s=7",
        "/c/tutorial/forecast/swarms?on=2031-04-20",
        "/c/tutorial/sources/tass?p=T23",
        "/c/tutorial/rivals",
        "/c/tutorial/time?day=2031-04-10",
        "/c/tutorial/why/war",
        "/c/tutorial/policies",
        "/c/tutorial/facts",
    ],
)
def test_an_address_is_the_view(opened: Opened, path: str) -> None:
    page = opened(path)
    views = []
    for _ in range(2):
        expect(page.locator("#main h1")).to_be_visible(timeout=WAIT)
        if "forecast" in path:
            ready(page)
        views.append((page.url, page.locator("#main h1").inner_text(), page.title()))
        page.reload()
    assert views[0] == views[1]
    assert views[0][0].endswith(path)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/c/tutorial/nosuch", "There is no screen “nosuch”"),
        ("/c/tutorial/forecast/nosuch", "This case asks no question “nosuch”"),
        ("/c/tutorial/sources/nosuch", "This case has no document “nosuch”"),
        ("/c/tutorial/sources/ilvane?p=T99", "This document has no passage “T99”"),
        ("/c/tutorial/why/swarms", "“swarms” is none of this case's"),
        (
            "/c/tutorial/forecast/blockade?w=nosuch:1~2,tempo:9~1",
            "25–27%: how much the 3,000 simulated worlds leave to chance (90%)",
        ),
        (
            "/c/tutorial/forecast/blockade?w=nosuch:1~2,tempo:9~1,lethality:.02~.06",
            "cannot have, and it is left out: nosuch:1~2, tempo:9~1",
        ),
        ("/c/tutorial/forecast/blockade?w=tempo:2~2.6", "(of too few worlds)"),
    ],
)
def test_what_there_is_not_is_said(opened: Opened, path: str, words: str) -> None:
    page = ready(opened(path))
    expect(page.locator("#main")).to_contain_text(words)


def test_a_case_that_is_not_open_is_said(opened: Opened, watched: Watched) -> None:
    page = opened("/c/nosuch/forecast")
    expect(page.get_by_role("alert")).to_have_text("the case 'nosuch' is not open here")
    page.get_by_role("link", name="The cases that are open").click()
    page.get_by_role("link", name="The Orrin Strait, spring 2031").click()
    ready(page)
    assert {re.sub(r".*status of (\d+).*", r"\1", text) for text in watched.said} == {"404"}
    watched.said.clear()


def test_two_tabs_do_not_meet(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast/blockade"))
    other = page.context.new_page()
    other.goto(page.url)
    before = answers(ready(other))
    dragged(page, TEMPO, 40)
    expect(page.locator(".row[aria-current] .more")).to_contain_text("by your change")
    assert answers(other) == before
    other.reload()
    assert answers(ready(other)) == before


def test_no_number_of_one_author_stands_under_another(opened: Opened) -> None:
    """Neither of the worlds before, nor of an edit that was made in them."""
    page = ready(opened("/c/tutorial/forecast/blockade?do=never:kelmark.board"))
    expect(page.locator(".whatif")).to_contain_text("Of 2,048 worlds", timeout=WAIT)
    before = page.locator("h1").inner_text()
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => window.seen.push([
            document.querySelector("h1")?.innerText ?? "",
            document.querySelector("main")?.innerText.includes("under the premises of") ?? false,
          ])).observe(document.body, { childList: true, characterData: true, subtree: true });
        }"""
    )
    late: (
        list[Any] | None
    ) = []  # the edit of the new author is not simulated before there are worlds of his
    page.route("**/worlds?*as=tass*", lambda r: r.continue_() if late is None else late.append(r))
    page.get_by_label("under the premises of").select_option("tass")
    expect(page.get_by_text("Simulating the first worlds")).to_be_visible()
    page.wait_for_timeout(1500)
    held, late = late, None
    for request in held:
        request.continue_()
    expect(page.locator(".condition")).to_contain_text("under the premises of", timeout=WAIT)
    ready(page)
    expect(page.locator(".whatif")).to_contain_text("Of 2,048 worlds", timeout=WAIT)
    after = page.locator("h1").inner_text()
    assert after != before
    assert [before, True] not in page.evaluate("window.seen")


# ---- what goes wrong -----------------------------------------------------------------------------


def test_the_page_lives_on_without_its_server(
    browser: Any, opened: Opened, watched: Watched
) -> None:
    with serving(browser, "tutorial") as own:
        page = ready(opened("/c/tutorial/forecast/blockade", own))
    before = answers(page)
    page.get_by_text("Every number behind it").click()
    gone = "the server is gone: start `offramp open` again"
    expect(page.locator("aside.right .trouble")).to_have_text(gone)
    dragged(page, TEMPO, 40)
    expect(page.locator(".row[aria-current] .more")).to_contain_text("by your change")
    assert answers(page) != before
    expect(page.get_by_role("alert").first).to_have_text(gone, timeout=WAIT)  # unasked
    assert all("net::ERR_" in text for text in watched.said)  # some were on their way
    watched.said.clear()


def test_a_file_that_is_changed_outside_is_told_and_read_again(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    with serving(browser, str(folder)) as own:
        page = ready(opened("/c/mine/forecast/blockade", own))
        path = folder / "questions.yaml"
        path.write_text(
            path.read_text("utf-8").replace("Kelmark blockade", "Kelmark close"), "utf-8"
        )
        expect(page.get_by_text("A file of this case was changed outside")).to_be_visible(
            timeout=WAIT
        )
        expect(page.locator("#main")).not_to_contain_text("Kelmark close")
        page.get_by_role("button", name="Read it again").click()
        expect(page.locator("#main")).to_contain_text("Kelmark close", timeout=WAIT)
        expect(page.get_by_text("A file of this case was changed outside")).to_have_count(0)
        path.write_text("questions: 3\n", "utf-8")
        page.get_by_role("button", name="Read it again").click(timeout=WAIT)
        expect(page.get_by_text("The case has errors now")).to_be_visible(timeout=WAIT)
        expect(page.locator("#main")).to_contain_text("Kelmark close")
        page.close()


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tutorial with markup in the place of its titles, paraphrases, reasons and words."""
    folder = tmp_path_factory.mktemp("cases") / "marked"
    shutil.copytree(Path(offramp.__file__).parent / "cases" / "tutorial", folder)
    changes = {
        "crisis.yaml": {
            r"^(crisis: ).*": rf"\1{MARKUP}",
            r"^(\s+name: )(?!.*says).*": rf"\1{MARKUP}",
            r"\? [^,\]}*()\n]+(?=[,\]}]|$)": f"? {MARKUP}",
        },
        "passages.yaml": {r"(paraphrase: ).*": rf"\1{MARKUP}"},
        "questions.yaml": {r"(text: |clause: |resolves: ).*": rf"\1{MARKUP}"},
        "sources.yaml": {r"(title: |author: |publisher: ).*": rf"\1{MARKUP}"},
        "policies.yaml": {r"(    name: ).*": rf"\1{MARKUP}"},
        "history.csv": {r"Traffic through the strait[^,\n]*": MARKUP},
        "assessments/ilvane.yaml": {r"(assessment: |about: ).*": rf"\1{MARKUP}"},
        "facts.yaml": {r"(says: |because: ).*": rf"\1{MARKUP}"},
    }
    for name, patterns in changes.items():
        path = folder / name
        text = path.read_text("utf-8")
        for pattern, new in patterns.items():
            text, times = re.subn(pattern, new, text, flags=re.M)
            assert times, (name, pattern)
        path.write_text(text, "utf-8")
    return folder


def test_markup_in_a_case_stays_text(browser: Any, opened: Opened, marked: Path) -> None:
    with serving(browser, str(marked)) as own:
        page = ready(opened("/c/marked/forecast/blockade", own))
        page.get_by_text("Every number behind it").click()
        expect(page.locator("aside.right section li").first).to_be_visible()
        expect(page.locator("body")).to_contain_text(MARKUP)
        link = page.get_by_role("link", name="This screen as one HTML file")
        saved = shutil.copy(taken(page, link.click), marked.parent / "marked.html")
        for screen in SCREENS:
            page.goto(own.at(f"/c/marked/{screen}"))
            expect(page.locator("#main h1")).to_be_visible()
            shown = page.locator(".cm-content" if screen == "model" else "body")
            expect(shown).to_contain_text(MARKUP)
            assert page.evaluate("[window.ran ?? 0, document.images.length]") == [0, 0]
        page.goto(own.at("/"))
        expect(page.locator("#main")).to_contain_text(MARKUP)
        page.goto(Path(saved).as_uri())
        expect(ready(page).locator("body")).to_contain_text(MARKUP)
        assert page.evaluate("[window.ran ?? 0, document.images.length]") == [0, 0]


# ---- for everybody -------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["", *SCREENS, "sources/tass?p=T23"])
def screen(browser: Any, bench: Bench, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The shelf, or a screen with what it shows of its own accord, and all that unfolds."""
    name, found = request.param, Watched()
    with browser.new_context(storage_state=bench.state, viewport=WIDE) as context:
        page = context.new_page()
        found.watch(page)
        page.goto(bench.at(f"/c/tutorial/{name}" if name else "/"))
        if name == "desk":  # shows no worlds
            expect(page.get_by_role("button", name="Make it")).to_be_visible()
        elif name == "play":
            expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
        elif name:
            ready(page)
        else:
            expect(page.locator("#main a").first).to_be_visible()
        if name == "model":
            expect(page.locator(".cm-content")).to_be_visible()
        if name == "map":
            expect(page.locator("#main svg rect").first).to_be_visible()
        if name.startswith("sources/"):
            expect(page.locator("mark.selected")).to_be_visible()
        if name in ("why", "facts", "sources"):
            expect(page.locator("#main table").first).to_be_visible(timeout=WAIT)
        if name == "rivals":
            expect(page.locator("#main")).not_to_contain_text("Simulating:", timeout=WAIT)
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        page.wait_for_load_state("networkidle")
        yield page
    assert found.said == []


def test_nothing_scrolls_sideways(screen: Any) -> None:
    """At 360 pixels, and at 200% of a small screen: half the pixels, twice as dense."""
    for width in 360, 640, 720, 1024:
        screen.set_viewport_size({"width": width, "height": 740})
        assert screen.evaluate("document.documentElement.scrollWidth") <= width, width


def test_axe_finds_nothing(screen: Any) -> None:
    """`.ci/web` has axe-core at hand, and names it (OFFRAMP_AXE)."""
    if not AXE.is_file() and "OFFRAMP_AXE" not in os.environ:
        pytest.skip("axe-core is not installed in web/")
    screen.evaluate(AXE.read_text("utf-8"))
    for viewport in WIDE, NARROW:
        screen.set_viewport_size(viewport)
        for violation in screen.evaluate("axe.run()")["violations"]:
            pytest.fail(f"{violation['id']}: {violation['nodes'][0]['html']}")


def test_axe_finds_nothing_where_a_passage_goes_into_the_model(opened: Opened) -> None:
    """Each way, with what would be written."""
    if not AXE.is_file() and "OFFRAMP_AXE" not in os.environ:
        pytest.skip("axe-core is not installed in web/")
    page = opened("/c/tutorial/sources/ilvane?p=T13")
    page.get_by_text("Put it into the model").click(timeout=WAIT)
    form = page.get_by_role("form", name="What T13 is to the model")
    page.evaluate(AXE.read_text("utf-8"))

    def clean() -> None:
        for violation in page.evaluate("axe.run()")["violations"]:
            pytest.fail(f"{violation['id']}: {violation['nodes'][0]['html']}")

    form.get_by_label("which?").fill("closed season boats")
    clean()
    form.get_by_role("button", name="300 End of the closed season").click()
    form.get_by_role("combobox", name="the number").fill("280")
    form.get_by_label("it supports it").check()
    expect(form.locator(".come")).to_contain_text("280 boats ~T13")
    clean()
    form.get_by_role("button", name="What would it change?").click()
    effect = page.get_by_label("What it would change", exact=True)
    expect(effect).to_contain_text("under the case's own premises", timeout=WAIT)
    clean()
    form.get_by_label("of something that is not in the model yet").check()
    form.get_by_label("what is it?").select_option(label="a move")
    clean()
    page.set_viewport_size(NARROW)
    clean()


def test_an_effect_has_no_old_number_of_another_author(opened: Opened) -> None:
    """It is of the case as it is: beside an author's worlds it says the change alone."""
    for author, arrow in (("", True), ("tass", False)):
        page = opened(f"/c/tutorial/sources/ilvane?p=T13&as={author}")
        expect(page.locator(".state")).to_contain_text("3,000 worlds", timeout=WAIT)
        page.get_by_text("Put it into the model").click(timeout=WAIT)
        form = page.get_by_role("form", name="What T13 is to the model")
        form.get_by_label("which?").fill("closed season boats")
        form.get_by_role("button", name="300 End of the closed season").click()
        form.get_by_role("combobox", name="the number").fill("20")
        form.get_by_label("it supports it").check()
        form.get_by_role("button", name="What would it change?").click()
        effect = page.get_by_label("What it would change", exact=True)
        expect(effect).to_contain_text("points", timeout=WAIT)
        assert ("→ about" in effect.inner_text()) == arrow


def test_what_no_world_has_is_told_of_those_that_meet_the_condition(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    folder = shutil.copytree(CASES / "tutorial", tmp_path / "mine")
    path = folder / "questions.yaml"
    new = (
        "  never:\n    text: Will a thousand swarms come?\n    window: 2031-04-01 .. 2031-06-29\n"
        "    asks: count(swarm) >= 1000 ? what is asked\n    given: count(kelmark.board) >= 1\n"
        "    resolves: the harbour master\n"
    )
    path.write_text(
        path.read_text("utf-8").replace("questions:\n", f"questions:\n{new}", 1), "utf-8"
    )
    met = next(a for a in offramp.forecast(folder, worlds=3000).answers if a.id == "never").worlds
    assert 0 < met < 3000
    with serving(browser, str(folder)) as own:
        page = ready(opened("/c/mine/forecast/never", own))
        expect(page.locator(".told", has_text="In none of")).to_contain_text(
            f"In none of {met:,} worlds that meet the condition", timeout=WAIT
        )
        page.close()


def test_who_wants_no_motion_sees_none(opened: Opened) -> None:
    page = ready(opened("/c/tutorial/forecast", reduced_motion="reduce"))
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].map((e) => getComputedStyle(e)).filter(
          (s) => parseFloat(s.transitionDuration) > 0 || s.animationName !== "none").length"""
    )
    assert moving == 0


# ---- the worked case -----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_first_minute_of_us_iran(browser: Any, opened: Opened) -> None:
    with serving(browser, "us-iran-2020") as own:
        page = opened("/c/us-iran-2020/forecast", own)
        expect(page.locator(".state")).to_contain_text("3,000 worlds", timeout=300_000)
        assert len(answers(page)) == len(offramp.load("us-iran-2020").questions)
        before = answers(page)
        name = page.locator(".way input").first.get_attribute("aria-label")
        dragged(page, name, 40)
        expect(page.locator("aside.left .told")).to_contain_text("under your ranges")
        assert answers(page) != before
        for screen, heading in zip(SCREENS[1:4], TITLES[1:4], strict=True):
            page.get_by_role("link", name=heading, exact=True).click()
            expect(page.locator("#main h1")).to_be_visible()
            expect(page).to_have_url(re.compile(f"/c/us-iran-2020/{screen}"))
        page.close()  # before its server, which still simulates for it
