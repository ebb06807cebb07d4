"""From a passage to the model: a number with its mark, a citation, a new entry, a reason to leave
out. What is meant changes, and nothing else; what would be wrong is refused before a write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import offramp
from offramp import CaseError, Mistake, Unanswerable
from offramp.case.scaffold import BLANK, write_case
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.language.crisis import Datum, data, elements
from offramp.language.expressions import tokens_of
from offramp.language.sizing import Mark, sized
from offramp.text.diagnostics import Span
from offramp.text.splices import NoPlace, exchanged, listed, place_of
from offramp.text.tree import Text

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
NAMES = ("tutorial", "quarantine", "us-iran-2020")
CASES = {name: offramp.load(name) for name in NAMES}
NUMBERS = {name: offramp.numbers(case) for name, case in CASES.items()}
MARKS = (
    Mark("stated", ("T3",)),
    Mark("sized", ("T3", "T5")),
    Mark("assumed", (), "nobody knows, so a guess"),
)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(Path(offramp.__file__).parent / "cases/tutorial", tmp_path / "mine")
    )


def after(value: str, number: str, new: str, mark: Mark) -> str:
    """A value with one of its numbers, which stands there once, given another size and mark."""
    for start, end, put in sorted(sized(read(value), value.index(number), new, mark), reverse=True):
        value = value[:start] + put + value[end:]
    return value


def read(value: str) -> Text:
    return Text(value, Span("a.yaml", 1, 1))


@pytest.mark.parametrize(
    ("value", "number", "new", "then"),
    [
        ("300 boats @T13", "300", "280", "280 boats ~T3"),
        ("300 boats @T13", "300", "280 boats", "280 boats ~T3"),
        ("14d ? a guess", "14", "20", "20d ~T3"),
        ("-1.2 ~T9 * debt", "1.2", ".8", "-.8 ~T3 * debt"),
        ("-1.2 * debt ~T9", "1.2", ".8", "-.8 * debt ~T3"),
        ("-1.2 * debt ~T9", "1.2", "1", "-1 ~T3 * debt"),  # a mark reaches a 1 only right behind it
        ("2 [? a lot] * prospect(x - 1, 3 @T7)", "2", "4", "4 ~T3 * prospect(x - 1, 3 @T7)"),
        (".5 .. 2 ? wide", "2", "3", ".5 [? wide] .. 3 ~T3"),
        (".5 .. 2 ? wide", ".5", ".3", ".3 ~T3 .. 2 ? wide"),
        (".1 + .25*(x >= 2) ? quick", ".25", ".3", ".1 [? quick] + .3 ~T3 *(x >= 2) ? quick"),
        (".1 + .25*(x >= 2) ~T8", ".1", ".3", ".3 ~T3 + .25*(x >= 2) ~T8"),
        ("2031-05-10 @T13", "2031-05-10", "2031-05-11", "2031-05-11 ~T3"),
        ("2 * x ? a reason with 2 [in brackets]", "2", "3", "3 * x ~T3"),
    ],
)
def test_the_old_mark_is_gone_and_others_keep_theirs(
    value: str, number: str, new: str, then: str
) -> None:
    assert after(value, number, new, Mark("sized", ("T3",))) == then


def test_a_reason_that_is_not_the_last_of_a_value_stands_in_brackets() -> None:
    mark = Mark("assumed", (), "a guess,  of two lines\n")
    assert after("2 ~T1 * x + 3 ~T2", "2", "4", mark) == "4 [? a guess, of two lines] * x + 3 ~T2"
    assert after("2 ~T1 * x + 3 ~T2", "3", "4", mark) == "2 ~T1 * x + 4 ? a guess, of two lines"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("35%", "35% is .35"),
        ("-3", "the sign stands before"),
        ("3 ships", "is no number"),
        ("", "is no number"),
        ("3 @T1", "is no number"),
        ("2031-05-10", "is no number"),
        ("1e400x", "is no number"),
    ],
)
def test_what_is_no_number_is_told_with_what_is_one(new: str, words: str) -> None:
    with pytest.raises(Mistake, match=words):
        sized(read("300 boats @T13"), 0, new, MARKS[0])


def test_a_mark_is_a_forced_choice_and_never_empty() -> None:
    for wrong in (
        ("stated", (), ""),
        ("sized", (), "x"),
        ("assumed", ("T3",), " "),
        ("assumed", (), "a ] b"),
    ):
        with pytest.raises(Mistake):
            Mark(*wrong)


def test_what_cannot_be_said_in_a_value_is_refused() -> None:
    """A reason that holds a bracket cannot be put into brackets for the numbers before."""
    with pytest.raises((NoPlace, Mistake)):
        sized(read(".1 + .25*x ? as in [1] then"), 5, ".3", MARKS[0])
    with pytest.raises(NoPlace, match="no number begins"):
        sized(read("2 * x ~T1"), 4, "3", MARKS[0])


# ---- over all numbers of the shipped cases ------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_one_number_changes_and_nothing_else(data_: st.DataObject) -> None:
    """Of the model, by the language's own reader: every other number keeps size and mark; of the
    file: every other line is the same to the byte."""
    name = data_.draw(st.sampled_from(NAMES))
    n = data_.draw(st.sampled_from(NUMBERS[name]))
    mark = data_.draw(st.sampled_from(MARKS))
    case, (file, line, column) = CASES[name], n.place.split(":")
    text = case.texts.texts[file]
    ends = data_.draw(st.sampled_from(["\n", "\r\n"]))
    text = data_.draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", ends)
    path, offset = place_of(text, int(line), int(column))
    value = value_at(text, path)
    assert value.value[offset:].startswith(n.number)
    new = "2031-05-12" if "-" in n.number else data_.draw(st.sampled_from(["7", ".25", "1", "0"]))
    try:
        pieces = sized(value, offset, new, mark)
    except NoPlace:
        assert "]" in value.value  # a reason with a bracket in it
        return
    made = exchanged(text, path, pieces)
    was, now = words(value), words(value_at(made, path))
    place = sum(1 for t in tokens_of(value) if t.kind != "mark" and t.start < offset)
    assert now[place] == (new, mark.grade, mark.passages, mark.reason)
    assert [*now[:place], *now[place + 1 :]] == [*was[:place], *was[place + 1 :]]
    lines = value.places or ((int(line), 0),)
    first, last = lines[0][0] - 1, lines[-1][0]
    before, behind = text.split(ends), made.split(ends)
    assert (before[:first], before[last:]) == (
        behind[:first],
        behind[len(behind) - len(before) + last :],
    )


def value_at(text: str, path: tuple[str | int, ...]) -> Text:
    from offramp.case.writing import node_at

    found = node_at(text.replace("\r\n", "\n"), path)
    assert isinstance(found, Text)
    return found


def words(value: Text) -> list[tuple[object, ...]]:
    """The words of a value, of each number by which mark it stands there."""
    return [
        (t.text, t.basis.grade, t.basis.passages, t.basis.reason) if t.basis else (t.text,)
        for t in tokens_of(value)
        if t.kind != "mark"
    ]


def test_the_numbers_of_a_case_are_those_that_are_counted() -> None:
    for name, case in CASES.items():
        spans = {at(d.span) for address, part in elements(case.crisis) for d in data(address, part)}
        listed = {n.place for n in NUMBERS[name]}
        assert listed <= spans
        assert len(listed) == len(NUMBERS[name]) > 20
        # What is left out stands nowhere as a number: a form brought it.
        left = [d for a, p in elements(case.crisis) for d in data(a, p) if at(d.span) not in listed]
        assert all(str(d.value).removesuffix(".0") not in shown(case, d) for d in left)


def at(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.column}"


def shown(case: offramp.Case, d: Datum) -> str:
    """What stands in the file at a number's place."""
    line = case.texts.texts[str(d.span.file)].splitlines()[d.span.line - 1]
    return line[d.span.column - 1 : d.span.column - 1 + d.span.length]


def test_an_item_is_added_to_a_list() -> None:
    assert listed("a: [x, y]  # c\n", ("a",), "z") == "a: [x, y, z]  # c\n"
    assert (
        listed("a:\n  - x\n  - y  # c\nb: 1\n", ("a",), "z")
        == "a:\n  - x\n  - y  # c\n  - z\nb: 1\n"
    )
    with pytest.raises(NoPlace):
        listed("a: x\n", ("a",), "z")


# ---- in a case -----------------------------------------------------------------------------------


def test_nothing_is_written_until_it_is_wanted_and_it_can_be_taken_back(mine: Path) -> None:
    before = (mine / "crisis.yaml").read_bytes()
    (n,) = offramp.numbers(mine, "season_opens")
    shown = offramp.set_number(mine, n.place, "280", grade="sized", passages=["T13"])
    assert not shown.written
    assert (mine / "crisis.yaml").read_bytes() == before
    assert [(sign, text.strip()[-24:]) for sign, _, text in shown.lines if sign != " "] == [
        ("-", "[boats = 300 boats @T13]}"[-24:]),
        ("+", "[boats = 280 boats ~T13]}"[-24:]),
    ]
    offramp.set_number(mine, n.place, "280", grade="sized", passages=["T13"], apply=True)
    (now,) = offramp.numbers(mine, "season_opens")
    assert (now.number, now.grade, now.passages) == ("280", "sized", ("T13",))
    assert offramp.undo(mine).reason == "event / season_opens / does: 280 ~T13"
    assert (mine / "crisis.yaml").read_bytes() == before


def test_a_file_with_a_byte_order_mark_keeps_it(mine: Path) -> None:
    file = mine / "crisis.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    before = file.read_bytes()
    (n,) = offramp.numbers(mine, "season_opens")
    offramp.set_number(mine, n.place, "280", grade="sized", passages=["T13"], apply=True)
    assert file.read_bytes() == before.replace(b"300 boats @T13]", b"280 boats ~T13]")


def test_what_would_be_wrong_is_told_first_and_not_written(mine: Path) -> None:
    before = (mine / "crisis.yaml").read_bytes()
    (share,) = [n for n in offramp.numbers(mine, "state anger") if n.number == ".5"]
    shown = offramp.set_number(mine, share.place, "5", grade="assumed", because="too much")
    assert shown.found
    with pytest.raises(CaseError):
        offramp.set_number(mine, share.place, "5", grade="assumed", because="x", apply=True)
    assert (mine / "crisis.yaml").read_bytes() == before
    assert not (mine / ".offramp").exists()


def test_a_number_may_be_mended_in_a_case_with_another_fault(mine: Path) -> None:
    """What is wrong already is not held against an edit; a case that cannot be read is told."""
    (mine / "facts.yaml").write_text("facts: [", encoding="utf-8")
    (n,) = offramp.numbers(mine, "season_opens")
    made = offramp.set_number(mine, n.place, "280", grade="sized", passages=["T13"], apply=True)
    assert made.written
    (mine / "crisis.yaml").write_text("crisis: [", encoding="utf-8")
    with pytest.raises(CaseError):
        offramp.set_number(mine, n.place, "300", grade="sized", passages=["T13"])


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("crisis.yaml", Mistake),
        ("crisis.yaml:0:0", Unanswerable),
        ("crisis.yaml:1:1", Unanswerable),  # a comment
        ("crisis.yaml:9999:1", Unanswerable),
        ("../crisis.yaml:1:1", Mistake),
        ("history.csv:2:1", Mistake),
        ("nothing.yaml:1:1", Mistake),
        ("crisis.yaml:134:78", Unanswerable),  # within a number
    ],
)
def test_a_place_that_is_none_is_told(place: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        offramp.set_number("tutorial", place, "1", grade="assumed", because="x")


def test_passages_of_a_mark_are_the_cases(mine: Path) -> None:
    (n,) = offramp.numbers(mine, "season_opens")
    with pytest.raises(Mistake, match=r"no passage 'T133'.*T13"):
        offramp.set_number(mine, n.place, "1", grade="stated", passages=["T133"])
    with pytest.raises(Mistake, match="no passage"):
        offramp.cite_element(mine, "event fog", "X1")


def test_an_element_cites_a_passage_once(mine: Path) -> None:
    offramp.cite_element(mine, "actor league", "T25", apply=True)
    text = (mine / "crisis.yaml").read_text("utf-8")
    assert "role: mediator, cites: [T26, T38, T25]}" in text
    offramp.cite_element(mine, "event cable_cut", "T16", apply=True)
    assert "\n    cites: [T16]\n  fog:" in (mine / "crisis.yaml").read_text("utf-8")
    assert "event cable_cut" in offramp.resting(offramp.load(mine))["T16"]
    with pytest.raises(Unanswerable, match="already"):
        offramp.cite_element(mine, "event cable_cut", "T16")
    with pytest.raises(Unanswerable, match="no entry"):
        offramp.cite_element(mine, "event nothing", "T16")


def test_a_passage_is_left_out_with_a_reason(mine: Path) -> None:
    assert not (mine / "coverage.yaml").exists()
    words = "The League is no army, yet it is no crowd either."
    new = offramp.add_passage(mine, "ilvane", words, paraphrase="neither soldiers nor a mob").id
    offramp.leave_out(mine, new, "a remark on style", apply=True)
    row = next(r for r in offramp.coverage(mine).rows if r.id == new)
    assert (row.status, row.reason) == ("left out", "a remark on style")
    with pytest.raises(Mistake):
        offramp.leave_out(mine, "T39", "  ")
    offramp.undo(mine)
    assert not (mine / "coverage.yaml").exists()


def test_what_comes_with_offramp_is_shown_and_not_written() -> None:
    (n,) = offramp.numbers("tutorial", "season_opens")
    assert offramp.set_number("tutorial", n.place, "280", grade="sized", passages=["T13"]).lines
    with pytest.raises(Unanswerable, match="comes with Offramp"):
        offramp.set_number("tutorial", n.place, "280", grade="sized", passages=["T13"], apply=True)


# ---- new entries ---------------------------------------------------------------------------------

SAID = {  # of each form the least that it asks, in the tutorial
    "quantity": {"title": "Tea: drunk #1", "now": "2"},
    "ladder": {"title": "Weather", "levels": "calm, Storm at sea", "now": "calm"},
    "unknown": {"title": "Depth", "low": "1", "high": "3"},
    "actor": {"title": "Ostrava", "want": "quiet", "quantity": "rung"},
    "want": {"actor": "kelmark", "title": "quiet, at last", "quantity": "anger", "size": ".3"},
    "move": {"actor": "kelmark", "title": "A vow", "quantity": "anger", "size": ".1"},
    "chance": {"title": "A storm", "often": "3", "quantity": "rung", "size": "crowding"},
    "dated": {"title": "A vote", "on": "2031-05-11", "quantity": "anger", "size": ".1"},
    "weighs": {"actor": "skippers", "other": "kelmark"},
    "outcome": {
        "event": "fog",
        "title": "A hull: broken",
        "chance": ".2",
        "quantity": "boats",
        "sign": "-",
        "size": "1",
    },
    "condition": {"event": "fog", "quantity": "rung", "size": "boarding"},
    "question": {"title": "A swarm?", "event": "swarm", "resolves": "the harbour master"},
}


@pytest.mark.parametrize("form", [f.id for f in offramp.forms()])
@pytest.mark.parametrize("mark", MARKS)
def test_every_form_writes_what_checks_and_bears_its_mark(
    mine: Path, form: str, mark: Mark
) -> None:
    given = {"grade": mark.grade, "passages": mark.passages, "because": mark.reason}
    made = offramp.add_element(mine, form, SAID[form], apply=True, **given)  # type: ignore[arg-type]
    assert {sign for sign, _, _ in made.lines} == {"+", " "}  # nothing goes
    case = offramp.load(mine)
    assert not [d for d in offramp.check(mine).found if d.severity == "error"]
    if form == "ladder":
        assert f"now: calm {mark.written()}\n" in (mine / "crisis.yaml").read_text("utf-8")
    elif form == "condition":
        assert f"    when: rung >= boarding {mark.written()}\n" in (mine / "crisis.yaml").read_text(
            "utf-8"
        )
    elif form not in ("question", "weighs"):
        told = offramp.numbers(case)
        old = {n.place: n for n in NUMBERS["tutorial"]}
        assert len(told) > len(old)
        counted = [n.grade for n in told].count(mark.grade)
        assert counted > [n.grade for n in NUMBERS["tutorial"]].count(mark.grade)
    elif form == "question" and mark.passages:
        assert next(q for q in case.questions if q.id == "a_swarm").cites == mark.passages
    if "title" in SAID[form]:
        fields = {**SAID[form], "title": "Another"}
        assert not offramp.add_element(mine, form, fields, **given).found  # type: ignore[arg-type]
    else:
        with pytest.raises(Unanswerable, match="already"):
            offramp.add_element(mine, form, SAID[form], **given)  # type: ignore[arg-type]


def test_a_passage_may_speak_of_another_number_of_a_form(mine: Path) -> None:
    fields = SAID["quantity"] | {"half_life": "20"}
    made = offramp.add_element(
        mine, "quantity", fields, grade="stated", passages=["T34"], of="half_life"
    )
    text = "\n".join(line for sign, _, line in made.lines if sign == "+")
    assert "now: 2 ? a first guess" in text
    assert "fades: 20d @T34" in text
    low = offramp.add_element(
        mine, "unknown", SAID["unknown"], grade="sized", passages=["T3"], of="low"
    )
    assert not low.found
    assert "between: 1 ~T3 .. 3 ? a first guess" in low.after
    for of in ("title", "nothing"):
        with pytest.raises(Mistake, match="speaks of one of low, high"):
            offramp.add_element(
                mine, "unknown", SAID["unknown"], grade="sized", passages=["T3"], of=of
            )
    with pytest.raises(Mistake, match="it is empty"):
        offramp.add_element(
            mine, "quantity", SAID["quantity"], grade="sized", passages=["T3"], of="half_life"
        )


def test_a_calendar_is_no_number_of_the_model(mine: Path) -> None:
    """Twice a year is one number, and the days of a year are none."""
    before = len(offramp.numbers(mine))
    offramp.add_element(mine, "chance", SAID["chance"], grade="stated", passages=["T3"], apply=True)
    new = offramp.numbers(mine, "a storm")
    assert len(offramp.numbers(mine)) == before + 1
    assert [(n.number, n.passages) for n in new] == [("0.00822", ("T3",))]  # 3 / 365
    assert "about: 3 times a year" in (mine / "crisis.yaml").read_text("utf-8")


def test_a_ladder_goes_up_to_a_level_or_down_to_one() -> None:
    for sign, then in (("+", "rung >= boarding"), ("-", "rung <= boarding")):
        fields = SAID["chance"] | {"size": "Boarding", "sign": sign}
        made = offramp.add_element("tutorial", "chance", fields, grade="assumed", because="x")
        assert f"does: [{then} ? a first guess]" in made.after
        assert not made.found


def test_a_hazard_has_ends_too(tmp_path: Path) -> None:
    write_case(tmp_path / "mine")
    fields = {
        "event": "border_incident",
        "title": "Quiet",
        "chance": ".1",
        "quantity": "tension",
        "sign": "-",
        "size": "calm",
    }
    made = offramp.add_element(
        tmp_path / "mine", "outcome", fields, grade="assumed", because="x", apply=True
    )
    assert (
        "      quiet:\n        chance: .1 ? x\n        does: [tension <= calm ? a first guess]"
        in made.after
    )
    (event,) = [
        e for e in offramp.load(tmp_path / "mine").crisis.events if e.name == "border_incident"
    ]
    assert [o.name for o in event.outcomes] == ["ugly", "quiet"]


@pytest.mark.parametrize(
    ("form", "fields", "argument"),
    [
        ("nothing", {}, "form"),
        ("move", {"actor": "kelmarck"}, "actor"),
        ("move", {"actor": "kelmark", "title": ""}, "title"),
        ("move", SAID["move"] | {"size": "much"}, "size"),
        ("move", SAID["move"] | {"quantity": "rung"}, "size"),  # a ladder goes to a level
        ("quantity", {"title": "x", "now": "1, 2"}, "now"),
        ("ladder", {"title": "x", "levels": "one", "now": "one"}, "levels"),
        ("ladder", {"title": "x", "levels": "one, two", "now": "three"}, "now"),
        ("dated", SAID["dated"] | {"on": "11 May"}, "on"),
        ("question", {"title": "x", "resolves": "y"}, "event"),
        ("question", {"title": "x", "resolves": "y", "quantity": "rung"}, "level"),
        ("want", SAID["want"] | {"strange": "1"}, "strange"),
        ("want", SAID["want"] | {"size": "-2"}, "size"),
        ("chance", SAID["chance"] | {"often": "one in ten"}, "often"),
        ("actor", SAID["actor"] | {"title": "KELMARK"}, "title"),  # there is one already
        ("weighs", {"actor": "kelmark", "other": "kelmark"}, "other"),
        ("question", SAID["question"] | {"quantity": "rung", "level": "war"}, "event"),
    ],
)
def test_a_field_that_does_not_fit_is_named(
    form: str, fields: dict[str, str], argument: str
) -> None:
    with pytest.raises(Mistake) as told:
        offramp.add_element("tutorial", form, fields, grade="assumed", because="x")
    assert told.value.argument == argument


# ---- the whole way -------------------------------------------------------------------------------

TEXT = """Aster and Borea both claim the Corin shoal. Aster sent three patrols in May; Borea answers
each patrol with one of its own. A clash would cost either government its ports. About twice a year
ships collide there. The anger of the fishermen fades within a month. An election in Borea is due on
3 March 2030."""


@compiled
def test_a_case_is_made_from_a_text_by_forms_alone(tmp_path: Path) -> None:
    """From an empty block to two actors that answer each other: no offset, no hash, no YAML."""
    folder = tmp_path / "shoal"
    folder.mkdir()
    (folder / "note.txt").write_text(TEXT, encoding="utf-8")
    (text,) = write_case(folder, BLANK)
    cite = ["claim the Corin shoal", "answers\neach patrol", "A clash would cost", "twice a year"]
    ids = [offramp.add_passage(folder, text.id, w, paraphrase="said there").id for w in cite]

    def add(form: str, passage: str, **fields: str) -> None:
        offramp.add_element(folder, form, fields, grade="sized", passages=[passage], apply=True)

    for name in ("Aster", "Borea"):
        add("quantity", ids[1], title=f"{name} grievance", now="1", half_life="30")
    for name in ("Aster", "Borea"):
        own = f"{name.lower()}_grievance"
        add("actor", ids[1], title=name, want="a grievance", quantity=own, size=".8")
        add("want", ids[2], actor=name.lower(), title="no clash", quantity="rung", size="2")
    for name, other in (("aster", "borea"), ("borea", "aster")):
        more = {"quantity_2": f"{other}_grievance", "sign_2": "+", "size_2": ".5"}
        less = {"quantity": f"{name}_grievance", "sign": "-", "size": ".5"}
        add("move", ids[1], actor=name, title="A patrol", cost=".2", **less, **more)
    add("chance", ids[3], title="A collision", often="2", quantity="rung", size="incident")
    add(
        "question",
        ids[1],
        title="Five patrols?",
        event="aster.a_patrol",
        times="5",
        resolves="logs",
    )
    case = offramp.load(folder)
    assert [a.name for a in case.crisis.actors] == ["aster", "borea"]
    shares = {a.id: a.probability for a in offramp.forecast(case, worlds=400).answers}
    assert 0.02 < (shares["five_patrols"] or 0) < 0.98
    # They answer each other: without Borea's patrols Aster has less to answer.
    calm = offramp.edit(case, {"never": ["borea.a_patrol"]})
    old, new = (s.grown(1000) for s in offramp.session(case, calm))
    moved = next(d for d in offramp.differences(old, new) if d.id == "five_patrols")
    assert moved.value < -3 * moved.error


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["model", *words])


def test_the_commands_say_what_they_write(mine: Path) -> None:
    found = run("numbers", str(mine), "season_opens")
    assert "End of the closed season (event season_opens)" in found.output
    place = next(w for w in found.output.split() if w.startswith("crisis.yaml:"))
    shown = run("set", str(mine), place, "280", "--supports", "T13")
    assert "+   season_opens: {name" in shown.output
    assert "nothing was written" in shown.output
    assert run("set", str(mine), place, "280").exit_code == 2
    assert run("set", str(mine), place, "280", "--states", "T1", "--ours", "x").exit_code == 2
    done = run(
        "add",
        str(mine),
        "want",
        "actor=kelmark",
        "title=quiet",
        "quantity=anger",
        "--ours",
        "a guess",
        "--apply",
    )
    assert "written: actor kelmark / wants / quiet added" in done.output
    assert "no field" not in run("forms").output
    assert run("add", str(mine), "want", "quiet", "--ours", "x").exit_code == 2
    assert run("cite", str(mine), "event fog", "T14", "--apply").exit_code == 0
    assert run("leave", str(mine), "T39", "style", "--apply").exit_code == 0
