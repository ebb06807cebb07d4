"""The rooms of the US-Iran case: each mechanism works in the model, and each page tells it.

A mechanism is shown by arms: the crisis with and without an edit, on common dice. Where an author
claims a direction, the arms must differ by more than three standard errors; where a rule of
procedure is meant (a clock, a quorum, a veto), every world must obey it.
"""

from __future__ import annotations

import functools
import html
import itertools
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from offramp.case.case import Case, load
from offramp.case.rooms import MOST, Room, homeless
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.engine.blocks import worlds as blocks
from offramp.engine.monitors import Monitor
from offramp.engine.plan import plan
from offramp.engine.run import RunSpec
from offramp.engine.world import create
from offramp.engine.world import live as lived_days
from offramp.language.crisis import Crisis, Event
from offramp.language.edits import edited, read_edits
from offramp.language.expressions import Number, SourcedValue
from offramp.render.brief import svg
from offramp.render.pages.diagram import MIDDLE, diagram, titles_of
from offramp.render.pages.pages import Lived, Section, content, files_of, index, live
from offramp.render.pages.signs import DOWN, OPEN, UP, Reader, influences
from offramp.text.diagnostics import CaseError, Diagnostics
from offramp.text.yaml import parse

WORLDS = 256
compiled = pytest.mark.skipif(not machinery.available(), reason="hundreds of worlds need Numba")


@functools.cache
def case(name: str = "us-iran-2020") -> Case:
    return load(name)


@functools.cache
def rooms(name: str = "us-iran-2020") -> tuple[Room, ...]:
    return case(name).rooms


# ---- arms ----------------------------------------------------------------------------------

# Arms in pairs. Edits of one arm that stand beside each other touch rooms apart, so that each
# contrast below has one cause; what is forced by the calendar is checked world by world.
EDITS = {
    "base": "never: []",
    "spared": "never: [us.kill_soleimani]",
    "rung high": "hold: {rung: exchange ? arm}",
    "rung low": "hold: {rung: harassment ? arm}",
    "blows high": "hold: {blows: 4 ? arm}",
    "blows low": "hold: {blows: 0 ? arm}",
    "line low": "set: {us.tau: attack ~Q6}",
    "line high": "set: {us.tau: several ~B12}",
    "held firm": "set: {order: hold ~A94, c: .95 ? arm}\nnever: [iran.order_low, iran.order_free]",
    "held loose": "set: {order: hold ~A94, c: .15 ? arm}\nnever: [iran.order_low, iran.order_free]",
    "let loose": "set: {order: free ~M32, c: .95 ? arm}\nnever: [iran.order_hold, iran.order_low]",
    "clear": "set: {attr: .98 ? arm}",
    "dark": "set: {attr: .05 ? arm}",
    "democrat": "outcome: {us_election: democrat}",
    "republican": "outcome: {us_election: republican}",
    "one": """
force:
  plane_downing: [2020-01-08]
  us.threaten_iraq: [2020-01-10]
  line_cut: [2020-01-20]
  us.ease_sanctions: [2020-02-01]
  pakistan.shuttle: [2020-02-10]
  jcpoa.undo: [2020-02-20]
  iran.npt_notice: [2020-03-01]
  iq.formal_notice: [2020-03-01]
never: [iran.withdraw_notice, iq.agree_on_troops, us.extend_waiver, jcpoa.step]
""",
    "other": """
force:
  us.extend_waiver: [2020-01-25, 2020-02-25, 2020-03-25]
  iran.npt_notice: [2020-03-01]
  iran.withdraw_notice: [2020-04-01]
  iq.formal_notice: [2020-03-01]
  iq.agree_on_troops: [2020-05-01]
never: [plane_downing, us.threaten_iraq, us.ease_sanctions]
""",
    "plenty": """
hold:
  us_iq_coop: yes ? arm
  iq_power_shortage: .9 ? arm
  gulf_confidence: .1 ? arm
  alert: .9 ? arm
  iran_hardship: .95 ? arm
  us_sanctions_iran: lifted ? arm
  iq_anti_us: .95 ? arm
force: {iq.sadr.table_law: [2020-02-01]}
""",
    "little": """
set: {enrich_level: pct_60 ? arm}
hold:
  us_iq_coop: no ? arm
  iq_power_shortage: .1 ? arm
  gulf_confidence: .9 ? arm
  alert: .05 ? arm
  iran_hardship: .1 ? arm
  iq_anti_us: .05 ? arm
force: {iq.sadr.table_law: [2020-02-01]}
""",
    "line open": """
rate: {broad_war: 30 ? arm}
hold: {mediation_channel.open: yes ? arm, rung: strike_on_proxy ? arm, un_sanctions: no ? arm}
""",
    "line shut": """
rate: {broad_war: 30 ? arm}
hold: {mediation_channel.open: no ? arm, rung: strike_on_proxy ? arm, un_sanctions: yes ? arm}
""",
}
CHAMBERS = ("willing", "unwilling")

Values = NDArray[np.float64]
Watched = tuple[str, str, str, str]
ALL = ("2020-01-03", "2020-12-31")
NEVER = 364  # the day after the last, as `first` gives it


def day_of(day: str) -> int:
    return (date.fromisoformat(day) - case().crisis.first).days


@functools.cache
def crisis_of(name: str) -> Crisis:
    """The crisis of an arm."""
    if name in CHAMBERS:
        return chambers(name == "willing")
    found = Diagnostics()
    readers = case().readers(found)
    edits = read_edits(parse(EDITS[name], name, found), case().crisis, readers)
    assert not found.errors, [d.message for d in found.errors]
    return edited(case().crisis, edits)


def chambers(willing: bool) -> Crisis:
    """Votes at their edges. Willing: all present vote yes, and 165 seats or more are present.
    Unwilling: all present vote yes too, but few are present, one ally objects, one power vetoes."""
    span = case().crisis.events[0].span

    def number(value: float) -> SourcedValue:
        return SourcedValue(Number(value, "", None, span), (), f"{value:g}", span)

    def change(event: Event) -> Event:
        v = event.vote
        if v is None:
            return event
        here = event.name == "iq.parliament.expulsion"
        present = number(0.52 if willing else 0.48) if here else None
        blocs = tuple(
            replace(
                b,
                attends=present if here else b.attends,
                spread=None,
                yes=number(-30 if b.name == "turkey" and not willing else 30),
            )
            for b in v.blocs
        )
        vetoes = tuple(replace(x, log_odds=number(-30 if willing else 30)) for x in v.vetoes)
        return replace(event, vote=replace(v, blocs=blocs, vetoes=vetoes))

    found = Diagnostics()
    readers = case().readers(found)
    text = "force: {eu3.refer_unsc: [2020-03-10]}"
    referred = edited(case().crisis, read_edits(parse(text, "arm", found), case().crisis, readers))
    return replace(referred, events=tuple(map(change, referred.events)))


@functools.cache
def laid_out(name: str) -> blocks.Loaded:
    return blocks.load(plan(crisis_of(name)), keep=False)


@functools.cache
def watch(name: str, function: str, of: str, first: str, last: str, worlds: int) -> Values:
    return of_all(name, ((function, of, first, last),), worlds)[:, 0]


def of_all(name: str, watched: tuple[Watched, ...], worlds: int) -> Values:
    """One number a world and watch, an array (worlds, watches)."""
    crisis = crisis_of(name)
    job = RunSpec(crisis, tuple(monitor(crisis, *w) for w in watched), 1)
    return blocks.block(laid_out(name), job, tuple(range(worlds))).atoms


def monitor(crisis: Crisis, function: str, name: str, first: str, last: str) -> Monitor:
    a, b = day_of(first), day_of(last)
    if function not in ("count", "first"):
        return Monitor(
            function=function,
            event=None,
            outcome=None,
            quantity=[s.name for s in crisis.states].index(name),
            first=a,
            last=b,
        )
    names = [e.name for e in crisis.events]
    if name in names:
        return Monitor(
            function=function, event=names.index(name), outcome=None, quantity=None, first=a, last=b
        )
    event, _, outcome = name.rpartition(".")
    return Monitor(
        function=function, event=names.index(event), outcome=outcome, quantity=None, first=a, last=b
    )


def count(
    arm: str, event: str, first: str = ALL[0], last: str = ALL[1], worlds: int = WORLDS
) -> Values:
    """How often the event happens, in each world of the arm."""
    return watch(arm, "count", event, first, last, worlds)


def first(arm: str, event: str, worlds: int = WORLDS) -> Values:
    """Days from the first day to the event; NEVER where it does not happen."""
    return watch(arm, "first", event, *ALL, worlds)


def final(arm: str, quantity: str, day: str = ALL[1]) -> Values:
    """The value on the evening of the day."""
    return watch(arm, "final", quantity, day, day, WORLDS)


def more(high: Values, low: Values) -> bool:
    """Whether the first has more, beyond three standard errors of the paired difference."""
    apart = high - low
    error = float(apart.std(ddof=1)) / len(apart) ** 0.5
    return bool(apart.mean() > max(3 * error, 0))


# ---- the reader ----------------------------------------------------------------------------


def test_every_element_of_the_cases_lives_in_a_room() -> None:
    for name in ("us-iran-2020", "tutorial"):
        read, found = case(name).rooms_read
        assert list(found) == []
        assert homeless(case(name).crisis, read) == ()
    assert len(rooms()) == 10
    asked = {q for room in rooms() for q in room.questions}
    assert asked == {q.id for q in case().questions}, "every question stands on a page"


def test_a_room_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in case("tutorial").folder.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    (folder / "rooms.yaml").write_text(
        "rooms:\n"
        "  one:\n"
        "    title: One\n"
        "    about: Some words.\n"
        "    elements:\n"
        "      state: [rungs, season, sailors_dead]\n"
        "      belief: [vessara about kelmark]\n"
        "    plots: [season]\n"
        "    questions: [blockad]\n"
        "    gains: maybe\n"
        "    colour: red\n"
        "  two: {title: Two, about: Words., elements: {state: rung}, counts: [swarm.drowned]}\n"
    )
    _, found = load(folder).rooms_read
    told = {(d.span.line, d.code): d for d in found}
    assert {
        (6, "unknown-name"),
        (8, "plot"),
        (9, "unknown-name"),
        (10, "kind"),
        (11, "unknown-key"),
        (12, "unknown-name"),
    } == set(told)
    assert told[6, "unknown-name"].span.column == 15
    assert "did you mean 'rung'" in told[6, "unknown-name"].help
    assert "did you mean 'blockade'" in told[9, "unknown-name"].help
    with pytest.raises(CaseError):
        _ = load(folder).rooms
    ran = CliRunner().invoke(main, ["rooms", str(folder), "-o", str(tmp_path)])
    assert ran.exit_code == 1
    assert "there is no state 'rungs'" in ran.output
    assert not list(tmp_path.glob("*.md"))


def test_an_element_without_a_room_is_a_warning(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in case("tutorial").folder.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / "rooms.yaml").read_text().replace("watch, ", "")
    (folder / "rooms.yaml").write_text(text)
    _, found = load(folder).rooms_read
    assert [(d.severity, d.message) for d in found] == [("warning", "state watch is in no room")]


# ---- signs and pictures --------------------------------------------------------------------


def sign(source: str, target: str) -> frozenset[int]:
    found = influences(case().crisis, (source, target), (target.removeprefix("actor "),))
    return next(a.signs for a in found if (a.source, a.target) == (source, target))


def test_signs_are_those_of_the_file() -> None:
    assert sign("event us.hit_proxy", "state us.debt") == DOWN
    assert sign("event us.hit_proxy", "state rung") == UP
    assert sign("event us.announce_deescalation", "state stood_down") == UP
    assert sign("event rocket", "state us.debt") == UP  # .35 * guilt(militias)
    assert sign("event waiver_lapses", "state iq_power_shortage") == UP  # .6 * iq_gas_share
    assert sign("event us_election", "state relief_hope") == OPEN  # each outcome its own
    assert sign("event iran.withdraw_notice", "state npt_notice") == DOWN  # off
    assert sign("state npt_notice", "event npt_exit") == UP  # the clock rings
    assert sign("state us_iq_coop", "event is_attack") == DOWN  # inside a product
    assert sign("state is_strength", "event is_attack") == UP
    assert sign("state mediation_channel.open", "event broad_war") == DOWN  # a factor below one
    assert sign("state iran_rally", "event iran_protest_wave") == DOWN  # 1 - rally
    assert sign("state expulsion", "event us.threaten_iraq") == UP  # a condition
    assert sign("state iran_prestige", "actor us") == DOWN
    assert sign("state iran_prestige", "actor iran") == UP
    assert sign("state iq_deal", "event iq.formal_notice") == DOWN  # not iq_deal
    assert sign("event unsc.continue_relief", "state un_sanctions") == DOWN  # lost, they are back
    assert sign("event iq.parliament.investiture", "state iq_protest") == DOWN


def test_a_slope_that_numbers_confirm() -> None:
    """Interval arithmetic against finite differences, for every rate and every want."""
    crisis = case().crisis
    reader, laid = Reader(crisis), plan(crisis)
    layout, draw = laid.layout, np.random.default_rng(5)
    claims = [e.rate for e in crisis.events if e.rate] + [
        w.value for a in crisis.actors for w in a.wants
    ]
    seen = 0
    for read in claims:
        formula = layout.formula(read)
        for name in reader.names(read):
            signs = reader.slope(read.expression, name)
            if len(signs) != 1 or not name.startswith("state "):
                continue
            i = layout.states[name.removeprefix("state ")]
            quantity = laid.quantities[i]
            for _ in range(6):
                s = [float(draw.uniform(q.low, min(q.high, 500.0))) for q in laid.quantities]
                u = [0.5 for _ in laid.priors]
                low, high = sorted(draw.uniform(quantity.low, min(quantity.high, 500.0), 2))
                moment = create(laid, 1, 0)
                values = []
                for at in (low, high):
                    s[i] = float(at)
                    values.append(float(formula(s, u, _moment(moment), ())))
                change = values[1] - values[0]
                assert change * next(iter(signs)) >= -1e-9, (read.text, name)
                seen += 1
    assert seen > 500


def _moment(world: object) -> object:
    from offramp.engine.world import morning

    return morning(world).moment  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["us-iran-2020", "tutorial"])
def test_diagrams_show_every_box_once_and_none_alone(name: str) -> None:
    crisis = case(name).crisis
    for room in rooms(name):
        assert len(room.diagram) <= MOST
        arrows = influences(crisis, room.diagram, room.wants)
        nouns = ("event", "actor")
        drawn = [a for a in arrows if {a.source.split()[0], a.target.split()[0]} & set(nouns)]
        joined = {end for a in drawn for end in (a.source, a.target)}
        assert set(room.diagram) <= joined, (room.id, set(room.diagram) - joined)
        picture = diagram(crisis, room.diagram, room.wants, "words")
        assert picture == diagram(crisis, room.diagram, room.wants, "words")
        ElementTree.fromstring(picture)
        assert " id=" not in picture


def boxes(picture: str) -> list[tuple[float, float, float, float]]:
    """x, y, width, height of the boxes that hold words; those of the legend are lower."""
    found = re.findall(
        r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)"'
        r"[^>]* stroke=",
        picture,
    )
    return [tuple(map(float, box)) for box in found if float(box[3]) > 16]  # type: ignore[misc]


@pytest.mark.parametrize("name", ["us-iran-2020", "tutorial"])
def test_boxes_do_not_overlap_and_hold_their_words(name: str) -> None:
    for room in rooms(name):
        picture = diagram(case(name).crisis, room.diagram, room.wants, "words")
        placed = boxes(picture)
        for i, (x, y, w, h) in enumerate(placed):
            for x2, y2, w2, h2 in placed[i + 1 :]:
                assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y, room.id
        texts = re.findall(
            r'<text x="([\d.-]+)" y="([\d.-]+)" font-size="12"[^>]*'
            r'text-anchor="middle">([^<]*)<',
            picture,
        )
        for x, _, escaped in texts:
            words = html.unescape(escaped)
            # A wide sans-serif takes .59 em a letter.
            inside = [b for b in placed if b[0] < float(x) < b[0] + b[2]]
            assert 7.1 * len(words) <= min((b[2] for b in inside), default=MIDDLE), words


def test_a_simplified_line_stays_near() -> None:
    points = [(float(x), float(np.sin(x / 7) * 40)) for x in range(200)]
    kept = svg.simplified(points)
    assert len(kept) < 150
    xs, ys = zip(*kept, strict=True)
    assert max(abs(np.interp(x, xs, ys) - y) for x, y in points) <= 0.3


# ---- pages ---------------------------------------------------------------------------------


@functools.cache
def run_of(name: str, worlds: int = 64) -> Lived:
    return live(case(name), rooms(name), worlds, 3)


@pytest.mark.parametrize("name", [pytest.param("us-iran-2020", marks=pytest.mark.slow), "tutorial"])
def test_pages_are_the_same_twice_and_name_things_in_words(name: str) -> None:
    read, lived = case(name), run_of(name)
    again = live(read, rooms(name), 64, 3, threads=1)
    bare = [
        n
        for a, t in titles_of(read.crisis).items()
        if ((n := a.split(" ", 1)[1]) != t and ("_" in n or "." in n))
    ]
    for room in rooms(name):
        written = files_of(read, rooms(name), room, lived)
        assert written == files_of(read, rooms(name), room, again)
        assert len(written) == (3 if room.plots or room.counts else 2)
        for file, text in written.items():
            assert not text.startswith("\n")
            if file.endswith(".svg"):
                ElementTree.fromstring(text)
                continue
            prose = re.sub(r"`[^`]*`", "", text).replace("\\", "")
            for element in bare:
                assert not re.search(rf"(?<![\w./-]){re.escape(element)}(?![\w./-])", prose), (
                    element,
                    room.id,
                )
            for row in (line for line in text.splitlines() if line.startswith("| ")):
                assert row.endswith(" |"), row
    assert index(read, rooms(name), lived).count("](") == len(rooms(name))


def test_a_page_tells_all_of_its_room() -> None:
    lived = run_of("us-iran-2020")
    for room in rooms():
        page = content(case(), rooms(), room, lived)
        assert len(page.events) == len(room.named("event"))
        assert len(page.quantities) == len(room.named("state"))
        assert len(page.unknowns) == len(room.named("unknown"))
        assert len(page.beliefs) == len(room.named("belief"))
        assert len(page.questions) == len(room.questions)
        assert page.passages
        assert case().model_sha256 in page.provenance
    won = content(case(), rooms(), rooms()[-1], lived)
    assert len(won.wants) == sum(len(a.wants) for a in case().crisis.actors), "every want is told"


def test_a_page_takes_a_section_of_another_module() -> None:
    room, lived = rooms("tutorial")[1], run_of("tutorial")
    told = Section("Who gained", "Words.", ("author", "who"), (("Tass", "nobody"),))
    page = files_of(case("tutorial"), rooms("tutorial"), room, lived, [told])["02-capitals.md"]
    assert "## Who gained\n\nWords.\n\n| author | who |\n|---|---|\n| Tass | nobody |" in page


def test_the_pages_in_docs_are_of_this_model() -> None:
    folder = Path(__file__).parent.parent / "docs/cases/us-iran-2020"
    for room in rooms():
        number = rooms().index(room) + 1
        page = folder / f"{number:02d}-{room.id.replace('_', '-')}.md"
        again = "offramp rooms us-iran-2020 -o docs/cases/us-iran-2020 --worlds 4000"
        assert case().model_sha256 in page.read_text("utf-8"), f"the model changed: {again}"
        for picture in re.findall(r"\]\(([\w-]+\.svg)\)", page.read_text("utf-8")):
            assert (folder / picture).is_file()


def test_shares_on_a_page_are_those_of_the_run() -> None:
    lived = run_of("us-iran-2020")
    events = [e.name for e in case().crisis.events]
    for name, months in lived.by_month.items():
        if name in events:
            worlds = lived.ensemble.counts[:, events.index(name)]
            assert lived.ever[name] == pytest.approx(float((worlds >= 1).mean()))
        assert max(months) <= lived.ever[name] <= sum(months) + 1e-9
        assert len(months) == 12
    shares = [lived.ever[f"us_election.{who}"] for who in ("democrat", "republican")]
    assert sum(shares) == pytest.approx(1)


@compiled
def test_the_command_writes_pages_and_refuses_what_is_not_there(tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        ran = CliRunner().invoke(main, ["rooms", *words])
        return ran.exit_code, ran.output

    code, said = run("tutorial", "-o", str(tmp_path), "--worlds", "32", "--only", "capitals")
    assert code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "02-capitals-run.svg",
        "02-capitals.md",
        "02-capitals.svg",
    ]
    assert "wrote 3 files" in said
    code, said = run("tutorial", "-o", str(tmp_path), "--only", "capital")
    assert code == 1
    assert "did you mean 'capitals'" in said
    (tmp_path / "file").touch()
    code, said = run("tutorial", "-o", str(tmp_path / "file"))
    assert code == 1
    assert "is not a folder" in said
    code, said = run(
        "tutorial", "-o", str(tmp_path / "new" / "one"), "--worlds", "32", "--only", "capitals"
    )
    assert code == 0
    assert (tmp_path / "new" / "one" / "02-capitals.md").is_file()
    code, said = run("tutorial", "-o", str(tmp_path), "--worlds", "32", "--json")
    assert code == 0
    assert '"schema": "offramp.rooms/1"' in said
    assert (tmp_path / "README.md").is_file()


# ---- V0: what must hold in every world -----------------------------------------------------


@compiled
def test_every_quantity_stays_within_its_bounds() -> None:
    states = case().crisis.states
    highest, lowest = (
        of_all("base", tuple((f, s.name, *ALL) for s in states), WORLDS)
        for f in ("highest", "lowest")
    )
    for s, top, bottom in zip(states, highest.max(axis=0), lowest.min(axis=0), strict=True):
        assert s.low <= bottom <= top <= s.high, s.name


ORDERED = (
    ("iran.npt_notice", "npt_exit"),
    ("jcpoa.drm", "eu3.refer_unsc"),
    ("eu3.refer_unsc", "unsc.continue_relief"),
    ("us.offer_talks", "iran.accept_talks"),
    ("iran.accept_talks", "talks_succeed"),
    ("iq.parliament.expulsion.carried", "iq.formal_notice"),
    ("iq.sadr.table_law", "iq.parliament.law"),
    ("iq.formal_notice", "expulsion_due"),
    ("pm_designated", "iq.parliament.investiture"),
    ("plane_downing", "coverup_fails"),
    ("us.press_nato", "nato.council.enhance"),
    ("nato.council.enhance.carried", "nato_details_settled"),
    ("iq.approve_contracts", "iq.sign_contracts"),
)


@compiled
def test_stages_come_in_their_order() -> None:
    pairs = tuple(("first", name, *ALL) for pair in ORDERED for name in pair)
    days = of_all("base", pairs, 1024)
    for i, (before, after) in enumerate(ORDERED):
        came = days[:, 2 * i + 1] < NEVER
        assert came.any(), f"{after} never came: the order was not tried"
        assert (days[came, 2 * i] < days[came, 2 * i + 1]).all(), (before, after)


# ---- 1 the ladder --------------------------------------------------------------------------


@pytest.mark.slow
@compiled
def test_a_blow_is_answered_and_the_answer_needs_the_blow() -> None:
    january = ("iran.missile_strike", "2020-01-03", "2020-01-31")
    assert more(count("base", *january), count("spared", *january))


@pytest.mark.slow
@compiled
def test_the_american_red_line_decides_how_often_washington_strikes() -> None:
    assert more(count("line low", "us.hit_proxy"), count("line high", "us.hit_proxy"))


@pytest.mark.slow
@compiled
def test_blows_make_war_likelier_and_the_rung_fades() -> None:
    assert more(count("blows high", "broad_war"), count("blows low", "broad_war"))
    assert more(final("base", "rung", "2020-01-03"), final("base", "rung", "2020-03-31"))


@pytest.mark.slow
def test_iran_learns_from_a_strike_that_washington_is_not_deterred() -> None:
    crisis = case().crisis
    laid = plan(crisis)
    struck = [e.name for e in crisis.events].index("us.hit_proxy")
    belief = [b.about for b in crisis.beliefs].index("us")
    deterred = [t.name for t in crisis.beliefs[belief].types].index("deterred")
    fell = strikes = 0
    for number in range(24):
        world = create(laid, 1, number)
        before = world.learners[belief].weights[deterred]
        for _ in itertools.islice(lived_days(world), 90):
            now = world.learners[belief].weights
            assert sum(now) == pytest.approx(1)
            if any(h.event == struck and h.day == world.day for h in world.log):
                strikes += 1
                fell += now[deterred] < before
            before = now[deterred]
    assert strikes >= 15
    assert fell / strikes > 0.7, "a strike of a campaign, which all types go on with, tells less"


# ---- 2 militias ----------------------------------------------------------------------------


@pytest.mark.slow
@compiled
def test_militias_obey_an_order_to_hold_as_far_as_they_are_controlled() -> None:
    assert more(count("held loose", "rocket"), count("held firm", "rocket"))
    assert count("held loose", "rocket").mean() > 1, "with a loose hold they disobey"
    for attack in ("rocket", "militias.barrage"):
        assert more(count("let loose", attack), count("held firm", attack)), attack


@pytest.mark.slow
@compiled
def test_deniability_shields_the_militias() -> None:
    assert more(count("clear", "us.hit_proxy"), count("dark", "us.hit_proxy"))


# ---- 3 the nuclear agreement ---------------------------------------------------------------


@pytest.mark.slow
@compiled
def test_a_step_out_of_the_agreement_can_be_taken_back() -> None:
    before, after = (final("one", "jcpoa", f"2020-02-{d}") for d in (19, 20))
    assert (after == before - 1).all()
    assert count("base", "jcpoa.undo").mean() < 0.1, "seldom without relief"
    assert more(count("plenty", "jcpoa.undo"), count("base", "jcpoa.undo"))


@pytest.mark.slow
@compiled
def test_the_notice_runs_ninety_days_and_only_then_iran_is_out() -> None:
    assert date(2020, 3, 1) + timedelta(90) == date(2020, 5, 30)
    assert (first("one", "npt_exit") == day_of("2020-05-30")).all()
    assert (final("one", "npt_out", "2020-05-29") == 0).all()
    assert (final("one", "npt_out", "2020-05-30") == 1).all()
    assert (first("other", "npt_exit") == NEVER).all(), "taken back, it never rings"


@pytest.mark.slow
@compiled
def test_one_veto_brings_the_sanctions_of_the_united_nations_back() -> None:
    """Thirty days after the referral, though every member votes for relief."""
    for arm, back in (("unwilling", 1), ("willing", 0)):
        assert (first(arm, "unsc.continue_relief") == day_of("2020-04-09")).all()
        assert (count(arm, "unsc.continue_relief.lost") == back).all()
        assert (final(arm, "un_sanctions", "2020-04-09") == back).all()


@pytest.mark.slow
@compiled
def test_a_referral_that_succeeds_makes_iran_give_notice() -> None:
    assert more(count("line shut", "iran.npt_notice"), count("line open", "iran.npt_notice"))


@compiled
def test_higher_enrichment_brings_an_israeli_raid() -> None:
    raid = "israel.strike_nuclear"
    assert more(count("little", raid), count("plenty", raid))


# ---- 4 sanctions ---------------------------------------------------------------------------


@pytest.mark.slow
@compiled
def test_the_waiver_lapses_unless_it_is_wound_again_and_then_the_lights_go_out() -> None:
    assert (first("one", "waiver_lapses") == 41).all(), "41 days are left on 2 January"
    assert (first("other", "waiver_lapses") > 41).all()
    day = "2020-02-20"
    for quantity in ("iq_power_shortage", "blame_us_iraq"):
        assert more(final("one", quantity, day), final("other", quantity, day)), quantity
    assert more(final("other", "iran_fx_iraq", day), final("one", "iran_fx_iraq", day))


@compiled
def test_easing_sanctions_eases_hardship() -> None:
    day = "2020-02-10"
    assert more(final("other", "iran_hardship", day), final("one", "iran_hardship", day))


@compiled
def test_a_shortage_of_power_brings_iraqis_into_the_streets() -> None:
    assert more(count("plenty", "iraq_protest_wave"), count("little", "iraq_protest_wave"))


# ---- 5 Iranian streets ---------------------------------------------------------------------


@compiled
def test_the_rally_decays() -> None:
    days = [final("other", "iran_rally", d) for d in ("2020-01-03", "2020-01-31", "2020-03-31")]
    assert more(days[0], days[1])
    assert more(days[1], days[2])


@pytest.mark.slow
@compiled
def test_the_airliner_breaks_the_rally_and_raises_unrest_when_the_truth_is_out() -> None:
    assert (first("one", "coverup_fails") == day_of("2020-01-12")).all()
    assert (first("other", "coverup_fails") == NEVER).all()
    day = "2020-01-15"
    for quantity in ("iran_unrest", "iran_distrust"):
        assert more(final("one", quantity, day), final("other", quantity, day)), quantity
    assert more(final("other", "iran_rally", day), final("one", "iran_rally", day))


@compiled
def test_alert_brings_the_airliner_down_and_hardship_the_streets_out() -> None:
    for event in ("plane_downing", "iran_protest_wave"):
        assert more(count("plenty", event), count("little", event)), event


# ---- 6 American politics -------------------------------------------------------------------


@pytest.mark.slow
@compiled
def test_the_election_changes_what_follows_and_nothing_before() -> None:
    for event in ("iran.accept_talks", "us.hit_proxy", "iran.order_hold"):
        before = (event, "2020-01-03", "2020-11-02")
        assert (count("democrat", *before) == count("republican", *before)).all()
    day, eve = "2020-11-03", "2020-11-02"
    assert (final("democrat", "relief_hope", eve) == final("republican", "relief_hope", eve)).all()
    assert more(final("democrat", "relief_hope", day), final("republican", "relief_hope", day))


@compiled
def test_the_hard_line_at_home_is_fed_by_what_it_likes() -> None:
    day = "2020-01-11"
    assert more(final("one", "us_home", day), final("other", "us_home", day))


# ---- 7 Iraqi politics ----------------------------------------------------------------------


@compiled
def test_the_vote_needs_its_quorum() -> None:
    """The same unanimous votes, with 52% and with 48% of 329 seats present; 165 are needed."""
    carried = "iq.parliament.expulsion.carried"
    assert (count("willing", carried) == 1).all()
    assert (count("unwilling", carried) == 0).all()
    assert (final("willing", "expulsion", "2020-01-06") >= 1).all()
    assert (final("unwilling", "expulsion", "2020-01-06") == 0).all()


@compiled
def test_a_notice_falls_due_after_half_a_year_unless_the_two_agree() -> None:
    assert (first("one", "expulsion_due") == day_of("2020-03-01") + 180).all()
    assert (final("one", "us_troops_iraq", "2020-08-28") == 0).all()
    assert (first("other", "expulsion_due") == NEVER).all()


@compiled
def test_anger_at_washington_carries_the_law() -> None:
    law = "iq.parliament.law"
    for arm in ("plenty", "little"):
        assert (first(arm, law) == day_of("2020-02-22")).all(), "21 days after it is tabled"
    assert more(count("plenty", f"{law}.carried"), count("little", f"{law}.carried"))


@compiled
def test_a_designate_faces_the_house_after_thirty_days() -> None:
    days = of_all(
        "base",
        tuple(
            ("first", e, *ALL)
            for e in ("pm_designated", "iq.parliament.investiture", "pm_gives_up")
        ),
        256,
    )
    steady = (days[:, 1] < NEVER) & (days[:, 2] > days[:, 1])
    assert steady.sum() > 20
    assert (days[steady, 1] == days[steady, 0] + 30).all()


# ---- 8 allies ------------------------------------------------------------------------------


@pytest.mark.slow
@compiled
def test_one_member_can_stop_nato() -> None:
    carried = "nato.council.enhance.carried"
    assert (count("unwilling", "nato.council.enhance") >= 1).any()
    assert (count("unwilling", carried) == 0).all()
    assert (count("willing", carried) >= 1).mean() > 0.5
    assert (count("willing", "nato.council.enhance.lost") == 0).all()


@pytest.mark.slow
@compiled
def test_pakistan_reopens_the_line_and_the_line_keeps_war_away() -> None:
    eve, day = "2020-02-09", "2020-02-10"
    assert (final("one", "mediation_channel.open", eve) == 0).all()
    assert (final("one", "mediation_channel.open", day) == 1).all()
    assert more(final("one", "mediation_effort", day), final("one", "mediation_effort", eve))
    wars = [count(arm, "broad_war", worlds=1024) for arm in ("line shut", "line open")]
    assert more(*wars)


@compiled
def test_gulf_states_turn_to_tehran_and_to_washington_only_while_they_doubt() -> None:
    for event in ("gulf.dialogue", "gulf.ask_for_cover"):
        assert count("plenty", event).mean() > 1, event
        assert (count("little", event) == 0).all(), event


@compiled
def test_the_ladder_sets_syria_alight() -> None:
    assert more(count("rung high", "syria_flares_up"), count("rung low", "syria_flares_up"))


# ---- 9 the Islamic State -------------------------------------------------------------------


@compiled
def test_attacks_of_the_islamic_state_grow_when_joint_operations_stop() -> None:
    assert (count("little", "joint_operation") == 0).all()
    assert count("plenty", "joint_operation").mean() > 10
    assert more(count("little", "is_attack"), count("plenty", "is_attack"))
    assert more(final("little", "is_strength"), final("plenty", "is_strength"))


@compiled
def test_blows_on_iraqi_soil_suspend_the_cooperation() -> None:
    january = ("iq.suspend_coop", "2020-01-03", "2020-01-31")
    assert more(count("rung high", *january), count("rung low", *january))
