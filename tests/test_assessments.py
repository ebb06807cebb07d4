"""Rival assessments: what an overlay may say, what it changes, what each mistake is answered."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cases import beside
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.answers.forecast import Support
from offramp.answers.scoring import days_to_score, judged
from offramp.case.assessments import Assessment, Judgement
from offramp.case.case import Case, load, under
from offramp.case.texts import shipped
from offramp.language.build import build
from offramp.language.crisis import Belief, State, Unknown, elements
from offramp.language.expressions import SourcedValue
from offramp.sources.quotation import repeated
from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics

AUTHORS = ("issi", "inss", "khafaji", "arabcenter", "deadheat")


@pytest.fixture(scope="module")
def us_iran() -> Case:
    return load("us-iran-2020")


@pytest.fixture(scope="module")
def tutorial() -> Case:
    return load("tutorial")


@pytest.fixture(scope="module", params=["us-iran-2020", "tutorial"])
def case(request: pytest.FixtureRequest) -> Case:
    return load(request.param)


def written(case: Case, folder: Path, **files: str) -> Case:
    """The case with these assessments instead of its own."""
    (folder / "assessments").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "assessments" / f"{name}.yaml").write_text(text, "utf-8")
    return beside(case, folder)


# ---- the shipped data --------------------------------------------------------------------


def test_the_assessments_read_without_a_finding(case: Case) -> None:
    read, found = case.rivals_read
    assert list(found) == []
    assert {name: r.assessment for name, r in read.items()} == case.assessments
    expected = {
        "us-iran-2020": {*AUTHORS, "base_rates"},
        "tutorial": {"ilvane", "tass"},
    }
    assert set(read) == expected[case.id]


def test_every_judgement_of_the_five_texts_stands_once_with_its_own_author(us_iran: Case) -> None:
    places = [
        (j.passage, a.document)
        for a in us_iran.assessments.values()
        for j in a.judgements
        if a.document
    ]
    assert sorted(places) == sorted(
        (f"J{n}", us_iran.passages[f"J{n}"].document) for n in range(1, 78)
    )


def test_every_judgement_is_a_question_a_premise_or_has_a_reason(case: Case) -> None:
    for assessment in case.assessments.values():
        set_here = {o.what for o in assessment.overrides}
        for j in assessment.judgements:
            ways = [j.question is not None, bool(j.premise), bool(j.inexpressible)]
            assert ways.count(True) == 1, j.passage
            assert (j.question is None) == (j.low is None) == (j.high is None) == (j.basis is None)
            assert set(j.premise) <= set_here
            if j.low is not None and j.high is not None:
                assert 0 < j.low < j.high < 1


def test_dates_are_those_of_the_documents(us_iran: Case) -> None:
    read = us_iran.assessments
    for author in AUTHORS:
        document = us_iran.documents[author]
        assert (read[author].date, read[author].precision) == (document.date, document.precision)
    assert [a for a in AUTHORS if read[a].precision == "inferred"] == [
        "khafaji",
        "arabcenter",
        "deadheat",
    ]
    neutral = read["base_rates"]
    assert (neutral.document, neutral.precision) == (None, "ours")
    assert neutral.date == dt.date(2020, 1, 3)


def test_base_rates_rest_on_no_passage_and_name_data_version_and_n(us_iran: Case) -> None:
    neutral = us_iran.assessments["base_rates"]
    assert all(o.passages == () for o in neutral.overrides)
    for j in neutral.judgements:
        assert j.basis is not None
        assert j.basis.grade == "assumed"
        assert "ICB v1" in j.basis.reason or "MID 5.0" in j.basis.reason
        assert " of " in j.basis.reason


def test_every_disagreement_once_with_all_its_sides(us_iran: Case, tutorial: Case) -> None:
    disagreements = us_iran.disagreements
    assert [d.id for d in disagreements] == [f"D{n}" for n in range(1, 40)]
    sides = {p for d in disagreements for s in d.sides for p in s.passages}
    assert sides == {p for p in us_iran.passages if p.startswith("D")}
    for d in disagreements:
        assert bool(d.carried_by) != bool(d.left), d.id
        assert all(p.startswith(f"{d.id}.") for s in d.sides for p in s.passages)
    assert tutorial.disagreements == ()


def test_no_text_of_a_source_is_repeated(tutorial: Case) -> None:
    folder = shipped()["tutorial"]
    sources = [p.read_text("utf-8") for p in (folder / "documents").glob("*.txt")]
    for path in (folder / "assessments").glob("*.yaml"):
        assert repeated(path.read_text("utf-8"), sources) == []


# ---- what an overlay does ----------------------------------------------------------------


def element(case: Case, what: str) -> Unknown | State | Belief:
    kind, name = what.split(" ", 1)
    if kind == "unknown":
        return next(u for u in case.crisis.unknowns if u.name == name)
    if kind == "state":
        return next(s for s in case.crisis.states if s.name == name)
    return next(b for b in case.crisis.beliefs if f"{b.holder} about {b.about}" == name)


def replaced(found: Unknown | State | Belief) -> list[SourcedValue]:
    """The claims that a premise replaces; what stands beside them is the case's."""
    if isinstance(found, Unknown):
        return [c for c in (found.low, found.high, *(o.chance for o in found.options)) if c]
    if isinstance(found, State):
        return [found.start] if found.start else []
    return [t.prior for t in found.types]


def test_a_premise_cites_only_what_its_overlay_cites(case: Case) -> None:
    for assessment in case.assessments.values():
        overlaid = under(case, assessment)
        for override in assessment.overrides:
            now = element(overlaid, override.what)
            assert now.cites == override.passages
            cited = {p for claim in replaced(now) for p in claim.passages}
            if isinstance(now, Unknown):
                cited |= {p for b in now.bases for p in b.passages}
            assert cited == set(override.passages), override.what
            for passage in now.cites:
                assert case.passages[passage].document == assessment.document
            assert now != element(case, override.what)


def test_an_overlay_changes_what_it_names_and_nothing_else(case: Case) -> None:
    for assessment in case.assessments.values():
        overlaid = under(case, assessment)
        named = {o.what for o in assessment.overrides}
        assert overlaid.questions == case.questions
        assert overlaid.crisis.events == case.crisis.events
        assert overlaid.crisis.actors == case.crisis.actors
        pairs = [
            ("unknown", case.crisis.unknowns, overlaid.crisis.unknowns),
            ("state", case.crisis.states, overlaid.crisis.states),
        ]
        for kind, before, after in pairs:
            assert [x.name for x in before] == [x.name for x in after]
            changed = {f"{kind} {a.name}" for a, b in zip(before, after, strict=True) if a != b}
            assert changed == {what for what in named if what.startswith(kind)}
        for a, b in zip(case.crisis.unknowns, overlaid.crisis.unknowns, strict=True):
            assert a.dice == b.dice
            assert [o.name for o in a.options] == [o.name for o in b.options]


def test_every_assessment_is_another_model(case: Case) -> None:
    hashes = {under(case, a).model_sha256 for a in case.assessments.values()}
    assert len(hashes) == len(case.assessments)
    assert case.model_sha256 not in hashes


def test_without_premises_the_model_is_the_cases_own(case: Case) -> None:
    some = next(iter(case.assessments.values()))
    same = under(case, replace(some, overrides=()))
    assert same.crisis == case.crisis
    assert same.model_sha256 == case.model_sha256


def test_an_overlay_reads_what_it_names_and_finds_what_a_whole_reading_finds(case: Case) -> None:
    own = dict(elements(case.crisis))
    for rival in case.rivals_read.value.values():
        found = Diagnostics()
        crisis, readers = build(rival.expanded, found, frozenset(case.passages), case.own_phrases)
        assert (rival.crisis, rival.declared) == (crisis, readers.declared)
        assert rival.warnings == tuple(found.ordered())
        reread = {name for name, e in elements(rival.crisis) if e is not own[name]}
        assert reread == {o.what for o in rival.assessment.overrides}


def test_overlaying_is_as_if_the_crisis_had_been_written_so(tmp_path: Path) -> None:
    folder = tmp_path / "tutorial"
    shutil.copytree(shipped()["tutorial"], folder)
    path = folder / "crisis.yaml"
    text = path.read_text("utf-8")
    for old, new in (
        ("says: low to medium @T18}", "share: .7 .. .95 ~T1, cites: [T1]}"),
        (
            "anger: {name: Anger of the skippers, share: .5 ~T20,",
            "anger: {name: Anger of the skippers, cites: [T20], share: .65 ~T20,",
        ),
        ("{prior: .7 ~T6,", "{prior: .9 ~T6,"),
        ("{prior: .3 ~T29,", "{prior: .1 ? the rest,"),
        (
            "  kelmark about vessara:\n    types:",
            "  kelmark about vessara:\n    cites: [T6]\n    types:",
        ),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    overlay = """\
assessment: A test
document: ilvane
says:
  unknown:
    steering:
      share: .7 .. .95 ~T1
  state:
    anger: .65 ~T20
  belief:
    kelmark about vessara:
      grabbing: .1 ? the rest
      bargaining: .9 ~T6
"""
    case = written(load("tutorial"), tmp_path, test=overlay)
    read, found = case.rivals_read
    assert [d.code for d in found] == ["foreign-passage"]  # T20 is of another document
    assert under(case, read["test"].assessment).model_sha256 == load(folder).model_sha256


def test_levels_keep_the_order_of_the_case(tutorial: Case, tmp_path: Path) -> None:
    text = """\
assessment: A test
document: ilvane
says:
  unknown:
    kelmark.line:
      among:
        several_deaths: .1 ? x
        death: .5 ~T5
        injury: .3 ? x
        trifle: .1 ? x
"""
    case = written(tutorial, tmp_path, test=text)
    overlaid = under(case, case.assessments["test"])
    line = element(overlaid, "unknown kelmark.line")
    assert isinstance(line, Unknown)
    assert [o.name for o in line.options] == ["trifle", "injury", "death", "several_deaths"]


def test_a_start_that_a_form_makes_can_be_set(us_iran: Case, tmp_path: Path) -> None:
    text = "assessment: A\ndocument: issi\nsays:\n  state:\n    jcpoa: step5 ~J15\n"
    case = written(us_iran, tmp_path, test=text)
    start = element(under(case, case.assessments["test"]), "state jcpoa")
    assert isinstance(start, State)
    assert start.start is not None
    assert start.start.text == "step5 ~J15"
    assert start.cites == ("J15",)


def test_an_assessment_may_have_a_document_and_a_date(tutorial: Case, tmp_path: Path) -> None:
    """Beside a document the date says as of which earlier day its author spoke."""
    text = "assessment: A\ndocument: ilvane\ndate: {} ? closed then\n"
    case = written(tutorial, tmp_path, own=text.format("2031-03-20"), month=text.format("2031-02"))
    found = case.assessments
    assert (found["own"].document, found["own"].precision) == ("ilvane", "ours")
    assert str(found["own"].knew) == "2031-03-20"
    assert (str(found["month"].knew), found["month"].dating.words) == ("2031-02-28", "2031-02")


def test_an_author_is_judged_by_what_could_be_known(tutorial: Case, tmp_path: Path) -> None:
    """Printed on the 10th, knew until the 9th: what the 10th brought was news to the author."""
    case = written(tutorial, tmp_path, a="assessment: A\ndocument: ilvane\n")
    printed, knew = dt.date(2031, 4, 10), dt.date(2031, 4, 9)
    ilvane = replace(case.documents["ilvane"], date=printed, knew_until=knew)
    case = replace(case, documents={**case.documents, "ilvane": ilvane})
    a = case.assessments["a"]
    assert (a.date, a.knew) == (printed, knew)
    judgement = Judgement(
        passage="T14",
        question="war",
        low=0.1,
        high=0.4,
        basis=None,
        phrase="",
        premise=(),
        inexpressible="",
        span=a.span,
    )
    assert judged({"a": replace(a, judgements=(judgement,))})["war"] == [("a", 0.1, 0.4, knew)]
    assert knew in days_to_score(case)
    assert printed not in days_to_score(case)
    asked = next(q for q in case.questions if q.id == "war")
    assert Support(case).written_later(asked) == knew  # T14 is Ilvane's


def test_a_case_without_assessments_has_none(tutorial: Case, tmp_path: Path) -> None:
    assert beside(tutorial, tmp_path).assessments == {}
    assert beside(tutorial, tmp_path).disagreements == ()


def test_an_overlay_of_another_case_does_not_fit(us_iran: Case, tutorial: Case) -> None:
    with pytest.raises(CaseError) as error:
        under(tutorial, us_iran.assessments["issi"])
    assert {d.code for d in error.value.diagnostics} == {"no-such-premise"}


# ---- mistakes ----------------------------------------------------------------------------

HEAD = "assessment: A\ndocument: ilvane\n"
LINE = HEAD + "says:\n  unknown:\n    kelmark.line:\n      among:\n"
WRONG = {
    "unknown unknown": (
        HEAD + "says:\n  unknown:\n    stering: {share: .1 .. .2 ~T1}\n",
        5,
        5,
        "unknown-unknown",
        "steering",
    ),
    "sets an event": (
        HEAD + "says:\n  event:\n    swarm: {cost: 1 ~T1}\n",
        4,
        3,
        "different-model",
        "anything else is a different model",
    ),
    "sets the wants": (HEAD + "actor:\n  kelmark: {wants: {}}\n", 3, 1, "unknown-key", "keys"),
    "sets a fade": (
        HEAD + "says:\n  state:\n    anger: {fades: 3d ~T1}\n",
        5,
        12,
        "different-model",
        "anger: hold",
    ),
    "sets dice": (
        HEAD + "says:\n  unknown:\n    steering: {share: .1 .. .2 ~T1, dice: x}\n",
        5,
        37,
        "different-model",
        "priors",
    ),
    "options missing": (LINE + "        death: 1 ~T5\n", 5, 5, "missing", "gets 0 and a reason"),
    "option unknown": (
        LINE + "        deth: .4 ~T5\n        trifle: .2 ~T5\n        injury: .2 ~T5\n"
        "        several_deaths: .2 ~T5\n        death: 0 ~T5\n",
        7,
        9,
        "unknown-option",
        "death",
    ),
    "sum not 1": (
        LINE + "        death: .4 ~T5\n        trifle: .2 ~T5\n        injury: .2 ~T5\n"
        "        several_deaths: .1 ~T5\n",
        7,
        9,
        "probability",
        "",
    ),
    "number without a basis": (
        HEAD + "says:\n  unknown:\n    steering: {share: .1 .. .2}\n",
        5,
        23,
        "no-basis",
        "behind it",
    ),
    "unknown passage": (
        HEAD + "says:\n  unknown:\n    steering: {share: .1 .. .2 ~T99}\n",
        5,
        32,
        "unknown-passage",
        "",
    ),
    "no prior": (HEAD + "says:\n  unknown:\n    steering: {}\n", 5, 5, "prior", "share"),
    "another kind of prior": (
        HEAD + "says:\n  unknown:\n    kelmark.line: {share: .1 .. .2 ~T1}\n",
        5,
        5,
        "kind",
        "among",
    ),
    "out of the support": (
        HEAD + "says:\n  unknown:\n    steering: {normal: -1 .. 2 ~T1}\n",
        5,
        16,
        "support",
        "says",
    ),
    "phrase of a prior": (
        HEAD + "says:\n  unknown:\n    steering: {says: kind of ~T1}\n",
        5,
        22,
        "unknown-phrase",
        "phrases.yaml",
    ),
    "belief types missing": (
        HEAD + "says:\n  belief:\n    kelmark about vessara: {grabbing: 1 ~T6}\n",
        5,
        5,
        "missing",
        "gets 0",
    ),
    "unknown belief": (
        HEAD + "says:\n  belief:\n    vessara about us: {a: 1 ~T6}\n",
        5,
        5,
        "unknown-belief",
        "vessara about kelmark",
    ),
    "unknown state": (
        HEAD + "says:\n  state:\n    angr: .5 ~T6\n",
        5,
        5,
        "unknown-quantity",
        "anger",
    ),
    "stated start": (
        HEAD + "says:\n  state:\n    escorts: 6 ships ~T3\n",
        5,
        5,
        "stated-start",
        "suppose",
    ),
    "start out of bounds": (
        HEAD + "says:\n  state:\n    anger: 1.5 ~T1\n",
        5,
        12,
        "probability",
        "",
    ),
    "unknown question": (
        HEAD + "judges:\n  T5: {question: blokade, phrase: likely}\n",
        4,
        18,
        "unknown-question",
        "blockade",
    ),
    "a quantity": (
        HEAD + "judges:\n  T5: {question: swarms, phrase: likely}\n",
        4,
        18,
        "not-binary",
        "questions",
    ),
    "phrase not in the table": (
        HEAD + "judges:\n  T5: {question: blockade, phrase: quite so}\n",
        4,
        36,
        "unknown-phrase",
        "phrases.yaml",
    ),
    "another's judgement": (
        HEAD + "judges:\n  T23: {question: blockade, phrase: likely}\n",
        4,
        3,
        "foreign-judgement",
        "tass",
    ),
    "judgement of no passage": (
        HEAD + "judges:\n  T5x: {question: blockade, phrase: likely}\n",
        4,
        3,
        "unknown-passage",
        "T5",
    ),
    "interval without a basis": (
        HEAD + "judges:\n  T5: {question: blockade, interval: .1 .. .2}\n",
        4,
        38,
        "no-basis",
        "behind it",
    ),
    "interval of no probability": (
        HEAD + "judges:\n  T5: {question: blockade, interval: 20 .. 40 ~T5}\n",
        4,
        38,
        "probability",
        "0 < low",
    ),
    "phrase and interval": (
        HEAD + "judges:\n  T5: {question: blockade, phrase: likely, interval: .2 .. .4 ~T5}\n",
        4,
        3,
        "judgement",
        "exactly one",
    ),
    "no way at all": (HEAD + "judges:\n  T5: {phrase: likely}\n", 4, 3, "judgement", "question"),
    "premise not set": (
        HEAD + "judges:\n  T5: {premise: [unknown steering]}\n",
        4,
        18,
        "unset-premise",
        "set it there",
    ),
    "no reason": (HEAD + "judges:\n  T5: {inexpressible: }\n", 4, 3, "missing", "one line"),
    "unknown document": ("assessment: A\ndocument: ilvan\n", 2, 11, "unknown-document", "ilvane"),
    "later than its document": (HEAD + "date: 2031-04-01 ? x\n", 3, 7, "dates", "earlier day"),
    "no month": (HEAD + "date: 2031-13 ? x\n", 3, 7, "kind", "or 2020-01"),
    "no date": ("assessment: A\n", 1, 1, "dates", "date: "),
    "date without a basis": ("assessment: A\ndate: 2031-04-01\n", 2, 7, "no-basis", ""),
    "no title": ("document: ilvane\n", 1, 1, "missing", "assessment:"),
    "words of nobody": (
        "assessment: A\ndate: 2031-04-01 ? x\njudges:\n  a: {question: war, phrase: likely}\n",
        4,
        30,
        "no-basis",
        "interval",
    ),
    "empty file": ("", 1, 1, "empty", ""),
    "not YAML": ("assessment: [A\n", 2, 1, "yaml", ""),
    "a list": ("- assessment: A\n", 1, 1, "shape", ""),
}


def mistakes(case: Case) -> tuple[Diagnostic, ...]:
    with pytest.raises(CaseError) as error:
        _ = case.assessments
    return error.value.diagnostics


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_answered_at_its_place(name: str, tutorial: Case, tmp_path: Path) -> None:
    text, line, column, code, help = WRONG[name]
    found = mistakes(written(tutorial, tmp_path, wrong=text))
    places = [(d.span.line, d.span.column, d.code) for d in found]
    assert places[0] == (line, column, code), found
    assert {d.code for d in found} == {code}, found
    assert found[0].span.file.endswith("wrong.yaml")
    assert help in found[0].help + found[0].message


def test_all_mistakes_of_all_files_come_at_once(tutorial: Case, tmp_path: Path) -> None:
    a = HEAD + "says:\n  event: {}\n  unknown:\n    tempo: {scale: 2 .. 1 ~T1}\n"
    b = HEAD + "judges:\n  T5: {question: warr, phrase: likely}\n"
    found = mistakes(written(tutorial, tmp_path, a=a, b=b, c=HEAD))
    assert [(Path(d.span.file).stem, d.code) for d in found] == [
        ("a", "different-model"),
        ("a", "prior"),
        ("b", "unknown-question"),
    ]


def test_words_of_another_author_are_a_warning(tutorial: Case, tmp_path: Path) -> None:
    text = HEAD + (
        "says:\n  unknown:\n    steering: {share: .1 .. .2 ~T18}\n"
        "judges:\n  T5: {question: blockade, interval: .1 .. .2 ~T23}\n"
    )
    case = written(tutorial, tmp_path, test=text)
    assert list(case.assessments) == ["test"]
    _, found = case.rivals_read
    assert [(d.severity, d.code, d.span.line) for d in found] == [
        ("warning", "foreign-passage", 5),
        ("warning", "foreign-passage", 7),
    ]


def test_a_disagreement_as_a_whole_is_everybodys(us_iran: Case, tmp_path: Path) -> None:
    text = "assessment: A\ndocument: inss\nsays:\n  unknown:\n    c: {share: .3 .. .6 ~%s}\n"
    for cited, codes in (("D9.1", []), ("D9.2", ["foreign-passage"]), ("D9", ["foreign-passage"])):
        case = written(us_iran, tmp_path, test=text % cited)
        assert [d.code for d in case.rivals_read[1]] == codes


def test_the_cases_own_words_of_probability_count(tutorial: Case, tmp_path: Path) -> None:
    text = HEAD + "judges:\n  T9: {question: landing, phrase: Hardly  Ever}\n"
    case = written(tutorial, tmp_path, test=text)
    assert [d.code for d in mistakes(case)] == ["unknown-phrase"]
    from offramp.sources.estimative import phrases_from

    entry = {"hardly ever": {"low": ".03", "high": ".09", "source": "x"}}
    own = replace(case, own_phrases=phrases_from(entry))
    (judgement,) = own.assessments["test"].judgements
    assert (judgement.low, judgement.high, judgement.phrase) == (0.03, 0.09, "Hardly Ever")


WRONG_SIDES = {
    "no such carrier": (
        "topic: x\n    carried_by: [unknown steerin]\n    sides: {ilvane: [T1]}",
        4,
        18,
        "unknown-unknown",
    ),
    "no such event": (
        "topic: x\n    carried_by: [event swam]\n    sides: {ilvane: [T1]}",
        4,
        18,
        "unknown-event",
    ),
    "no such report": (
        "topic: x\n    carried_by: [history id]\n    sides: {ilvane: [T1]}",
        4,
        18,
        "unknown-history",
    ),
    "no kind": (
        "topic: x\n    carried_by: [steering]\n    sides: {ilvane: [T1]}",
        4,
        18,
        "carrier",
    ),
    "carried and left": (
        "topic: x\n    left: y\n    carried_by: [unknown steering]\n    sides: {ilvane: [T1]}",
        2,
        3,
        "disagreement",
    ),
    "neither": ("topic: x\n    sides: {ilvane: [T1]}", 2, 3, "disagreement"),
    "no such document": (
        "topic: x\n    left: y\n    sides: {nobody: []}",
        5,
        13,
        "unknown-document",
    ),
    "no such passage": (
        "topic: x\n    left: y\n    sides: {ilvane: [T1x]}",
        5,
        22,
        "unknown-passage",
    ),
    "another's passage": (
        "topic: x\n    left: y\n    sides: {ilvane: [T18]}",
        5,
        22,
        "foreign-passage",
    ),
    "no sides": ("topic: x\n    left: y", 2, 3, "missing"),
    "no topic": ("left: y\n    sides: {ilvane: [T1]}", 2, 3, "missing"),
    "unknown key": (
        "topic: x\n    left: y\n    side: a\n    sides: {ilvane: [T1]}",
        5,
        5,
        "unknown-key",
    ),
}


@pytest.mark.parametrize("name", WRONG_SIDES)
def test_a_wrong_disagreement_is_answered_at_its_place(
    name: str, tutorial: Case, tmp_path: Path
) -> None:
    text, line, column, code = WRONG_SIDES[name]
    (tmp_path / "disagreements.yaml").write_text(f"disagreements:\n  D1:\n    {text}\n", "utf-8")
    with pytest.raises(CaseError) as error:
        _ = beside(tutorial, tmp_path).disagreements
    places = [(d.span.line, d.span.column, d.code) for d in error.value.diagnostics]
    assert (line, column, code) in places, error.value.diagnostics


# ---- whatever is written -----------------------------------------------------------------

_QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def survives(case: Case, folder: Path, data: bytes) -> None:
    (folder / "assessments").mkdir(exist_ok=True)
    (folder / "assessments" / "x.yaml").write_bytes(data)
    (folder / "disagreements.yaml").write_bytes(data)
    (folder / "history.csv").write_bytes(data)
    here = beside(case, folder)
    for read in (lambda: here.assessments, lambda: here.disagreements):
        with suppress(CaseError):  # and nothing else
            read()


@_QUIET
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_random_text_is_never_more_than_a_case_error(
    data: bytes, tutorial: Case, tmp_path: Path
) -> None:
    survives(tutorial, tmp_path, data)


def _spoilt(draw: st.DrawFn) -> bytes:
    name = draw(st.sampled_from(["ilvane", "tass"]))
    text = (shipped()["tutorial"] / "assessments" / f"{name}.yaml").read_text("utf-8")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 12))
        put = draw(
            st.sampled_from(
                [
                    "",
                    ":",
                    "{",
                    "}",
                    "[",
                    "- ",
                    "~",
                    "? ",
                    "0",
                    "\n",
                    " ",
                    "~T5",
                    "..",
                    "among",
                    "says",
                    "1e400",
                    "x" * 40,
                ]
            )
        )
        text = text[:at] + put + text[at + cut :]
    return text.encode("utf-8")


@_QUIET
@given(data=st.composite(_spoilt)())
def test_a_spoilt_file_is_never_more_than_a_case_error(
    data: bytes, tutorial: Case, tmp_path: Path
) -> None:
    survives(tutorial, tmp_path, data)


def test_an_assessment_can_be_made_in_python(tutorial: Case) -> None:
    made = Assessment(
        id="none",
        title="Nobody's",
        about="",
        document=None,
        date=dt.date(2031, 4, 1),
        precision="ours",
        overrides=(),
        judgements=(),
        span=tutorial.crisis.unknowns[0].span,
    )
    assert under(tutorial, made).model_sha256 == tutorial.model_sha256
