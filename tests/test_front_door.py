"""What `import offramp` gives: its names, quickly, and the README's main job with nothing else."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp.engine.blocks import machinery

ROOT = Path(__file__).parent.parent
NAMES = [
    "Case",
    "CaseError",
    "Mistake",
    "Needs",
    "OfframpError",
    "Unanswerable",
    "add_element",
    "add_passage",
    "add_source",
    "asked",
    "assess",
    "assumptions",
    "branch_game",
    "brief",
    "briefed",
    "cases",
    "check",
    "choice",
    "cite_element",
    "claims",
    "compare",
    "compare_text",
    "condition",
    "counterfactual",
    "coverage",
    "day_by_day",
    "diff",
    "differences",
    "document",
    "drafts",
    "edit",
    "environment",
    "essentials",
    "evidence",
    "facilitator_page",
    "facts",
    "failings",
    "find_passage",
    "fold_games",
    "forecast",
    "forms",
    "gains",
    "grounds",
    "handout",
    "import_reports",
    "kept_games",
    "known_forecast",
    "leave_out",
    "links",
    "load",
    "look",
    "migrate",
    "model_seat",
    "move_passage",
    "new_game",
    "numbers",
    "odds",
    "page",
    "picture",
    "players",
    "policies",
    "postmortem",
    "propose",
    "reach",
    "read_source",
    "repair_source",
    "replay",
    "resting",
    "review_game",
    "reweigh",
    "run",
    "scenarios",
    "schema",
    "score",
    "seat_page",
    "sensitivity",
    "session",
    "set_number",
    "source_text",
    "start_game",
    "suggest_passages",
    "take_up_game",
    "to_datatree",
    "to_dict",
    "to_frame",
    "to_parquet",
    "today",
    "undo",
    "watch",
    "whatifs",
    "why",
]
OTHERS = {
    "add_element",  # from a passage to the model
    "cite_element",
    "forms",
    "leave_out",
    "numbers",
    "set_number",
    "find_passage",
    "add_passage",  # what is put into a case
    "move_passage",
    "add_source",
    "read_source",
    "repair_source",
    "suggest_passages",
    "undo",
    "cases",
    "load",
    "check",
    "edit",
    "migrate",
    "brief",
    "briefed",  # what is beside the worlds of a forecast
    "document",  # of what was found
    "page",
    "handout",  # nothing is simulated
    "picture",
    "replay",
    "session",  # it has no worlds yet
    "fold_games",  # of games, which say of which case
    "model_seat",  # who holds a seat
    "branch_game",  # of a game, as `take_up_game`
    "environment",  # games, when somebody plays them
    "start_game",  # one world, and who plays in it
    "review_game",  # of a game, which says of which case
    "take_up_game",
    "kept_games",
    "new_game",
    "players",
    "seat_page",  # of a game
    "facilitator_page",
    "diff",  # of two cases
    "differences",
    "reweigh",  # its worlds are those of what it is given
    "coverage",
    "compare_text",  # texts alone
    "drafts",
    "propose",
    "grounds",  # nothing is simulated
    "import_reports",
    "resting",
    "links",
    "schema",
    "source_text",
    "to_datatree",
    "to_dict",
    "to_frame",
    "to_parquet",  # its worlds are those of a session
    "whatifs",
}
STUDIES = sorted({n for n in NAMES if not n[0].isupper()} - OTHERS)
compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")


def test_these_are_the_names() -> None:
    assert offramp.__all__ == NAMES
    for name in NAMES:
        assert getattr(offramp, name).__doc__, name
    assert set(NAMES) <= set(dir(offramp))
    with pytest.raises(AttributeError, match="no attribute 'forcast'"):
        offramp.forcast  # noqa: B018


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_takes_a_case_first_and_the_rest_by_the_same_words(name: str) -> None:
    taken = inspect.signature(getattr(offramp, name)).parameters
    assert next(iter(taken)) == "case"
    assert {"worlds", "seed", "threads", "progress"} <= set(taken)
    assert taken["threads"].default is None
    assert all(
        p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        for n, p in taken.items()
        if n in ("seed", "threads", "progress", "assessment")
    )


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import sys, offramp; print([m for m in sys.modules if m[:5] in ('numpy', 'numba')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


FORECASTS = {
    "from Python": "import offramp; offramp.forecast('tutorial', worlds=16)._repr_html_()",
    "as a command": """from click.testing import CliRunner
from offramp.cli import main
assert CliRunner().invoke(main, ["forecast", "tutorial", "--worlds", "16"]).exit_code == 0""",
}


@compiled
@pytest.mark.parametrize("how", FORECASTS)
def test_a_forecast_imports_nothing_that_draws_or_prints(how: str) -> None:
    """Charts and the PDF are a third of the installation, and seconds of imports; nor are arrays
    of extras wanted."""
    heavy = "('altair', 'vl_convert', 'typst', 'jinja2', 'xarray', 'zarr', 'pandas')"
    code = f"{FORECASTS[how]}\nimport sys; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_all_errors_are_one_family() -> None:
    from offramp.answers.ledger import Broken
    from offramp.engine.blocks.gpu import NoDevice
    from offramp.explain.decided import ChangesNothing
    from offramp.filter.posterior import Impossible
    from offramp.runs.manifest import Refused

    ours = (
        offramp.CaseError,
        offramp.Mistake,
        offramp.Needs,
        offramp.Unanswerable,
        Broken,
        ChangesNothing,
        Impossible,
        NoDevice,
        Refused,
    )
    assert all(issubclass(e, offramp.OfframpError) for e in ours)


# ---- a case from memory ---------------------------------------------------------------------


def test_a_case_from_texts_is_the_case_from_its_folder(tmp_path: Path) -> None:
    """And nothing looks at a folder for it."""
    folder = offramp.load("tutorial")
    memory = offramp.load(dict(folder.texts.texts))
    assert memory.folder is None
    assert memory.model_sha256 == folder.model_sha256
    assert memory.history.reports == folder.history.reports
    assert {n: a.judgements for n, a in memory.assessments.items()} == {
        n: a.judgements for n, a in folder.assessments.items()
    }
    assert list(memory.claims) == list(folder.claims)
    assert memory.beside == ()


def test_unsaved_edits_are_checked_over_a_folder() -> None:
    clean = offramp.check("tutorial")
    assert clean.ok
    assert clean.found == ()
    broken = clean.case.texts.texts["assessments/tass.yaml"].replace("document:", "documnet:")
    looked = offramp.check("tutorial", over={"assessments/tass.yaml": broken})
    assert not looked.ok
    assert {str(d.span.file) for d in looked.found if d.severity == "error"} >= {
        "assessments/tass.yaml"
    }
    assert offramp.check("tutorial").ok


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_of_one_file_the_same_is_found_as_in_the_whole_case(data: st.DataObject) -> None:
    """Whatever line is missing there, twice, or moved to the left."""
    texts = offramp.load("tutorial").texts.texts
    file = data.draw(st.sampled_from(sorted(texts)))
    lines = texts[file].splitlines(keepends=True)
    k = data.draw(st.integers(0, len(lines) - 1))
    changed = data.draw(st.sampled_from([[], [lines[k]] * 2, [lines[k].lstrip()]]))
    over = {file: "".join([*lines[:k], *changed, *lines[k + 1 :]])}
    whole = offramp.check("tutorial", over=over)
    alone = offramp.check("tutorial", over=over, file=file)
    texts_at_hand = ("text", "no-number")  # nothing is held against documents while somebody types
    own = [d for d in whole.found if str(d.span.file) == file and d.code not in texts_at_hand]
    assert sorted(map(repr, alone.found)) == sorted(map(repr, own))
    assert alone.ok <= (not any(d.severity == "error" for d in own))


def test_a_case_is_what_it_was_when_it_was_read(tmp_path: Path) -> None:
    for name, text in offramp.load("tutorial").texts.texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    case = offramp.load(tmp_path)
    (tmp_path / "history.csv").write_text("nonsense", "utf-8")
    (tmp_path / "assessments" / "tass.yaml").unlink()
    assert len(case.history.reports) == 4
    assert "tass" in case.assessments
    with pytest.raises(offramp.CaseError):
        _ = offramp.load(tmp_path).history


def test_each_crisis_is_typed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The case's own, and one under each assessment, however often it is asked for."""
    from offramp.language import build

    typed, declare = [], build.declare
    monkeypatch.setattr(build, "declare", lambda *a: typed.append(1) or declare(*a))
    found = offramp.check("us-iran-2020")
    assert found.case is not None
    assert len(typed) == 1 + len(found.case.assessments)
    for name in found.case.assessments:
        found.case.under(name)
    assert len(typed) == 1 + len(found.case.assessments)


def test_an_edited_case_is_another_model() -> None:
    case = offramp.load("tutorial")
    quiet = offramp.edit(case, {"never": ["kelmark.board"]})
    assert quiet.model_sha256 != case.model_sha256
    assert quiet.history.reports == case.history.reports
    with pytest.raises(offramp.CaseError, match="kelmark"):
        offramp.edit(case, {"never": ["kelmark.bored"]})


def test_an_edit_and_an_author_stay_with_the_case_wherever_it_goes() -> None:
    """No study may run the case that was read in place of the one that was given."""
    case, do = offramp.load("tutorial"), {"never": ["kelmark.board"]}
    quiet, tass = offramp.edit(case, do), case.under("tass")
    assert quiet.under("case") is quiet
    assert tass.under("case") is tass
    one, other = quiet.under("tass"), offramp.edit(tass, do)
    assert one.model_sha256 == other.model_sha256
    assert one.crisis == other.crisis
    assert len({c.model_sha256 for c in (case, quiet, tass, one)}) == 4
    assert other.under("ilvane").model_sha256 == quiet.under("ilvane").model_sha256
    assert "edited: never kelmark.board" in repr(one)
    assert one.history.reports == case.history.reports


@compiled
def test_studies_run_the_case_that_was_given() -> None:
    case = offramp.load("tutorial")
    quiet = offramp.edit(case, {"never": ["kelmark.warn"]})
    tass, few = case.under("tass"), {"as_of": "2031-04-05", "worlds": 2048}
    for own in (quiet, tass):
        assert offramp.condition(own, **few).model_sha256 == own.model_sha256
        assert offramp.gains(own, "case", **few)[0].model_sha256 == own.model_sha256
    under = offramp.condition(quiet, assessment="tass", **few)
    assert under.model_sha256 == quiet.under("tass").model_sha256
    f = offramp.condition(case, **few).forecast
    assert "as of 2031-04-05" in repr(f)


def test_a_brief_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the work was begun")

    monkeypatch.setattr("offramp.api.briefs.beside", never)
    with pytest.raises(OSError, match="no such folder"):
        offramp.brief("tutorial", None, tmp_path / "nowhere" / "brief.html")
    with pytest.raises(offramp.Mistake, match="ends neither in"):
        offramp.brief("tutorial", None, tmp_path / "brief.txt")


# ---- the main job ---------------------------------------------------------------------------


@compiled
def test_ten_lines_do_the_main_job(tmp_path: Path) -> None:
    script = f"""
import offramp
case = offramp.load("tutorial")
forecast = offramp.forecast(case, worlds=256)
known = offramp.condition(case, as_of="2031-04-20", worlds=2048)
pair = offramp.compare(case, "ilvane", "tass", worlds=2048)
offramp.brief(case, forecast, {str(tmp_path / "brief.html")!r})
print(forecast.answers[0].probability, known.forecast.answers[0].probability, len(pair.partings))
"""
    assert len(script.strip().split("\n")) <= 10
    out = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert len(out.split()) == 3
    assert "<h1>" in (tmp_path / "brief.html").read_text("utf-8")


@compiled
def test_what_is_wrong_is_told_as_the_command_line_tells_it() -> None:
    with pytest.raises(offramp.Mistake, match="outside the crisis") as day:
        offramp.condition("tutorial", as_of="2041-04-20")
    assert day.value.argument == "as_of"
    with pytest.raises(offramp.Unanswerable, match="no assessment 'ilvan': did you mean"):
        offramp.compare("tutorial", "ilvan", "tass")
    with pytest.raises(offramp.CaseError, match="no case 'tutorail'"):
        offramp.forecast("tutorail")


@compiled
def test_progress_hears_every_step_and_how_many_there_are() -> None:
    heard = []
    offramp.condition(
        "tutorial", as_of="2031-04-05", worlds=2048, progress=lambda a, b: heard.append((a, b))
    )
    done, total = zip(*heard, strict=True)
    assert list(done) == sorted(done)
    assert set(total) == {done[-1]}


@compiled
def test_nobody_is_asked_who_had_not_written_yet() -> None:
    late = "assessment: Written later\ndate: 2031-04-12 ? an invented author\n"
    case = offramp.load("tutorial", over={"assessments/late.yaml": late})
    names = [
        [g.assessment for g in offramp.gains(case, as_of=day, worlds=2048)]
        for day in ("2031-04-11", "2031-04-12")
    ]
    assert names == [["case", "ilvane", "tass"], ["case", "ilvane", "late", "tass"]]


# ---- in a notebook --------------------------------------------------------------------------


@compiled
def test_a_value_prints_in_a_line_and_gives_itself_as_plain_values() -> None:
    """What a cell ends in is shown: no value may print its worlds."""
    case = offramp.load("tutorial")
    few = {"worlds": 2048, "seed": 3}
    values = (
        offramp.forecast(case, worlds=64),
        offramp.why(case, "war", worlds=64),
        offramp.condition(case, as_of="2031-04-12", **few),
        offramp.compare(case, "ilvane", "tass", **few),
        offramp.coverage(case),
        offramp.assess(case, "tass", **few),
        offramp.gains(case, "case", **few),
        offramp.choice(case, "kelmark", "2031-04-08", **few),
        offramp.counterfactual(case, without="kelmark.board", on="2031-04-08", **few),
    )
    assert repr(case).startswith("<Case tutorial: 5 actors, 22 events, 12 questions, model ")
    for value in values:
        assert re.fullmatch(r"<([A-Z]|\d)[\w ]+.{10,150}>", repr(value))
        assert json.loads(json.dumps(offramp.to_dict(value)))
    assert repr(values[0].ensemble) == "<Ensemble of 64 worlds, 90 days from 2031-04-01>"


@compiled
def test_a_cell_shows_a_short_table_that_runs_and_fetches_nothing() -> None:
    """And whatever a case says is text in it."""
    crisis = offramp.load("tutorial").texts.texts["crisis.yaml"]
    title = offramp.load("tutorial").crisis.title
    over = {"crisis.yaml": crisis.replace(title, "<script>alert(1)</script> & others")}
    case = offramp.load("tutorial", over=over)
    known = offramp.condition(case, as_of="2031-04-12", worlds=2048, seed=3)
    values = (case, offramp.forecast(case, worlds=64), known)
    for value in (*values, replace(known, refused="<b>too few</b>")):
        shown = value._repr_html_()
        assert "<table>" in shown
        assert len(shown) < 10_000
        assert not re.search(r"<script|<b>|http|src=|href=|onload", shown)
        ElementTree.fromstring(f"<div>{shown}</div>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; others" in values[0]._repr_html_()
    assert known.learned[0].title in known._repr_html_()
    assert "&lt;b&gt;too few" in shown
    many = offramp.load("us-iran-2020")
    assert f"and {len(many.questions) - 12} more" in many._repr_html_()


@compiled
def test_pictures_are_drawn_without_a_network_and_say_what_they_show(tmp_path: Path) -> None:
    case = offramp.load("tutorial")
    f = offramp.forecast(case, worlds=128)
    number = f.quantities[0].id
    for of in ("fan", "shares", number):
        drawn = offramp.picture(f, of, case=case)
        assert drawn._repr_svg_().startswith("<svg ")
        assert "http://www.w3.org/2000/svg" in drawn.svg
        assert not re.search(r"(?:href|src)=\"http", drawn.svg)
        assert len(drawn.words) > 40
        drawn.save(tmp_path / f"{of}.svg")
        assert (tmp_path / f"{of}.svg").read_text("utf-8") == drawn.svg
    with pytest.raises(offramp.Mistake, match="no picture of 'fam': did you mean 'fan'"):
        offramp.picture(f, "fam")


def cells(kind: str) -> list[str]:
    found = json.loads((ROOT / "docs" / "notebook.ipynb").read_text("utf-8"))["cells"]
    return ["".join(c["source"]) for c in found if c["cell_type"] == kind]


@pytest.mark.slow
@compiled
def test_the_notebook_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cell by cell in one namespace, as a notebook does; nothing but Offramp is imported."""
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    for source in cells("code"):
        exec(compile(source, "<cell>", "exec"), space)
    imported = re.findall(r"^(?:import|from) (\w+)", "\n".join(cells("code")), re.M)
    assert imported == ["offramp"]
    assert (tmp_path / "brief.html").exists()


def test_the_notebook_is_kept_without_outputs() -> None:
    found = json.loads((ROOT / "docs" / "notebook.ipynb").read_text("utf-8"))
    assert all(not c["outputs"] for c in found["cells"] if c["cell_type"] == "code")
