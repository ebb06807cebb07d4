"""Files taken in as documents: one text for one file, what it says of itself, and nothing else."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from incoming_files import HTML, PARAGRAPHS, docx, pdf, repacked, rewritten_pdf

import offramp
from offramp import Mistake, Needs, Unanswerable
from offramp.case.case import cited_by
from offramp.case.texts import shipped
from offramp.cli import main, taking_in
from offramp.sources import incoming as module
from offramp.sources.documents import digest, normalise
from offramp.sources.incoming import Incoming, cleaned, incoming
from offramp.text.journal import JOURNAL

for package in ("pypdf", "docx", "trafilatura"):
    pytest.importorskip(package, reason="needs the extra `documents`")

SAID = {
    "title": "A quarrel",
    "author": "Mara Ilvane",
    "publisher": "Aldery Institute",
    "date": "2031-03-24",
    "dated_by": "printed below the title",
    "licence": "all rights reserved",
}
OPTIONS = [x for key, value in SAID.items() for x in (f"--{key.replace('_', '-')}", value)]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object, **more: object) -> None:
        raise AssertionError("something was sent")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    shutil.copytree(shipped()["tutorial"], tmp_path / "mine")
    return tmp_path / "mine"


def run(*words: object, **more: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], **more)  # type: ignore[arg-type]


def own(source: Incoming) -> str:
    return source.text[source.start : source.end]


# ---- one text for one file -----------------------------------------------------------------------


@given(st.text(), st.sampled_from(["", "\ufeff"]))
def test_plain_text_stays_as_it_stands(text: str, mark: str) -> None:
    data = (mark + text).encode("utf-8", "ignore")
    try:
        source = incoming(data, "a.txt")
    except Unanswerable:
        assert "\0" in text or not any(c.isalnum() for c in normalise(data))
        return
    assert source.text == normalise(data).lstrip("\ufeff")
    assert own(source) == source.text.strip()
    read_again(source)


def read_again(source: Incoming) -> None:
    """What is written is read as the same text, so offsets hold."""
    assert normalise(source.text.encode("utf-8")) == source.text


@given(st.text())
def test_a_text_that_is_made_is_made_once(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    assert normalise(once.encode("utf-8")) == once


def test_what_is_made_of_a_text_is_stated() -> None:
    assert cleaned("e\ufb03cient \ufb01sh") == "efficient fish"
    assert cleaned("inter\u00ad\nnational, co\u00adoperate") == "international, cooperate"
    assert cleaned("half-\nbuilt") == "half-\nbuilt"  # who knows whether the hyphen is the author's
    assert cleaned("e\u0301t\u00e9") == "\u00e9t\u00e9"
    assert cleaned("a \r\n\r\n\r\n\r\nb\x00\x07\u2028c") == "a\n\nb\nc"
    kept = "\u00bd x\u00b2 \u201cno\u201d \u2014 5\u00a0%"
    assert cleaned(kept) == kept


def test_right_to_left_text_is_kept() -> None:
    text = "\u202b\u05e9\u05dc\u05d5\u05dd, \u0633\u0644\u0627\u0645\u202c "
    text += "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\u200f"
    assert cleaned(text) == text
    for data in (
        text.encode(),
        f"<html><meta charset=utf-8><p>{text}</p></html>".encode(),
        docx(text),
    ):
        assert text in incoming(data).text


def test_a_web_page_is_what_a_reader_sees_and_its_main_text_is_bounded() -> None:
    source = incoming(HTML.encode(), "page.html")
    assert (source.kind, source.title, source.author) == ("HTML", "A quarrel at sea", "Mara Ilvane")
    assert (source.publisher, source.date, source.precision) == (
        "Aldery Institute",
        "2021-03-24",
        "day",
    )
    for unseen in ("scripted", "alert", "color", "nobody sees", "<b>"):
        assert unseen not in source.text
    assert "About the institute" in source.text
    assert own(source) == "\n".join(["A quarrel at sea", *PARAGRAPHS])
    read_again(source)


def test_a_date_within_a_page_is_not_taken_for_its_own() -> None:
    page = HTML.replace('<meta property="article:published_time"', '<meta property="x"')
    page = page.replace("2021-03-24T10:00:00Z", "").replace("</h1>", "</h1><p>2019-05-06</p>")
    source = incoming(page.encode())
    assert (source.date, source.precision, source.dated_by) == (None, None, None)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<html><meta charset=windows-1252><p>caf\xe9 \x93x\x94", "caf\u00e9 \u201cx\u201d"),
        (
            b'<html><meta http-equiv=x content="text/html; charset=iso-8859-1"><p>caf\xe9',
            "caf\u00e9",
        ),
        (
            b'<?xml version="1.0" encoding="utf-8"?><html><body><p>caf\xc3\xa9</p></body></html>',
            "caf\u00e9",
        ),
        ("<html><p>caf\u00e9".encode("utf-16"), "caf\u00e9"),
        (
            b"From: x\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n--B\n"
            b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
            b"\n<html><p>caf=C3=A9</p></html>\n--B--\n",
            "caf\u00e9",
        ),
    ],
)
def test_a_web_page_is_read_by_the_encoding_that_it_names(data: bytes, text: str) -> None:
    assert incoming(data, "a.mhtml").text.strip() == text


def test_a_pdf_keeps_its_pages_as_places() -> None:
    source = incoming(pdf(*PARAGRAPHS, title="A quarrel"), "a.pdf")
    assert (source.kind, source.title, source.author) == ("PDF", "A quarrel", "Joren Tass")
    assert (source.date, source.precision) == ("2021-03-28", "inferred")
    assert [
        source.text[a:].startswith(p[:40]) for a, p in zip(source.pages, PARAGRAPHS, strict=True)
    ]
    assert source.text == "".join(f"{p}\n" for p in PARAGRAPHS)
    mixed = incoming(rewritten_pdf(pdf("One", "Two"), lambda w: w.insert_blank_page(index=1)))
    assert mixed.pages == (0, 4, 4)
    assert "1 page of 3 without text (2)" in mixed.notes[0]


def test_a_word_file_is_a_line_for_each_paragraph() -> None:
    source = incoming(docx(*PARAGRAPHS), "a.docx")
    assert (source.kind, source.title, source.author) == ("Word", "A quarrel at sea", "Mara Ilvane")
    assert own(source) == "\n".join(PARAGRAPHS)
    body = (
        b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
        b'wordprocessingml/2006/main"><w:body><w:p><w:ins><w:r><w:t>in</w:t></w:r></w:ins><w:del>'
        b"<w:r><w:delText>out</w:delText></w:r></w:del><w:hyperlink><w:r><w:t> link</w:t></w:r>"
        b"</w:hyperlink></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr>"
        b"</w:tbl></w:body></w:document>"
    )
    assert own(incoming(repacked(docx("x"), {"word/document.xml": body}))) == "in link\ncell"


def test_markdown_says_its_title() -> None:
    source = incoming(b"---\nauthor: 'A B'\ndate: 2020-01-17\n---\n# On war\n\n*No.*\n", "a.md")
    assert (source.title, source.author, source.date) == ("On war", "A B", "2020-01-17")
    assert "*No.*" in source.text


# ---- hostile files -------------------------------------------------------------------------------


def bomb() -> bytes:
    return repacked(docx("x"), {"word/media/a": bytes(101_000_000)})


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document xmlns:w="http://schemas.openxmlformats.org/
wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&b;&f;</w:t></w:r></w:p></w:body></w:document>"""

REFUSED = {
    "too large": (lambda: bytes(100_000_001), "a.txt", "more than 100 MB"),
    "zip bomb": (bomb, "a.docx", "unpacks to more than 100 MB"),
    "no Word": (lambda: repacked(docx("x"), {})[:400], "a.docx", "damaged"),
    "packed": (lambda: repacked(docx("x"), {}), "a.odt", ".odt file is not read"),
    "no UTF-8": (lambda: b"caf\xe9 and more", "a.txt", "byte 3 of the file is not UTF-8"),
    "UTF-16": (lambda: "words".encode("utf-16"), "a.txt", "UTF-16"),
    "binary": (lambda: b"abc\0def", "a.txt", "is no text"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "a.png", ".png file is not read"),
    "old Word": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "a.doc",
        "old Word file",
    ),
    "RTF": (lambda: b"{\\rtf1 words}", "a.rtf", "RTF"),
    "empty": (lambda: b"", "a.txt", "no text"),
    "blank": (lambda: b" \n\n", "a.txt", "no text"),
    "scanned": (lambda: pdf("x", "y", font=False), "a.pdf", "pictures of pages and no text"),
    "encrypted": (
        lambda: rewritten_pdf(pdf("words"), lambda w: w.encrypt("secret", algorithm="RC4-128")),
        "a.pdf",
        "encrypted",
    ),
    "damaged": (lambda: pdf("words")[:60], "a.pdf", "cannot be read"),
    "no PDF": (lambda: b"words", "a.pdf", "is no PDF"),
    "unknown encoding": (lambda: b"<html><meta charset=klingon><p>x", "a.html", "'klingon'"),
    "not its encoding": (
        lambda: b"<html><meta charset=utf-8><p>\xe9",
        "a.html",
        "not in the encoding",
    ),
    "page without end": (lambda: b"<html>" + b"<div>" * 20_000, "a.html", "nested too deeply"),
    "page without text": (lambda: b"<html><script>x</script></html>", "a.html", "no text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_is_refused_with_a_sentence(name: str, case: Path) -> None:
    made, file, says = REFUSED[name]
    data = made()
    with pytest.raises(Unanswerable) as told:
        offramp.read_source(data, file)
    assert says in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 250
    before = sorted(p for p in case.rglob("*"))
    path = case.parent / file
    path.write_bytes(data)
    result = run("sources", "add", case, path, *OPTIONS)
    assert result.exit_code == 1
    assert says in result.output
    assert sorted(p for p in case.rglob("*")) == before


HARMLESS = {
    "scripts in a PDF": lambda: pdf("words", script="app.alert"),
    "a PDF without a password": lambda: rewritten_pdf(
        pdf("words"), lambda w: w.encrypt("", "owner", algorithm="RC4-128")
    ),
    "scripts in a page": lambda: b"<html><script>x()</script><p onclick='y()'>words",
    "a page of many folds": lambda: b"<html>" + b"<div>" * 1000 + b"words",
    "a page of nothing but marks": lambda: b"<html><p>words" + b"<" * 100_000,
    "a bomb of entities in a page": lambda: (
        b'<!DOCTYPE html [<!ENTITY a "&b;&b;"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        b"<html><p>words &a;</html>"
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_hostile_and_has_a_text_gives_that_and_no_more(name: str) -> None:
    text = incoming(HARMLESS[name]()).text
    assert "words" in text
    for strange in ("alert", "x()", "y()", "root:"):
        assert strange not in text


def test_entities_of_a_word_file_are_not_followed() -> None:
    data = repacked(docx("x"), {"word/document.xml": LAUGHS})
    with pytest.raises(Unanswerable):
        incoming(data)


def test_a_pipe_or_a_folder_is_no_file(case: Path) -> None:
    result = run("sources", "add", case, case, *OPTIONS)
    assert result.exit_code == 1
    assert "is a folder, not a file" in result.output
    assert "No such file" in run("sources", "add", case, case / "nope.txt", *OPTIONS).output


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("no", name="pypdf")

    monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(Needs, match=r"'pypdf': pip install '.\[documents\]'"):
        incoming(pdf("words"))


# ---- into the case -------------------------------------------------------------------------------


def test_a_document_is_taken_in_cited_shown_with_its_page_and_taken_back(case: Path) -> None:
    before = {p: p.read_bytes() for p in case.rglob("*") if p.is_file()}
    file = case.parent / "Quarrel at Sea (1).pdf"
    file.write_bytes(pdf(*PARAGRAPHS))
    result = run("sources", "add", case, file, *OPTIONS)
    assert result.exit_code == 0, result.output
    assert "quarrel-at-sea-1: PDF, Mara Ilvane" in result.output
    assert "3 pages" in result.output
    entry = (
        (case / "sources.yaml")
        .read_text("utf-8")
        .removeprefix(before[case / "sources.yaml"].decode())
    )
    assert entry.startswith("  quarrel-at-sea-1:\n    title: A quarrel\n    author: Mara Ilvane\n")
    assert "    text:\n      start: 0\n      end: " in entry
    document = cited_by(case).documents["quarrel-at-sea-1"]
    text = (case / "documents" / document.file).read_text("utf-8")
    assert document.sha256 == digest(text)
    words = "not expected this spring"
    assert run("passages", "add", case, document.id, words, "--paraphrase", "No war").exit_code == 0
    assert "page 3, characters" in run("sources", "show", case, "T41").output
    assert offramp.check(case).ok
    assert run("undo", case).exit_code == run("undo", case).exit_code == 0
    after = {p: p.read_bytes() for p in case.rglob("*") if p.is_file() and p.name != JOURNAL.name}
    assert after == before


def test_what_the_file_does_not_say_is_asked_for_on_a_terminal(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = case.parent / "page.html"
    file.write_text(HTML, "utf-8")
    result = run("sources", "add", case, file)
    assert result.exit_code == 2
    assert "--licence" in result.output
    monkeypatch.setattr(taking_in, "terminal", lambda: True)
    result = run("sources", "add", case, file, input="all rights reserved\n")
    assert result.exit_code == 0, result.output
    document = cited_by(case).documents["page"]
    assert (document.title, document.author) == ("A quarrel at sea", "Mara Ilvane")
    assert document.licence == "all rights reserved"
    assert document.dated_by == "the metadata of the page"


@pytest.mark.parametrize("key", SAID)
def test_without_a_terminal_the_option_is_named(case: Path, key: str) -> None:
    options = [x for k, v in SAID.items() if k != key for x in (f"--{k.replace('_', '-')}", v)]
    result = run("sources", "add", case, "-", "--id", "note", *options, input=b"Some words.")
    assert result.exit_code == 2
    assert f"--{key.replace('_', '-')}" in result.output
    assert not (case / "documents" / "note.txt").exists()


def test_from_a_pipe(case: Path) -> None:
    result = run("sources", "add", case, "-", *OPTIONS, input=b"Some words.")
    assert "--id" in result.output
    result = run("sources", "add", case, "-", "--id", "note", *OPTIONS, input=b"Some words.")
    assert result.exit_code == 0
    assert (case / "documents" / "note.txt").read_bytes() == b"Some words."


@pytest.mark.parametrize(
    ("change", "argument", "says"),
    [
        ({"date": "17 January"}, "date", "is not a day"),
        ({"date": "2020-01", "precision": "day"}, "precision", "is a month"),
        ({"id": "tass"}, "id", "taken"),
        ({"id": "../x"}, "id", "no id"),
        ({"title": "two\nlines"}, "title", "several lines"),
        ({"title": " "}, "title", "is empty"),
        ({"end": 99}, "end", "the text ends at 11"),
        ({"start": 9, "end": 5}, "end", "is not before end"),
    ],
)
def test_what_does_not_fit_is_told_by_its_option(
    case: Path, change: dict[str, object], argument: str, says: str
) -> None:
    given: dict[str, object] = {**SAID, "id": "note", **change}
    before = (case / "sources.yaml").read_bytes()
    with pytest.raises(Mistake, match=says) as told:
        offramp.add_source(case, incoming(b"Some words."), **given)  # type: ignore[arg-type]
    assert told.value.argument == argument
    assert (case / "sources.yaml").read_bytes() == before
    assert not (case / "documents" / "note.txt").exists()


def test_a_month_and_an_inferred_date(case: Path) -> None:
    source = incoming(pdf("words"))
    made = offramp.add_source(case, source, id="a", **{**SAID, "date": "2031-03"})
    assert (made.precision, made.by_month) == ("month", True)
    offramp.undo(case)
    said = {k: v for k, v in SAID.items() if k not in ("date", "dated_by")}
    assert offramp.add_source(case, source, id="a", **said).precision == "inferred"
    own_day = {**said, "date": "2031-03-01"}
    with pytest.raises(Mistake, match="how its date is known") as told:  # the file's reason is not
        offramp.add_source(case, incoming(pdf("other words")), id="b", **own_day)
    assert told.value.argument == "dated_by"
    with pytest.raises(Mistake, match="there already, as 'a'"):
        offramp.add_source(case, source, id="b", **SAID)


def test_a_file_of_that_name_is_not_written_over(case: Path) -> None:
    (case / "documents" / "note.txt").write_text("mine", "utf-8")
    with pytest.raises(Mistake, match="there already"):
        offramp.add_source(case, incoming(b"Some words."), id="note", **SAID)
    assert (case / "documents" / "note.txt").read_text("utf-8") == "mine"


def test_the_first_document_of_a_case(tmp_path: Path) -> None:
    assert run("new", tmp_path / "a").exit_code == 0
    for name in ("sources.yaml", "passages.yaml"):
        (tmp_path / "a" / name).unlink()
    shutil.rmtree(tmp_path / "a" / "documents")
    offramp.add_source(tmp_path / "a", incoming(b"Some words."), id="note", **SAID)
    assert offramp.add_passage(tmp_path / "a", "note", "words", paraphrase="x").id == "P1"
    assert list(cited_by(tmp_path / "a").passages) == ["P1"]
