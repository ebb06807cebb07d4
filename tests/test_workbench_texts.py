"""The texts of the documents in the workbench: exactly those that were cited from, as they lie on
this machine now, or a sentence that says why not; no other text in their place, and no path."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from odd_text import CASES, ODD, write_odd
from test_blocks import needs_numba
from workbench import NOT_TOLD, Answer, Served, serving

import offramp
from offramp import Mistake
from offramp.cli import main
from offramp.web import desk, views
from offramp.web.desk import Desk
from offramp.web.saved import saved

pytestmark = needs_numba
SECRET = "what stands in another file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tutorial, texts and all."""
    return Path(shutil.copytree(CASES / "tutorial", tmp_path / "case"))


def absent(served: Served, case: str = "case") -> dict[str, str]:
    """Of each document why its text is not at hand; '' where it is."""
    found = served.ask(f"/api/c/{case}/texts")
    assert (found.status, found.guarded) == (200, True)
    return {t["document"]: t["absent"] for t in found.json["texts"]}


def refused(answer: Answer, *places: Path) -> str:
    """What is said instead of a text."""
    assert (answer.status, answer.guarded) == (404, True)
    assert list(answer.json) == ["refused"]
    told = [*NOT_TOLD, SECRET, *map(str, places)]
    assert not [words for words in told if words.encode() in answer.body]
    return str(answer.json["refused"])


def stands(answer: Answer, document: str, case: Any) -> None:
    """Every passage stands in the text, counted in Python's characters."""
    assert (answer.status, answer.guarded) == (200, True)
    text = answer.json["text"]
    own = [p for p in case.passages.values() if p.document == document]
    assert own
    for p in own:
        assert hashlib.sha256(text[p.start : p.end].encode()).hexdigest() == p.sha256, p.id


# ---- the texts that are at hand ------------------------------------------------------------------


def test_the_texts_of_a_case_that_has_them() -> None:
    case = offramp.load("tutorial")
    with serving("tutorial") as served:
        assert absent(served, "tutorial") == dict.fromkeys(case.documents, "")
        for id, document in case.documents.items():
            found = served.ask(f"/api/c/tutorial/text/{id}")
            stands(found, id, case)
            file = CASES / "tutorial" / "documents" / document.file
            assert found.json == {
                "schema": "offramp.web.text/1",
                "document": id,
                "text": file.read_text("utf-8"),
            }
            assert found.header("cache-control") == "no-store"
            assert found.header("content-type") == "application/json"


def test_the_texts_of_us_iran() -> None:
    given = os.environ.get("OFFRAMP_SOURCES", "")
    if not given or not Path(given).is_dir():
        pytest.skip("the documents are not at hand: OFFRAMP_SOURCES names no folder")
    case = offramp.load("us-iran-2020")
    with serving("us-iran-2020", "tutorial", sources=Path(given)) as served:
        assert absent(served, "us-iran-2020") == dict.fromkeys(case.documents, "")
        for id in case.documents:
            stands(served.ask(f"/api/c/us-iran-2020/text/{id}"), id, case)
        lines = served.ask("/api/c/us-iran-2020/study/coverage").lines
        assert {s["state"] for s in lines[-1]["done"]["sentences"]} == {"read"}
        # The folder is not the tutorial's, whose own is looked into.
        assert set(absent(served, "tutorial").values()) == {""}


def test_a_text_that_tries_its_reader_comes_as_it_is(tmp_path: Path) -> None:
    text = write_odd(tmp_path / "odd")
    with serving(str(tmp_path / "odd")) as served:
        found = served.ask("/api/c/odd/text/ilvane")
    stands(found, "ilvane", offramp.load(tmp_path / "odd"))
    assert found.json["text"] == text
    assert text.startswith(ODD)


def test_a_folder_that_is_given_is_looked_into_by_hash_too(folder: Path, tmp_path: Path) -> None:
    """People name their copies as they like."""
    given = tmp_path / "given"
    given.mkdir()
    (folder / "documents" / "tass.txt").rename(given / "the one by Tass.txt")
    shutil.rmtree(folder / "documents")
    with serving(str(folder), sources=given) as served:
        told = absent(served)
        assert told["tass"] == ""
        assert "not at hand" in told["ilvane"]
        stands(served.ask("/api/c/case/text/tass"), "tass", offramp.load(folder))
        refused(served.ask("/api/c/case/text/ilvane"), tmp_path)


# ---- those that are not --------------------------------------------------------------------------


def other(file: Path) -> None:
    file.write_text(SECRET, "utf-8")


def longer(file: Path) -> None:
    with file.open("a", encoding="utf-8") as end:
        end.write(SECRET)


def gone(file: Path) -> None:
    file.unlink()


def latin(file: Path) -> None:
    file.write_bytes(b"\xe9\xff" + SECRET.encode())


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def a_link_to_nothing(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.parent / "nothing")


def a_link_to_itself(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def no_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


ALWAYS = [
    (other, "is not the text that 'tass' was cited from"),
    (longer, "is not the text that 'tass' was cited from"),
    (gone, "the text of 'tass' is not at hand"),
    (latin, "is not UTF-8"),
    (a_folder, "'tass.txt' cannot be read"),
    (no_folder, "the text of 'tass' is not at hand"),
]
POSIX = [
    (a_link_to_nothing, "a link to 'nothing', which does not exist"),
    (a_link_to_itself, "a link that leads to itself"),
    (a_pipe, "named pipe"),
]


@pytest.mark.parametrize(("done", "words"), [*ALWAYS, *(POSIX if os.name == "posix" else ())])
@pytest.mark.parametrize("given", [False, True], ids=["own", "given"])
def test_a_text_that_changes_on_disk_is_told_and_not_shown(
    folder: Path, tmp_path: Path, done: Callable[[Path], None], words: str, given: bool
) -> None:
    """While the server runs; whether it lies in the case or in a folder that is given."""
    lies = folder / "documents"
    if given:
        lies = Path(shutil.move(lies, tmp_path / "given"))
    with serving(str(folder), sources=lies if given else None) as served:
        address = "/api/c/case/text/tass"
        assert served.ask(address).status == 200
        done(lies / "tass.txt")
        assert words in refused(served.ask(address), tmp_path)
        told = absent(served)
        assert words in told["tass"]
        assert str(tmp_path) not in str(told)
        assert told["ilvane"] == ("" if done is not no_folder else told["ilvane"])
        study = served.ask("/api/c/case/study/coverage")
        assert str(tmp_path).encode() not in study.body


def test_a_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MOST_TEXT", 1000)
    with serving("tutorial") as served:
        assert "more than the 1,000" in refused(served.ask("/api/c/tutorial/text/tass"))


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "TASS",
        "tass.txt",
        "tass%20",
        "tass%00",
        "..",
        "%2e%2e",
        "..%2ftass",
        "..%2f..%2f..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "documents%2ftass.txt",
        "__class__",
        "%3Cscript%3Ealert(1)%3C%2fscript%3E",
        "%ff%fe",
        "x" * 10_000,
        "",
    ],
)
def test_a_document_is_looked_up_and_never_joined_to_a_path(name: str) -> None:
    with serving("tutorial") as served:
        for view in "text", "candidates":
            found = served.ask(f"/api/c/tutorial/{view}/{name}")
            assert (found.status, found.guarded) == (404, True)
            assert len(found.body) < 500
            assert served.ask(f"/api/c/nothing/{view}/{name}").status == 404


def test_candidates_want_the_text_that_was_cited_from(folder: Path) -> None:
    file = folder / "documents" / "tass.txt"
    file.write_text(file.read_text("utf-8") + "Another ending, and it is likely.", "utf-8")
    with serving(str(folder)) as served:
        found = served.ask(f"/api/c/{folder.name}/candidates/tass")
        assert (found.status, found.guarded) == (422, True)
        assert "not the text that 'tass' was cited from" in found.json["refused"]
        assert served.ask(f"/api/c/{folder.name}/candidates/ilvane").json["candidates"]


def test_texts_are_for_our_own_page() -> None:
    with serving("tutorial") as served:
        address = "/api/c/tutorial/text/tass"
        assert served.raw("GET", address, [served.host]).status == 401
        assert served.ask(address, ("Origin", "http://evil.example")).status == 403
        elsewhere = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")]
        assert served.ask(address, *elsewhere).status == 403
        json = ("Content-Type", "application/json")
        for method in ("POST", "DELETE"):
            assert served.ask(address, served.origin, json, method=method).status == 405


# ---- they do not leave ---------------------------------------------------------------------------


def test_a_saved_page_has_no_text(tmp_path: Path) -> None:
    """Also of a case that has its texts: none but their titles and authors, which come first."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "p.js").write_text("run()", "utf-8")
    (tmp_path / "assets" / "p.css").write_text("", "utf-8")
    index = '<link href="/assets/p.css"><script src="/assets/p.js"></script>'
    (tmp_path / "index.html").write_text(index, "utf-8")
    case = offramp.load("tutorial")
    page = saved(case, b"", "war", {}, tmp_path)
    assert "T14" in page
    for id in case.documents:
        assert parts(id, case)
        assert not [part for part in parts(id, case) if part in page]


def test_no_other_view_has_a_text() -> None:
    case = offramp.load("tutorial")
    told = str(
        [
            views.summary(case),
            views.passages(case),
            views.texts(case, lambda _: ""),
            views.candidates(case, "tass", None),
        ]
    )
    assert not [part for part in parts("tass", case) if part in told]


def parts(document: str, case: Any) -> list[str]:
    """Pieces of a text behind its title."""
    text = offramp.source_text(case, document)
    return [text[at : at + 60] for at in range(200, len(text) - 60, 30)]


# ---- from Python, and as a command ---------------------------------------------------------------


def test_source_text_says_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(offramp.Unanswerable, match=r"no document 'tas': did you mean 'tass'\?"):
        offramp.source_text(folder, "tas")
    with pytest.raises(offramp.Unanswerable, match="there is no folder"):
        offramp.source_text(folder, "tass", sources=tmp_path / "none")
    with pytest.raises(offramp.Unanswerable, match="is not at hand"):
        offramp.source_text({p.name: p.read_text() for p in folder.glob("*.yaml")}, "tass")


def test_a_folder_that_is_not_there_is_said_before_anything_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Mistake, match="there is no folder 'nowhere'"):
        Desk(("tutorial",), Path("nowhere"))
    monkeypatch.setattr(desk, "page_missing", lambda: "")
    for command in ("open", "serve"):
        found = CliRunner().invoke(main, [command, "tutorial", "--sources", "nowhere"])
        assert found.exit_code == 2
        assert "there is no folder 'nowhere'" in found.output
        assert "http://" not in found.output
