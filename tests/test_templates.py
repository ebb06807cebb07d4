"""`offramp new`: every starting block checks, runs and cites truly; texts become documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.case.scaffold import BLANK, SMALLEST, TEMPLATES, block, write_case
from offramp.case.texts import FILES
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.language.crisis import cited, data, elements

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
BLOCKS = (SMALLEST, *TEMPLATES)
FILLED = tuple(name for name in BLOCKS if name != BLANK)


def new(*words: str) -> Result:
    return CliRunner().invoke(main, ["new", *words])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)
    return tmp_path


def test_every_block_on_the_disk_can_be_asked_for() -> None:
    there = {p.name for p in block(SMALLEST).parent.iterdir()}
    assert there == {*BLOCKS, "full"}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_checks_without_a_warning_its_document_at_hand(here: Path, name: str) -> None:
    """So every passage stands where it says, and what is marked @ has a number there."""
    write_case(here / "mine", name)
    looked = offramp.check("mine")
    assert looked.ok
    assert looked.found == ()
    assert looked.older == ""
    assert "{name}" not in looked.case.texts.texts["crisis.yaml"]


@pytest.mark.parametrize("name", FILLED)
def test_every_number_of_a_block_cites_its_note_or_is_ours(here: Path, name: str) -> None:
    write_case(here / "mine", name)
    case = offramp.load("mine")
    assert list(case.documents) == ["note"]
    bases = [d.basis for address, e in elements(case.crisis) for d in data(address, e)]
    sized = {p for b in bases if b for p in b.passages}
    assert sized <= set(case.passages)
    assert {b.grade for b in bases if b} >= {"sized", "assumed"}
    used = sized | {p for q in case.questions for p in q.cites}
    used |= {p for _, e in elements(case.crisis) for p in cited(e)}
    assert used >= set(case.passages) - {"P1"}  # a first sentence may only set the scene


@compiled
@pytest.mark.parametrize("name", FILLED)
def test_a_block_forecasts_something_that_is_open_and_briefs(here: Path, name: str) -> None:
    write_case(here / "mine", name)
    case = offramp.load("mine")
    f = offramp.forecast(case, worlds=300)
    shares = [a.probability for a in f.answers if a.probability is not None]
    assert any(0.05 < p < 0.95 for p in shares)
    assert "<h1>" in offramp.brief(case, f)


@compiled
@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_move_of_a_block_is_made_in_some_world(here: Path, name: str) -> None:
    """A block with a dead part would teach the wrong thing."""
    write_case(here / "mine", name)
    case = offramp.load("mine")
    counts = offramp.forecast(case, worlds=400).ensemble.counts.sum(axis=0)
    dead = [e.name for e, n in zip(case.crisis.events, counts, strict=True) if n == 0]
    assert dead == []


def test_full_has_every_file_that_is_read_and_checks(here: Path) -> None:
    assert new("mine", "--full").exit_code == 0
    for name in FILES:
        assert (here / "mine" / name).is_file(), name
    looked = offramp.check("mine")
    assert looked.ok
    assert looked.found == ()
    case = looked.case
    assert case.history.reports
    assert case.assessments
    assert case.claims
    assert case.policies
    assert case.facts
    assert case.rooms


def test_the_files_of_full_are_on_the_page_of_files() -> None:
    page = (Path(__file__).parent.parent / "docs" / "files.md").read_text("utf-8")
    for path in sorted(block("full").rglob("*")):
        if path.is_file():
            assert path.read_text("utf-8").strip() in page, path.name


# ---- around texts ----------------------------------------------------------------------------


@pytest.mark.parametrize("inner", ["", "documents"])
def test_texts_that_lie_there_become_documents(here: Path, inner: str) -> None:
    folder = here / "mine" / inner
    folder.mkdir(parents=True)
    (folder / "Report 3: final.txt").write_bytes("\ufeffSchöne\r\nWorte".encode())
    (folder / "note.txt").write_text("a text of the same name as ours", "utf-8")
    (here / "mine" / ".hidden").write_text("x", "utf-8")
    told = new("mine", "--template", "accord")
    assert told.exit_code == 0, told.stderr
    assert "registered in mine/sources.yaml: report_3_final, note_2" in told.stdout
    looked = offramp.check("mine")
    assert looked.found == ()
    document = looked.case.documents["report_3_final"]
    assert (document.start, document.end) == (0, 12)
    assert offramp.source_text("mine", "report_3_final") == "Schöne\nWorte"
    assert offramp.source_text("mine", "note_2") == "a text of the same name as ours"
    assert looked.case.crisis.title == "The River Accord"
    assert (folder / "note.txt").read_text("utf-8") == "a text of the same name as ours"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "a.pdf",
            b"%PDF",
            "exists already; choose another name, or a folder that holds only texts",
        ),
        ("crisis.yaml", b"x", "exists already"),
        ("a.txt", b"\xff\xfe", "byte 0 of 'a.txt' is not UTF-8"),
        ("a.txt", b"", "'a.txt' is empty"),
    ],
)
def test_a_folder_with_anything_else_is_left_as_it_is(
    here: Path, name: str, content: bytes, told: str
) -> None:
    (here / "mine").mkdir()
    (here / "mine" / name).write_bytes(content)
    (here / "mine" / "b.txt").write_text("a text", "utf-8")
    result = new("mine")
    assert result.exit_code == 1
    assert told in result.stderr
    assert sorted(p.name for p in here.rglob("*")) == sorted(["mine", name, "b.txt"])


def test_a_case_around_texts_is_written_whole_or_not_at_all(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "a.txt").write_text("a text", "utf-8")
    rename, done = Path.rename, []

    def fails_late(self: Path, to: Path) -> Path:
        done.append(to)
        if len(done) == 3:
            raise OSError(28, "No space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fails_late)
    result = new("mine")
    assert "No space left on device" in result.stderr
    assert sorted(p.name for p in here.rglob("*")) == ["a.txt", "mine"]


def test_a_block_and_all_files_are_not_asked_for_at_once(here: Path) -> None:
    result = new("mine", "--full", "--template", "proxy")
    assert result.exit_code == 2
    assert not (here / "mine").exists()


def test_the_empty_block_gets_its_title_and_its_days(here: Path) -> None:
    words = ("mine", "--template", BLANK)
    title = 'The "Corin" shoal: #1'
    days = ("--from", "2031-03-02", "--to", "2031-08-05")
    assert new(*words, "--title", title, *days).exit_code == 0
    case = offramp.load("mine")
    assert (case.crisis.title, str(case.crisis.first), str(case.crisis.last)) == (
        title,
        *days[1::2],
    )
    assert case.questions[0].text == "Will it come to a clash by 5 August 2031?"
    assert offramp.check("mine").found == ()
    for wrong in (
        ("x", "--title", title),
        ("x", *days, "--title", "y"),
        ("x", "--template", BLANK, *days),
    ):
        told = new(*wrong)
        assert told.exit_code == 2
        assert not (here / "x").exists()
    back = new(
        "x", "--template", BLANK, "--title", "y", "--from", "2031-08-05", "--to", "2031-03-02"
    )
    assert "the last day is before the first" in back.output
    assert (
        new("x", "--template", BLANK, "--title", "y", "--from", "5 May", "--to", "x").exit_code == 2
    )
