"""From texts to passages in the browser alone: the ends of a passage, what may be worth one, and a
document taken in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from incoming_files import PARAGRAPHS, pdf
from odd_text import write_odd
from test_workbench_page import (
    AXE,
    CASES,
    NARROW,
    WAIT,
    WIDE,
    Bench,
    Opened,
    Watched,
    bench,
    browser,
    opened,
    playwright,
    pytestmark,
    serving,
    watched,
)

import offramp
from offramp.cli import main

__all__ = ["bench", "browser", "opened", "pytestmark", "watched"]
expect = playwright.expect
T18 = offramp.load("tutorial").passages["T18"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(CASES / "tutorial", tmp_path / "mine")


@pytest.fixture
def own(browser: Any, folder: Path) -> Iterator[Bench]:
    with serving(browser, str(folder)) as found:
        yield found


def axe_finds_nothing(page: Any) -> None:
    """Where axe-core is not at hand the rest of a test is made all the same; `.ci/web` has it, and
    runs the tests with `axe` in their names again."""
    if not AXE.is_file() and "OFFRAMP_AXE" not in os.environ:
        return
    page.evaluate(AXE.read_text("utf-8"))
    for viewport in WIDE, NARROW:
        page.set_viewport_size(viewport)
        for violation in page.evaluate("axe.run()")["violations"]:
            pytest.fail(f"{violation['id']}: {violation['nodes'][0]['html']}")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.set_viewport_size(WIDE)


# ---- the ends of a passage -----------------------------------------------------------------------


def end_of(page: Any, which: str, passage: str = "T18") -> Any:
    return page.get_by_role("slider", name=f"{passage}: its {which}")


def marked(page: Any) -> str:
    """What stands under the selected passage."""
    return " ".join(" ".join(page.locator("mark.selected").all_inner_texts()).split())


def test_the_ends_of_a_passage_are_moved_by_keys_by_axe(
    own: Bench, opened: Opened, folder: Path
) -> None:
    text, before = offramp.source_text("tutorial", "tass"), (folder / "passages.yaml").read_bytes()
    page = opened("/c/mine/sources/tass?p=T18", own)
    expect(end_of(page, "end")).to_be_visible(timeout=WAIT)
    reader = page.locator("#main")
    expect(reader).to_contain_text(f"T18: {T18.end - T18.start} characters, 10 words")
    was = marked(page)
    expect(page.locator("#T18")).to_be_focused()  # and the handles are a few steps from there
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "slider":
            break
    expect(end_of(page, "beginning")).to_be_focused()
    page.keyboard.press("Tab")
    expect(end_of(page, "end")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    form = page.get_by_role("form", name="The ends of T18")
    expect(form).to_contain_text("nothing is written yet")
    assert marked(page).startswith(was)
    assert len(marked(page)) > len(was)
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Escape")
    expect(form.get_by_role("button", name="Keep")).to_be_disabled()
    assert marked(page) == was
    end_of(page, "beginning").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    start = int(end_of(page, "beginning").get_attribute("aria-valuenow"))
    spoken = end_of(page, "beginning").get_attribute("aria-valuetext")
    first = " ".join(text[start : T18.end].split()[:4])
    assert spoken == f"character {start}, before “{first}”"
    page.keyboard.press("k")  # goes elsewhere, and what was not kept is gone
    page.keyboard.press("j")
    expect(form.get_by_role("button", name="Keep")).to_be_disabled()
    assert (folder / "passages.yaml").read_bytes() == before

    end_of(page, "beginning").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    axe_finds_nothing(page)
    end_of(page, "beginning").focus()
    page.keyboard.press("Enter")
    expect(reader).to_contain_text("T18 is written. It can be taken back (Model).", timeout=WAIT)
    expect(page.locator("section.selected")).to_contain_text(f"characters {start}–{T18.end}")
    expect(end_of(page, "beginning")).to_be_focused()
    assert marked(page) == " ".join(text[start : T18.end].split())
    new = offramp.load(folder).passages["T18"]
    assert (new.start, new.end, new.paraphrase) == (start, T18.end, T18.paraphrase)
    assert offramp.check(folder).ok
    page.goto(own.at("/c/mine/model/passages.yaml"))
    page.get_by_role("button", name="Take the last save back").click(timeout=WAIT)
    expect(page.get_by_text("is as it was before")).to_be_visible(timeout=WAIT)
    assert (folder / "passages.yaml").read_bytes() == before


def test_the_ends_of_a_passage_are_dragged(
    own: Bench, opened: Opened, folder: Path, watched: Watched
) -> None:
    """To the words that are pointed at; what does not fit is said, and stays to be mended."""
    text = offramp.source_text("tutorial", "tass")
    before = (folder / "passages.yaml").read_bytes()
    page = opened("/c/mine/sources/tass?p=T18", own)
    expect(end_of(page, "end")).to_be_visible(timeout=WAIT)
    dragged_to(page, "end", text.index("master, and", T18.end) + 4)
    form = page.get_by_role("form", name="The ends of T18")
    expect(form).to_contain_text("nothing is written yet")
    reached = int(end_of(page, "end").get_attribute("aria-valuenow"))
    assert text[:reached].endswith("one harbour master")
    assert page.evaluate("getSelection().isCollapsed")  # a drag selects nothing
    form.get_by_role("button", name="Not this").click()
    dragged_to(page, "beginning", text.index("low to medium") + 8)
    form.get_by_role("button", name="Keep").click()
    expect(form.get_by_role("alert")).to_contain_text("'low to medium'")
    watched.said.clear()  # the browser tells of the 422 too
    assert (folder / "passages.yaml").read_bytes() == before
    form.get_by_role("button", name="Not this").click()
    dragged_to(page, "end", reached)
    form.get_by_label("what it says").fill("Weak control, in the author's eyes")
    form.get_by_role("button", name="Keep").click()
    expect(page.locator("section.selected .what")).to_have_text(
        "Weak control, in the author's eyes", timeout=WAIT
    )
    assert offramp.load(folder).passages["T18"].end == reached
    assert offramp.check(folder).ok


def dragged_to(page: Any, which: str, place: int) -> None:
    """Drags a handle by the mouse until its end stands at a place of the text."""
    x, y = page.evaluate(
        """(place) => {
          const all = [...document.querySelectorAll("[data-at]")];
          const run = all.findLast((e) => Number(e.dataset.at) < place);
          const range = document.createRange();
          const before = [...run.textContent].slice(0, place - Number(run.dataset.at));
          const units = before.join("").length;
          range.setStart(run.firstChild, units - 1);
          range.setEnd(run.firstChild, units);
          const box = range.getBoundingClientRect();
          return [box.right, (box.top + box.bottom) / 2];
        }""",
        place,
    )
    handle = end_of(page, which)
    box = handle.bounding_box()
    knob = -6 if which == "beginning" else box["height"] + 6
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 1.5, box["y"] + knob)
    page.mouse.down()
    page.mouse.move(x, y + box["y"] + knob - middle, steps=6)
    page.mouse.up()


def test_in_text_from_right_to_left_the_left_arrow_goes_on(
    browser: Any, opened: Opened, tmp_path: Path
) -> None:
    """Its direction is its own, and not that of the ids in the margin."""
    text = write_odd(tmp_path / "odd")
    with serving(browser, str(tmp_path / "odd")) as own:
        page = opened("/c/odd/sources/ilvane?p=Z1", own)
        start, end = end_of(page, "beginning", "Z1"), end_of(page, "end", "Z1")
        expect(start).to_be_visible(timeout=WAIT)
        assert start.bounding_box()["x"] > end.bounding_box()["x"]
        start.focus()
        page.keyboard.press("ArrowLeft")
        place = int(start.get_attribute("aria-valuenow"))
        assert text[place:].startswith("\u05d4\u05de\u05d9\u05e6\u05e8 ")  # behind two of two units
        page.keyboard.press("ArrowRight")
        expect(start).to_have_attribute("aria-valuenow", "1")
        page.close()


def test_what_comes_with_offramp_has_no_handles(opened: Opened) -> None:
    page = opened("/c/tutorial/sources/tass?p=T18")
    expect(page.locator("mark.selected").first).to_be_visible(timeout=WAIT)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("slider")).to_have_count(0)


# ---- what may be worth a passage -----------------------------------------------------------------


def suggested(page: Any) -> Any:
    page.get_by_role("button", name="What may be worth a passage").click()
    expect(page.locator(".take").first).to_be_visible(timeout=WAIT)
    return page.locator(".take")


def test_candidates_are_the_library_s_and_are_filtered_by_axe(opened: Opened) -> None:
    found = offramp.drafts("tutorial", "tass")
    untouched = {s.start for s in offramp.suggest_passages("tutorial", "tass").untouched}
    text = offramp.source_text("tutorial", "tass")
    page = opened("/c/tutorial/sources/tass")
    rows = suggested(page)
    panel = page.get_by_role("complementary", name="Passages of this document")
    expect(panel).to_contain_text("a reason to read, not a finding; English only")
    bare = {c.sentence.start for c in found.candidates} & untouched
    expect(rows).to_have_count(len(bare))
    page.get_by_label("only without a passage").uncheck()
    expect(rows).to_have_count(len({c.sentence.start for c in found.candidates}))
    for kind in sorted({c.kind for c in found.candidates}):
        own = [c for c in found.candidates if c.kind == kind]
        page.get_by_label("Which sentences").select_option(kind)
        expect(rows).to_have_count(len({c.sentence.start for c in own}))
        for c in own:
            s = c.sentence
            row = rows.filter(has_text=" ".join(text[s.start : min(s.end, s.start + 40)].split()))
            expect(row).to_contain_text(f"{c.band} {kind}: {c.reason}")
            told = "a passage touches it"
            if c.sentence.start in untouched:
                expect(row).not_to_contain_text(told)
            else:
                expect(row).to_contain_text(told)
    page.get_by_label("Which sentences").select_option("untouched")
    expect(rows).to_have_count(len(untouched))
    panel.get_by_role("button", name="Its passages").click()
    page.keyboard.press("j")
    expect(page.locator("section.selected h2")).to_have_text("T15")
    expect(page.locator(".list a[aria-current]")).to_contain_text("T15")
    axe_finds_nothing(page)


def test_a_candidate_is_cited_with_a_click_by_axe(own: Bench, opened: Opened, folder: Path) -> None:
    text = offramp.source_text("tutorial", "quillon")
    sentence = offramp.suggest_passages("tutorial", "quillon").untouched[-1]
    page = opened("/c/mine/sources/quillon", own)
    rows = suggested(page)
    page.get_by_label("Which sentences").select_option("untouched")
    count = rows.count()
    rows.last.click()
    form = page.get_by_role("form", name="A passage of what is selected")
    expect(form).to_contain_text(f"Characters {sentence.start}–{sentence.end}")
    expect(form).to_be_in_viewport()
    chosen = page.evaluate("getSelection().toString()")
    assert chosen.split() == text[sentence.start : sentence.end].split()
    seen = page.evaluate(
        "() => { const b = getSelection().getRangeAt(0).getBoundingClientRect();"
        " return b.top > 100 && b.bottom < innerHeight; }"
    )
    assert seen
    axe_finds_nothing(page)
    form.get_by_label("what it says").fill("In our words")
    form.get_by_role("button", name="Write the passage").click()
    expect(page.get_by_text("T41 is written")).to_be_visible(timeout=WAIT)
    made = offramp.load(folder).passages["T41"]
    assert (made.start, made.end) == (sentence.start, sentence.end)
    expect(rows).to_have_count(count - 1)  # it is touched by now
    page.keyboard.press("k")  # keys go through the passages while the suggestions are shown
    expect(page.locator("section.selected h2")).not_to_have_text("T41")
    before = (folder / "passages.yaml").read_bytes(), rows.count()
    page.get_by_role("button", name="Hide “").first.click()
    expect(rows).to_have_count(before[1] - 1)
    expect(page.get_by_text("; 1 hidden")).to_be_visible()
    page.get_by_role("button", name="Show the hidden").click()
    expect(rows).to_have_count(before[1])
    assert (folder / "passages.yaml").read_bytes() == before[0]


def test_the_form_waits_until_the_mouse_is_up(own: Bench, opened: Opened) -> None:
    """It stands above the text, and would push it away from under the hand."""
    page = opened("/c/mine/sources/tass", own)
    first = page.locator(".text p").nth(1)
    expect(first).to_be_visible(timeout=WAIT)
    page.wait_for_load_state("networkidle")
    box = first.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 12, steps=4)
    assert page.evaluate("getSelection().toString()")
    assert first.bounding_box() == box
    form = page.get_by_role("form", name="A passage of what is selected")
    expect(form).to_have_count(0)
    page.mouse.up()
    expect(form).to_be_visible()


# ---- a document taken in -------------------------------------------------------------------------

SAID = {
    "its short name": "quarrel",
    "title": "A quarrel",
    "author": "Mara Ilvane",
    "publisher": "Aldery Institute",
    "date": "2031-03-24",
    "how the date is known": "printed below the title",
    "what its author allows": "all rights reserved",
}


def adding(page: Any) -> Any:
    page.get_by_role("button", name="Add a document").click()
    return page.get_by_role("region", name="A document to add")


def filled(form: Any, said: dict[str, str]) -> None:
    for label, value in said.items():
        exact = label in ("title", "author", "publisher", "date")
        form.get_by_label(label, exact=exact).fill(value)


def given(page: Any, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label("a file").set_input_files([file])


def files_of(folder: Path) -> dict[str, bytes]:
    ours = (p for p in sorted(folder.rglob("*")) if p.is_file() and ".offramp" not in p.parts)
    return {str(p): p.read_bytes() for p in ours}


def test_a_pasted_text_becomes_a_document_and_goes_again_by_axe(
    own: Bench, opened: Opened, folder: Path, watched: Watched
) -> None:
    """Markup in it is text, in what was found and in the reader."""
    before = files_of(folder)
    text = (
        "A quarrel\n\nWar is likely. </script><img src=x onerror=window.ran=1> \U0001f6a2 It is.\n"
    )
    page = opened("/c/mine/sources", own)
    region = adding(page)
    region.get_by_label("or its text").fill(text)
    axe_finds_nothing(page)
    region.get_by_role("button", name="Read the text").click()
    form = page.get_by_role("form", name="What was found in the document")
    expect(form).to_contain_text(f"text, {len(text)} characters. Nothing is written yet.")
    expect(form.locator("pre")).to_have_text(text.strip())
    assert files_of(folder) == before
    filled(form, SAID | {"date": "tomorrow"})
    form.get_by_role("button", name="Write it into the case").click()
    expect(form.get_by_role("alert")).to_contain_text("tomorrow")
    watched.said.clear()  # the browser tells of the 422 too
    filled(form, {"date": "2031-03-24", "its short name": "tass"})
    form.get_by_role("button", name="Write it into the case").click()
    expect(form.get_by_role("alert")).to_contain_text("'tass' is taken: choose another")
    watched.said.clear()
    assert files_of(folder) == before
    axe_finds_nothing(page)
    filled(form, {"its short name": "quarrel"})
    form.get_by_role("button", name="Write it into the case").click()
    told = page.get_by_role("status").filter(has_text="“A quarrel” is in the case as quarrel")
    expect(told).to_be_visible(timeout=WAIT)
    made = offramp.load(folder).documents["quarrel"]
    assert (made.author, str(made.date), made.precision) == ("Mara Ilvane", "2031-03-24", "day")
    assert (made.start, made.end) == (0, len(text) - 1)
    assert offramp.source_text(folder, "quarrel") == text
    table = page.locator("#main table")
    expect(table.get_by_role("link", name="A quarrel")).to_be_visible(timeout=WAIT)
    told.get_by_role("link", name="Read it").click()
    expect(page.locator(".text")).to_contain_text("<img src=x onerror=window.ran=1>", timeout=WAIT)
    expect(page.locator("aside.left a[aria-current]")).to_contain_text("text at hand")
    assert page.evaluate("[window.ran ?? 0, document.images.length]") == [0, 0]
    page.get_by_role("button", name="What may be worth a passage").click()
    expect(page.locator(".take").first).to_contain_text("War is likely.")

    page.goto(own.at("/c/mine/model/sources.yaml"))
    page.get_by_role("button", name="Take the last save back").click(timeout=WAIT)
    expect(page.get_by_text("is as it was before")).to_be_visible(timeout=WAIT)
    assert files_of(folder) == before


def test_a_new_text_is_set_beside_the_documents_before_it_is_written(
    own: Bench, opened: Opened, folder: Path
) -> None:
    """What stands in one already is no second source, and is said to be none; another number of the
    same thing is a reason to look; a text that the case has is told."""
    text = offramp.source_text("tutorial", "ilvane")
    repeated = "It has boarded League boats twice this year and released them each time."
    assert repeated in " ".join(text.split())
    page = opened("/c/mine/sources", own)
    region = adding(page)
    region.get_by_label("or its text").fill(
        f"{repeated} Kelmark keeps six patrol ships at the islands and could send eight more."
    )
    region.get_by_role("button", name="Read the text").click()
    beside = page.get_by_role("region", name="Beside the other documents")
    expect(beside).to_contain_text("Beside ilvane, tass, quillon, by rule", timeout=WAIT)
    expect(beside).to_contain_text("no second source for what they say")
    expect(beside.get_by_role("link", name="T4")).to_be_visible()
    beside.get_by_text("What to look at").click()
    expect(beside).to_contain_text("'6' here, '4' in ilvane: the same thing?")
    page.get_by_role("button", name="Not this").click()
    region.get_by_label("or its text").fill(text)
    page.get_by_role("button", name="Read the text").click()
    expect(beside).to_contain_text("This is the text of ilvane, letter for letter", timeout=WAIT)


def test_a_file_is_read_with_what_it_says_of_itself(
    own: Bench, opened: Opened, folder: Path
) -> None:
    pytest.importorskip("pypdf")
    page = opened("/c/mine/sources", own)
    adding(page)
    given(page, "A quarrel, at sea.pdf", pdf(*PARAGRAPHS[:2], title="A quarrel at sea"))
    form = page.get_by_role("form", name="What was found in the document")
    expect(form).to_contain_text("PDF, ")
    expect(form).to_contain_text("2 pages in A quarrel, at sea.pdf")
    read = offramp.read_source(pdf(*PARAGRAPHS[:2], title="A quarrel at sea"), "x.pdf")
    expect(form.get_by_label("its short name")).to_have_value("a-quarrel-at-sea")
    expect(form.get_by_label("title", exact=True)).to_have_value("A quarrel at sea")
    expect(form.get_by_label("date", exact=True)).to_have_value(str(read.date))
    expect(form.get_by_label("how exact the date is")).to_have_value("inferred")
    expect(form.get_by_label("begins at")).to_have_value(str(read.start))
    start = read.text.index("fishing")
    form.get_by_label("begins at").fill(str(start))
    expect(form.locator("pre").first).to_have_text(re.compile("^fishing boats"))
    filled(form, {"publisher": "Aldery Institute", "what its author allows": "CC0"})
    form.get_by_role("button", name="Write it into the case").click()
    expect(page.get_by_text("is in the case as a-quarrel-at-sea")).to_be_visible(timeout=WAIT)
    made = offramp.load(folder).documents["a-quarrel-at-sea"]
    assert (made.start, made.end, made.pages) == (start, read.end, read.pages)
    assert (made.dated_by, made.precision) == (read.dated_by, "inferred")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("book.pdf", b"%PDF-" + bytes(30_000_000), "more than 30 MB"),
        ("book.docx", b"PK\x03\x04" + bytes(30_000_000), "more than 30 MB"),
        ("table.xlsx", b"PK\x03\x04" + bytes(99), "a .xlsx file is not read: save it as"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word file"),
        ("torn.pdf", b"%PDF-1.4 and nothing else", "PDF"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0", "is not UTF-8"),
        ("empty.txt", b"", "has no text"),
    ],
)
def test_a_file_that_is_not_taken_is_said(
    shared_page: Any, name: str, content: bytes, says: str
) -> None:
    page, watched, folder = shared_page
    before = files_of(folder)
    given(page, name, content)
    alert = page.get_by_role("alert").filter(has_text=says)
    expect(alert).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("form", name="What was found in the document")).to_have_count(0)
    assert files_of(folder) == before
    if "MB" in says:  # it was not even sent
        assert not [url for url in watched.asked if url.endswith("/document")]
    watched.said.clear()
    watched.asked.clear()


@pytest.fixture(scope="module")
def shared_page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The place where a document is added, for tests that add none."""
    folder = shutil.copytree(CASES / "tutorial", tmp_path_factory.mktemp("cases") / "mine")
    found = Watched()
    with (
        serving(browser, str(folder)) as own,
        browser.new_context(storage_state=own.state, viewport=WIDE) as context,
    ):
        page = context.new_page()
        found.watch(page)
        page.goto(own.at("/c/mine/sources"))
        adding(page)
        yield page, found, folder


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A case without a document: what `offramp new` makes, with reasons in place of passages."""
    CliRunner().invoke(main, ["new", str(tmp_path / "bare")], catch_exceptions=False)
    folder = tmp_path / "bare"
    crisis = (folder / "crisis.yaml").read_text("utf-8")
    shutil.rmtree(folder)
    folder.mkdir()
    crisis = crisis.replace("says: likely @P2", "share: .55 .. .8 ? ours")
    (folder / "crisis.yaml").write_text(re.sub(r" ~P\d", " [? ours]", crisis), "utf-8")
    assert offramp.check(folder).ok
    return folder


def test_the_first_document_of_a_case_and_its_first_passage_by_axe(
    browser: Any, opened: Opened, bare: Path
) -> None:
    """From a text to a passage in the page alone, and all of it back."""
    before = files_of(bare)
    with serving(browser, str(bare)) as own:
        page = opened("/c/bare/sources", own)
        expect(page.get_by_text("The case has no document yet")).to_be_visible(timeout=WAIT)
        axe_finds_nothing(page)
        page.get_by_label("or its text").fill("A quarrel\n\nA landing is unlikely this spring.")
        page.get_by_role("button", name="Read the text").click()
        filled(page.get_by_role("form", name="What was found"), SAID)
        page.get_by_role("button", name="Write it into the case").click()
        page.get_by_role("link", name="Read it").click(timeout=WAIT)
        suggested(page).filter(has_text="A landing").click()
        form = page.get_by_role("form", name="A passage of what is selected")
        form.get_by_label("what it says").fill("Nobody will land")
        form.get_by_label("its own wording").fill("unlikely")
        form.get_by_role("button", name="Write the passage").click()
        expect(page.get_by_text("P1 is written")).to_be_visible(timeout=WAIT)
        p = offramp.load(bare).passages["P1"]
        assert (p.document, p.start, p.phrase) == ("quarrel", 11, "unlikely")
        assert offramp.check(bare).ok
        page.goto(own.at("/c/bare/model"))
        back = page.get_by_role("button", name="Take the last save back")
        back.click(timeout=WAIT)
        expect(page.get_by_text("passages.yaml is as it was before")).to_be_visible(timeout=WAIT)
        back.click()
        expect(page.get_by_text("sources.yaml is as it was before")).to_be_visible(timeout=WAIT)
        expect(page.get_by_role("link", name="sources.yaml")).to_have_count(0)
        assert files_of(bare) == before
        page.close()


def test_to_what_comes_with_offramp_no_document_is_added(opened: Opened) -> None:
    page = opened("/c/tutorial/sources")
    expect(page.get_by_text("To add a document, make a copy of the case")).to_be_visible(
        timeout=WAIT
    )
    expect(page.get_by_role("button", name="Add a document")).to_have_count(0)
