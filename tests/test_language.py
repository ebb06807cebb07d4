"""The language as its readers meet it: what may be written, and what each mistake is answered."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
from pathlib import Path

import pytest
from crises import crises
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from offramp.case import scaffold
from offramp.case.case import examine, load, read_crisis
from offramp.case.texts import shipped
from offramp.language.build import build
from offramp.language.crisis import Crisis, data, elements
from offramp.language.expressions import Number, SourcedValue, parse_claim, parse_range, walk
from offramp.language.forms import expand
from offramp.language.identity import canonical
from offramp.language.kinds import constant
from offramp.language.readers import Readers
from offramp.sources.estimative import Phrases
from offramp.text.diagnostics import CaseError, Diagnostic, Diagnostics, Span, render
from offramp.text.general import read as read_any
from offramp.text.lines import read as read_lines
from offramp.text.printer import document
from offramp.text.tree import STRANGE, Mapping, Node, Sequence, Text
from offramp.text.yaml import parse

BASE = """\
crisis: A test
from: 2030-01-01
to: 2030-03-31
show: [rung]
state:
  rung:
    ladder: [calm, tense, war]
    now: tense ? x
  heat:
    stock: 0 .. 6 ? x
    now: 2 ? x
  men:
    stock: 0 .. 900 persons ? x
    now: 500 persons ? x
  timer:
    clock: off
unknown:
  luck:
    share: .2 .. .8 ? x
actor:
  us:
    pace: .5 ? x
    precision: luck
    foresight: 1 ? x
    weighs: [them]
    wants:
      calm: -1 [? x] * height(rung)
  them:
    pace: .5 ? x
    precision: 1 ? x
    foresight: 0 ? x
    wants:
      heat: 2 [? x] * heat
event:
  hit:
    by: us
    cost: .2 ? x
    does:
      - heat + 1 ? x
      - men - 100 persons ? x
  reply:
    by: them
    does:
      - rung >= war ? x
      - timer = 9d ? x
  bell:
    on: timer
    does:
      - heat = 0 ? x
hazard:
  slip:
    rate: .01 ? x
    does:
      - heat + .5 ? x
"""
LINES = BASE.split("\n")


def found(text: str) -> list[Diagnostic]:
    """All that is wrong with the text of a crisis."""
    with pytest.raises(CaseError) as error:
        read_crisis(text)
    return list(error.value.diagnostics)


def with_line(old: str, new: str) -> str:
    """The valid crisis with one line (given without its indentation) written otherwise."""
    number = next(i for i, line in enumerate(LINES) if line.strip() == old)
    indent = LINES[number][: len(LINES[number]) - len(LINES[number].lstrip())]
    lines = [indent + line for line in new.split("\n")]
    return "\n".join([*LINES[:number], *lines, *LINES[number + 1 :]])


def claim(text: str) -> SourcedValue:
    quiet = Diagnostics()
    read = parse_claim(Text(text, Span("x", 1, 1)), quiet)
    assert read is not None, quiet.found
    return read


# ---- what may be written -----------------------------------------------------------------


def test_the_base_of_these_tests_is_valid() -> None:
    crisis, _ = read_crisis(BASE)
    assert [s.name for s in crisis.states] == ["rung", "heat", "men", "timer"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1 + 2*3 ? x", 7),
        ("(1 + 2)*3 ? x", 9),
        ("2^3^2 ? x", 512),
        ("-2^2 ? x", -4),
        ("8/4/2 ? x", 1),
        ("1 - 2 - 3 ? x", -4),
        (".5 ? x", 0.5),
        ("1.5e2 ? x", 150),
        ("+3 ? x", 3),
        ("2*-3 ? x", -6),
    ],
)
def test_arithmetic_binds_as_usual(written: str, value: float) -> None:
    assert constant(claim(written).expression) == value


@pytest.mark.parametrize(
    ("written", "grades"),
    [
        ("5200 @V51", ["stated"]),
        ("-0.15 ~M70", ["sized"]),
        ("8d ? read off", ["assumed"]),
        (".10 + .25*(x >= 2) ? quick", ["assumed", "assumed", "assumed"]),
        (".10 ~M60 + .25 ? ours", ["sized", "assumed"]),
        ("2 [? strong] * x", ["assumed"]),
        ("2 [? strong] * x + 3 @V1,V2", ["assumed", "stated"]),
        ("1 - x", [None]),
        ("3 * x", [None]),
    ],
)
def test_a_mark_covers_the_unmarked_numbers_before_it(
    written: str, grades: list[str | None]
) -> None:
    numbers = [p for p in walk(claim(written).expression) if isinstance(p, Number)]
    assert [n.basis.grade if n.basis else None for n in numbers] == grades


def test_several_passages_stand_behind_one_mark() -> None:
    assert claim("5 @V51,V71").passages == ("V51", "V71")


def test_a_mark_behind_a_range_covers_both_ends() -> None:
    pair = parse_range(Text("0 .. 1 @V1", Span("x", 1, 1)), Diagnostics())
    assert pair is not None
    assert [p.expression.basis.grade for p in pair] == ["stated", "stated"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("what", "old", "new"),
    [
        ("a level by name", "by: us", "by: us\nwhen: rung >= tense"),
        ("a ladder as a number", "by: us", "by: us\nwhen: height(rung) >= 1"),
        ("a condition as a number", "cost: .2 ? x", "cost: .2*(heat > 1) ? x"),
        ("a unit divided out", "cost: .2 ? x", "cost: men / 1000 persons ? x"),
        ("dates and days", "by: us", "by: us\nwhen: today - 2030-01-05 > 3d ? x"),
        ("a clock", "by: us", "by: us\nwhen: not running(timer)"),
        ("zero of any unit", "by: us", "by: us\nwhen: men > 0"),
        ("a name with accents", "luck:", "luck:\n  share: .2 .. .8 ? x\nmalchance_é:"),
        ("a value in quotes", "cost: .2 ? x", 'cost: ".2 ? a reason: with a colon # and this"'),
        ("a value over two lines", "cost: .2 ? x", "cost: >-\n  .2 + .1\n  ? x"),
    ],
)
def test_valid_spellings(what: str, old: str, new: str) -> None:
    read_crisis(with_line(old, new))


def test_a_file_reads_the_same_with_other_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    scaffold.write_case(tmp_path / "a")
    file = tmp_path / "a" / "crisis.yaml"
    plain = file.read_bytes()
    digest = load(tmp_path / "a").model_sha256
    for changed in (
        b"\xef\xbb\xbf" + plain,
        plain.replace(b"\n", b"\r\n"),
        plain.replace(b"\n", b"\r"),
    ):
        file.write_bytes(changed)
        assert load(tmp_path / "a").model_sha256 == digest


FORMS = BASE.replace(
    "hazard:\n",
    """\
pact:
  treaty:
    party: us
    stages: [kept, bent, broken]
    now: kept ? x
    step:
      due: 2030-02-01 ? x
      every: 10d ? x
      cost: .1 ? x
    undo:
      cost: .1 ? x
    remedies:
      court:
        by: them
        runs: 9d ? x
        then: [heat - 1 ? x]
        stopped when: treaty <= kept
threat:
  us.warn:
    by: us
    pledge: .5 ? x
    lapses: 9d ? x
    kept by: [hit]
    audience cost: .4 ? x
proxy:
  them:
    of: us
    control: luck
    order: rung
    discipline: 2 ? x
    obeys:
      reply: tense ? x
channel:
  line:
    between: [us, them]
    open: yes ? x
    calms: [slip]
    by: .5 ? x
body:
  house:
    blocs:
      left: {seats: 5 seats ? x}
    votes:
      war:
        held: 2030-02-01 ? x
        yes:
          left: .3 ? x
        carried: [rung >= war ? x]
hazard:
""",
)


@pytest.mark.parametrize("text", [BASE, FORMS])
def test_expanding_twice_is_expanding_once(text: str) -> None:
    crisis, tree = read_crisis(text)
    printed = document(tree)
    again, same = read_crisis(printed)
    assert document(same) == printed
    assert canonical(again) == canonical(crisis)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(crises())
def test_any_crisis_survives_being_printed(text: str) -> None:
    crisis, tree = read_crisis(text)
    assert canonical(read_crisis(document(tree))[0]) == canonical(crisis)


def test_every_number_of_a_form_keeps_the_place_where_it_was_written() -> None:
    crisis, _ = read_crisis(FORMS)
    lines = FORMS.split("\n")
    for name, element in elements(crisis):
        for datum in data(name, element):
            rest = lines[datum.span.line - 1][datum.span.column - 1 :]
            number = re.match(r"\d*\.?\d+", rest)
            if number and datum.value < 10_000:
                assert math.isclose(float(number.group()), datum.value), (name, datum.text, rest)


# ---- each mistake, its code and its place ------------------------------------------------

VOTE = """vote:
  held: 2030-02-01 ? x
  quota: half
  blocs:
    left:
      seats: 5 seats ? x
      yes: .3 ? x"""
MISTAKES = [
    # (what, the line changed, what it becomes, code, lines below that one, column)
    ("a number without a basis", "cost: .2 ? x", "cost: .2", "no-basis", 0, 11),
    ("a mark without a reason", "cost: .2 ? x", "cost: .2 ?", "no-reason", 0, 14),
    ("an effect without a basis", "- heat = 0 ? x", "- heat = luck", "no-basis", 0, 9),
    ("an unknown name", "cost: .2 ? x", "cost: .2*heart ? x", "unknown-name", 0, 14),
    ("an unknown actor", "by: us", "by: uss", "unknown-actor", 0, 9),
    ("an unknown event", "weighs: [them]", "fears: {hi: {}}", "unknown-event", 0, 13),
    ("an unknown quantity", "- heat = 0 ? x", "- heart = 0 ? x", "unknown-quantity", 0, 9),
    ("an unknown level", "now: tense ? x", "now: tens ? x", "unknown-level", 0, 10),
    ("an unknown unit", "cost: .2 ? x", "cost: 3 men ? x", "unknown-unit", 0, 11),
    ("an unknown clock", "on: timer", "on: tmer", "unknown-clock", 0, 9),
    ("an unknown function", "cost: .2 ? x", "cost: sin(2) ? x", "unknown-function", 0, 11),
    ("an unknown key", "cost: .2 ? x", "costs: .2 ? x", "unknown-key", 0, 5),
    ("an unknown phrase", "share: .2 .. .8 ? x", "says: perchance ? x", "unknown-phrase", 0, 11),
    ("an unknown belief", "cost: .2 ? x", "cost: believes(us, x, y)", "unknown-belief", 0, 11),
    ("guilt where none is asked", "cost: .2 ? x", "cost: guilt(us)", "guilt", 0, 11),
    ("too many arguments", "cost: .2 ? x", "cost: abs(1, 2) ? x", "arguments", 0, 11),
    ("too few arguments", "cost: .2 ? x", "cost: clip(1) ? x", "arguments", 0, 11),
    ("a bracket left open", "cost: .2 ? x", "cost: (.2 ? x", "syntax", 0, 17),
    ("a bracket too many", "cost: .2 ? x", "cost: .2) ? x", "syntax", 0, 13),
    ("a per cent", "cost: .2 ? x", "cost: 20% ? x", "syntax", 0, 13),
    ("'=' in a condition", "by: us", "by: us\nwhen: heat = 3 ? x", "syntax", 1, 16),
    ("two comparisons", "by: us", "by: us\nwhen: 1 < heat < 3 ? x", "syntax", 1, 20),
    ("nothing where a value is", "cost: .2 ? x", "cost:", "syntax", 0, 5),
    ("a number too large", "cost: .2 ? x", "cost: 1e400 ? x", "syntax", 0, 11),
    ("too deep an expression", "cost: .2 ? x", f"cost: {'(' * 99}2{')' * 99} ? x", "syntax", 0, 71),
    ("too long a sum", "cost: .2 ? x", f"cost: 2{'+2' * 999} ? x", "syntax", 0, 11),
    ("a value without end", "cost: .2 ? x", f"cost: {'2' * 30_000}", "too-long", 0, 20011),
    ("a ladder and a number", "by: us", "by: us\nwhen: rung >= 1", "ladder-number", 1, 16),
    ("a ladder in arithmetic", "cost: .2 ? x", "cost: rung", "kind", 0, 11),
    ("a number for a condition", "by: us", "by: us\nwhen: heat", "kind", 1, 11),
    ("days and shares", "cost: .2 ? x", "cost: 3d + 2 ? x", "unit", 0, 14),
    ("persons and numbers", "by: us", "by: us\nwhen: men > 3 ? x", "unit", 1, 15),
    ("a date as a number", "cost: .2 ? x", "cost: today", "kind", 0, 11),
    ("a day that does not exist", "to: 2030-03-31", "to: 2030-02-30", "no-such-date", 0, 5),
    ("the year 0", "to: 2030-03-31", "to: 0000-02-30", "no-such-date", 0, 5),
    ("the end of time", "to: 2030-03-31", "to: 9999-12-32", "no-such-date", 0, 5),
    ("an end before the beginning", "to: 2030-03-31", "to: 2029-03-31", "dates", 0, 5),
    ("a date outside", "on: timer", "on: 2031-01-01 ? x", "dates", 0, 9),
    ("no date at all", "on: timer", "on: []", "missing", 0, 9),
    ("division by zero", "cost: .2 ? x", "cost: heat/0 ? x", "arithmetic", 0, 15),
    ("the logarithm of 0", "cost: .2 ? x", "cost: log(0) ? x", "arithmetic", 0, 11),
    ("an exponential without bounds", "cost: .2 ? x", "cost: exp(999) ? x", "arithmetic", 0, 11),
    ("a root of a negative", "cost: .2 ? x", "cost: (-2)^.5 ? x", "arithmetic", 0, 15),
    ("a share above 1", "share: .2 .. .8 ? x", "share: .2 .. 1.8 ? x", "probability", 0, 12),
    ("a reversed interval", "share: .2 .. .8 ? x", "share: .8 .. .2 ? x", "prior", 0, 12),
    ("a value that is no range", "share: .2 .. .8 ? x", "share: .2 ? x", "syntax", 0, 17),
    ("a start outside the bounds", "now: 2 ? x", "now: 9 ? x", "bounds", 0, 10),
    ("a rest outside the bounds", "now: 2 ? x", "now: 2 ? x\nrest: 9 ? x", "bounds", 1, 11),
    ("bounds that are reversed", "stock: 0 .. 6 ? x", "stock: 6 .. 0 ? x", "bounds", 0, 12),
    ("bounds without a basis", "stock: 0 .. 6 ? x", "stock: 0 .. 6", "no-basis", 0, 12),
    ("a half-life of 0", "now: 2 ? x", "now: 2 ? x\nfades: 0d ? x", "half-life", 1, 12),
    (
        "a half-life that can be 0",
        "now: 2 ? x",
        "now: 2 ? x\nfades: 8d * height(rung) ? x",
        "half-life",
        1,
        15,
    ),
    ("a clock that fades", "clock: off", "clock: off\nfades: 3d ? x", "fades", 1, 12),
    ("a negative rate", "rate: .01 ? x", "rate: -.01 ? x", "negative", 0, 11),
    ("a negative pause", "by: us", "by: us\npause: -3d ? x", "negative", 1, 12),
    ("a ladder of one level", "ladder: [calm, tense, war]", "ladder: [tense]", "ladder", 0, 13),
    ("a number as a level", "ladder: [calm, tense, war]", "ladder: [tense, 2]", "name", 0, 21),
    ("two kinds of state", "now: 2 ? x", "now: 2 ? x\nshare: .1 ? x", "state-kind", -2, 3),
    ("a name that is a word", "luck:", "luck:\n  share: .2 .. .8 ? x\ntoday:", "name", 2, 3),
    ("a name that is taken", "luck:", "luck:\n  share: .2 .. .8 ? x\nheat:", "name-clash", 2, 3),
    ("a form's name that is taken", "slip:", "hit:", "name-clash", 0, 3),
    ("no reason to happen", "by: us", "once: yes", "reason", -1, 3),
    ("two reasons to happen", "by: us", "by: us\nrate: .1 ? x", "reason", -1, 3),
    ("a cost of chance", "rate: .01 ? x", "rate: .01 ? x\ncost: 9 ? x", "reason", 1, 5),
    ("an urge of chance", "rate: .01 ? x", "rate: .01 ? x\nurge: 9 ? x", "reason", 1, 5),
    ("a lead time of chance", "rate: .01 ? x", "rate: .01 ? x\ntakes: 9d ? x", "reason", 1, 5),
    ("a consent to chance", "rate: .01 ? x", "rate: .01 ? x\nconsent: [us]", "reason", 1, 5),
    ("a cost of a clock", "on: timer", "on: timer\ncost: 9 ? x", "reason", 1, 5),
    ("a cost of a vote", "on: timer", f"{VOTE}\ncost: 9 ? x", "reason", 7, 5),
    ("an actor that weighs itself", "weighs: [them]", "weighs: [us]", "weighs", 0, 14),
    ("a foresight of 3", "foresight: 1 ? x", "foresight: 3 ? x", "foresight", 0, 16),
    ("a role that is none", "weighs: [them]", "role: king", "role", 0, 11),
    (
        "a want that nothing moves",
        "heat: 2 [? x] * heat",
        "heat: 2 ? x * heat",
        "constant-want",
        0,
        13,
    ),
    ("a list for a value", "cost: .2 ? x", "cost: [.2]", "shape", 0, 11),
    ("a value for a list", "weighs: [them]", "weighs: {them: 1}", "shape", 0, 13),
    ("neither yes nor no", "by: us", "by: us\nonce: perhaps", "kind", 1, 11),
    ("a key written twice", "by: us", "by: us\ncost: .1 ? x", "duplicate-key", 2, 5),
    ("a key that is a list", "by: us", "by: us\n? [a]\n: b", "key", 1, 7),
    ("a YAML alias", "by: us", "by: &us us", "alias", 0, 9),
    ("a YAML tag", "by: us", "by: !!python/name:us us", "tag", 0, 9),
    ("a surrogate", "crisis: A test", 'crisis: "A \\ud800"', "character", 0, 12),
    ("a control character", "crisis: A test", "crisis: A\x07test", "character", 0, 10),
    ("a NUL byte", "crisis: A test", "crisis: A\x00test", "character", 0, 10),
    ("an escape beyond Unicode", "crisis: A test", 'crisis: "\\UFFFFFFFF"', "yaml", 0, 10),
    ("a colon inside a value", "cost: .2 ? x", "cost: .2 ? x: y", "yaml", 0, 17),
    ("a mark at the beginning", "cost: .2 ? x", "cost: @V1", "yaml", 0, 11),
]


@pytest.mark.parametrize(
    ("what", "old", "new", "code", "below", "column"), MISTAKES, ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_is_named_and_placed(
    what: str, old: str, new: str, code: str, below: int, column: int
) -> None:
    line = next(i for i, text in enumerate(LINES, 1) if text.strip() == old) + below
    places = [(d.code, d.span.line, d.span.column) for d in found(with_line(old, new))]
    assert (code, line, column) in places


TAILS = [
    # (what, added at the end of the file, code, line counted from the addition, column)
    ("a belief about nobody", "belief:\n  us about god:\n    types: {}", "unknown-actor", 2, 12),
    ("a belief about oneself", "belief:\n  us about us:\n    types: {}", "belief", 2, 3),
    (
        "priors that do not sum",
        "belief:\n  us about them:\n    types:\n      a: {prior: .5 ? x}\n      b: {prior: .4 ? x}",
        "probability",
        2,
        3,
    ),
    ("a proxy of itself", "proxy:\n  us:\n    of: us", "form-cycle", 2, 3),
    ("a form without its keys", "threat:\n  t:\n    by: us", "missing", 2, 3),
    ("a form that is a word", "threat:\n  t: 5", "shape", 2, 3),
    (
        "a form's number without a basis",
        "threat:\n  t:\n    by: us\n    pledge: .5\n    lapses: 9d ? x\n    audience cost: .4 ? x",
        "no-basis",
        4,
        13,
    ),
    (
        "a form's unknown name",
        "proxy:\n  them:\n    of: us\n    control: lucky\n    order: rung\n    discipline: 2 ? x",
        "unknown-name",
        4,
        14,
    ),
    ("a section that is unknown", "events:\n  a: 1", "unknown-key", 1, 1),
]


@pytest.mark.parametrize(
    ("what", "tail", "code", "line", "column"), TAILS, ids=[t[0] for t in TAILS]
)
def test_a_mistake_in_an_addition(what: str, tail: str, code: str, line: int, column: int) -> None:
    places = [(d.code, d.span.line, d.span.column) for d in found(BASE + tail + "\n")]
    assert (code, len(LINES) - 1 + line, column) in places


@pytest.mark.parametrize(
    ("what", "old", "new", "code", "word"),
    [
        (
            "an undo that is a word",
            "    undo:\n      cost: .1 ? x\n",
            "    undo: yes\n",
            "shape",
            "yes\n",
        ),
        ("a step without days", "every: 10d ? x", "every: 10 ? x", "unit", "10 ? x"),
        ("a remedy without its clock", "runs: 9d ? x", "name: x", "missing", "court"),
        ("a stranger as party", "party: us", "party: uss", "unknown-actor", "uss"),
        (
            "a due date that is none",
            "due: 2030-02-01",
            "due: 2030-02-31",
            "no-such-date",
            "2030-02-31",
        ),
        ("a strange keeping move", "kept by: [hit]", "kept by: [hat]", "unknown-event", "hat"),
        (
            "an order that is no level",
            "reply: tense ? x",
            "reply: tens ? x",
            "unknown-level",
            "tens ?",
        ),
        ("a list for an order", "reply: tense ? x", "reply: [tense]", "shape", "[tense]"),
        ("a calmed move", "calms: [slip]", "calms: [hit]", "rate", "hit]\n    by"),
        ("a cleared move", "calms: [slip]", "clears: [hit]", "unclaimed", "hit]\n    by"),
        ("a bloc without a stance", "left: .3 ? x", "right: .3 ? x", "unknown-bloc", "right: .3"),
    ],
)
def test_a_mistake_in_a_form_stands_where_it_was_written(
    what: str, old: str, new: str, code: str, word: str
) -> None:
    assert old in FORMS
    text = FORMS.replace(old, new, 1)
    before = text[: text.index(word)]
    place = (code, before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert place in [(d.code, d.span.line, d.span.column) for d in found(text)]


@pytest.mark.parametrize(
    ("what", "old", "new", "code"),
    [
        ("none", "", "", ""),
        ("no blocs", VOTE[VOTE.index("  blocs") :], "  blocs: {}", "missing"),
        ("a quota above the house", "quota: half", "quota: 6 seats ? x", "seats"),
        ("a quorum above the house", "quota: half", "quorum: 6 seats ? x", "seats"),
        ("seats below 0", "seats: 5", "seats: -5", "negative"),
        ("seats that vary", "5 seats", "abs(5 seats)", "not-fixed"),
        ("no date", "held: 2030-02-01 ? x", "quorum: 1 seats ? x", "missing"),
    ],
)
def test_votes(what: str, old: str, new: str, code: str) -> None:
    text = with_line("on: timer", VOTE.replace(old, new) if old else VOTE)
    if code:
        assert code in [d.code for d in found(text)]
    else:
        read_crisis(text)


@pytest.mark.parametrize(
    ("what", "text", "code"),
    [
        ("nothing", "", "empty"),
        ("a comment", "# x\n", "empty"),
        ("a list", "- a\n", "shape"),
        ("a word", "hello", "shape"),
        ("two documents", BASE + "---\na: b\n", "yaml"),
        ("a thousand brackets", "a: " + "[" * 1000 + "]" * 1000, "too-deep"),
        ("a thousand brackets in lines", "a: " + "[\n" * 1000 + "]\n" * 1000, "too-deep"),
        ("a thousand blocks", "".join("  " * i + "a:\n" for i in range(1000)), "too-deep"),
        ("a tab", BASE.replace("    by: us", "\tby: us"), "tab"),
        ("an alias bomb", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias"),
        ("a merge key", "a: &a {x: y}\nb:\n  <<: *a\n", "alias"),
    ],
)
def test_files_that_are_no_crisis(what: str, text: str, code: str) -> None:
    assert code in [d.code for d in found(text)]


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        (">-\n  .2 +\n  heart\n  ? x", 2, 7),
        ("|\n  .2 +\n  heart\n  ? x", 2, 7),
        ("'.2 + heart ? it''s x'", 0, 17),
        ('".2 + heart ? x"', 0, 17),
        ('"\\x2e2 + heart ? x"', 0, 20),
        ('".2\\t+ \\\n  heart ? x"', 1, 7),
        (".2 +\n  heart ? x", 1, 7),
    ],
)
def test_places_are_exact_inside_folded_and_quoted_values(
    written: str, line: int, column: int
) -> None:
    text = with_line("cost: .2 ? x", f"cost: {written}")
    [error] = [d for d in found(text) if d.code == "unknown-name"]
    first = LINES.index("    cost: .2 ? x") + 1
    assert (error.span.line, error.span.column) == (first + line, column)
    assert text.split("\n")[error.span.line - 1][column - 1 :].startswith("heart")


def test_all_mistakes_come_at_once() -> None:
    text = BASE.replace("by: us", "by: uss").replace(".01 ? x", ".01").replace("9d", "9")
    assert {"unknown-actor", "no-basis", "unit"} <= {d.code for d in found(text)}


# What would have worked is in these messages themselves ("takes 3 values, not 1"), or is plain.
WITHOUT_HELP = {
    "an unknown belief",
    "too many arguments",
    "too few arguments",
    "a bracket left open",
    "nothing where a value is",
    "a ladder in arithmetic",
    "a date as a number",
    "an end before the beginning",
    "a reversed interval",
    "a start outside the bounds",
    "a rest outside the bounds",
    "bounds that are reversed",
    "a half-life of 0",
    "a ladder of one level",
    "an actor that weighs itself",
    "a list for a value",
    "a value for a list",
    "neither yes nor no",
    "a key that is a list",
    "an escape beyond Unicode",
    "a belief about oneself",
    "priors that do not sum",
    "a form that is a word",
}


def test_every_error_says_where_and_what_would_have_worked() -> None:
    mistakes = [(m[0], with_line(m[1], m[2]), m[3]) for m in MISTAKES]
    mistakes += [(what, BASE + tail + "\n", code) for what, tail, code, *_ in TAILS]
    for what, text, code in mistakes:
        for d in (d for d in found(text) if d.code == code):
            assert d.span.line >= 1, what
            assert d.span.column >= 1, what
            assert d.message, what
            assert d.help or what in WITHOUT_HELP, f"{what}: no help with '{d.message}'"
    assert {what for what, *_ in mistakes} >= WITHOUT_HELP


def test_a_crisis_lasts_ten_years_at_most() -> None:
    """3,660 days: the last that may be is 7 January 2040."""
    first = dt.date(2030, 1, 1)
    longest = first + dt.timedelta(days=3659)
    read_crisis(with_line("to: 2030-03-31", f"to: {longest}"))
    longer = with_line("to: 2030-03-31", f"to: {longest + dt.timedelta(days=1)}")
    assert [(d.code, d.message, d.help) for d in found(longer)] == [
        ("dates", "3661 days are too many", "ten years at most")
    ]


@pytest.mark.parametrize("second", [".49", ".499", ".501", ".51"])
def test_probabilities_that_miss_1_by_a_thousandth_are_refused(second: str) -> None:
    types = "belief:\n  us about them:\n    types:\n      a: {prior: .5 ? x}\n"
    types += f"      b: {{prior: {second} ? x}}\n"
    among = with_line("share: .2 .. .8 ? x", f"among:\n  a: .5 ? x\n  b: {second} ? x")
    among = among.replace("precision: luck", "precision: height(luck)")
    for text in (BASE + types, among):
        assert [d.code for d in found(text)] == ["probability"]
        read_crisis(text.replace(f"{second} ? x", ".5 ? x"))


def test_the_caret_stands_under_the_characters() -> None:
    shown = render(Diagnostic(Span("f", 1, 5, 3), "c", "m"), ["日本e\u0301nun = 1"]).split("\n")
    assert shown[1:] == ["    日本e\u0301nun = 1", "         ^^^"]


def test_an_unknown_that_nothing_reads_is_a_warning(tmp_path: Path) -> None:
    scaffold.write_case(tmp_path / "a")
    file = tmp_path / "a" / "crisis.yaml"
    text = file.read_text("utf-8").replace("chance: border.risk", "chance: .5 ? x")
    file.write_text(text, "utf-8")
    case, all_found = examine(tmp_path / "a")
    assert case is not None
    assert [(d.severity, d.code) for d in all_found] == [("warning", "unused-unknown")]


# ---- whatever a person writes ------------------------------------------------------------


def reads_or_explains(text: str) -> Crisis | None:
    """No text is answered by anything but a crisis or a CaseError with places in the text."""
    try:
        return read_crisis(text)[0]
    except CaseError as error:
        diagnostics = error.diagnostics
    assert diagnostics
    lines = text.split("\n")
    for d in diagnostics:
        assert 1 <= d.span.line <= text.count("\r") + len(lines)
        assert d.span.column >= 1
        render(d, lines)
    return None


def mutated(text: str, seed: int, times: int) -> str:
    """The text with characters and lines deleted, doubled, moved or replaced."""
    die = random.Random(seed)
    for _ in range(times):
        lines = text.split("\n")
        i, j = die.randrange(len(lines)), die.randrange(len(lines))
        at = die.randrange(len(text) + 1)
        kind = die.randrange(6)
        if kind == 0:
            text = text[:at] + text[at + die.randint(1, 3) :]
        elif kind == 1:
            text = text[:at] + die.choice("?@~:#[]{}()'\"&*!|>%-=<,. \n\t0é") + text[at:]
        elif kind == 2:
            lines[i], lines[j] = lines[j], lines[i]
        elif kind == 3:
            del lines[i]
        elif kind == 4:
            lines.insert(j, lines[i])
        else:
            lines[i] = re.sub(r": .*", die.choice([":", ": {}", ": []", ": 0", ": a"]), lines[i])
        if kind > 1:
            text = "\n".join(lines)
    return text


EXPRESSION = st.text(alphabet="0123456789.ax_ +-*/^()<>=!?@~,[]d%\"'", max_size=40)


@settings(derandomize=True, deadline=None, max_examples=150)
@example("\x00")
@example("a: !!python/object:x {}")
@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    reads_or_explains(text)


@settings(derandomize=True, deadline=None, max_examples=250)
@example("0000-00-00")
@example("((((((((((((1<1)<1)<1)<1)<1)<1)<1)<1)<1)<1)<1)<1)")
@given(EXPRESSION)
def test_any_expression(value: str) -> None:
    reads_or_explains(with_line("cost: .2 ? x", "cost: '" + value.replace("'", "''") + "'"))


SCAFFOLD = (scaffold.block(scaffold.SMALLEST) / "crisis.yaml").read_text("utf-8")


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from([BASE, FORMS, SCAFFOLD]), st.integers(0, 10**9), st.integers(1, 6))
def test_any_slip_in_a_valid_file(text: str, seed: int, times: int) -> None:
    reads_or_explains(mutated(text, seed, times))


@settings(
    derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
@given(crises(), st.integers(0, 10**9), st.integers(1, 4))
def test_any_slip_in_any_crisis(text: str, seed: int, times: int) -> None:
    reads_or_explains(mutated(text, seed, times))


def built(tree: Mapping, before: Readers | None = None) -> tuple[Crisis | None, Readers]:
    found = Diagnostics()
    return build(expand(tree, found), found, None, Phrases({}), before)


def tree(text: str) -> Mapping:
    root = parse(text, "crisis.yaml", Diagnostics())
    return root if isinstance(root, Mapping) else Mapping((), Span("crisis.yaml", 1, 1))


def reread(old: str, new: str) -> set[str]:
    """Which elements were read again when `old` had been read and became `new`."""
    was, readers = built(tree(old))
    crisis, _ = built(tree(new), readers)
    assert was is not None
    assert crisis is not None
    kept = dict(elements(was))
    return {name for name, e in elements(crisis) if e is not kept[name]}


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from([BASE, FORMS, SCAFFOLD]), st.integers(0, 10**9), st.integers(1, 6))
def test_what_was_read_before_changes_nothing_that_is_read_or_found(
    text: str, seed: int, times: int
) -> None:
    """The file was sound, or had slips; it has others now, as an editor meets it."""
    slipped = tree(mutated(text, seed, times))
    crisis, readers = built(slipped)
    for before in (text, mutated(text, seed + 1, times)):
        again, rereaders = built(slipped, built(tree(before))[1])
        assert again == crisis
        assert rereaders.found.found == readers.found.found


def test_an_entry_that_stands_as_it_stood_is_not_read_again() -> None:
    assert reread(BASE, BASE) == set()
    assert reread(BASE, with_line("cost: .2 ? x", "cost: .3 ? x")) == {"event hit"}


def test_an_entry_that_is_not_read_again_is_doubted_again() -> None:
    """Other entries decide what its values can be: a chance, an amount, a half-life."""
    text = BASE.replace("\n    now: 2 ? x", "\n    now: 2 ? x\n    fades: 8d [? x] * luck")
    text = text.replace("cost: .2 ? x", "outcomes: {good: {chance: luck}}")
    slipped = tree(text.replace("share: .2 .. .8", "between: -2 .. .8"))
    _, readers = built(slipped, built(tree(text))[1])
    assert [d.code for d in readers.found.found] == ["half-life", "beyond", "beyond"]


def test_among_other_names_everything_is_read_again() -> None:
    """A level has another height, so what compares with it means something else."""
    other = with_line("ladder: [calm, tense, war]", "ladder: [calm, war, tense]")
    crisis, _ = built(tree(BASE))
    assert crisis is not None
    assert reread(BASE, other) == {name for name, _ in elements(crisis)}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.sampled_from("ab \n\t'\"\\:é日"), max_size=30).map("".join))
def test_a_place_points_at_the_character_it_stands_for(words: str) -> None:
    quoted = '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    tree = parse(f"key: {quoted.replace(chr(9), ' ')}", "f", Diagnostics())
    assert isinstance(tree, Mapping)
    value = tree.get("key")
    assert isinstance(value, Text)
    source = f"key: {quoted.replace(chr(9), ' ')}"
    for i, character in enumerate(value.value):
        at = source[value.at(i).column - 1]
        assert at == character or at == "\\"


# ---- line by line ------------------------------------------------------------------------

COMPACT = """\
a: {b: .2 .. .8 ? x, c: [d e, "f, g"], h: {i: []}}   # why
j:
- k: 1 ? Iran's
  l: 'm: n'
- {o: -1 ~P1}
p: [q, r]
"""
SHIPPED = [path.read_text("utf-8") for case in shipped().values() for path in case.rglob("*.yaml")]


def agree(text: str) -> bool:
    """Whether `text` is read line by line, and then in the same way as by the general reader."""
    tree = read_lines(text, "f")
    found = Diagnostics()
    if tree is not None:
        assert with_places(tree) == with_places(read_any(text, "f", found))
        assert not found.found
    return tree is not None


def with_places(node: Node | None) -> object:
    """A tree as plain values, each with its span and the place of every character."""
    if isinstance(node, Text):
        return node.value, node.span, [node.at(i) for i in range(len(node.value) + 1)]
    if isinstance(node, Sequence):
        return node.span, [with_places(item) for item in node.items]
    assert node is not None
    return node.span, [(with_places(key), with_places(value)) for key, value in node]


@pytest.mark.parametrize("text", [BASE, FORMS, SCAFFOLD, COMPACT, SHIPPED[0], SHIPPED[1]])
def test_a_plain_file_is_read_line_by_line_and_as_yaml_has_it(text: str) -> None:
    assert agree(text)


def test_every_file_of_the_shipped_cases_is_read_line_by_line() -> None:
    """Else the large case would take a second and more to read."""
    assert all(read_lines(text, "f") is not None for text in SHIPPED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: |\n  b",
        "a: >-\n  b",
        "a: b\n  c",
        "a: &x b",
        "a: *x",
        "a: !!str b",
        "a: b: c",
        "a: [b,\n c]",
        "a: 1\na: 2",
        "a:\n  b: 1\n c: 2",
        "- a\n- b",
        "--- a",
        "a:\tb",
        "? a\n: b",
        "a: [b c: d]",
        "a: @b",
        "a: ''",
        'a: "\\x41"',
        "a: {b}",
        "a: [b] c",
        "a: -",
        "a: - b",
        " a: 1\nb: 2",
    ],
)
def test_whatever_is_not_plain_is_left_to_the_general_reader(text: str) -> None:
    assert read_lines(text, "f") is None


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from([BASE, FORMS, SCAFFOLD, COMPACT]), st.integers(0, 10**9), st.integers(1, 4))
def test_after_any_slip_the_two_readers_agree_where_both_read(
    text: str, seed: int, times: int
) -> None:
    slipped = mutated(text, seed, times)
    if not STRANGE.search(slipped):
        agree(slipped)
