"""Causal claims: what a file of claims may say, and what the test of one shows."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cases import beside, with_crisis
from click.testing import CliRunner, Result
from rich.console import Console

from offramp import to_dict
from offramp.answers.forecast import watches
from offramp.case.case import Case, load
from offramp.case.causal import CausalClaim, key_of
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec, simulate
from offramp.explain import effect_size
from offramp.explain.claim_tests import BELIEVED, Examination, examine, prepare
from offramp.explain.claim_tests import Tested as Outcome
from offramp.explain.counting import Occurs, Sum, integrable
from offramp.explain.effect_size import integrated, measured, paired, strength_of, verdict
from offramp.language.edits import edited
from offramp.render.terminal.claims_table import print_claims
from offramp.text.diagnostics import CaseError

# A crisis whose effects can be worked out by hand: two hazards that know nothing of each other, one
# that waits for the first, a dated event that adds 3, and an actor who either moves or does not,
# watched by one who wonders of which of two types it is.
SMALL = """
crisis: small
from: 2030-01-01
to: 2030-01-20
show: [rung]
state:
  rung: {ladder: [calm, war], now: calm ? start}
  x: {stock: 0 .. 10 ? room, now: 2 ? start}
  lit: {flag: no}
unknown:
  zeal: {between: -1.5 .. 1.5 ? wide}
actor:
  watcher: {name: Watcher}
  mover:
    pace: 100 ? an opening every day
    foresight: 0 ? plain
    precision: 1 ? plain
    wants:
      the move: 1 [? plain] * zeal * lit
event:
  spark: {rate: .1 ? rare, does: [x + 0 ? nothing]}
  flood: {rate: .08 ? rare, does: [x + 0 ? nothing]}
  fire: {rate: .3*lit ? likely, does: [rung >= war ? as bad]}
  light: {on: 2030-01-05 ? then, does: [lit = yes ? it does]}
  gift: {on: 2030-01-03 ? then, does: [x + 3 ? as much]}
  move: {by: mover, once: yes, cost: .5 ? some, does: [lit = yes ? it does]}
belief:
  watcher about mover:
    types:
      keen: {prior: .3 ? a few, zeal: 2 ? much}
      cool: {prior: .7 ? most, zeal: -2 ? little}
    learns: 1 ? as Bayes
"""


@pytest.fixture(scope="module")
def tutorial() -> Case:
    return load("tutorial")


@pytest.fixture(scope="module")
def small(tutorial: Case) -> Case:
    """The small crisis, with the passages of the tutorial to name claims by."""
    return with_crisis(tutorial, SMALL, questions=(), warnings=())


def written(case: Case, folder: Path, /, **files: str) -> Case:
    """The case with these claims instead of its own."""
    if not (folder / "assessments").exists() and (case.folder / "assessments").exists():
        shutil.copytree(case.folder / "assessments", folder / "assessments")
    (folder / "claims").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "claims" / f"{name}.yaml").write_text(text, "utf-8")
    return beside(case, folder)


def entry(id: str = "T5", **fields: str) -> str:
    """One claim of the small crisis as text; a field that is '' is left out."""
    whole = {
        "says": "sparks bring sparks",
        "high": "{}",
        "low": "{never: [spark]}",
        "effect": "count(spark) > 0",
        "window": "2030-01-01 .. 2030-01-10",
        "sign": "+",
        "strength": "weak",
        "because": "ours",
        **fields,
    }
    lines = [f"    {key}: {value}" for key, value in whole.items() if value]
    return "\n".join([f"  {id}:", *lines]) + "\n"


def claims_in(case: Case, folder: Path, *entries: str) -> dict[str, CausalClaim]:
    return written(case, folder, case="claims:\n" + "".join(entries)).claims


def run(case: Case, folder: Path, *entries: str, worlds: int = 512, seed: int = 1) -> Examination:
    claims = claims_in(case, folder, *entries)
    return examine(prepare(case, claims.values(), worlds, seed), threads=1)


def one(case: Case, folder: Path, worlds: int = 512, **fields: str) -> Outcome:
    return run(case, folder, entry(**fields), worlds=worlds).tests[0]


# ---- reading -----------------------------------------------------------------------------


def test_the_tutorials_claims_read_without_a_finding(tutorial: Case) -> None:
    read, found = tutorial.claims_read
    assert list(found) == []
    assert read == tutorial.claims
    assert list(read) == ["T31", "T5", "T13", "T8", "T19", "T30"]
    assert {c.author for c in read.values()} == {"case", "ilvane", "tass"}
    for claim in read.values():
        assert bool(claim.inexpressible) == (claim.question is None)
        assert claim.says
    belief = read["T31"]
    assert [id for id, claim in read.items() if claim.believed] == ["T31"]
    assert belief.question is not None
    assert belief.question.atoms == (("final", "believes(vessara, kelmark, never_fights)"),)
    assert belief.question.asks.text == "believes(vessara, kelmark, never_fights)"


def test_a_case_without_claims_has_none(tutorial: Case, tmp_path: Path) -> None:
    assert beside(tutorial, tmp_path).claims == {}


def test_signs_and_strengths_and_kinds_of_effect(small: Case, tmp_path: Path) -> None:
    read = claims_in(
        small,
        tmp_path,
        entry("T1"),
        entry("T2", sign='"-"', strength="decisive", effect="final(x)"),
        entry("T3", sign="none", strength="", effect="first(spark)", given="count(flood) > 0"),
        entry("T4", effect="believes(watcher, mover, keen)"),
        entry("T6", effect="final(lit)", low="{set: {zeal: -.5 ? ours}}", strength="little"),
    )
    assert [(c.sign, c.strength) for c in read.values()] == [
        ("+", "weak"),
        ("-", "decisive"),
        ("none", ""),
        ("+", "weak"),
        ("+", "little"),
    ]
    kinds = [c.question.kind_of for c in read.values() if c.question]
    assert kinds == ["binary", "number", "date", "number", "binary"]
    assert read["T1"].high == ()
    assert [e.words for e in read["T6"].low] == ["set zeal = -.5 ? ours"]


MISTAKES = [
    # what is changed, the code, where (line of the entry, column), what the message says
    ({"says": ""}, "missing", (2, 3), "has no `says:`"),
    ({"high": ""}, "missing", (2, 3), "has no `high:`"),
    ({"low": ""}, "missing", (2, 3), "has no `low:`"),
    ({"effect": ""}, "missing", (2, 3), "has no `effect:`"),
    ({"window": ""}, "missing", (2, 3), "has no `window:`"),
    ({"sign": ""}, "missing", (2, 3), "has no `sign:`"),
    ({"strength": ""}, "missing", (2, 3), "has no `strength:`"),
    ({"because": ""}, "missing", (2, 3), "has no `because:`"),
    ({"sign": "up"}, "sign", (8, 11), "has the sign 'up'"),
    ({"strength": "strnog"}, "strength", (9, 15), "'strnog'"),
    ({"sign": "none"}, "strength", (9, 15), "no effect and a strength"),
    ({"low": "{}"}, "claim", (2, 3), "changes nothing"),
    ({"low": '" "'}, "shape", (5, 11), "without edits"),
    ({"low": "{never: [sprak]}"}, "unknown-event", (5, 19), "unknown event 'sprak'"),
    ({"low": "{set: {x: 11 ? ours}}"}, "bounds", (5, 20), "'x' cannot be 11"),
    ({"low": "{set: {x: 5}}"}, "no-basis", (5, 20), "has no basis"),
    ({"low": "{nevr: [spark]}"}, "unknown-key", (5, 11), "nevr"),
    ({"effect": "count(sprak) > 0"}, "unknown-event", (6, 19), "unknown event 'sprak'"),
    ({"effect": "x > 1"}, "undated", (6, 13), "'x' at what time?"),
    ({"effect": "count(spark) >= 4"}, "no-basis", (6, 29), "claim 'T5', effect"),
    ({"effect": "believes(watcher, mover, kean)"}, "unknown-type", (6, 38), "'kean'"),
    ({"effect": "believes(mover, watcher, keen)"}, "unknown-belief", (6, 13), "no belief of"),
    ({"effect": "believes(watcher, mover, keen) + count(spark)"}, "belief", (6, 46), "mixes"),
    ({"effect": "'count(spark) +'"}, "syntax", None, ""),
    ({"given": "believes(watcher, mover, keen) > 0"}, "undated", (11, 12), "in its window"),
    ({"given": "count(spark)"}, "kind", (11, 12), "claim 'T5', given wants yes or no"),
    ({"window": "2030-01-01 .. 2030-02-10"}, "dates", (7, 27), "outside the crisis"),
    ({"window": "soon"}, None, None, ""),
    ({"because": "'\"one two three four five six seven\"'"}, "quotation", (10, 15), "7 words"),
    ({"size": ".5"}, "unknown-key", (11, 5), "has no key 'size'"),
    ({"beside": "{low: {never: [flood]}}"}, "missing", (11, 5), "beside has no `high:`"),
    ({"beside": "{high: {}, low: {}}"}, "claim", (11, 5), "beside changes nothing"),
    ({"beside": "{high: {}, low: {never: [spark]}}"}, "beside", (11, 5), "compared with itself"),
    (
        {"beside": "{high: {}, low: {never: [spark]}, window: 2030-01-01 .. 2030-01-10}"},
        "beside",
        (11, 5),
        "the same pair in the same window",
    ),
    ({"beside": "{high: {}, low: {never: [sprak]}}"}, "unknown-event", (11, 38), "'sprak'"),
    ({"beside": "{high: {}, low: {never: [flood]}, sign: +}"}, "unknown-key", (11, 47), "'sign'"),
    ({"inexpressible": "why"}, "claim", (4, 5), "is inexpressible and has `high:`"),
]


@pytest.mark.parametrize(("fields", "code", "place", "words"), MISTAKES)
def test_each_mistake_is_answered_with_its_place(
    small: Case,
    tmp_path: Path,
    fields: dict[str, str],
    code: str | None,
    place: tuple[int, int] | None,
    words: str,
) -> None:
    wrong = written(small, tmp_path, case="claims:\n" + entry(**fields))
    read, found = wrong.claims_read
    assert read == {}
    errors = [d for d in found if d.severity == "error"]
    assert errors
    with pytest.raises(CaseError):
        _ = wrong.claims
    if code is None:
        return
    if code == "syntax":
        assert any("case.yaml" in d.span.file for d in errors)
        return
    hits = [d for d in errors if d.code == code and words in d.message]
    assert hits, errors
    assert (hits[0].span.line, hits[0].span.column) == place
    assert hits[0].span.file.endswith("case.yaml")


def test_an_inexpressible_claim_says_why(small: Case, tmp_path: Path) -> None:
    text = (
        "claims:\n  T5: {says: a thing, inexpressible: no such part}\n  T6: {inexpressible: ' '}\n"
    )
    read, found = written(small, tmp_path, case=text).claims_read
    assert read["T5"].inexpressible == "no such part"
    assert read["T5"].question is None
    assert [(d.code, d.span.line) for d in found] == [("missing", 3), ("missing", 3)]


def test_a_lone_minus_is_explained(small: Case, tmp_path: Path) -> None:
    """The likeliest slip of all: YAML takes it for a list, and says so in its own words."""
    found = written(small, tmp_path, case="claims:\n" + entry(sign="-")).claims_read[1]
    assert [(d.code, d.span.line) for d in found] == [("yaml", 8)]
    assert 'sign: "-"' in found[0].help


def test_whose_claim_it_is(tutorial: Case, tmp_path: Path) -> None:
    """A key is a passage; one of another document is warned of; nobody's file is an error."""
    text = (tutorial.folder / "claims" / "tass.yaml").read_text("utf-8")
    case = written(tutorial, tmp_path, ilvane=text.replace("T19", "T99"), nobody=text)
    found = {(d.code, d.severity, Path(d.span.file).name) for d in case.claims_read[1]}
    assert found == {
        ("unknown-passage", "error", "ilvane.yaml"),
        ("foreign-passage", "warning", "ilvane.yaml"),
        ("unknown-assessment", "error", "nobody.yaml"),
        ("twice", "error", "nobody.yaml"),
    }


def test_an_author_whose_assessment_cannot_be_read(tutorial: Case, tmp_path: Path) -> None:
    text = (tutorial.folder / "claims" / "tass.yaml").read_text("utf-8")
    case = written(tutorial, tmp_path, tass=text)
    (tmp_path / "assessments" / "tass.yaml").write_text("assessment: no date\n", "utf-8")
    found = beside(case, tmp_path).claims_read.found
    assert [(d.code, d.message) for d in found] == [
        ("unknown-assessment", "the assessment 'tass' has errors of its own")
    ]


def test_a_file_has_claims(small: Case, tmp_path: Path) -> None:
    found = written(small, tmp_path, case="claim:\n" + entry()).claims_read[1]
    assert [d.code for d in found] == ["missing", "unknown-key"]


def test_an_edit_after_the_window_is_warned_of(small: Case, tmp_path: Path) -> None:
    late = entry(low="{force: {spark: [2030-01-15]}}")
    read, found = written(small, tmp_path, case="claims:\n" + late).claims_read
    assert list(read) == ["T5"]
    assert [(d.code, d.severity, d.span.line) for d in found] == [("too-late", "warning", 5)]


def test_all_files_are_reported_at_once(tutorial: Case, tmp_path: Path) -> None:
    text = (tutorial.folder / "claims" / "tass.yaml").read_text("utf-8")
    wrong = text.replace("strength: weak", "strength: wek")
    case = written(tutorial, tmp_path, tass=wrong, case="claims:\n  T31: {says: a}\n")
    with pytest.raises(CaseError) as raised:
        _ = case.claims
    files = {Path(d.span.file).name for d in raised.value.diagnostics}
    assert files == {"tass.yaml", "case.yaml"}


def test_edits_are_the_same_when_they_do_the_same(small: Case, tmp_path: Path) -> None:
    low = ("{set: {x: 5 ? one reason}}", "{set: {x: 5.0 ~T6}}", "{set: {x: 4 ? one reason}}")
    read = claims_in(small, tmp_path, *(entry(f"T{i}", low=t) for i, t in enumerate(low, 1)))
    first, second, third = ([key_of(e) for e in c.low] for c in read.values())
    assert first == second
    assert first != third


# ---- the size of an effect ---------------------------------------------------------------


def pairs(both: int, up: int, down: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    high = np.array([1.0] * both + [1.0] * up + [0.0] * down + [0.0] * neither)
    low = np.array([1.0] * both + [0.0] * up + [1.0] * down + [0.0] * neither)
    return high, low


def test_a_yes_or_no_by_hand() -> None:
    e = paired(*pairs(40, 20, 5, 35), True)
    assert e is not None
    assert (e.difference, e.high, e.low, e.worlds, e.changed) == (0.15, 0.6, 0.45, 100, 25)
    assert e.error == pytest.approx(math.sqrt(27 / 102 - (15 / 102) ** 2) / 10)
    ratio = (60.5 / 40.5) / (45.5 / 55.5)
    assert e.size == pytest.approx(math.log(ratio) * math.sqrt(3) / math.pi)
    assert e.size == pytest.approx(math.log(ratio) / 1.81, rel=0.003)  # the constant of Chinn 2000


def test_a_number_by_hand() -> None:
    e = paired(np.array([3.0, 5.0, 7.0]), np.array([1.0, 4.0, 4.0]), False)
    assert e is not None
    assert e.difference == 2
    assert e.error == pytest.approx(1 / math.sqrt(3))  # differences 2, 1, 3: sd 1
    assert e.size == pytest.approx(2 / math.sqrt((4 + 3) / 2))
    assert e.size_error == pytest.approx(e.error / math.sqrt(3.5))


def test_the_errors_are_those_of_repeated_runs() -> None:
    """Coverage: over many draws of pairs with a known law the errors are right to a tenth."""
    rng = np.random.default_rng(1)
    sizes, errors, differences, reported = [], [], [], []
    for _ in range(400):
        draw = rng.choice(4, size=400, p=[0.3, 0.2, 0.1, 0.4])
        high, low = (draw <= 1).astype(float), ((draw == 0) | (draw == 2)).astype(float)
        e = paired(high, low, True)
        assert e is not None
        sizes.append(e.size)
        errors.append(e.size_error)
        differences.append(e.difference)
        reported.append(e.error)
    assert np.mean(errors) == pytest.approx(np.std(sizes), rel=0.1)
    assert np.mean(reported) == pytest.approx(np.std(differences), rel=0.1)


def test_where_nothing_varies_size_is_none_or_beyond_any() -> None:
    same = paired(np.full(50, 2.0), np.full(50, 2.0), False)
    other = paired(np.full(50, 5.0), np.full(50, 2.0), False)
    assert same is not None
    assert other is not None
    assert (same.size, same.error, same.varies) == (0, 0, False)
    assert other.size == math.inf
    assert not verdict(same, "none", "").holds  # what never moves shows nothing
    assert verdict(other, "+", "decisive").holds
    assert "wrong sign" in verdict(other, "-", "weak").reason
    assert paired(np.zeros(0), np.zeros(0), True) is None


@pytest.mark.parametrize(
    ("table", "sign", "strength", "holds", "words"),
    [
        ((400, 200, 50, 350), "+", "weak", True, ""),
        ((400, 200, 50, 350), "+", "moderate", True, ""),
        ((400, 200, 50, 350), "-", "weak", False, "wrong sign"),
        ((400, 200, 50, 350), "+", "strong", False, "too weak"),
        ((400, 200, 50, 350), "none", "", False, "there is an effect"),
        ((400, 200, 50, 350), "+", "little", True, ""),
        ((400, 200, 50, 350), "-", "little", False, "wrong sign"),
        ((500, 60, 55, 385), "+", "little", False, "not distinguishable from 0"),
        ((100, 700, 0, 200), "+", "little", False, "too strong: d = 1.97, where"),
        ((0, 1000, 0, 0), "+", "little", False, "too strong: d = 8.38"),
        (
            (40, 20, 5, 35),
            "+",
            "little",
            False,
            "with its error d could be 0.55, where",
        ),
        ((0, 1000, 0, 0), "+", "decisive", True, ""),
        ((500, 0, 0, 500), "+", "weak", False, "no effect: not one of 1000"),
        ((500, 0, 0, 500), "none", "", True, ""),
        ((500, 20, 19, 461), "none", "", True, ""),
        ((500, 60, 55, 385), "+", "weak", False, "not distinguishable from 0"),
        ((0, 9, 0, 991), "+", "weak", False, "only 9 of 1000"),
        ((0, 10, 0, 990), "+", "weak", True, ""),
        ((0, 1, 1, 998), "none", "", False, "cannot be decided"),  # too rare to see anything
        ((0, 0, 0, 1000), "none", "", False, "none could be measured"),
        ((5, 5, 5, 4), "+", "weak", False, "only 19 worlds"),
    ],
)
def test_verdicts(
    table: tuple[int, int, int, int], sign: str, strength: str, holds: bool, words: str
) -> None:
    v = verdict(paired(*pairs(*table), True), sign, strength)
    assert v.holds == holds
    assert words in v.reason
    assert bool(v.reason) != holds


def test_stronger_than_said_holds_and_is_said() -> None:
    e = paired(*pairs(100, 700, 0, 200), True)
    assert e is not None
    assert strength_of(e.size) == "decisive"
    assert verdict(e, "+", "weak").note == "stronger than said (decisive)"
    assert verdict(e, "+", "decisive").note == ""


def test_a_size_within_its_error_of_the_bound_is_marked() -> None:
    e = paired(*pairs(250, 180, 90, 480), True)  # d = .21, with an error of some .04
    assert e is not None
    assert e.size - 2 * e.size_error < 0.2 < e.size + 2 * e.size_error
    assert verdict(e, "+", "moderate").edge
    assert not verdict(e, "+", "weak").edge


def test_chance_alone_holds_as_rarely_as_is_said() -> None:
    """Arms of independent dice and equal chances: a claim of a sign holds in about one of 44."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(4000):
        high, low = (rng.random((2, 300)) < 0.4).astype(float)
        held += verdict(paired(high, low, True), "+", "weak").holds
    assert held / 4000 == pytest.approx(effect_size.TAIL, abs=0.008)


# ---- exactness ---------------------------------------------------------------------------


def test_a_dated_gift_adds_what_it_adds(small: Case, tmp_path: Path) -> None:
    t = one(small, tmp_path, low="{never: [gift]}", effect="final(x)", strength="decisive")
    assert t.status == "holds"
    assert t.effect is not None
    assert (t.effect.difference, t.effect.error) == (3, 0)
    assert (t.effect.high, t.effect.low) == (5, 2)
    assert t.effect.size == math.inf
    plain = to_dict(run(small, tmp_path, entry(low="{never: [gift]}", effect="final(x)")))
    json.dumps(plain, allow_nan=False)


def test_a_hazard_against_none_is_its_probability(small: Case, tmp_path: Path) -> None:
    """To the last digit, for it is integrated: the same chance each morning, in every world."""
    t = one(small, tmp_path, worlds=64)
    assert t.effect is not None
    assert t.effect.low == 0
    assert t.effect.difference == pytest.approx(1 - math.exp(-0.1 * 10), rel=1e-12)
    assert t.effect.error == pytest.approx(0, abs=1e-15)
    assert t.effect.effective == pytest.approx(64)
    twice = one(
        small,
        tmp_path,
        worlds=64,
        high="{rate: {spark: 2 ? ours}}",
        low="{}",
        effect="count(spark)",
    )
    daily = (1 - math.exp(-0.2)) - (1 - math.exp(-0.1))
    assert twice.effect is not None
    assert twice.effect.difference == pytest.approx(10 * daily, rel=1e-12)
    high, low = (p * (1 - p) for p in (1 - math.exp(-0.2), 1 - math.exp(-0.1)))
    spread = math.sqrt(10 * (high + low) / 2)  # of the counts, which the worlds show by chance
    assert twice.effect.size == pytest.approx(10 * daily / spread, rel=0.3)


def test_dates_are_days_from_the_window(small: Case, tmp_path: Path) -> None:
    t = one(
        small,
        tmp_path,
        high="{force: {spark: [2030-01-09]}}",
        low="{force: {spark: [2030-01-05]}}",
        effect="first(spark)",
        window="2030-01-03 .. 2030-01-12",
    )
    assert t.effect is not None
    assert (t.effect.high, t.effect.low, t.unit) == (6, 2, "days")
    never = one(
        small,
        tmp_path,
        high="{never: [spark]}",
        low="{force: {spark: [2030-01-05]}}",
        effect="first(spark)",
        window="2030-01-03 .. 2030-01-12",
    )
    assert never.effect is not None
    assert never.effect.high == 10  # the day after the window: it did not come


@pytest.mark.parametrize("last", ["2030-01-01", "2030-01-03"])
def test_one_observation_moves_a_belief_by_bayes(small: Case, tmp_path: Path, last: str) -> None:
    """The mover moves, once, with a chance that depends on its type (and not yet on the day); by
    the window's last day who saw it holds the posterior, who did not (no silence is scored) still
    the prior."""
    fields = {"low": "{never: [move]}", "window": f"2030-01-01 .. {last}"}
    t = one(small, tmp_path, worlds=64, effect="believes(watcher, mover, keen)", **fields)
    moved = one(small, tmp_path, worlds=64, effect="final(lit)", **fields)  # nothing else lights it
    assert t.effect is not None
    assert moved.effect is not None
    assert 0 < moved.effect.high < 1

    def chance(zeal: float) -> float:  # of the move against nothing, by quantal response
        return 1 / (1 + math.exp(-(zeal - 0.5)))

    posterior = 0.3 * chance(2) / (0.3 * chance(2) + 0.7 * chance(-2))
    assert t.effect.low == pytest.approx(0.3)
    assert t.effect.difference == pytest.approx(moved.effect.high * (posterior - 0.3))


def test_beliefs_of_one_arm_are_each_read_on_their_own_day(small: Case, tmp_path: Path) -> None:
    fields = {"low": "{never: [move]}", "effect": "believes(watcher, mover, keen)"}
    days = ("2030-01-01", "2030-01-03", "2030-01-12")
    entries = [
        entry(id, window=f"2030-01-01 .. {day}", **fields)
        for id, day in zip(("T1", "T2", "T3"), days, strict=True)
    ]
    x = run(small, tmp_path, *entries, worlds=64)
    assert x.arms == 2
    assert [t.effect for t in x.tests] == [
        run(small, tmp_path, text, worlds=64).tests[0].effect for text in entries
    ]
    rising = [t.effect.difference for t in x.tests if t.effect]
    assert rising == sorted(set(rising))  # by then more of them have moved


# ---- integrals in place of counts --------------------------------------------------------


EFFECTS = [
    # an effect, and how it is integrated: a sum, whether any of some targets happens, whether none
    ("count(spark)", "sum"),
    ("count(spark) - 2 ? twice * count(fire) / 3 ? a third", "sum"),
    ("-(count(spark) + 1 ? one)", "sum"),
    ("count(spark) > 0", "any"),
    ("count(spark) + count(fire) >= 1", "any"),
    ("1 <= count(spark) + count(fire)", "any"),
    ("2 ? two * count(spark) >= 2 ? two", "any"),
    ("not (count(spark) == 0)", "any"),
    ("count(spark) > 0 or count(fire) >= 1", "any"),
    ("count(spark) != 0", "any"),
    ("count(spark) == 0", "none"),
    ("count(spark) + count(fire) < 1", "none"),
    ("count(spark) == 0 and not (count(fire) >= 1)", "none"),
    ("count(spark) >= 2 ? two", "counted"),
    ("count(spark) <= 1", "counted"),
    ("count(spark) - count(fire) > 0", "counted"),
    ("count(spark) > 0 and count(fire) > 0", "counted"),
    ("count(spark) > count(fire)", "counted"),
    ("count(spark) * count(fire)", "counted"),
    ("max(count(spark), count(fire))", "counted"),
    ("count(spark) + height(final(rung))", "counted"),
    ("count(light) > 0", "counted"),  # certain: there is nothing to integrate
    ("final(x)", "counted"),
    ("first(spark)", "counted"),
]


@pytest.mark.parametrize(("effect", "way"), EFFECTS)
def test_which_effects_are_integrated(small: Case, tmp_path: Path, effect: str, way: str) -> None:
    effect = effect.replace("? twice", "[? twice]").replace("? two *", "[? two] *")
    effect = effect.replace("2 ? two", "2 [? two]").replace("? a third", "[? a third]")
    text = entry(effect=f"'{effect}'".replace("? one", "[? one]"), low="{never: [flood]}")
    claim = claims_in(small, tmp_path, text)["T5"]
    assert claim.question is not None
    found = integrable(claim.question, plan(small.crisis))
    kinds = {"sum": Sum, "any": Occurs, "none": Occurs, "counted": type(None)}
    assert isinstance(found, kinds[way])
    if isinstance(found, Occurs):
        assert found.none == (way == "none")
        assert len(found.targets) == effect.replace("fire", "spark").count("spark")


def test_a_condition_is_counted(small: Case, tmp_path: Path) -> None:
    claim = claims_in(small, tmp_path, entry(given="count(flood) > 0"))["T5"]
    assert claim.question is not None
    assert integrable(claim.question, plan(small.crisis)) is None


LIT = {"low": "{never: [light, move]}", "window": "2030-01-04 .. 2030-01-15"}


def test_integrals_agree_with_counts_and_err_less(small: Case, tmp_path: Path) -> None:
    """An effect that turns on what happened in a world, and so differs between worlds."""
    for effect, plainly in (
        ("count(fire)", "count(fire) + 0 * highest(x)"),
        ("count(fire) > 0", "first(fire) < 2030-01-16"),
        ("count(fire) == 0", "first(fire) >= 2030-01-16"),
        ("count(move) >= 1", "first(move) < 2030-01-16"),
    ):
        fields = LIT if "fire" in effect else {**LIT, "low": "{cost: {move: 1 ? more}}"}
        by_integral = one(small, tmp_path, 2048, effect=effect, **fields).effect
        by_count = one(small, tmp_path, 2048, effect=plainly, **fields).effect
        assert by_integral is not None
        assert by_count is not None
        assert by_count.effective is None
        assert by_integral.effective is not None
        assert by_integral.error < by_count.error
        for a, b in (
            (by_integral.difference, by_count.difference),
            (by_integral.high, by_count.high),
            (by_integral.low, by_count.low),
        ):
            assert abs(a - b) <= 3 * by_count.error
        wide = 3 * (by_count.size_error + by_integral.size_error)
        assert abs(by_integral.size - by_count.size) <= wide


def test_an_effect_does_not_grow_by_being_measured_better() -> None:
    """d of expected counts is on the spread of the counts: ten times as even is not as large."""
    rng = np.random.default_rng(5)
    counts = tuple(rng.poisson(m, 5000).astype(float) for m in (2.0, 1.0))
    sure = (np.full(5000, 2.0), np.full(5000, 1.0))
    e, by_count = integrated(sure, counts), measured(counts, False)
    assert e is not None
    assert by_count is not None
    assert e.error == 0
    assert e.size == pytest.approx(1 / math.sqrt(1.5), rel=0.03)
    assert e.size == pytest.approx(by_count.size, abs=3 * by_count.size_error)


def test_few_worlds_that_carry_an_integral_decide_nothing() -> None:
    """(sum of sizes)^2 over the sum of squares: as many as differ, if they differ alike."""
    low = np.full(1000, 0.01)
    for n, holds in ((29, False), (30, True)):
        high = low.copy()
        high[:n] = 0.5
        e = integrated((high, low))
        assert e is not None
        assert e.effective == pytest.approx(n)
        v = verdict(e, "+", "weak")
        assert v.holds == holds
        assert ("rests on 29 of 1000 worlds" in v.reason) != holds


def test_from_nothing_half_a_world_is_added() -> None:
    some, none = np.full(1000, 0.25), np.zeros(1000)
    e = integrated((some, none))
    assert e is not None
    odds = math.log(0.2505 / 0.7505) - math.log(0.0005 / 1.0005)
    assert e.size == pytest.approx(odds * math.sqrt(3) / math.pi)
    small = integrated((some / 1000, some / 2000))  # no cell is empty, however small
    assert small is not None
    assert small.size == pytest.approx(math.log(2) * math.sqrt(3) / math.pi, rel=1e-3)


def test_the_errors_of_probabilities_are_those_of_repeated_runs() -> None:
    rng = np.random.default_rng(6)
    sizes, errors = [], []
    for _ in range(400):
        common = rng.normal(size=300)
        high = 1 / (1 + np.exp(1.0 - common - 0.5 * rng.normal(size=300)))
        low = 1 / (1 + np.exp(1.5 - common - 0.5 * rng.normal(size=300)))
        e = integrated((high, low))
        assert e is not None
        sizes.append(e.size)
        errors.append(e.size_error)
    assert np.mean(errors) == pytest.approx(np.std(sizes), rel=0.1)


# ---- a second pair of arms ---------------------------------------------------------------


def second(**fields: str) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


def test_a_second_pair_takes_its_own_effect_off(small: Case, tmp_path: Path) -> None:
    """The gift adds 3; beside a stock that starts at 9 of 10 it can add only 1."""
    full = second(
        high="{set: {x: 9 ? nearly full}}", low="{set: {x: 9 ? nearly full}, never: [gift]}"
    )
    fields = {"low": "{never: [gift]}", "effect": "final(x)"}
    t = one(small, tmp_path, strength="decisive", beside=full, **fields)
    assert t.effect is not None
    assert (t.effect.difference, t.effect.high, t.effect.low) == (3 - 1, 5, 2)
    assert t.effect.beside == (10, 9)
    assert t.status == "holds"


def test_a_second_pair_is_the_difference_of_two_claims(small: Case, tmp_path: Path) -> None:
    """World by world on the same dice: the mean is that of both claims, the error is its own."""
    late = "2030-01-11 .. 2030-01-20"
    strong = second(high="{rate: {spark: 5 ? ours}}", low="{never: [spark]}", window=late)
    for effect in ("count(spark)", "count(spark) > 0", "first(spark)"):
        both = one(small, tmp_path, effect=effect, beside=strong)
        first = one(small, tmp_path, effect=effect)
        alone = one(small, tmp_path, effect=effect, window=late, high="{rate: {spark: 5 ? ours}}")
        assert both.effect is not None
        assert first.effect is not None
        assert alone.effect is not None
        assert both.effect.difference == pytest.approx(
            first.effect.difference - alone.effect.difference
        )
        assert both.effect.beside == (alone.effect.high, alone.effect.low)
        if effect == "first(spark)":
            assert both.effect.error > first.effect.error
        if effect == "count(spark) > 0":  # log odds ratios, and their difference
            assert both.effect.size == pytest.approx(first.effect.size - alone.effect.size)


def test_four_arms_and_no_more(small: Case, tmp_path: Path) -> None:
    """Arms that are alike are shared, within a claim and between claims."""
    pair = second(high="{}", low="{never: [spark]}", window="2030-01-11 .. 2030-01-20")
    counts = {"effect": "count(spark)"}
    x = run(small, tmp_path, entry("T1", beside=pair, **counts), entry("T2", **counts), worlds=64)
    assert x.arms == 2
    other = second(high="{rate: {spark: 2 ? ours}}", low="{never: [flood]}")
    assert run(small, tmp_path, entry("T1", beside=other, **counts), worlds=64).arms == 4


def test_a_condition_is_met_in_all_four(small: Case, tmp_path: Path) -> None:
    free = one(small, tmp_path, given="count(flood) > 0")
    pair = second(high="{}", low="{never: [flood]}")
    none = one(small, tmp_path, given="count(flood) > 0", beside=pair)
    assert free.effect is not None
    assert none.effect is None
    assert none.reason == "no world meets the condition in both arms"


def test_beliefs_are_compared_too(small: Case, tmp_path: Path) -> None:
    fields = {"low": "{never: [move]}", "effect": "believes(watcher, mover, keen)"}
    pair = second(high="{}", low="{never: [move]}", window="2030-01-01 .. 2030-01-03")
    both = one(small, tmp_path, 64, beside=pair, window="2030-01-01 .. 2030-01-12", **fields)
    late, soon = (
        one(small, tmp_path, 64, window=f"2030-01-01 .. {day}", **fields).effect
        for day in ("2030-01-12", "2030-01-03")
    )
    assert both.effect is not None
    assert late is not None
    assert soon is not None
    assert both.effect.difference == pytest.approx(late.difference - soon.difference)
    _, found = written(small, tmp_path, case="claims:\n" + entry(beside=pair, **fields)).claims_read
    assert [(d.code, d.severity) for d in found] == [("beside", "warning")]  # ten days beside three


def test_the_errors_of_four_arms_are_those_of_repeated_runs() -> None:
    rng = np.random.default_rng(4)
    sizes, errors, differences, reported = [], [], [], []
    for _ in range(400):
        common = rng.random(400)
        arms = tuple(
            (0.5 * (common + rng.random(400)) < p).astype(float) for p in (0.6, 0.4, 0.5, 0.4)
        )
        e = measured(arms, True)
        assert e is not None
        sizes.append(e.size)
        errors.append(e.size_error)
        differences.append(e.difference)
        reported.append(e.error)
    assert np.mean(errors) == pytest.approx(np.std(sizes), rel=0.1)
    assert np.mean(reported) == pytest.approx(np.std(differences), rel=0.1)


# ---- common dice -------------------------------------------------------------------------


def test_an_edit_that_changes_nothing_gives_exactly_nothing(small: Case, tmp_path: Path) -> None:
    for effect in (
        "count(spark) > 0",
        "final(x)",
        "count(spark)",
        "first(flood)",
        "believes(watcher, mover, keen)",
    ):
        low = "{cost: {move: 0 * x ? what reads a quantity is not seen to be nothing}}"
        t = one(small, tmp_path, worlds=128, low=low, effect=effect)
        assert t.effect is not None
        assert (t.effect.difference, t.effect.size, t.effect.changed) == (0, 0, 0)
        assert t.status == "fails"
        assert t.reason == f"no effect: not one of {t.effect.worlds} worlds changes"


@pytest.mark.parametrize(
    "low",
    [
        "{set: {x: 2 ? as it is}}",
        "{rate: {spark: 1 ? alike}}",
        "{cost: {move: 0 ? alike}}",
        "{force: {light: 2030-01-05}}",
        "{from: 2030-01-06, never: [light]}",
    ],
)
def test_a_claim_whose_arms_leave_all_as_it_is_tests_nothing(
    small: Case, tmp_path: Path, low: str
) -> None:
    with pytest.raises(CaseError, match="leaves things as they are"):
        one(small, tmp_path, low=low)
    other = "{never: [spark]}"  # the one of two arms may say in words how things are
    assert claims_in(small, tmp_path, entry(high=low, low=other))["T5"].high


def test_no_effect_of_one_hazard_on_another(small: Case, tmp_path: Path) -> None:
    t = one(small, tmp_path, sign="none", strength="", effect="count(flood)")
    assert t.effect is not None
    assert (t.status, t.effect.difference) == ("holds", 0)
    wrong = one(small, tmp_path, sign="none", strength="")
    assert wrong.status == "fails"
    assert "there is an effect" in wrong.reason


def test_the_reversed_sign_fails(small: Case, tmp_path: Path) -> None:
    right = one(small, tmp_path, strength="decisive")
    wrong = one(small, tmp_path, sign='"-"', strength="weak")
    swapped = one(small, tmp_path, high="{never: [spark]}", low="{}", sign='"-"')
    assert (right.status, wrong.status, swapped.status) == ("holds", "fails", "holds")
    assert "wrong sign" in wrong.reason
    assert right.effect is not None
    assert swapped.effect is not None
    assert swapped.effect.difference == -right.effect.difference
    assert swapped.effect.error == right.effect.error


def test_a_condition_counts_worlds_that_meet_it_in_both_arms(small: Case, tmp_path: Path) -> None:
    free = one(small, tmp_path, given="count(flood) > 0")
    crisis = small.crisis
    claim = claims_in(small, tmp_path, entry(given="count(flood) > 0"))["T5"]
    assert claim.question is not None
    alone = replace(claim.question, asks=claim.question.given or claim.question.asks, given=None)
    (watch,), monitors = watches(replace(small, questions=(alone,)), crisis.first)
    floods = simulate(RunSpec(crisis, monitors, 1), 512, 1).atoms[:, 0] > 0
    assert watch.first == crisis.first
    assert free.effect is not None
    assert free.effect.worlds == floods.sum()
    never = one(small, tmp_path, given="count(spark) > 0")  # the low arm has none
    assert (never.status, never.effect) == ("fails", None)
    assert never.reason == "no world meets the condition in both arms"


def test_arms_that_are_alike_are_lived_once(small: Case, tmp_path: Path) -> None:
    """Together or alone, with long windows or short ones beside it: the same bytes."""
    entries = [
        entry("T1", effect="count(spark)"),
        entry("T2", effect="final(x)", window="2030-01-01 .. 2030-01-20", sign="none", strength=""),
        entry("T3", effect="first(spark)", sign='"-"', low="{rate: {spark: .5 ? half}}"),
        entry("T4", effect="count(spark)", given="count(flood) > 0"),
    ]
    together = run(small, tmp_path, *entries, worlds=128)
    assert together.arms == 3
    for text, t in zip(entries, together.tests, strict=True):
        alone = run(small, tmp_path, text, worlds=128).tests[0]
        assert (alone.status, alone.effect) == (t.status, t.effect)
        assert t.effect is not None


def test_worlds_are_lived_no_longer_than_is_asked(small: Case, tmp_path: Path) -> None:
    claims = claims_in(small, tmp_path, entry()).values()
    prepared = prepare(small, claims, 64, 1)
    assert [(arm.job.crisis.days, arm.worlds) for arm in prepared.arms.values()] == [(10, 64)] * 2


@pytest.mark.skipif(not machinery.available(), reason="needs Numba")
def test_the_machine_and_the_reference_agree(
    small: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [
        entry("T1"),
        entry("T5", effect="count(fire) - count(move)", low="{never: [light]}"),
        entry("T6", effect="count(fire) + count(move) < 1", low="{never: [light]}"),
        entry("T2", effect="highest(x)", low="{hold: {x: 4 ? ours}}"),
        entry("T3", effect="final(lit)", low="{urge: {move: 2 ? ours}}"),
        entry("T4", effect="believes(watcher, mover, keen)", low="{never: [move]}"),
    ]
    fast = run(small, tmp_path, *entries, worlds=96)
    monkeypatch.setattr(machinery, "available", lambda: False)
    assert run(small, tmp_path, *entries, worlds=96) == fast


def test_the_arms_are_the_crisis_under_its_edits(small: Case, tmp_path: Path) -> None:
    """By the longest way round: each arm whole, in the reference interpreter."""
    text = entry(
        effect="highest(rung)", low="{never: [light, move]}", window="2030-01-04 .. 2030-01-15"
    )
    claim = claims_in(small, tmp_path, text)["T5"]
    assert claim.question is not None
    means = []
    for edits in (claim.high, claim.low):
        crisis = edited(small.crisis, edits)
        case = replace(small, crisis=crisis, questions=(claim.question,))
        monitors = watches(case, crisis.first)[1]
        means.append(simulate(RunSpec(crisis, monitors, 3), 80, 1).atoms[:, 0].mean())
    found = run(small, tmp_path, text, worlds=80, seed=3).tests[0].effect
    assert found is not None
    assert (found.high, found.low) == tuple(means)


# ---- the tutorial, under its authors -----------------------------------------------------


@pytest.fixture(scope="module")
def tested(tutorial: Case) -> Examination:
    return examine(prepare(tutorial, tutorial.claims.values(), 128, 1), threads=1)


def test_each_claim_runs_under_its_own_author(tutorial: Case, tested: Examination) -> None:
    """The same claim under another author gives another number."""
    claims = tutorial.claims
    other = replace(claims["T5"], author="tass")
    again = examine(prepare(tutorial, [other], 128, 1), threads=1).tests[0]
    first = next(t for t in tested.tests if t.claim.id == "T5")
    assert first.effect is not None
    assert again.effect is not None
    assert first.effect.difference != again.effect.difference


def test_an_unanswered_belief_grows(tested: Examination) -> None:
    belief = next(t for t in tested.tests if t.claim.believed)
    assert belief.effect is not None
    assert belief.effect.worlds == tested.believed == min(128, BELIEVED)
    assert belief.status == "holds"
    assert 0 < belief.effect.low < belief.effect.high < 1


def test_threads_change_no_byte(tutorial: Case, tested: Examination) -> None:
    claims = tutorial.claims
    assert examine(prepare(tutorial, claims.values(), 128, 1), threads=2) == tested


def test_json(tested: Examination) -> None:
    plain = json.loads(json.dumps(to_dict(tested), allow_nan=False))
    assert plain["schema"] == "offramp.claims/1"
    assert (plain["case"], plain["seed"], plain["worlds"]) == ("tutorial", 1, 128)
    assert len(plain["model_sha256"]) == 64
    for claim in plain["claims"]:
        assert set(claim) == {
            "id",
            "author",
            "status",
            "says",
            "sign",
            "strength",
            "because",
            "do_high",
            "do_low",
            "effect_text",
            "given",
            "window",
            "unit",
            "effect",
            "mc_error",
            "size",
            "size_error",
            "high",
            "low",
            "worlds",
            "changed",
            "reason",
            "fails_by",
            "note",
            "stronger_than_said",
            "within_error_of_the_bound",
            "passages",
            "beside",
            "effective",
        }
        assert bool(claim["reason"]) == (claim["status"] != "holds")
        assert claim["passages"][0] == claim["id"]
        if claim["status"] == "inexpressible":
            assert claim["effect"] is claim["sign"] is claim["do_high"] is None
        else:
            assert claim["effect"] == pytest.approx(claim["high"] - claim["low"])
    by_id = {claim["id"]: claim for claim in plain["claims"]}
    assert by_id["T13"]["do_low"] == ["never season_opens"]
    assert by_id["T13"]["do_high"] == []
    summary = plain["summary"]
    assert summary["claims"] == 6
    assert summary["tested"] == summary["holds"] + summary["fails"] == 5
    assert summary["inexpressible"] == 1
    assert summary["expected_false_holds"] == pytest.approx(5 * effect_size.TAIL)
    assert summary["authors"]["ilvane"]["inexpressible"] == 1
    totals = [sum(a[s] for a in summary["authors"].values()) for s in ("holds", "fails")]
    assert totals == [summary["holds"], summary["fails"]]


def test_the_table_fits_80_columns(tested: Examination) -> None:
    out = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    print_claims(tested, out)
    text = out.export_text()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    for t in tested.tests:
        assert t.claim.id in text
    assert "holds+" in text
    assert "…" not in text  # nothing is cut off
    assert "Claims that the model cannot state" in text


# ---- the command -------------------------------------------------------------------------


def offramp_(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["claims", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception  # a user's mistake is never answered by a traceback
    return result


QUICK = ("--worlds", "64", "--threads", "1")


def test_a_failing_claim_is_a_result(tutorial: Case, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(tutorial.folder, folder)
    path = folder / "claims" / "tass.yaml"
    path.write_text(path.read_text("utf-8").replace('sign: "-"', "sign: +"), "utf-8")
    result = offramp_(str(folder), "--only", "T19", *QUICK)
    assert result.exit_code == 0
    assert "fails" in result.stdout
    assert "wrong sign" in result.stdout


def test_the_command_chooses(tutorial: Case) -> None:
    result = offramp_("tutorial", "ilvane", "tass", "--only", "T13", "--json", *QUICK)
    plain = json.loads(result.stdout)
    assert [c["id"] for c in plain["claims"]] == ["T13"]
    assert plain["model_sha256"] == tutorial.model_sha256


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tutorial", "ilvna"), "did you mean 'ilvane'"),
        (("tutorial", "--only", "T55"), "has no claim 'T55'"),
        (("tutorial", "tass", "--only", "T5"), "none of T5 is a claim of tass"),
        (("nowhere",), "there is no case"),
    ],
)
def test_what_is_not_there(arguments: tuple[str, ...], words: str) -> None:
    result = offramp_(*arguments, *QUICK)
    assert result.exit_code == 1
    assert words in result.stderr


def test_a_mistake_in_a_file_shows_its_line(tutorial: Case, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(tutorial.folder, folder)
    path = folder / "claims" / "tass.yaml"
    path.write_text(path.read_text("utf-8").replace("strength: weak", "strength: wek"), "utf-8")
    result = offramp_(str(folder), *QUICK)
    assert result.exit_code == 1
    assert "did you mean 'weak'?" in result.stderr
    assert "^^^" in result.stderr
    shutil.rmtree(folder / "claims")
    assert "has no claims" in offramp_(str(folder), *QUICK).stderr
