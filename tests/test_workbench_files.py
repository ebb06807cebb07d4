"""What the workbench writes: files of a case with their journal, kept what-ifs, saved pages."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from hostile_case import MARKUP, write_hostile

import offramp
from offramp import Mistake, Unanswerable
from offramp.web import editing, whatifs
from offramp.web.desk import Desk
from offramp.web.saved import saved

CRISIS = "crisis.yaml"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The tutorial and a copy of it that may be changed."""
    monkeypatch.chdir(tmp_path)
    own = Desk(("tutorial",))
    assert own.copied("tutorial", "mine") == "mine"
    return own


def edited(text: str) -> str:
    return text.replace("crisis: The Orrin Strait", "crisis: Another strait", 1)


# ---- files ---------------------------------------------------------------------------------------


def test_what_comes_with_offramp_is_copied_first(desk: Desk, tmp_path: Path) -> None:
    assert not desk.writable("tutorial")
    assert desk.writable("mine")
    assert offramp.check(tmp_path / "mine").ok
    assert desk.case("mine").model_sha256 == desk.case("tutorial").model_sha256
    with pytest.raises(Mistake, match="there is a 'mine' here already"):
        desk.copied("tutorial", "mine")


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "/tmp/x", "ü", "a.b"])
def test_a_copy_is_called_by_a_plain_name(desk: Desk, name: str) -> None:
    with pytest.raises(Mistake, match="letters, digits"):
        desk.copied("tutorial", name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../mine/crisis.yaml", "/etc/passwd", "documents/ilvane.txt", "other.yaml"],
)
def test_only_the_files_of_the_case_can_be_named(desk: Desk, name: str) -> None:
    case = desk.case("mine")
    with pytest.raises(Unanswerable):
        editing.read(case, name)
    with pytest.raises(Unanswerable):
        editing.checked(case, {name: ""})
    with pytest.raises(Unanswerable):
        editing.written(case, name, "", "", "because")


def test_unsaved_text_is_checked_and_nothing_is_written(desk: Desk, tmp_path: Path) -> None:
    case, path = desk.case("mine"), tmp_path / "mine" / CRISIS
    before = path.read_bytes()
    found = editing.checked(case, {CRISIS: before.decode() + "nonsense: 1\n"})
    assert not found["usable"]
    assert [(f["file"], f["severity"]) for f in found["found"]] == [(CRISIS, "error")]
    assert editing.checked(case, {}) == {
        "schema": "offramp.web.check/1",
        "usable": True,
        "found": [],
    }
    assert path.read_bytes() == before


def test_a_write_is_kept_with_its_reason_and_taken_back(desk: Desk, tmp_path: Path) -> None:
    case, path = desk.case("mine"), tmp_path / "mine" / CRISIS
    old = editing.read(case, CRISIS)
    new = editing.written(case, CRISIS, old.sha256, edited(old.text), "  a better name ")
    assert path.read_text("utf-8") == new.text == edited(old.text)
    assert new.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert desk.reread("mine")
    assert desk.case("mine").crisis.title.startswith("Another strait")
    (entry,) = editing.journal(case)
    assert entry["reason"] == "a better name"
    assert entry["files"][0]["old"] == old.text
    assert editing.taken_back(case) == old
    assert path.read_text("utf-8") == old.text
    with pytest.raises(Unanswerable, match="nothing was written"):
        editing.taken_back(case)


def test_several_writes_are_taken_back_one_by_one(desk: Desk) -> None:
    case = desk.case("mine")
    texts = [editing.read(case, CRISIS).text]
    for k in range(3):
        base = editing.digest(texts[-1])
        texts.append(editing.written(case, CRISIS, base, f"# {k}\n{texts[-1]}", "more").text)
    for text in reversed(texts[:-1]):
        assert editing.taken_back(case).text == text


def test_what_somebody_else_wrote_meanwhile_stays(desk: Desk, tmp_path: Path) -> None:
    case, path = desk.case("mine"), tmp_path / "mine" / CRISIS
    old = editing.read(case, CRISIS)
    path.write_text("# mine\n" + old.text, "utf-8")
    with pytest.raises(editing.Changed, match="meanwhile"):
        editing.written(case, CRISIS, old.sha256, edited(old.text), "because")
    assert editing.journal(case) == []
    now = editing.read(case, CRISIS)
    editing.written(case, CRISIS, now.sha256, edited(now.text), "because")
    path.write_text("# and again\n" + now.text, "utf-8")
    with pytest.raises(editing.Changed, match="since"):
        editing.taken_back(case)
    assert path.read_text("utf-8").startswith("# and again")


def test_a_write_wants_a_reason(desk: Desk) -> None:
    case = desk.case("mine")
    old = editing.read(case, CRISIS)
    with pytest.raises(Mistake, match="why"):
        editing.written(case, CRISIS, old.sha256, edited(old.text), " ")
    assert editing.read(case, CRISIS) == old


def test_a_journal_that_was_cut_off_is_read_as_far_as_it_goes(desk: Desk, tmp_path: Path) -> None:
    case = desk.case("mine")
    old = editing.read(case, CRISIS)
    editing.written(case, CRISIS, old.sha256, edited(old.text), "because")
    path = tmp_path / "mine" / editing.JOURNAL
    path.write_bytes(path.read_bytes() + b'{"at": "2026-')
    assert len(editing.journal(case)) == 1
    assert editing.taken_back(case) == old
    assert len(editing.journal(case)) == 2


def test_a_case_with_errors_leaves_the_last_one_open(desk: Desk, tmp_path: Path) -> None:
    case, path = desk.case("mine"), tmp_path / "mine" / CRISIS
    path.write_text("nonsense: 1\n", "utf-8")
    assert not desk.reread("mine")
    assert desk.case("mine") is case


def test_line_ends_are_those_that_are_sent(desk: Desk, tmp_path: Path) -> None:
    case, path = desk.case("mine"), tmp_path / "mine" / CRISIS
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    old = editing.read(case, CRISIS)
    editing.written(case, CRISIS, old.sha256, edited(old.text), "because")
    assert path.read_bytes() == edited(old.text).encode()
    assert b"\r\n" in path.read_bytes()


# ---- what-ifs ------------------------------------------------------------------------------------


def test_a_what_if_is_kept_with_its_reason_and_its_model(desk: Desk, tmp_path: Path) -> None:
    case = desk.case("mine")
    assert whatifs.kept(case) == []
    whatifs.keep(case, "bold", 'they "dare": more\nand more', "tempo:1~2")
    (found,) = whatifs.kept(case)
    assert found["name"] == "bold"
    assert found["because"] == 'they "dare": more\nand more'
    assert found["ranges"] == "tempo:1~2"
    assert found["model"] == case.model_sha256
    assert found["author"] == ""
    assert offramp.check(tmp_path / "mine").found == ()
    with pytest.raises(Mistake, match="already"):
        whatifs.keep(case, "bold", "again", "tempo:1~2")


def test_a_what_if_says_under_whose_premises_it_was_kept(desk: Desk) -> None:
    """Ranges of one author's worlds say nothing of another's."""
    case = desk.under("mine", "tass")
    whatifs.keep(case, "bold", "they dare", "tempo:1~2", "tass")
    (found,) = whatifs.kept(desk.case("mine"))
    assert found["author"] == "tass"
    assert found["model"] == case.model_sha256 != desk.case("mine").model_sha256


def test_a_what_if_says_until_which_day_reports_were_known(desk: Desk, tmp_path: Path) -> None:
    case = desk.case("mine")
    whatifs.keep(case, "late", "they dare", "tempo:1~2", as_of="2031-04-20")
    (found,) = whatifs.kept(case)
    assert found["as_of"] == "2031-04-20"
    with pytest.raises(Mistake, match="2020-01-31"):
        whatifs.keep(case, "later", "they dare", "tempo:1~2", as_of="soon")
    path = tmp_path / "mine" / "whatif" / "late.yaml"  # a file of before there were days
    path.write_text(path.read_text("utf-8").replace('as_of: "2031-04-20"\n', ""), "utf-8")
    (found,) = whatifs.kept(case)
    assert (found["as_of"], found["ranges"]) == ("", "tempo:1~2")


@pytest.mark.parametrize(
    ("name", "because", "ranges"),
    [
        ("../x", "why", "a:1~2"),
        ("A", "why", "a:1~2"),
        ("", "why", "a:1~2"),
        ("x", " ", "a:1~2"),
        ("x", "why", ""),
    ],
)
def test_a_what_if_wants_a_name_a_reason_and_a_range(
    desk: Desk, name: str, because: str, ranges: str
) -> None:
    with pytest.raises(Mistake):
        whatifs.keep(desk.case("mine"), name, because, ranges)
    assert whatifs.kept(desk.case("mine")) == []


def test_a_file_that_is_no_what_if_is_left_out(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "whatif"
    folder.mkdir()
    (folder / "a.yaml").write_text("because: [1, 2]\n", "utf-8")
    (folder / "b.yaml").write_bytes(b"\xff\xfe")
    (folder / "c.yaml").write_text("because: x\nranges: y\nmodel: z\nmore: w\n", "utf-8")
    assert [f["name"] for f in whatifs.kept(desk.case("mine"))] == ["c"]


# ---- a saved page --------------------------------------------------------------------------------


def built(folder: Path) -> Path:
    """A page as small as one can be, built."""
    (folder / "assets").mkdir(parents=True)
    script = 'const end = "</script>"; run("<!--");\n'
    style = "@font-face { src: url(/assets/a-b.woff2) format('woff2'); }\n"
    index = '<script src="/assets/index-1.js"></script><link href="/assets/index-2.css">'
    (folder / "index.html").write_text(index, "utf-8")
    (folder / "assets" / "index-1.js").write_text(script, "utf-8")
    (folder / "assets" / "index-2.css").write_text(style, "utf-8")
    (folder / "assets" / "a-b.woff2").write_bytes(b"font")
    return folder


def test_a_saved_page_names_what_may_run_in_it_and_holds_no_markup(tmp_path: Path) -> None:
    case = offramp.load(write_hostile(tmp_path / "case"))
    question = case.questions[0].id
    text = saved(case, b"worlds", question, {"w": "tempo:1~2"}, built(tmp_path / "page"))
    scripts = re.findall(r'<script type="module">(.*?)</script>', text, re.S)
    assert len(re.findall("<script", text)) == 2  # the worlds, and the page
    (policy,) = re.findall(r'http-equiv="content-security-policy" content="([^"]*)"', text)
    hashed = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{hashed}&#x27;" in policy
    assert policy.startswith("default-src &#x27;none&#x27;")
    assert "unsafe" not in policy
    assert MARKUP not in text
    assert "<img" not in text
    (data,) = re.findall(r'<script type="application/json" id="held">(.*?)</script>', text, re.S)
    held = json.loads(data)
    assert base64.b64decode(held["worlds"]) == b"worlds"
    base = f"/api/c/{case.id}"
    assert set(held["answers"]) == {base, f"{base}/passages", f"{base}/grounds/{question}"}
    assert MARKUP in held["answers"][base]["title"]
    assert "url(data:font/woff2;base64,Zm9udA==)" in text
    assert not re.search(r"""(src|href)=["']?(https?:)?/""", text.split("<body>")[0])


def test_a_page_that_was_not_built_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="index"):
        saved(offramp.load("tutorial"), b"", "blockade", {}, tmp_path)
