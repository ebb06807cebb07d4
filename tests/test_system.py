"""Bad input to the commands of the documents' own claims: refused with a reason, never a traceback.

And edits of every kind of event, lived by the machine and by the reference interpreter alike.
"""

from __future__ import annotations

import functools
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp import to_dict
from offramp.case.case import Case
from offramp.case.case import load as read
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.blocks.worlds import check, load, simulate
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.explain.motives import Choice, Move
from offramp.language.build import build
from offramp.language.crisis import Crisis
from offramp.language.edits import Edit, edited, read_edits
from offramp.text.diagnostics import Diagnostics
from offramp.text.yaml import parse

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
TUTORIAL = Path(__file__).parent.parent / "offramp" / "cases" / "tutorial"


@functools.cache
def tutorial() -> Case:
    return read("tutorial")


def reading(text: str) -> tuple[tuple[Edit, ...], list[str]]:
    """The edits of a `do:` of the tutorial, and the codes of what is wrong with it."""
    case, found = tutorial(), Diagnostics()
    crisis, readers = build(case.expanded, found, frozenset(case.passages), case.own_phrases)
    assert crisis is not None
    before = len(found.errors)
    edits = read_edits(parse(text, "do", found), crisis, readers)
    return edits, [d.code for d in found.errors[before:]]


def doing(text: str) -> Crisis:
    edits, wrong = reading(text)
    assert not wrong
    return edited(tutorial().crisis, edits)


def said(*arguments: object) -> Result:
    """What a command says; an exception that is no exit is a traceback."""
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def copy_of(folder: Path, **files: str | None) -> Path:
    """The tutorial with other files; None takes one away. `asked` stands for asked.yaml."""
    case = folder / "spoilt"
    shutil.copytree(TUTORIAL, case)
    for name, text in files.items():
        path = case / f"{name}.yaml"
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")
    return case


# ---- edits -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("force: {fog: [2031-04-05]}\nrate:\n  fog: 2 ? a", "moot"),
        ("rate:\n  fog: 2 ? a\nforce: {fog: [2031-04-05]}", "moot"),
        ("force: {kelmark.board: [2031-04-05]}\nurge:\n  kelmark.board: 2 ? a", "moot"),
        ("never: [kelmark.board]\ncost:\n  kelmark.board: 2 ? a", "moot"),
        ("never: [swarm]\noutcome: {swarm: death}", "moot"),
        ("force: {swarm.death: [2031-04-05]}\noutcome: {swarm: injury}", "moot"),
        ("never: [fog]\nforce: {fog: [2031-04-05]}", "twice"),
        ("set:\n  rung: calm ? a\nhold:\n  rung: naval_war ? b", "twice"),
        ("hold:\n  rung: naval_war ? b\nset:\n  rung: calm ? a", "twice"),
        ("force: {fog: []}", "dates"),
        ("force: {'fog.': [2031-04-05]}", "unknown-event"),
        ("rate:\n  fog: -1 ? less than never", "bounds"),
        ("set:\n  tempo: -3 ? a scale is above 0", "bounds"),
        ("set:\n  tempo: 0 ? a scale is above 0", "bounds"),
        ("set:\n  steering: 1.5 ? a share", "bounds"),
        ("set:\n  kelmark.line: nosuch ? no value of it", "edit"),
        ("hold:\n  season: off ? a clock", "edit"),
        ("hold:\n  sailors_dead: 0 ? a count", "edit"),
    ],
)
def test_edits_that_cannot_be_are_refused_once(text: str, code: str) -> None:
    assert reading(text)[1] == [code]


def test_a_value_of_the_wrong_kind_is_one_mistake() -> None:
    assert reading("set:\n  steering: rung ? a level")[1] == ["kind"]
    assert reading("hold:\n  rung: 3 ? a number")[1] == ["kind"]


@pytest.mark.parametrize(
    "text",
    [
        "force: {swarm: [2031-04-05]}\noutcome: {swarm: death}",
        "set:\n  tempo: .5 ? slower",
        "rate:\n  fog: 0 ? none",
        "hold:\n  rung: calm ? a\nnever: [swarm]",
    ],
)
def test_edits_that_go_together_are_not_refused(text: str) -> None:
    assert not reading(text)[1]


DAYS = (0, 6, 8)
ON = "[2031-04-01, 2031-04-07, 2031-04-09]"
EDITS = {
    "a proxy's move": ("swarm", "never: [swarm]"),
    "a proxy's move, forced": ("swarm", f"force: {{swarm: {ON}}}"),
    "a hazard": ("fog", f"force: {{fog.death: {ON}}}"),
    "a chosen move with consent and lead time": ("vessara.land", f"force: {{vessara.land: {ON}}}"),
    "a lead time": ("kelmark.send_ships", f"force: {{kelmark.send_ships: {ON}}}"),
    "a pact's dated step": ("accord.due_step", "never: [accord.due_step]"),
    "a pact's step": ("accord.step", f"force: {{accord.step: {ON}}}"),
    "a remedy": ("accord.arbitration", f"force: {{accord.arbitration: {ON}}}"),
    "what a remedy's clock brings": (
        "accord.arbitration.run_out",
        f"force: {{accord.arbitration.run_out: {ON}}}",
    ),
    "a threat": ("kelmark.warn", f"force: {{kelmark.warn: {ON}}}"),
    "a threat's lapse": ("kelmark.warn.lapse", "never: [kelmark.warn.lapse]"),
    "an unclaimed event": ("cable_cut", f"force: {{cable_cut: {ON}}}"),
    "a vote": ("kelmark.assembly.ships", f"force: {{kelmark.assembly.ships.lost: {ON}}}"),
    "an election": ("kelmark.election", "never: [kelmark.election]"),
}


@compiled
@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_does_what_it_says_and_the_reference_interpreter_agrees(kind: str) -> None:
    name, text = EDITS[kind]
    changed = doing(text)
    check(load(plan(changed), keep=False), RunSpec(changed, (), 3), worlds=2, lasts=20)
    lived = simulate(RunSpec(changed, (), 3), 32, threads=1)
    column = [e.name for e in changed.events].index(name)
    happened = lived.counts[:, column]
    if text.startswith("never"):
        assert not happened.any()
        return
    assert (happened == len(DAYS)).all()
    for story in lived.stories:
        assert tuple(x.day for x in story.log if x.event == name) == DAYS


@compiled
@pytest.mark.parametrize(
    "text",
    [
        "hold: {accord: left ? a}",
        "hold: {kelmark.warn.pledge: 1 ? a}",
        "hold: {line.open: no ? a}",
        "set: {accord.next: 5d ? a}",
        "set: {kelmark.line: death ? a}",
        "from: 2031-04-07\nrate:\n  naval_war: 900 ? a",
        "from: 2031-04-07\nurge:\n  accord.undo: 4 ? a",
        "cost: {kelmark.board: 5000 ? more than anything}",
        "urge: {kelmark.blockade: 5000 ? more than anything}",
    ],
)
def test_the_reference_interpreter_agrees_on_other_edits(text: str) -> None:
    changed = doing(text)
    check(load(plan(changed), keep=False), RunSpec(changed, (), 3), worlds=2, lasts=20)


# ---- the documents' own questions --------------------------------------------------------

ASKED = """
asked:
  T29:
    question: What did the boarding change?
    without: {never: [kelmark.board]}
    on: 2031-04-09
    reads: [blockade]
    choice: {actor: kelmark, on: 2031-04-08}
"""


@compiled
def test_days_beyond_the_reports_are_said_to_be(tmp_path: Path) -> None:
    case = copy_of(tmp_path, asked=ASKED)
    result = said("asked", case, "--worlds", 128, "--as-of", "2031-04-01", "--json")
    assert result.exit_code == 0
    told = " ".join(s["text"] for s in json.loads(result.stdout)["asked"][0]["answer"])
    assert "up to 2031-04-08" in told
    assert "up to 2031-04-09" in told
    assert "instead of" not in told


@compiled
def test_questions_asked_are_answered_without_reports_too(tmp_path: Path) -> None:
    text = ASKED.replace("    reads:", "    questions: [landing]\n    reads:")
    case = copy_of(tmp_path, asked=text)
    (case / "history.csv").unlink()
    (case / "reporting.yaml").unlink()
    result = said("asked", case, "--worlds", 64, "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["asked"][0]["answer"]) == 2
    assert said("asked", case, "--worlds", 64, "--as-of", "2040-01-01").exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("{never: [kelmark.board]}", "{set: {tempo: .5 ? a}}", "too-early"),
        ("{never: [kelmark.board]}", "{force: {kelmark.board: [2031-04-08]}}", "too-early"),
        ("{never: [kelmark.board]}", "{}", "missing"),
    ],
)
def test_what_would_change_nothing_is_refused(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    result = said("check", copy_of(tmp_path, asked=ASKED.replace(old, new)))
    assert result.exit_code == 1
    assert f"error[{code}]" in result.output


def test_a_claim_whose_effect_is_a_number_tests_nothing(tmp_path: Path) -> None:
    case = copy_of(tmp_path)
    path = case / "claims" / "ilvane.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("effect: count(fog)\n", "effect: 1 ? a\n"), encoding="utf-8")
    result = said("claims", case, "--worlds", 64)
    assert result.exit_code == 1
    assert "error[constant]" in result.output


def test_a_folder_where_a_file_should_be_is_an_error(tmp_path: Path) -> None:
    case = copy_of(tmp_path)
    (case / "asked.yaml").mkdir()
    result = said("check", case)
    assert result.exit_code == 1
    assert "error[unreadable]" in result.output


# ---- options -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ("--without", "nosuch"),
        ("--without", ""),
        ("--without", "fog."),
        ("--without", "."),
        ("--without", "fog.death"),
        ("--without", "fog", "--without", "fog"),
        ("--force", "fog"),
        ("--force", "fog.", "--on", "2031-04-01"),
        ("--force", "kelmark.assembly.ships", "--on", "2031-04-01"),
        ("--outcome", "kelmark.assembly.ships.lost"),
        ("--outcome", "kelmark.board.x"),
        ("--outcome", "swarm"),
        ("--without", "fog", "--on", "2031-06-29"),
        (),
    ],
)
def test_but_for_refuses_what_it_cannot_take_away(options: tuple[str, ...]) -> None:
    result = said("butfor", "tutorial", "--worlds", 128, *options)
    assert result.exit_code == 2
    last = result.output.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert not last.endswith(":"), "it says what would have worked"


@compiled
def test_a_name_given_twice_counts_once() -> None:
    once, twice = (
        said("reach", "tutorial", *n, "--worlds", 64, "--json").stdout
        for n in (("tass",), ("tass", "tass"))
    )
    assert json.loads(once) == json.loads(twice)
    result = said(
        "gains", "tutorial", "case", "case", "--worlds", 128, "--as-of", "2031-04-05", "--json"
    )
    assert len(json.loads(result.stdout)["assessments"]) == 1


@compiled
def test_policies_of_a_case_without_documents(tmp_path: Path) -> None:
    case = tmp_path / "bare"
    case.mkdir()
    (case / "crisis.yaml").write_text(
        "crisis: bare\nfrom: 2030-01-01\nto: 2030-01-20\nshow: [x]\n"
        "state:\n  x: {ladder: [a, b], now: a ? start}\n"
        "event:\n  spark: {rate: .1 ? rare, does: [x >= b ? up]}\n",
        encoding="utf-8",
    )
    (case / "policies.yaml").write_text(
        "losses:\n  l:\n    name: all\n    about: all of us\n    sum:\n"
        "      sparks: 1 [? the unit] * count(spark)\n"
        "policies:\n  p: {name: none, note: ours, do: {never: [spark]}}\n",
        encoding="utf-8",
    )
    result = said("policies", case, "--worlds", 64, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["schema"].startswith("offramp.policies/")


def test_what_could_be_chosen_in_no_world_has_no_log_odds() -> None:
    day = tutorial().crisis.first
    never = Move(
        event="a",
        title="A",
        available=0.0,
        odds=0.0,
        chosen=0.0,
        today=0.0,
        parts=(),
        reported=False,
        cites=(),
        agenda="",
        opening=0.0,
        words=(),
    )
    some = replace(never, event="b", available=0.5, odds=-1.0)
    c = Choice(
        case="x",
        assessment="case",
        model_sha256="",
        actor="us",
        title="US",
        date=day,
        seed=1,
        worlds=2,
        of=2,
        opening=0.5,
        precision=1.0,
        nothing=1.0,
        mc_error=0.1,
        moves=(never, some),
        paraphrases={},
    )
    moves = to_dict(c)["moves"]
    assert isinstance(moves, list)
    assert [m["log_odds"] for m in moves] == [None, -1.0]


def test_a_title_with_markup_is_printed_and_not_obeyed(tmp_path: Path) -> None:
    folder = tmp_path / "marked"
    shutil.copytree(TUTORIAL, folder)
    text = (folder / "crisis.yaml").read_text("utf-8")
    old = "crisis: The Orrin Strait, spring 2031"
    assert old in text
    (folder / "crisis.yaml").write_text(text.replace(old, 'crisis: "A [/bold] strait"'), "utf-8")
    done = CliRunner().invoke(main, ["forecast", str(folder), "--worlds", "4"])
    assert done.exit_code == 0, done.output
    assert "A [/bold] strait" in done.output


def test_an_unknown_part_of_sources_yaml_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "slipped"
    shutil.copytree(TUTORIAL, folder)
    with (folder / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write("fualts: []\n")
    done = CliRunner().invoke(main, ["check", str(folder)])
    assert done.exit_code == 1
    assert "faults" in done.output


def test_a_forced_date_keeps_its_passage() -> None:
    (edit,), mistakes = reading("force: {fog: [2031-04-20 ~T13, 2031-04-10 ? ours]}")
    assert not mistakes
    assert edit.passages == ("T13",)
    fog = next(e for e in edited(tutorial().crisis, (edit,)).events if e.name == "fog")
    assert [(c.text, c.passages) for c in fog.dates] == [
        ("2031-04-10", ()),
        ("2031-04-20", ("T13",)),
    ]
