"""What two cases differ in, and what that does to each answer."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.case.kept import WhatIf, ranged, whatifs
from offramp.case.versions import version
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.explain.changes import changes
from offramp.explain.diff import error_of, influence
from offramp.language.crisis import data, elements
from offramp.text.diagnostics import Span

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
CASE = offramp.load("tutorial")
CRISIS = CASE.texts.texts["crisis.yaml"]
QUESTIONS = CASE.texts.texts["questions.yaml"]


def with_crisis(*pairs: tuple[str, str]) -> offramp.Case:
    text = CRISIS
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return offramp.load("tutorial", over={"crisis.yaml": text})


def told(old: offramp.Case, new: offramp.Case) -> list[tuple[str, str, str, str, str]]:
    return [(c.element, c.part, c.kind, c.old, c.new) for c in changes(old, new)[0]]


# ---- what differs ----------------------------------------------------------------------------


def test_a_case_differs_in_nothing_from_itself_written_otherwise() -> None:
    """Comments, line ends, the spelling of a number and forms written out are no differences."""
    other = with_crisis(("fades: 5d ~T35", "fades: 5.0d ~T35   # as the text has it"))
    assert told(CASE, CASE) == []
    assert told(CASE, other) == []


def test_a_number_is_told_with_its_mark_and_its_places() -> None:
    (change,), (turned,) = changes(CASE, with_crisis(("fades: 5d ~T35", "fades: 9d ~T35")))
    assert (change.element, change.part, change.kind) == ("state rung", "fades", "number")
    assert (change.old, change.new) == ("5d ~T35", "9d ~T35")
    assert change.passages == ("T35",)
    assert change.moving
    assert change.old_place == change.new_place == turned.old.span
    assert CRISIS.split("\n")[change.old_place.line - 1][change.old_place.column - 1] == "5"


def test_another_mark_or_another_title_moves_no_answer() -> None:
    other = with_crisis(
        ("fades: 5d ~T35", "fades: 5d ? a guess"), ("name: Escalation", "name: How far it went")
    )
    assert told(CASE, other) == [
        ("state rung", "title", "words", "Escalation", "How far it went"),
        ("state rung", "fades", "mark", "5d ~T35", "5d ? a guess"),
    ]
    assert not any(c.moving for c in changes(CASE, other)[0])


def test_what_is_added_and_what_is_gone_is_told_by_its_name() -> None:
    extra = "  funded.late: {name: Late money, flag: no}\n  funded: {name: Money"
    more = with_crisis(("  funded: {name: Money", extra))
    assert told(CASE, more) == [("state funded.late", "", "added", "", "Late money")]
    assert told(more, CASE) == [("state funded.late", "", "gone", "Late money", "")]


def test_one_more_want_is_one_more_and_not_another_of_each() -> None:
    case = offramp.load("us-iran-2020")
    actor = next(a for a in case.crisis.actors if len(a.wants) > 2)
    fewer = replace(actor, wants=actor.wants[1:])
    actors = tuple(fewer if a is actor else a for a in case.crisis.actors)
    other = case.with_crisis(replace(case.crisis, actors=actors))
    found = told(case, other)
    assert {(element, kind) for element, _, kind, _, _ in found} == {
        (f"actor {actor.name}", "gone")
    }
    assert all(actor.wants[0].name in part for _, part, _, _, _ in found)


def test_a_number_that_a_form_writes_into_several_elements_is_one_change() -> None:
    case = offramp.load("us-iran-2020")
    spans: dict[Span, set[str]] = {}
    for address, element in elements(case.crisis):
        for d in data(address, element):
            spans.setdefault(d.span, set()).add(address)
    text = case.texts.texts["crisis.yaml"].split("\n")
    span, where = next(
        (s, w)
        for s, w in spans.items()
        if len(w) > 1 and s.length == 2 and text[s.line - 1][s.column - 1] == "."
    )
    line = text[span.line - 1]
    start = span.column - 1
    number = float(line[start : start + 2]) * 1.01
    text[span.line - 1] = f"{line[:start]}{number:.4f}{line[start + 2 :]}"
    other = offramp.load("us-iran-2020", over={str(span.file): "\n".join(text)})
    change, *rest = changes(case, other)[0]
    assert rest == []
    assert {change.element, *change.also} == where


# ---- what it does to answers -----------------------------------------------------------------


@compiled
def test_a_difference_is_that_of_the_two_forecasts_also_under_a_condition() -> None:
    new = with_crisis(("fades: 5d ~T35", "fades: 9d ~T35"), ("scale: .6 .. 1.7", "scale: .9 .. 2"))
    d = offramp.diff(CASE, new, worlds=400)
    old, other = (offramp.forecast(c, worlds=400) for c in (CASE, new))
    after = {a.id: a for a in other.answers}
    rows = {m.id: m for m in d.answers}
    conditioned = 0
    for a in old.answers:
        m = rows[a.id]
        conditioned += bool(m.given) and m.met[0] != m.met[1]
        assert m.old == pytest.approx(a.probability)
        assert m.new == pytest.approx(after[a.id].probability)
        assert m.difference == pytest.approx(after[a.id].probability - a.probability)
        assert 0 < m.error < 0.2
    assert conditioned
    assert any(m.distinct for m in d.answers)
    assert d.paired


@compiled
def test_pairs_of_worlds_have_a_smaller_error_than_two_runs() -> None:
    """And where the cases begin on other days there are no pairs, which is said."""
    new = with_crisis(("fades: 5d ~T35", "fades: 6d ~T35"))
    later = offramp.load(
        "tutorial",
        over={
            "crisis.yaml": CRISIS.replace("from: 2031-04-01", "from: 2031-03-31"),
            "questions.yaml": QUESTIONS,
        },
    )
    near, far = (offramp.diff(CASE, c, worlds=400) for c in (new, later))
    assert near.paired
    assert not far.paired
    errors = [{m.id: m.error for m in d.answers if m.kind == "binary"} for d in (near, far)]
    assert sum(errors[0].values()) < sum(errors[1].values()) / 2


def test_the_error_of_a_share_under_a_condition_is_that_of_repeated_runs() -> None:
    """Many runs of two cases of known shares: the mean of the errors is the sd of the estimates."""
    rng = np.random.default_rng(3)
    estimates, errors = [], []
    for _ in range(600):
        met, x, u = rng.random(300) < 0.5, rng.random(300) < 0.3, rng.random(300)
        met_b, y = met | (u < 0.1), x | (u < 0.2)
        a, b = x.astype(float), y.astype(float)
        ma, mb = a[met].mean(), b[met_b].mean()
        estimates.append(mb - ma)
        errors.append(error_of(influence(b, met_b, mb) - influence(a, met, ma)))
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.08)


@compiled
def test_each_number_alone_is_the_case_with_that_number_alone() -> None:
    one, two = ("fades: 5d ~T35", "fades: 9d ~T35"), ("scale: .6 .. 1.7", "scale: .9 .. 1.7")
    d = offramp.diff(CASE, with_crisis(one, two), worlds=200)
    assert [a.change.part for a in d.alone] == ["fades", "low"]
    assert d.whole == ""
    for alone, pair in zip(d.alone, (one, two), strict=True):
        direct = offramp.diff(CASE, with_crisis(pair), worlds=200)
        assert direct.alone == ()  # it is one change
        assert alone.answers == direct.answers


@compiled
def test_what_is_no_number_is_not_shown_alone_and_said_so() -> None:
    other = with_crisis(
        ("fades: 5d ~T35", "fades: 9d ~T35"),
        (
            "rest: crowding ? some boats are always about",
            "rest: calm ? some boats are always about",
        ),
    )
    d = offramp.diff(CASE, other, worlds=50)
    assert [a.change.part for a in d.alone] == ["fades"]
    assert "1 of the changes is not shown alone" in d.whole


@compiled
def test_questions_that_one_side_asks_are_listed_and_one_asked_otherwise_is_marked() -> None:
    start = QUESTIONS.index("  war:")
    head = QUESTIONS[start : QUESTIONS.index("\n", start)]
    renamed = QUESTIONS.replace(head, head.replace("war:", "war_at_sea:"), 1)
    other = offramp.load("tutorial", over={"questions.yaml": renamed})
    d = offramp.diff(CASE, other, worlds=50)
    assert [q.id for q in d.only_old] == ["war"]
    assert [q.id for q in d.only_new] == ["war_at_sea"]
    assert not any(m.otherwise for m in d.answers)


@compiled
def test_the_same_model_has_no_difference_and_says_so() -> None:
    d = offramp.diff("tutorial", CASE, worlds=50)
    assert d.changes == ()
    assert all(m.difference in (0.0, None) for m in d.answers)
    shown = CliRunner().invoke(main, ["diff", "tutorial", "tutorial", "--worlds", "50"])
    assert "The models say the same" in shown.stdout


@compiled
def test_a_row_of_the_table_says_of_which_two_cases_it_is() -> None:
    words = ["diff", "tutorial", "tutorial", "--worlds", "20", "--csv", "answers"]
    row = next(csv.DictReader(io.StringIO(CliRunner().invoke(main, words).stdout)))
    assert (row["old_name"], row["new_name"]) == ("tutorial", "tutorial")
    assert row["new_sha256"] == row["model_sha256"] == CASE.model_sha256
    assert float(row["old"]) == float(row["new"])


@compiled
def test_the_table_says_what_is_within_its_error(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    change(folder, "fades: 5d ~T35", "fades: 9d ~T35")
    shown = CliRunner().invoke(main, ["diff", "tutorial", str(folder), "--worlds", "200"])
    assert shown.exit_code == 0, shown.stderr
    assert "state rung, fades: 5d ~T35 became 9d ~T35" in shown.stdout
    assert "Within their error, so no difference is seen:" in shown.stdout


# ---- commits and what-ifs ----------------------------------------------------------------------


def copied(folder: Path) -> Path:
    shutil.copytree(Path(CASE.folder), folder / "mine")
    return folder / "mine"


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "crisis.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.email=nobody@example.org", "-c", "user.name=Nobody")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    folder = copied(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return folder


def test_a_commit_is_the_case_as_it_was(repository: Path) -> None:
    change(repository, "fades: 5d ~T35", "fades: 9d ~T35")
    (repository / "assessments" / "tass.yaml").unlink()
    old = version(f"{repository}@HEAD").case
    assert old.id == "mine@HEAD"
    assert old.model_sha256 == CASE.model_sha256 != offramp.load(repository).model_sha256
    assert list(old.assessments) == list(CASE.assessments)


def test_a_repository_runs_nothing_of_its_own(repository: Path) -> None:
    """One that lacks a file and names a command by which to fetch it: the command is not run."""
    trap, run = repository.parent / "trap.sh", repository.parent / "it-ran"
    trap.write_text(f"#!/bin/sh\ntouch '{run}'\nexit 1\n", "utf-8")
    trap.chmod(0o755)
    for key, value in (
        ("remote.origin.url", "ssh://nobody@example.invalid/x"),
        ("remote.origin.promisor", "true"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("core.sshCommand", str(trap)),
        ("protocol.ssh.allow", "always"),
    ):
        git(repository.parent, "config", key, value)
    told = subprocess.check_output(
        ["git", "rev-parse", "HEAD:mine/crisis.yaml"], cwd=repository.parent, text=True
    ).strip()
    (repository.parent / ".git" / "objects" / told[:2] / told[2:]).unlink()
    with pytest.raises(offramp.Unanswerable):
        version(f"{repository}@HEAD")
    assert not run.exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("@nowhere", "has no commit 'nowhere'"),
        ("@--upload-pack=x", "is no name of a commit"),
        ("@HEAD;ls", "is no name of a commit"),
        ("#bold", "has no what-if 'bold': none is kept in its folder whatif/"),
    ],
)
def test_what_cannot_be_had_is_told_in_a_sentence(repository: Path, name: str, told: str) -> None:
    with pytest.raises(offramp.Unanswerable) as caught:
        offramp.diff(f"{repository}{name}", "tutorial")
    assert told in str(caught.value)
    assert str(repository) not in str(caught.value)


def test_a_folder_without_a_repository_has_no_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(offramp.Unanswerable, match="'mine' lies in no git repository"):
        offramp.diff(f"{copied(tmp_path)}@HEAD", "tutorial")
    with pytest.raises(offramp.Unanswerable, match="comes with Offramp and has no commits"):
        offramp.diff("tutorial@HEAD", "tutorial")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(offramp.Unanswerable, match="not on the path"):
        offramp.diff(f"{tmp_path / 'mine'}@HEAD", "tutorial")


BOLD = 'because: "they dare"\nranges: "tempo:1~1.6,kelmark.line:.1~.2~.3~.4"\nmodel: "x"\n'


@compiled
def test_a_kept_what_if_is_a_case_like_any_other(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "whatif").mkdir()
    (folder / "whatif" / "bold.yaml").write_text(BOLD + 'as_of: "2031-04-20"\n', "utf-8")
    (folder / "whatif" / "none.yaml").write_text("because: nothing\n", "utf-8")
    assert [w.name for w in offramp.whatifs(folder)] == ["bold"]
    d = offramp.diff(folder, f"{folder}#bold", worlds=50)
    assert {c.element for c in d.changes} == {"unknown tempo", "unknown kelmark.line"}
    assert "1.6 ? they dare" in {c.new for c in d.changes}
    assert "kept of another model" in d.notes[0]
    assert "reports until 2031-04-20" in d.notes[1]


@compiled
def test_worlds_of_a_what_if_answer_as_worlds_that_are_weighed() -> None:
    """A narrower range, simulated and by weights: the same answers, within sampling."""
    (session,) = offramp.session(CASE)
    kept = WhatIf("bold", "they dare", "kelmark.precision:1~1.4", CASE.model_sha256)
    case = ranged(CASE, {"kelmark.precision": (1.0, 1.4)}, kept)
    grown = session.grown(4000)
    prior = next(p for p in grown.plan.priors if p.name == "kelmark.precision")
    weighed = {a.id: a for a in grown.weighed({prior.name: replace(prior, a=1.0, b=1.4)}).answers}
    for a in offramp.forecast(case, worlds=2000).answers:
        if not a.given:
            assert a.probability == pytest.approx(weighed[a.id].probability, abs=0.04)


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ("tempo:2~1", "'tempo' has a range: a low end and a high end"),
        ("tempi:1~2", "the case has no unknown 'tempi'"),
        ("kelmark.line:1~2", "'kelmark.line' has 4 options"),
        ("tempo", "'tempo' is no range"),
    ],
)
def test_a_what_if_that_fits_the_case_no_more_is_refused(
    tmp_path: Path, ranges: str, told: str
) -> None:
    folder = copied(tmp_path)
    (folder / "whatif").mkdir()
    text = f'because: "x"\nranges: "{ranges}"\nmodel: "x"\n'
    (folder / "whatif" / "bold.yaml").write_text(text, "utf-8")
    assert len(whatifs(offramp.load(folder))) == 1
    with pytest.raises(offramp.Unanswerable, match=told):
        offramp.diff(folder, f"{folder}#bold")
