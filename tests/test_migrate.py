"""From version to version: a case runs as it did, and brought over differs only where a move that
somebody would choose is forced."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.answers.ledger import read
from offramp.case import scaffold
from offramp.case.case import read_crisis
from offramp.case.texts import find
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.plan import plan
from offramp.engine.world import create, live
from offramp.errors import Unanswerable
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, edited
from offramp.language.identity import canonical
from offramp.language.keys import VERSIONS
from offramp.language.migrate import LAST, brought_over, differs
from offramp.text import files

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
FIRST = """# Two neighbours.
crisis: two neighbours   # a title
from: 2020-01-01
to: 2020-01-06
state:
  tension:
    stock: 0 .. 9 ? room
    now: 4 ? start
unknown:
  nerve:
    between: .2 .. 2 ? unknown
actor:
  north:
    pace:
      force: .7 ? often
      word: .5 ? often
    precision: 1.2 ? middling
    foresight: 1 ? one step
    weighs: [south]
    wants:
      strength: nerve * .2 [? likes it] * tension
  south:
    pace: .4 ? some
    precision: 1 ? middling
    foresight: 1 ? one step
    weighs: [north]
    wants:
      calm: -.3 [? dislikes it] * tension
event:
  north.raid:
    by: north
    agenda: force
    with: [north.explain, north.note]
    does:
      - tension + 1 ? a blow
  north.drill:
    by: north
    agenda: force
    does:
      - tension + .2 ? a show
  north.march:
    by: north
    on: 2020-01-03 ? its day
    does:
      - tension + .1 ? a parade
  north.explain:
    by: north
    agenda: word
    does:
      - tension - .5 ? heard
  north.note:
    by: north
    agenda: none
    does:
      - tension - .2 ? read
  south.answer:
    by: south
    does:
      - tension + .5 ? a blow
  storm:
    rate: .1 ? the season
    does:
      - tension - .1 ? other cares
belief:
  south about north:
    types:
      mild: {prior: .4 ? a guess, nerve: .3 ? mild}
      fierce: {prior: .6 ? a guess, nerve: 1.8 ? fierce}
"""
QUESTIONS = """questions:
  answered:
    text: Will south answer by 6 January?
    window: 2020-01-01 .. 2020-01-06
    asks: count(south.answer) >= 1
"""
ASKED = """asked:
  T22:
    question: Was there another way?
    without: {force: {kelmark.blockade: [2031-04-20]}}
    on: 2031-04-10
    reads: [rung]
"""
FORCED = {"force": {"north.drill": ["2020-01-02", "2020-01-04"]}}


@cache
def typed(text: str) -> Crisis:
    return read_crisis(text)[0]


def offramp_(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a case `old` in the first version of the language."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)
    (tmp_path / "old").mkdir()
    write(tmp_path / "old" / "crisis.yaml", FIRST)
    write(tmp_path / "old" / "questions.yaml", QUESTIONS)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def the_tutorial(folder: Path) -> None:
    """A copy of the tutorial in the first version, whichever it comes in."""
    shutil.copytree(find("tutorial"), folder)
    text = (folder / "crisis.yaml").read_text("utf-8").replace(f"language: {LAST}\n", "")
    write(folder / "crisis.yaml", text)


# ---- the text -------------------------------------------------------------------------------


BARE = "crisis: a\nfrom: 2020-01-01\nto: 2020-01-02\nevent: {storm: {rate: .1 ? a guess}}\n"
FLOW = "crisis: a, from: 2020-01-01, to: 2020-01-02, event: {storm: {rate: .1 ? a guess}}"
LAYOUTS = {
    "no version": (FIRST, "language: 2\n", "# Two neighbours.\n"),
    "a line ends as on Windows": (
        FIRST.replace("\n", "\r\n"),
        "language: 2\r\n",
        "neighbours.\r\n",
    ),
    "a line ends as on an old Mac": (BARE.replace("\n", "\r"), "language: 2\r", ""),
    "a byte order mark": ("\ufeff" + BARE, "language: 2\n", "\ufeff"),
    "a document begins": (f"%YAML 1.2\n---  # here\n\n{BARE}", "language: 2\n", "# here\n\n"),
    "all is indented": ("  " + BARE.replace("\n", "\n  "), "  language: 2\n", ""),
    "a key with a question mark": (f"? crisis\n: a\n{BARE[10:]}", "language: 2\n", ""),
    "in braces": (f"{{{FLOW}}}", "language: 2, ", "{"),
    "in braces on lines": ("{\n " + FLOW.replace(", ", ",\n ") + "\n}", "language: 2, ", "{\n "),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_only_the_version_is_added(name: str) -> None:
    old, added, after = LAYOUTS[name]
    new = brought_over(old)
    place = old.index(after) + len(after)
    assert new == old[:place] + added + old[place:]
    plain = old.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    again = new.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    assert canonical(typed(again)) == canonical(replace(typed(plain), language=2))
    assert brought_over(new) == new


@pytest.mark.parametrize(
    "said",
    [
        "language: 1\n",
        "language:   '1'   # for ever\n",
        'language: "1"\n',
        "'language': 1\n",
        "language: >-\n  1\n",
        "language:\n    # below\n    1\n",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_only_the_number_is_changed(said: str, first: bool) -> None:
    old = said + BARE if first else BARE + said
    new = brought_over(old)
    place = len(said.partition("1")[0]) + (0 if first else len(BARE))
    assert new == old[:place] + "2" + old[place + 1 :]
    assert typed(new).language == 2


def test_what_has_no_place_for_the_version_is_refused_in_words() -> None:
    with pytest.raises(Unanswerable, match="write `language: 2` at its head yourself"):
        brought_over("- a list")


# ---- what it means --------------------------------------------------------------------------


def lived(crisis: Crisis, seed: int = 5, worlds: int = 20) -> list[object]:
    """All that happened in some worlds, and what their observers believe at the end."""
    told, laid = [], plan(crisis)
    for number in range(worlds):
        w = create(laid, seed, number)
        for _ in live(w):
            pass
        log = [(h.day, laid.events[h.event].event.name, h.outcome) for h in w.log]
        told.append((log, [list(x.weights) for x in w.learners]))
    return told


def forced(event: str = "north.drill") -> Edit:
    (edit,) = offramp.edit({"crisis.yaml": FIRST}, {"force": {event: ["2020-01-04"]}}).edits
    return edit


DATED = FIRST.replace(
    "  north.drill:\n    by: north\n    agenda: force\n",
    "  north.drill:\n    by: north\n    on: 2020-01-04 ? set\n",
)


def test_in_the_first_version_a_forced_move_is_a_dated_one_that_teaches_nobody() -> None:
    """As it was before there was a second version: the same as a file that says `on:`."""
    assert lived(edited(typed(FIRST), (forced(),))) == lived(typed(DATED))


def test_brought_over_it_is_a_dated_choice() -> None:
    choice = DATED.replace("? set\n", "? set\n    as: choice\n    agenda: force\n")
    over = typed(brought_over(FIRST))
    assert lived(edited(over, (forced(),))) == lived(typed(choice))
    assert lived(edited(over, (forced(),))) != lived(edited(typed(FIRST), (forced(),)))


DO = [
    {"never": ["north.raid"]},
    {"force": {"north.march": ["2020-01-05"]}},
    {"force": {"north.note": ["2020-01-05"]}},
    {"force": {"storm": ["2020-01-05"]}},
    {"set": {"nerve": "1 ? a guess"}},
    {"hold": {"tension": "3 ? a guess"}},
    {"cost": {"north.raid": "1 ? a guess"}},
    {"urge": {"north.drill": "1 ? a guess"}},
    {"rate": {"storm": "2 ? a guess"}},
]


@pytest.mark.parametrize("do", DO, ids=str)
def test_whatever_is_not_a_forced_choice_means_what_it_meant(do: dict[str, object]) -> None:
    edits = offramp.edit({"crisis.yaml": FIRST}, do).edits
    assert [differs(typed(FIRST), e) for e in edits] == [""]
    over = typed(brought_over(FIRST))
    assert lived(edited(over, edits)) == lived(edited(typed(FIRST), edits))


def test_what_comes_to_mean_something_else_is_said() -> None:
    assert differs(typed(FIRST), forced()) == (
        "`force north.drill on 2020-01-04` was no choice; it becomes a choice of north from which "
        "south learns, as far as it is seen, and north chooses nothing else on the agenda 'force' "
        "that day"
    )
    raid = differs(typed(FIRST), forced("north.raid"))
    assert raid.endswith("that day; north.explain and north.note may go along with it")
    unseen = differs(typed(FIRST), forced("south.answer"))
    assert "of whom nobody has a belief that it could change, and south chooses nothing" in unseen
    assert differs(typed(brought_over(FIRST)), forced()) == ""


@compiled
def test_free_worlds_keep_their_bytes_and_so_does_a_forced_arm_of_the_first_version() -> None:
    old = {"crisis.yaml": FIRST, "questions.yaml": QUESTIONS}
    said = {**old, "crisis.yaml": "language: 1\n" + FIRST}
    new = {**old, "crisis.yaml": brought_over(FIRST)}

    def drawn(case: offramp.Case) -> list[bytes]:
        e = offramp.forecast(case, worlds=512, seed=3).ensemble
        return [e.unknowns.tobytes(), e.counts.tobytes(), e.atoms.tobytes()]

    free = drawn(offramp.load(old))
    assert free == drawn(offramp.load(said)) == drawn(offramp.load(new))
    first, same, last = (drawn(offramp.edit(offramp.load(c), FORCED)) for c in (old, said, new))
    dates = "on: [2020-01-02 ? set, 2020-01-04 ? set]"
    dated = {**old, "crisis.yaml": DATED.replace("on: 2020-01-04 ? set", dates)}
    assert first == same == drawn(offramp.load(dated))
    assert first != last
    assert first != free


# ---- the command ----------------------------------------------------------------------------


def test_it_shows_and_writes_nothing_and_then_writes(here: Path) -> None:
    path = here / "old" / "crisis.yaml"
    windows = FIRST.replace("\n", "\r\n")
    write(path, windows)
    shown = offramp_("migrate", "old")
    assert shown.exit_code == 0, shown.stderr
    assert "+language: 2\n crisis: two neighbours   # a title\n" in shown.stdout
    assert "\r" not in shown.stdout
    assert "nothing was written; with --write it is" in shown.stdout
    assert path.read_bytes() == windows.encode()
    path.chmod(0o600)
    written = offramp_("migrate", "old", "--write")
    assert written.stdout.splitlines()[-1] == f"wrote {Path('old', 'crisis.yaml')}"
    assert path.read_bytes() == brought_over(windows).encode()
    assert path.stat().st_mode & 0o777 == 0o600 or os.name == "nt"
    assert sorted(os.listdir("old")) == ["crisis.yaml", "questions.yaml"]
    for more in ((), ("--write",)):
        again = offramp_("migrate", "old", *more)
        assert again.exit_code == 0
        assert again.stdout == (
            "old is written in version 2 of the language, the last: there is nothing to do\n"
        )


def test_edits_that_come_to_mean_something_else_have_their_places(here: Path) -> None:
    the_tutorial(here / "strait")
    write(here / "strait" / "asked.yaml", ASKED)
    found = offramp.migrate("strait")
    assert (found.old, found.new, found.written) == (1, 2, False)
    assert {str(e.span.file) for e in found.edits} == {
        "asked.yaml",
        "claims/case.yaml",
        "claims/tass.yaml",
        "facts.yaml",
    }
    for e in found.edits:
        line = Path("strait", e.span.file).read_text("utf-8").split("\n")[e.span.line - 1]
        assert line[e.span.column - 1 :].startswith(e.edit.split()[1])
        assert e.edit.startswith("force kelmark.")
    shown = offramp_("migrate", "strait")
    place = Path("strait", "claims", "case.yaml")
    assert f"{place}:6:19: claim T31 (low): `force kelmark.board on" in shown.stdout
    plain = json.loads(offramp_("migrate", "strait", "--json").stdout)
    assert [x["says"] for x in plain["edits"]] == [e.says for e in found.edits]
    assert plain["files"][0]["diff"] == found.files[0].diff
    over = {**offramp.load("strait").texts.texts, "crisis.yaml": found.files[0].new}
    assert plain["model_after"] == offramp.load(over).model_sha256 != plain["model_sha256"]
    assert not offramp.migrate(over).files


def test_policies_are_looked_at_too(here: Path) -> None:
    write(
        here / "old" / "policies.yaml",
        """losses:
  peace:
    name: Peace
    about: Whoever lives there.
    sum:
      calm: 1 [? the unit] * final(tension)
policies:
  show:
    name: Show force
    note: ours
    do: {force: {north.drill: [2020-01-02]}}
  quiet:
    name: No raids
    note: ours
    do: {never: [north.raid]}
""",
    )
    found = offramp.migrate("old")
    assert [(e.of, e.span.line) for e in found.edits] == [("policy show", 11)]


CLAIM = """claims:
  T31:
    says: A second seizure does less than a first
    high: {force: {kelmark.board: [2031-04-05]}}
    low: {never: [kelmark.board]}
    effect: mean(anger)
    window: 2031-04-01 .. 2031-04-20
    sign: none
    because: ours
    beside:
      high: {force: {kelmark.board: [2031-05-05]}}
      low: {force: {kelmark.blockade: [2031-05-06]}}
      window: 2031-05-01 .. 2031-05-20
"""
SUPPOSED = """
  supposed:
    text: Were boats boarded in May, would there be war?
    window: 2031-05-01 .. 2031-05-20
    if: {force: {kelmark.board: [2031-05-05]}}
    asks: count(naval_war) >= 1
"""


def test_so_are_the_arms_beside_a_claim_and_what_a_question_supposes(here: Path) -> None:
    the_tutorial(here / "strait")
    texts = dict(offramp.load("strait").texts.texts)
    asked = texts["questions.yaml"].replace("questions:\n", f"questions:{SUPPOSED}", 1)
    over = {**texts, "claims/case.yaml": CLAIM, "questions.yaml": asked}
    found = [e for e in offramp.migrate(over).edits if e.of.split()[1] in ("T31", "supposed")]
    line = asked[: asked.index("if: {")].count("\n") + 1
    told = {e.of: (e.edit, str(e.span.file), e.span.line) for e in found}
    assert told == {
        "claim T31 (high)": ("force kelmark.board on 2031-04-05", "claims/case.yaml", 4),
        "claim T31 (beside, high)": ("force kelmark.board on 2031-05-05", "claims/case.yaml", 11),
        "claim T31 (beside, low)": ("force kelmark.blockade on 2031-05-06", "claims/case.yaml", 12),
        "question supposed (if)": ("force kelmark.board on 2031-05-05", "questions.yaml", line),
    }


def test_of_an_edited_case_the_files_are_meant(here: Path) -> None:
    case = offramp.load("old")
    assert offramp.migrate(offramp.edit(case, FORCED)) == offramp.migrate("old")
    (memory,) = offramp.migrate({"crisis.yaml": FIRST}).files
    assert (memory.old, memory.new) == (FIRST, brought_over(FIRST))


@compiled
def test_a_ledger_sealed_before_holds_after_and_so_does_what_was_conditioned(here: Path) -> None:
    the_tutorial(here / "strait")
    words = ("condition", "strait", "--as-of", "2031-04-20", "--worlds", "2048", "--json")
    before = json.loads(offramp_(*words, "--ledger", "ledger.jsonl").stdout)
    sealed = Path("ledger.jsonl").read_bytes()
    assert offramp_("migrate", "strait", "--write").exit_code == 0
    assert json.loads(offramp_("ledger", "verify", "ledger.jsonl", "--json").stdout)["ok"]
    after = json.loads(offramp_(*words, "--ledger", "ledger.jsonl").stdout)
    assert after.pop("model_sha256") != before.pop("model_sha256")
    assert after == before
    assert json.loads(offramp_("ledger", "verify", "ledger.jsonl", "--json").stdout)["ok"]
    assert Path("ledger.jsonl").read_bytes().startswith(sealed)
    hashes = {e.forecast.model_sha256 for e in read(Path("ledger.jsonl"))}
    assert len(hashes) == 2


# ---- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("--write",), ("--json",)])
def test_a_case_that_does_not_check_is_refused_with_its_errors(
    here: Path, more: tuple[str, ...]
) -> None:
    broken = FIRST.replace("by: south", "by: east")
    write(here / "old" / "crisis.yaml", broken)
    result = offramp_("migrate", "old", *more)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == offramp_("check", "old").stderr
    assert "east" in result.stderr
    assert (here / "old" / "crisis.yaml").read_text("utf-8") == broken


BAD = {
    "no folder": (None, "there is no case 'none'"),
    "another version": ("language: 9\n" + FIRST, "version 9 of the language is not known"),
    "no version": ("language:\n" + FIRST, "versions 1 and 2"),
    "a list": ("language: [1]\n" + FIRST, "language"),
    "nothing": ("", "empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_in_words(here: Path, name: str) -> None:
    text, words = BAD[name]
    if text is not None:
        write(here / "old" / "crisis.yaml", text)
    result = offramp_("migrate", "none" if text is None else "old", "--write")
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr


def test_what_cannot_be_read_is_told(here: Path) -> None:
    (here / "old" / "crisis.yaml").write_bytes(b"crisis: caf\xe9\n")
    assert "is not UTF-8" in offramp_("migrate", "old").stderr
    (here / "old" / "crisis.yaml").unlink()
    assert "has no crisis.yaml" in offramp_("migrate", "old").stderr
    if hasattr(os, "mkfifo"):
        os.mkfifo(here / "old" / "crisis.yaml")
        assert "named pipe" in offramp_("migrate", "old", "--write").stderr
    write(here / "file", "words")
    assert "there is no case 'file'" in offramp_("migrate", "file").stderr


@pytest.mark.parametrize("how", ["by name", "by folder", "through a link"])
def test_a_case_that_comes_with_offramp_is_not_rewritten(here: Path, how: str) -> None:
    shipped = find("tutorial")
    before = (shipped / "crisis.yaml").read_bytes()
    case = {"by name": "tutorial", "by folder": str(shipped), "through a link": "old"}[how]
    if how == "through a link":
        (here / "old" / "crisis.yaml").unlink()
        (here / "old" / "crisis.yaml").symlink_to(shipped / "crisis.yaml")
    result = offramp_("migrate", case, "--write")
    assert result.exit_code == 1
    assert "it is not rewritten" in result.stderr
    assert "Copy that folder" in result.stderr
    if how != "through a link":
        assert os.path.realpath(shipped) in result.stderr
    assert (shipped / "crisis.yaml").read_bytes() == before
    assert offramp_("migrate", "tutorial").exit_code == 0


def test_what_cannot_be_written_is_refused_before_anything_is(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> None:
        raise PermissionError(13, "permission denied", str(folder))

    monkeypatch.setattr(files, "_try", full)
    result = offramp_("migrate", "old", "--write")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be written: permission denied" in result.stderr
    assert (here / "old" / "crisis.yaml").read_text("utf-8") == FIRST


def test_a_file_that_changed_meanwhile_is_not_written_over(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, look = here / "old" / "crisis.yaml", files.check_writable

    def edits(at: Path) -> None:
        look(at)
        write(path, "# mine\n" + FIRST)

    monkeypatch.setattr(files, "check_writable", edits)
    result = offramp_("migrate", "old", "--write")
    assert result.exit_code == 1
    assert "has changed meanwhile: nothing was written" in result.stderr
    assert path.read_text("utf-8") == "# mine\n" + FIRST


# ---- who hears of it ------------------------------------------------------------------------


def test_check_notes_an_older_version_and_it_is_no_error(here: Path) -> None:
    old = offramp_("check", "old")
    assert old.exit_code == 0
    note = "note: written in version 1 of the language; `offramp migrate CASE` shows what version 2"
    assert note in old.stdout
    assert json.loads(offramp_("check", "old", "--json").stdout)["language"] == 1
    offramp_("migrate", "old", "--write")
    assert "offramp migrate" not in offramp_("check", "old").stdout
    assert json.loads(offramp_("check", "old", "--json").stdout)["language"] == 2
    assert "offramp migrate" not in offramp_("check", "tutorial").stdout  # not its reader's to do


def test_a_new_case_is_in_the_last_version(here: Path) -> None:
    scaffold.write_case(here / "new")
    assert offramp.load("new").crisis.language == LAST == VERSIONS[-1]
    assert not offramp.migrate("new").files
