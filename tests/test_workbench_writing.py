"""Writes to a case that is not as our own page would have it: links, journals of others, files that
are no text, a process that ended in the middle, two at once. Through a real server."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile_case import write_hostile
from test_blocks import needs_numba
from workbench import NOT_TOLD, Answer, Served, serving

import offramp
from offramp import Mistake, Unanswerable
from offramp.text import journal
from offramp.web import editing
from offramp.web.desk import Desk
from offramp.web.guard import MOST

pytestmark = needs_numba
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")
FACTS = "facts.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_hostile(tmp_path / "there" / "case")


@pytest.fixture
def own(folder: Path) -> Iterator[Served]:
    with serving(str(folder), "tutorial") as served:
        yield served


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """The same for tests that leave everything as it was; with its folder."""
    folder = write_hostile(tmp_path_factory.mktemp("there") / "case")
    with serving(str(folder), "tutorial") as served:
        yield served, folder


def read(own: Served, name: str = FACTS) -> dict[str, Any]:
    return dict(own.ask(f"/api/c/case/file?name={name}").json)


def write(own: Served, text: str, base: str, name: str = FACTS) -> Answer:
    value = {"name": name, "base": base, "text": text, "reason": "a test"}
    return own.post("/api/c/case/write", value)


def refused(answer: Answer, status: int) -> str:
    """What is said, which tells nothing of this machine."""
    assert (answer.status, answer.guarded) == (status, True), answer
    assert not [words for words in NOT_TOLD if words.encode() in answer.body]
    return str(answer.json["refused"])


# ---- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        *("write", "undo", "copy", "keep", "check", "passage"),
        *("stated", "effect", "ends", "document"),
    ],
)
def test_nothing_is_written_for_another_site(shared: tuple[Served, Path], call: str) -> None:
    own, folder = shared
    before = contents(folder.parent)
    body = json.dumps({"name": FACTS, "base": "", "text": "", "reason": "x"}).encode()
    length, target = ("Content-Length", str(len(body))), f"/api/c/case/{call}"
    kinds = [("Content-Type", "application/json")]
    evil = [("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site")]
    for more in ([evil[0], *kinds], [evil[1], *kinds], kinds, [own.origin]):
        assert own.ask(target, *more, length, method="POST", body=body).status in (403, 415)
    assert own.ask(target).status == 405  # no link writes
    without = [own.host, own.origin, *kinds, length]
    assert own.raw("POST", target, without, body).status == 401
    assert contents(folder.parent) == before


def test_what_a_passage_is_to_the_model_is_asked_in_texts(shared: tuple[Served, Path]) -> None:
    own, folder = shared
    before = contents(folder.parent)
    wrong: list[dict[str, Any]] = [
        {},
        {"what": "number"},
        {"what": "number", "place": "../crisis.yaml:1:1", "value": "1", "grade": "assumed"},
        {"what": "number", "place": 3},
        {"what": "entry", "form": "move", "fields": []},
        {"what": "entry", "form": "move", "fields": {"title": 3}},
        {"what": "entry", "form": "__class__", "fields": {}, "grade": "assumed", "because": "x"},
        {"what": "element", "element": "event x", "passage": "x" * 10_000},
        {"what": "nothing", "passage": "T1", "because": ""},
    ]
    for value in wrong:
        for call in ("stated", "effect"):
            answer = own.post(f"/api/c/tutorial/{call}", value)
            if call == "stated":
                assert len(refused(answer, 422)) < 500
            else:  # a run says it in its last line
                assert "refused" in answer.lines[-1]
    assert own.post("/api/c/tutorial/effect", {"seed": -1}).status == 422
    good = {"what": "nothing", "passage": "T1", "because": "x", "apply": True, "base": ""}
    assert "comes with Offramp" in refused(own.post("/api/c/tutorial/stated", good), 403)
    assert contents(folder.parent) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("call", ["write", "undo", "keep", "ends", "document"])
def test_what_comes_with_offramp_is_not_written(shared: tuple[Served, Path], call: str) -> None:
    own, _ = shared
    value = dict.fromkeys(("name", "base", "text", "reason", "because", "ranges"), "x")
    assert "comes with Offramp" in refused(own.post(f"/api/c/tutorial/{call}", value), 403)


@pytest.mark.parametrize(
    "name",
    [
        "../x.yaml",
        "documents/tass.txt",
        ".offramp/journal.jsonl",
        "/etc/passwd",
        "facts.yaml\u0000",
        "FACTS.yaml",
        "./facts.yaml",
        "assessments/../facts.yaml",
        "x" * 10_000,
    ],
)
def test_no_other_file_can_be_named(shared: tuple[Served, Path], name: str) -> None:
    own, folder = shared
    before = contents(folder.parent)
    words = refused(write(own, "x: 1\n", editing.digest(""), name), 422)
    assert len(words) < 200
    refused(own.post("/api/c/case/check", {"files": {name: "x"}}), 422)
    assert contents(folder.parent) == before


# ---- the ends of a passage -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"id": "T18", "start": "457", "end": 516},
        {"id": "T18", "start": 457.0, "end": 516},
        {"id": "T18", "start": True, "end": 516},
        {"id": ["T18"], "start": 457, "end": 516},
        {"id": "T18", "start": 457, "end": 516, "paraphrase": 1},
        {"id": "T18", "start": 457, "end": 10**30},
        {"id": "T18", "start": -1, "end": 516},
        {"id": "../T18", "start": 457, "end": 516},
    ],
)
def test_ends_that_are_none_are_refused(shared: tuple[Served, Path], value: Any) -> None:
    own, folder = shared
    before = contents(folder.parent)
    refused(own.post("/api/c/case/ends", value), 422)
    assert contents(folder.parent) == before


# ---- documents -----------------------------------------------------------------------------------

SAID = dict.fromkeys(("title", "author", "publisher", "dated_by", "licence"), "x") | {
    "id": "note",
    "date": "2031-03-01",
}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"text": 1},
        {"text": "words", "base64": "d29yZHM="},
        {"name": "a.txt"},
        {"name": "a.txt", "base64": "no base64"},
        {"name": "a.txt", "base64": "\u00e9"},
        {"name": "a.pdf", "base64": "d29yZHM="},
        {"name": "a.docx", "base64": "UEsDBA=="},
        {"name": "../../a.exe", "base64": "AAAA"},
        {"text": "\0"},
        {"text": "x" * 2_000_001},
        {"text": "words", "said": "yes"},
        {"text": "words", "said": {}},
        {"text": "words", "said": SAID | {"id": ["note"]}},
        {"text": "words", "said": SAID | {"id": "../note"}},
        {"text": "words", "said": SAID | {"id": "a" * 10_000}},
        {"text": "words", "said": SAID | {"id": "tass"}},
        {"text": "words", "said": SAID | {"start": "0"}},
        {"text": "words", "said": SAID | {"start": True}},
        {"text": "words", "said": SAID | {"start": 3, "end": 2}},
        {"text": "words", "said": SAID | {"end": 10**30}},
        {"text": "words", "said": SAID | {"title": "two\nlines"}},
        {"text": "words", "said": SAID | {"date": "soon"}},
        {"text": "words", "said": SAID | {"precision": "century"}},
        {"text": "words", "said": SAID | {"licence": "  "}},
    ],
)
def test_a_document_that_is_none_is_refused(shared: tuple[Served, Path], value: Any) -> None:
    own, folder = shared
    before = contents(folder.parent)
    words = refused(own.post("/api/c/case/document", value), 422)
    assert words
    assert len(words) < 300
    assert contents(folder.parent) == before


def test_a_document_may_be_larger_than_anything_else_that_is_sent(
    own: Served, folder: Path
) -> None:
    text = "A quarrel. " + "\u00e9 " * 990_000
    assert len(json.dumps(text)) > MOST
    read = own.post("/api/c/case/document", {"text": text}).json
    assert (read["text"], read["start"], read["end"]) == (text, 0, len(text) - 1)
    assert "note" not in own.ask("/api/c/case/texts").body.decode()
    made = own.post("/api/c/case/document", {"text": text, "said": SAID})
    assert made.json == {"schema": "offramp.web.document/1", "id": "note", "usable": True}
    assert own.ask("/api/c/case/text/note").json["text"] == text
    assert own.post("/api/c/case/undo", {}).json["usable"]
    assert own.ask("/api/c/case/text/note").status == 404
    assert not (folder / "documents" / "note.txt").exists()


# ---- links ---------------------------------------------------------------------------------------


@posix
def test_a_link_out_of_the_case_is_not_written_through(folder: Path) -> None:
    """A case from elsewhere may bring one."""
    outside = folder.parent / "outside.yaml"
    (folder / FACTS).rename(outside)
    (folder / FACTS).symlink_to(outside)
    with serving(str(folder)) as own:
        old, text = read(own), outside.read_text("utf-8")
        assert "link out of the case" in refused(write(own, "# x\n", old["sha256"]), 422)
        assert outside.read_text("utf-8") == text
        assert not (folder / ".offramp").exists()


@posix
@pytest.mark.parametrize("name", [".offramp", "whatif"])
def test_a_link_in_place_of_a_folder_of_ours_is_not_followed(
    own: Served, folder: Path, name: str
) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (folder / name).symlink_to(outside)
    old = read(own)
    if name == ".offramp":
        assert "link out" in refused(write(own, "# x\n" + old["text"], old["sha256"]), 422)
    else:
        kept = {"name": "mine", "because": "x", "ranges": "tempo=1..2"}
        assert "link out" in refused(own.post("/api/c/case/keep", kept), 422)
    assert list(outside.iterdir()) == []
    assert read(own) == old


@posix
def test_a_link_within_the_case_stays_one(folder: Path) -> None:
    (folder / FACTS).rename(folder / "real.yaml")
    (folder / FACTS).symlink_to("real.yaml")
    with serving(str(folder)) as own:
        old = read(own)
        assert write(own, "# x\n" + old["text"], old["sha256"]).json["usable"]
    assert (folder / FACTS).is_symlink()
    assert (folder / "real.yaml").read_text("utf-8").startswith("# x\n")


# ---- what somebody else left ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "1",
        '"x"',
        "{}",
        '{"kind": "write"}',
        '{"kind": ["write"]}',
        '{"kind": "write", "at": 1, "file": 2, "old": 3, "after": 4}',
        '{"kind": "undo", "of": null}',
        "[" * 100_000,
        "\ufffd\u0000",
    ],
)
def test_a_journal_that_is_none_takes_nothing_back(shared: tuple[Served, Path], line: str) -> None:
    own, folder = shared
    (folder / ".offramp").mkdir(exist_ok=True)
    (folder / editing.JOURNAL).write_text(line + "\n", "utf-8")
    assert "nothing was written" in refused(own.post("/api/c/case/undo", {}), 422)
    old = read(own)
    assert write(own, "# x\n" + old["text"], old["sha256"]).status == 200
    assert own.post("/api/c/case/undo", {}).json["text"] == old["text"]


def test_a_journal_of_others_leads_to_no_other_file(own: Served, folder: Path) -> None:
    outside = folder.parent / "outside.txt"
    outside.write_text("as it was", "utf-8")
    entry = {"kind": "write", "at": "1", "file": "../outside.txt", "old": "theirs"}
    entry["after"] = editing.digest("as it was")
    (folder / ".offramp").mkdir()
    (folder / editing.JOURNAL).write_text(json.dumps(entry) + "\n", "utf-8")
    refused(own.post("/api/c/case/undo", {}), 422)
    assert outside.read_text("utf-8") == "as it was"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\xe9"])
def test_a_file_that_is_no_text_any_more_is_said(own: Served, folder: Path, content: bytes) -> None:
    old = read(own)
    (folder / FACTS).write_bytes(content)
    assert "UTF-8" in refused(own.ask(f"/api/c/case/file?name={FACTS}"), 422)
    assert "UTF-8" in refused(write(own, "x", old["sha256"]), 422)
    assert (folder / FACTS).read_bytes() == content


@posix
def test_a_file_that_is_gone_or_none_is_said(own: Served, folder: Path) -> None:
    (folder / FACTS).unlink()
    refused(own.ask(f"/api/c/case/file?name={FACTS}"), 422)
    os.mkfifo(folder / FACTS)  # whoever reads it waits for ever
    refused(own.ask(f"/api/c/case/file?name={FACTS}"), 422)
    assert own.ask("/api/c/case").status == 200


# ---- in the middle -------------------------------------------------------------------------------


def test_a_write_that_never_came_is_not_in_the_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the note and the file: the writes before it can be taken back."""
    case = offramp.load(folder)
    old = editing.read(case, FACTS)
    new = editing.written(case, FACTS, old.sha256, "# 1\n" + old.text, "first")
    with monkeypatch.context() as patch:
        patch.setattr(journal, "write_whole", only_the_journal)
        with pytest.raises(KeyboardInterrupt):
            editing.written(case, FACTS, new.sha256, "# 2\n" + old.text, "second")
    assert editing.read(case, FACTS) == new
    assert len(editing.journal(case)) == 2
    assert editing.taken_back(case) == old == editing.read(case, FACTS)
    with pytest.raises(Unanswerable, match="nothing was written"):
        editing.taken_back(case)


def test_an_undo_that_never_came_can_be_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = offramp.load(folder)
    old = editing.read(case, FACTS)
    new = editing.written(case, FACTS, old.sha256, "# 1\n" + old.text, "first")
    with monkeypatch.context() as patch:
        patch.setattr(journal, "write_whole", only_the_journal)
        with pytest.raises(KeyboardInterrupt):
            editing.taken_back(case)
    assert editing.read(case, FACTS) == new
    assert editing.taken_back(case) == old == editing.read(case, FACTS)


def only_the_journal(path: Path, content: bytes, *, durable: bool = False) -> None:
    if path.name != editing.JOURNAL.name:
        raise KeyboardInterrupt
    path.write_bytes(content)


def test_a_step_of_several_files_from_the_command_line_is_taken_back_whole(
    own: Served, folder: Path
) -> None:
    before = contents(folder)
    said = dict.fromkeys(("title", "author", "publisher", "dated_by", "licence"), "x")
    source = offramp.read_source(b"Some words.", "note.txt")
    offramp.add_source(folder, source, id="note", date="2031-03-01", **said)
    assert (folder / "documents" / "note.txt").is_file()
    taken = own.post("/api/c/case/undo", {}).json
    assert (taken["name"], taken["text"]) == (
        "sources.yaml",
        before[str(folder / "sources.yaml")].decode(),
    )
    after = {name: x for name, x in contents(folder).items() if ".offramp" not in name}
    assert after == before
    assert "nothing was written" in refused(own.post("/api/c/case/undo", {}), 422)


def test_a_step_that_a_crash_cut_in_the_middle_is_taken_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of its files was written, the second was not."""
    before = contents(folder)
    texts = {name: (folder / name).read_text("utf-8") for name in (FACTS, "rooms.yaml")}

    def first_only(path: Path, content: bytes, *, durable: bool = False) -> None:
        if path.name == "rooms.yaml":
            raise KeyboardInterrupt
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "write_whole", first_only)
        with pytest.raises(KeyboardInterrupt):
            journal.write(folder, texts, {n: f"# x\n{t}" for n, t in texts.items()}, "both")
    assert (folder / FACTS).read_text("utf-8").startswith("# x")
    assert offramp.undo(folder).reason == "both"
    assert {n: x for n, x in contents(folder).items() if ".offramp" not in n} == before


def test_a_step_of_which_one_file_cannot_be_written_writes_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(folder)
    texts = {name: (folder / name).read_text("utf-8") for name in (FACTS, "rooms.yaml")}
    real = journal.write_whole

    def full(path: Path, content: bytes, *, durable: bool = False) -> None:
        if path.name == "rooms.yaml":
            raise OSError(28, "No space left on device", str(path))
        real(path, content, durable=durable)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "write_whole", full)
        with pytest.raises(OSError, match="No space"):
            journal.write(folder, texts, {n: f"# x\n{t}" for n, t in texts.items()}, "both")
    assert {n: x for n, x in contents(folder).items() if ".offramp" not in n} == before
    with pytest.raises(Unanswerable, match="nothing was written"):
        offramp.undo(folder)


def test_an_entry_of_an_older_journal_is_taken_back(folder: Path) -> None:
    old = (folder / FACTS).read_text("utf-8")
    (folder / FACTS).write_text("# x\n" + old, "utf-8")
    entry = {"kind": "write", "at": "1", "file": FACTS, "old": old, "reason": "before"}
    (folder / ".offramp").mkdir()
    line = json.dumps(entry | {"after": editing.digest("# x\n" + old)})
    (folder / editing.JOURNAL).write_text(line + "\n", "utf-8")
    assert offramp.undo(folder).files == {FACTS: old}


def test_of_two_writes_at_once_one_is_told_of_the_other(own: Served, folder: Path) -> None:
    old, answers = read(own), list[Answer]()

    def one(k: int) -> None:
        answers.append(write(own, f"# {k}\n{old['text']}", old["sha256"]))

    threads = [threading.Thread(target=one, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status for a in answers) == [200] + [409] * 7
    (done,) = (a.json for a in answers if a.status == 200)
    assert (folder / FACTS).read_text("utf-8") == done["text"]
    assert len(editing.journal(own.desk.case("case"))) == 1
    assert own.post("/api/c/case/undo", {}).json["text"] == old["text"]


@pytest.mark.parametrize("name", ["policies.yaml", "assessments/tass.yaml", "crisis.yaml"])
def test_the_last_case_that_could_be_shown_stays_open(own: Served, name: str) -> None:
    before, old = own.ask("/api/c/case").body, read(own, name)
    found = write(own, "nothing: [\n", old["sha256"], name)
    assert (found.status, found.json["usable"]) == (200, False)
    assert own.ask("/api/c/case").body == before
    assert own.post("/api/c/case/undo", {}).json["usable"]


def test_a_copy_that_cannot_be_opened_is_not_made(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    desk = Desk((str(folder), "tutorial"))
    with pytest.raises(Mistake, match="'case' is open already"):
        desk.copied("tutorial", "case")
    assert not (tmp_path / "case").exists()
