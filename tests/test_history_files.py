"""history.csv and reporting.yaml: the shipped ones, and what is said of wrong ones."""

from __future__ import annotations

import csv
import datetime as dt
import os
from pathlib import Path

import pytest
from cases import beside, with_crisis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.case.case import Case, load
from offramp.case.record import Days, History, common_days
from offramp.case.reports import HEADER, MOST_ERRORS
from offramp.case.texts import shipped
from offramp.engine.plan import plan
from offramp.filter.known import schedule
from offramp.sources.quotation import repeated
from offramp.text.diagnostics import CaseError, Diagnostic

COLUMNS = ",".join(HEADER)
REPORTING = """\
reporting:
  rocket: .9 ? counted
  rocket.salvo: .9 ? counted
  answer: {2030-01-05: 1 ? seen}
  warn: .5 ? heard
  long: 1 ? seen
  vote: 1 ? public
  storm: 1 ? seen
"""
CRISIS = """\
crisis: Reports
from: 2030-01-01
to: 2030-01-31
state:
  harm: {stock: 0 .. 9 ? room, now: 0 ? none}
  rung: {ladder: [calm, tense, war], now: calm ? quiet}
  closed: {flag: no ? open}
  delay: {stock: 1d .. 9d ? room, now: 2d ? as usual}
actor:
  red:
    pace: .2 ? often
    precision: 1 ? middling
    foresight: 0 ? none
    wants: {harm: 1 * harm ? likes it}
  blue:
    pace: .2 ? often
    precision: 1 ? middling
    foresight: 0 ? none
    wants: {harm: -1 * harm ? dislikes it}
event:
  rocket:
    by: red
    does: [harm + 1 ? it hurts]
    outcomes: {death: {chance: .1 ? rare, does: [harm + 2 ? it hurts]}}
  rocket.salvo: {by: red, does: [harm + 2 ? it hurts]}
  answer: {by: blue, does: [harm - 1 ? spent]}
  warn: {by: blue, does: [harm - .1 ? spent]}
  long: {by: blue, takes: 3d ? far, does: [harm - 1 ? spent]}
  slow: {by: blue, takes: delay, does: [harm - 1 ? spent]}
  secret: {by: blue, private: yes, does: [harm - 1 ? spent]}
  quiet: {by: blue, does: [harm - .2 ? spent]}
  storm: {rate: .1 ? rare, does: [harm + .1 ? it hurts]}
  vote:
    vote:
      held: 2030-01-20 ? set
      quorum: 1 seats ? one
      blocs: {all: {seats: 2 seats ? two, yes: 0 ? a coin}}
    outcomes: {carried: {does: [closed = yes ? closed]}, lost: {does: []}}
"""
GOOD = {
    "id": "R1",
    "kind": "event",
    "what": "rocket",
    "date": "2030-01-06",
    "known_since": "2030-01-07",
    "grade": "verified",
    "report": "A rocket",
    "source": "the press",
}
FACT = {**GOOD, "kind": "quantity", "what": "harm", "value": "= 2", "error": ".5"}


def row(**fields: str) -> str:
    """A good row, with some of its fields changed."""
    given = {**(FACT if fields.get("kind") == "quantity" else GOOD), **fields}
    return ",".join(given.get(name, "") for name in HEADER)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("small")
    return beside(with_crisis(load("tutorial"), CRISIS), folder)


def put(case: Case, history: str | bytes | None, reporting: str | bytes | None = REPORTING) -> Case:
    for name, text in (("history.csv", history), ("reporting.yaml", reporting)):
        path = case.folder / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return beside(case, case.folder)


def found_in(case: Case) -> list[Diagnostic]:
    return list(case.history_read.found)


def table(*rows: str) -> str:
    return "\n".join([COLUMNS, *rows, ""])


# ---- the shipped cases -----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_history_reads_without_findings(name: str) -> None:
    case = load(name)
    assert found_in(case) == []
    history = case.history
    assert history.reports
    assert history.coverage
    assert len({r.id for r in history.reports}) == len(history.reports)
    firsts = [r.first for r in history.reports]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_an_event_that_is_certain_to_be_reported_is_known_on_its_day(name: str) -> None:
    """Otherwise an analyst between the two days would hold that it did not happen."""
    history = load(name).history
    for r in history.reports:
        if r.kind == "event" and history.reported(r.what, r.first) == 1:
            assert r.known_since <= r.last, r.id


def test_every_row_of_the_timeline_is_a_report_once() -> None:
    sources = os.environ.get("OFFRAMP_SOURCES", "")
    timeline = Path(sources).resolve().parent / "timeline.csv"
    if not sources or not timeline.is_file():
        pytest.skip("the documents are not at hand, nor the timeline beside them")
    with timeline.open(encoding="utf-8-sig", newline="") as file:
        rows = {r["id"]: r for r in csv.DictReader(file)}
    reports = {r.id: r for r in load("us-iran-2020").history.reports}
    assert len(rows) == 227
    assert set(rows) <= set(reports)
    grades = {id: r["status"] for id, r in rows.items()}
    assert {id: reports[id].grade for id in rows} == grades
    assert {id: reports[id].url for id in rows} == {id: r["source_url"] for id, r in rows.items()}
    # Days that differ from the timeline are those whose note says why.
    moved = {
        id
        for id, r in rows.items()
        if not reports[id].first <= dt.date.fromisoformat(r["date"]) <= reports[id].last
    }
    assert moved == {"E082", "E089", "E160", "E196"}


def test_no_report_repeats_a_document() -> None:
    folder = Path(os.environ.get("OFFRAMP_SOURCES", "") or "nowhere")
    texts = [p.read_text("utf-8", "replace") for p in folder.glob("*.txt")]
    if not texts:
        pytest.skip("the documents are not at hand: OFFRAMP_SOURCES names no folder with them")
    case = shipped()["us-iran-2020"]
    for name in ("history.csv", "reporting.yaml"):
        assert repeated((case / name).read_text("utf-8"), texts) == [], name


def test_what_is_private_or_moves_twice_a_day_on_an_agenda_is_no_report() -> None:
    """The rules of the reader, checked on the shipped data without the reader."""
    case = load("us-iran-2020")
    events = {e.name: e for e in case.crisis.events}
    history = case.history
    moves = set()
    for r in history.reports:
        if r.kind != "event":
            continue
        event = events[r.what]
        assert not event.private
        if event.chosen and not r.disputed and r.what != "us.cut_troops":
            assert (event.by, event.agenda, r.first) not in moves, r.id
            moves.add((event.by, event.agenda, r.first))
    assert len(moves) > 30


def test_the_term_of_the_waiver_is_an_unknown_that_the_renewal_uses() -> None:
    compiled = plan(load("us-iran-2020").crisis)
    prior = next(p for p in compiled.priors if p.dice == "waiver_days")
    assert prior.chances == (0.2, 0.8)
    event = next(e for e in load("us-iran-2020").crisis.events if e.name == "us.extend_waiver")
    assert "waiver_days" in next(e for e in event.does if e.quantity == "iq_waiver").amount.text


# ---- what a file says ------------------------------------------------------------------------


def test_a_case_without_files_has_an_empty_history(small: Case) -> None:
    assert put(small, None, None).history == History((), ())


def test_reporting_alone_gives_coverage(small: Case) -> None:
    history = put(small, None).history
    assert history.reports == ()
    assert history.reported("answer", dt.date(2030, 1, 4)) == 0
    assert history.reported("answer", dt.date(2030, 1, 5)) == 1
    assert history.reported("rocket", dt.date(2030, 1, 1)) == 0.9
    assert history.coverage[0].basis.reason == "seen"


def test_the_days_of_a_coverage_may_stand_in_any_order(small: Case) -> None:
    text = "reporting:\n  rocket: {2030-01-20: .2 ? late, 2030-01-01: .8 ? early}\n"
    history = put(small, None, text).history
    assert history.reported("rocket", dt.date(2030, 1, 19)) == 0.8
    assert history.reported("rocket", dt.date(2030, 1, 20)) == 0.2


@pytest.mark.parametrize(
    ("what", "name", "outcome"),
    [
        ("rocket", "rocket", ""),
        ("rocket.death", "rocket", "death"),
        ("rocket.none", "rocket", "none"),
        ("rocket.salvo", "rocket.salvo", ""),  # the longest name wins over an outcome
        ("vote.carried", "vote", "carried"),
    ],
)
def test_events_and_outcomes(small: Case, what: str, name: str, outcome: str) -> None:
    (report,) = put(small, table(row(what=what))).history.reports
    assert (report.what, report.outcome) == (name, outcome)


D = dt.date


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2030-01-06", [Days(D(2030, 1, 6), D(2030, 1, 6), 1)]),
        ("2030-01-06/2030-01-07", [Days(D(2030, 1, 6), D(2030, 1, 7), 1)]),
        (
            "2030-01-06|2030-01-08/2030-01-10",
            [Days(D(2030, 1, 6), D(2030, 1, 6), 0.5), Days(D(2030, 1, 8), D(2030, 1, 10), 0.5)],
        ),
        (
            "2030-01-06:.25|2030-01-08 : .75",
            [Days(D(2030, 1, 6), D(2030, 1, 6), 0.25), Days(D(2030, 1, 8), D(2030, 1, 8), 0.75)],
        ),
    ],
)
def test_dates(small: Case, written: str, when: list[Days]) -> None:
    (report,) = put(small, table(row(date=written, note="each says so"))).history.reports
    assert list(report.when) == when
    assert report.disputed == (len(when) > 1 or "/" in written)


@pytest.mark.parametrize(
    ("what", "written", "relation", "value"),
    [
        ("harm", "2", "=", 2),
        ("harm", "= 2.5", "=", 2.5),
        ("harm", ">=1", ">=", 1),
        ("rung", "<= tense", "<=", 1),
        ("rung", "war", "=", 2),
        ("closed", "yes", "=", 1),
    ],
)
def test_soft_facts(small: Case, what: str, written: str, relation: str, value: float) -> None:
    text = table(row(kind="quantity", what=what, value=written))
    (report,) = put(small, text).history.reports
    assert (report.relation, report.value, report.error) == (relation, value, 0.5)


def test_a_table_as_spreadsheets_write_it(small: Case) -> None:
    """A byte-order mark, CRLF, quoted fields with commas, quotation marks and line breaks."""
    text = table(
        row(report='"A rocket, ""the big one"",\nat night"'),
        "",
        row(id="R2", date="2030-01-08", known_since="2030-01-08", what="rocket.salvo"),
    ).replace("\n", "\r\n")
    first, second = put(small, b"\xef\xbb\xbf" + text.encode()).history.reports
    assert first.report == 'A rocket, "the big one",\nat night'
    assert (first.span.line, second.span.line) == (2, 5)


def test_a_line_break_in_a_field_moves_the_places_behind_it(small: Case) -> None:
    bad = row(report='"one\ntwo"', source='"x, y"', url="nowhere")
    (one,) = found_in(put(small, table(bad)))
    assert one.code == "url"
    assert (one.span.line, one.span.column) == (3, len('two","x, y",') + 1)


# ---- mistakes --------------------------------------------------------------------------------


def column(text: str, line: int, field: str) -> int:
    """Where a field begins in a line without quoted commas."""
    fields = text.split("\n")[line - 1].split(",")
    return len(",".join(fields[: HEADER.index(field)])) + (HEADER.index(field) > 0) + 1


MISTAKES = [  # the changed fields, the field that is blamed, the code, a word of the help
    ({"what": "rocet"}, "what", "unknown-event", "'rocket'"),
    ({"what": "harm"}, "what", "unknown-event", "`quantity`"),
    ({"what": "rocket.deth"}, "what", "unknown-outcome", "'death'"),
    ({"what": "warn.loud"}, "what", "unknown-outcome", "'warn'"),
    ({"what": "vote.none"}, "what", "unknown-outcome", "carried"),
    ({"what": ""}, "what", "missing", "outside"),
    ({"kind": "quantity", "what": "harms"}, "what", "unknown-quantity", "'harm'"),
    ({"kind": "quantity", "what": "rocket"}, "what", "unknown-quantity", "`event`"),
    ({"kind": "outside", "note": "why"}, "what", "not-empty", "empty"),
    ({"kind": "outside", "what": ""}, "note", "missing", "why"),
    ({"kind": "evnt"}, "kind", "unknown-kind", "'event'"),
    ({"grade": "verifed"}, "grade", "unknown-grade", "'verified'"),
    ({"actor": "blue"}, "actor", "unknown-actor", "'red'"),
    ({"what": "storm", "actor": "rde"}, "actor", "unknown-actor", "'red'"),
    ({"id": ""}, "id", "missing", "name"),
    ({"report": ""}, "report", "missing", "words"),
    ({"source": ""}, "source", "missing", "who"),
    ({"url": "example.org"}, "url", "url", "https"),
    ({"grade": "document", "source": "tas T1"}, "source", "unknown-document", "'tass'"),
    ({"grade": "document", "source": "tass T999"}, "source", "unknown-passage", "T"),
    ({"grade": "document", "source": "tass T1"}, "source", "unknown-passage", "'ilvane'"),
    ({"date": ""}, "date", "missing", "2020"),
    ({"date": "6 January 2030"}, "date", "not-a-date", "2020-01-08"),
    ({"date": "2030-1-6"}, "date", "not-a-date", "2020-01-08"),
    ({"date": "2030-01-32"}, "date", "not-a-date", "2020-01-08"),
    ({"date": "2030-01-06/"}, "date", "not-a-date", "span"),
    ({"date": "2030-01-06|"}, "date", "not-a-date", "readings"),
    ({"date": "2030-01-07/2030-01-06"}, "date", "dates", "earlier"),
    ({"date": "2030-01-06/2030-01-07"}, "note", "missing", "who"),
    ({"date": "2030-01-06/2030-01-08|2030-01-07"}, "date", "dates", "one reading"),
    ({"date": "2030-01-06:.5|2030-01-07"}, "date", "chances", "every"),
    ({"date": "2030-01-06:.5|2030-01-07:.4"}, "date", "chances", ""),
    ({"date": "2030-01-06:2|2030-01-07:-1"}, "date", "chances", "above 0"),
    ({"date": "2030-01-06:nan"}, "date", "chances", "above 0"),
    ({"date": "2029-12-31"}, "date", "dates", "past"),
    ({"date": "2030-02-01", "known_since": "2030-02-01"}, "date", "dates", "outside"),
    ({"kind": "quantity", "date": "2029-12-31"}, "date", "dates", "past"),
    ({"kind": "past"}, "date", "dates", "event"),
    ({"known_since": "2030-01-05"}, "known_since", "dates", "2030-01-06"),
    ({"known_since": ""}, "known_since", "missing", "2020"),
    ({"known_since": "soon"}, "known_since", "not-a-date", "2020"),
    ({"value": "= 3"}, "value", "not-empty", "empty"),
    ({"error": "3"}, "error", "not-empty", "empty"),
    ({"kind": "quantity", "value": ""}, "value", "missing", "5200"),
    ({"kind": "quantity", "value": "many"}, "value", "number", "5200"),
    ({"kind": "quantity", "value": "1e999"}, "value", "number", "5200"),
    ({"kind": "quantity", "value": "= 10"}, "value", "out-of-bounds", "9"),
    ({"kind": "quantity", "what": "rung", "value": "1"}, "value", "unknown-level", "tense"),
    ({"kind": "quantity", "what": "rung", "value": ">= tens"}, "value", "unknown-level", "tense"),
    ({"kind": "quantity", "error": ""}, "error", "missing", "unit"),
    ({"kind": "quantity", "error": "0"}, "error", "number", "above 0"),
    ({"kind": "quantity", "error": "inf"}, "error", "number", "above 0"),
    ({"what": "slow"}, "what", "lead-time", "takes"),
    ({"what": "quiet"}, "what", "not-followed", "reporting"),
    ({"what": "answer", "date": "2030-01-04"}, "what", "not-followed", "answer"),
]


@pytest.mark.parametrize(("changes", "field", "code", "help"), MISTAKES, ids=str)
def test_a_mistake_in_a_row_has_its_place(
    small: Case, changes: dict[str, str], field: str, code: str, help: str
) -> None:
    text = table(row(id="R0", date="2030-01-09", known_since="2030-01-09"), row(**changes))
    findings = found_in(put(small, text))
    assert [d.code for d in findings] == [code]
    (one,) = findings
    assert one.span.file.endswith("history.csv")
    assert (one.span.line, one.span.column) == (3, column(text, 3, field))
    assert help in one.help
    assert one.help or code == "chances"


def test_a_reading_that_is_partly_not_followed_is_an_error(small: Case) -> None:
    text = "reporting:\n  rocket: {2030-01-01: .9 ? counted, 2030-01-07: 0 ? no longer}\n"
    rows = row(date="2030-01-06/2030-01-08", note="one of three days")
    (one,) = found_in(put(small, table(rows), text))
    assert one.code == "not-followed"
    assert "2030-01-07" in one.message


def test_a_move_whose_lead_time_hangs_on_the_state_cannot_be_followed(small: Case) -> None:
    """Its silence would be weighed on the day of a decision that nobody can name."""
    (one,) = found_in(put(small, table(row()), REPORTING + "  slow: 1 ? seen\n"))
    assert one.code == "lead-time"
    assert "slow" in one.message


def test_a_file_with_a_delay_says_how_many_reports_are_prompt(small: Case) -> None:
    (one,) = found_in(put(small, table(row()), "delay: 1d ? the papers\n" + REPORTING))
    assert one.code == "prompt"
    both = "delay: 1d ? the papers\nprompt: .8 ? most\n" + REPORTING
    assert found_in(put(small, table(row()), both)) == []
    (none,) = found_in(put(small, table(row()), both.replace(".8", "0")))
    assert none.code == "prompt"


def test_all_mistakes_of_both_files_come_in_one_run(small: Case) -> None:
    bad = row(kind="x", grade="y", date="z", known_since="w", report="")
    codes = [d.code for d in found_in(put(small, table(bad), "reporting:\n  nobody: 1 ? x\n"))]
    assert sorted(codes) == sorted(
        ["unknown-kind", "unknown-grade", "not-a-date", "not-a-date", "missing", "unknown-event"]
    )


def two(first: dict[str, str], second: dict[str, str]) -> str:
    return table(row(**first), row(**{"id": "R2", **second}))


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (
            two({}, {"id": "R1", "date": "2030-01-08", "known_since": "2030-01-08"}),
            "duplicate-id",
            "line 2",
        ),
        (two({}, {}), "same-day", "2030-01-06/2030-01-08"),
        (two({}, {"what": "rocket.death"}), "same-day", "twice"),
        (two({}, {"what": "rocket.salvo"}), "same-day", "one a day"),
        # What takes three days was decided three days before it is done.
        (
            two(
                {"what": "long", "date": "2030-01-09", "known_since": "2030-01-09"},
                {"what": "answer"},
            ),
            "same-day",
            "'blue'",
        ),
    ],
)
def test_two_rows_that_cannot_both_be(small: Case, text: str, code: str, said: str) -> None:
    (one,) = found_in(put(small, text))
    assert (one.code, one.span.line, one.span.column) == (code, 3, 1)
    assert said in one.message + one.help


@pytest.mark.parametrize(
    "text",
    [
        two({}, {"what": "rocket.salvo", "date": "2030-01-06/2030-01-08", "note": "a day's grace"}),
        two({"what": "long"}, {"what": "answer"}),  # decided on the third, and on the sixth
        two({}, {"what": "storm"}),
        two({}, {"what": "answer"}),
    ],
)
def test_two_rows_that_can(small: Case, text: str) -> None:
    assert len(put(small, text).history.reports) == 2


@pytest.mark.parametrize(
    ("text", "code", "line", "col"),
    [
        ("", "empty", 1, 1),
        ("\n \n", "empty", 1, 1),
        (COLUMNS.replace("grade,", ""), "column", 1, 1),
        (COLUMNS.replace("grade", "graed"), "column", 1, COLUMNS.index("grade") + 1),
        (COLUMNS.replace("grade", "kind"), "column", 1, 1),
        (COLUMNS + ",id", "column", 1, len(COLUMNS) + 2),
        (COLUMNS + ",more", "column", 1, len(COLUMNS) + 2),
        (COLUMNS.replace("kind,what", "what,kind"), "column", 1, 4),
        (table(row() + ","), "fields", 2, len(row()) + 2),
        (table(row()[:-2]), "fields", 2, 1),
        (table(row(report='a "rocket"')), "quoting", 2, row().index("A rocket") + 3),
        (table(row(report='"a" rocket')), "quoting", 2, row().index("A rocket") + 4),
        (table(row(report='"a rocket')), "quoting", 2, row().index("A rocket") + 1),
        (table(row(report="a\x00b")), "character", 2, row().index("A rocket") + 2),
        (table(row()).encode() + b"\xff\n", "encoding", 3, 1),
        (table(row()).encode("utf-16"), "encoding", 1, 1),
        (table(row(report="x" * 6000)), "too-long", 2, row().index("A rocket") + 1),
    ],
)
def test_a_broken_table_has_its_place(
    small: Case, text: str | bytes, code: str, line: int, col: int
) -> None:
    findings = found_in(put(small, text))
    assert code in [d.code for d in findings]
    one = next(d for d in findings if d.code == code)
    assert one.span.file.endswith("history.csv")
    assert (one.span.line, one.span.column) == (line, col)


def test_each_column_that_is_missing_is_named(small: Case) -> None:
    text = "\n".join(["id", "R1"])
    messages = " ".join(d.message for d in found_in(put(small, text)))
    assert all(f"'{name}' is missing" in messages for name in HEADER[1:])


@pytest.mark.parametrize(("mark", "words"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_table_that_is_not_separated_by_commas_is_told_as_that(
    small: Case, mark: str, words: str
) -> None:
    here = put(small, table(row()).replace(",", mark))
    (found,) = found_in(here)
    assert found.code == "separator"
    assert words in found.message
    assert "commas" in found.help
    (small.folder / "crowd.csv").write_text(f"question{mark}probability{mark}as_of\n")
    with pytest.raises(CaseError, match=words):
        _ = beside(here, small.folder).crowd


@pytest.mark.parametrize(
    ("text", "code", "line", "col"),
    [
        ("reporting:\n  rocet: .9 ? x\n", "unknown-event", 2, 3),
        ("reporting:\n  secret: .9 ? x\n", "private", 2, 3),
        ("reporting:\n  rocket: 1.2 ? x\n", "probability", 2, 11),
        ("reporting:\n  rocket: -.2 ? x\n", "probability", 2, 11),
        ("reporting:\n  rocket: .9\n", "no-basis", 2, 11),
        ("reporting:\n  rocket: 1\n", "no-basis", 2, 11),
        ("reporting:\n  rocket: .9 ~T999\n", "unknown-passage", 2, 14),
        ("reporting:\n  rocket: often ? x\n", "unknown-name", 2, 11),
        ("reporting:\n  rocket: {2029-12-31: .9 ? x}\n", "dates", 2, 12),
        ("reporting:\n  rocket: {january: .9 ? x}\n", "not-a-date", 2, 12),
        ("reporting:\n  rocket: [.9 ? x]\n", "shape", 2, 11),
        ("reprting:\n  rocket: .9 ? x\n", "unknown-key", 1, 1),
        ("reporting: .9 ? x\n", "missing", 1, 12),
    ],
)
def test_a_mistake_in_reporting_has_its_place(
    small: Case, text: str, code: str, line: int, col: int
) -> None:
    findings = found_in(put(small, None, text))
    one = next((d for d in findings if d.code == code), None)
    assert one is not None, findings
    assert one.span.file.endswith("reporting.yaml")
    assert (one.span.line, one.span.column) == (line, col)


def test_an_empty_reporting_file_is_an_error(small: Case) -> None:
    assert [d.code for d in found_in(put(small, None, ""))] != []


def test_a_private_event_that_is_shown_may_be_followed(tmp_path: Path) -> None:
    """A line of talk shows Iran's secret assurance to Washington."""
    (tmp_path / "reporting.yaml").write_text("reporting:\n  iran.assure: .1 ? a leak\n")
    shown = beside(load("us-iran-2020"), tmp_path)
    assert [c.event for c in shown.history.coverage] == ["iran.assure"]


def test_a_huge_file_is_refused_unread(small: Case) -> None:
    put(small, None)
    with (small.folder / "history.csv").open("wb") as file:
        file.truncate(100_000_000)
    (one,) = found_in(beside(small, small.folder))
    assert one.code == "too-large"


def test_a_file_of_nonsense_gives_some_errors_and_stops(small: Case) -> None:
    findings = found_in(put(small, table(*["nonsense"] * 50_000)))
    assert MOST_ERRORS < len(findings) < 2 * MOST_ERRORS
    assert "too-many" in {d.code for d in findings}
    findings = found_in(put(small, table(*[row(kind="x", what="y" * 4000)] * 800)))
    assert "too-many" in {d.code for d in findings}
    assert len(findings) < 2 * MOST_ERRORS
    assert max(len(d.message) for d in findings) < 200


@pytest.mark.parametrize("byte", [b",", b'"', b"\n", b"\x00", b"x", b"\r"])
def test_one_byte_a_million_times_is_explained_at_once(small: Case, byte: bytes) -> None:
    findings = found_in(put(small, byte * 1_000_000))
    assert 0 < len(findings) <= 20
    assert all(len(d.message) < 200 for d in findings)


def test_history_of_raises_every_finding(small: Case) -> None:
    case = put(small, table(row(kind="x"), row(id="R2", grade="y")))
    with pytest.raises(CaseError) as raised:
        _ = case.history
    assert [d.code for d in raised.value.diagnostics] == ["unknown-kind", "unknown-grade"]


# ---- one event reported twice ------------------------------------------------------------------

TWICE = ",".join((*HEADER, "same_as"))
SECOND = {"id": "R2", "source": "the radio"}


def twice(*rows: tuple[dict[str, str], str]) -> str:
    """A history with the column same_as."""
    return "\n".join([TWICE, *(f"{row(**fields)},{other}" for fields, other in rows), ""])


def test_two_rows_of_one_event_are_one_report_known_since_the_earlier(small: Case) -> None:
    text = twice(
        ({"date": "2030-01-06/2030-01-08", "note": "some day", "known_since": "2030-01-09"}, ""),
        (
            {
                **SECOND,
                "date": "2030-01-07/2030-01-10",
                "note": "so",
                "known_since": "2030-01-08",
                "what": "rocket.death",
                "grade": "recalled",
            },
            "R1",
        ),
    )
    history = put(small, text).history
    assert len(history.reports) == 2
    (one,) = history.known_by(dt.date(2030, 1, 31))
    assert (one.id, one.source, one.grade) == ("R1+R2", "the press; the radio", "verified")
    assert (one.known_since, one.outcome, one.rows) == (dt.date(2030, 1, 8), "death", 2)
    # On the days that both leave open.
    assert one.when == (Days(dt.date(2030, 1, 7), dt.date(2030, 1, 8), 1.0),)
    # As of a day on which only one was known nothing of the other is used.
    (early,) = history.told_by(dt.date(2030, 1, 8))
    assert (early.id, early.last) == ("R2", dt.date(2030, 1, 10))
    assert history.known_by(dt.date(2030, 1, 8)) == ()


def test_conditioning_sees_one_report_of_two_rows(small: Case) -> None:
    day = {"date": "2030-01-06", "known_since": "2030-01-06"}
    text = twice((day, ""), ({**day, **SECOND, "known_since": "2030-01-07"}, "R1"))
    history, laid = put(small, text).history, plan(small.crisis)
    for as_of, id in ((6, "R1"), (8, "R1+R2")):
        (seen,) = schedule(laid, history, dt.date(2030, 1, as_of)).sightings
        assert (seen.id, seen.day) == (id, 5)


def test_two_measurements_of_one_value_count_once_where_they_say_so(small: Case) -> None:
    fact = {"kind": "quantity", "what": "harm", "value": "= 2", "error": ".5"}
    history = put(small, twice((fact, ""), ({**fact, **SECOND}, "R1"))).history
    assert [r.id for r in history.known_by(dt.date(2030, 1, 31))] == ["R1+R2"]


@settings(max_examples=100, deadline=None)
@given(
    *[
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 9), st.integers(1, 9)),
            min_size=1,
            max_size=3,
        )
    ]
    * 2
)
def test_days_in_common_are_as_likely_as_in_both_together(
    one: list[tuple[int, int, int]], other: list[tuple[int, int, int]]
) -> None:
    def readings(spec: list[tuple[int, int, int]]) -> tuple[Days, ...]:
        first, out = dt.date(2030, 1, 1), []
        for gap, length, weight in spec:
            first += dt.timedelta(gap)
            last = first + dt.timedelta(length)
            out.append(Days(first, last, weight / sum(w for _, _, w in spec)))
            first = last + dt.timedelta(1)
        return tuple(out)

    def by_day(when: tuple[Days, ...]) -> dict[dt.date, float]:
        return {
            d.first + dt.timedelta(k): d.chance / ((d.last - d.first).days + 1)
            for d in when
            for k in range((d.last - d.first).days + 1)
        }

    a, b = readings(one), readings(other)
    pa, pb = by_day(a), by_day(b)
    expected = {day: p * pb[day] for day, p in pa.items() if day in pb}
    total = sum(expected.values())
    found = by_day(common_days(a, b))
    assert set(found) == set(expected)
    for day, p in found.items():
        assert p == pytest.approx(expected[day] / total)


@pytest.mark.parametrize(
    ("first", "second", "other", "said"),
    [
        ({}, SECOND, "R9", "no such report"),
        ({}, {**SECOND, "what": "rocket.salvo"}, "R1", "two things"),
        ({"what": "rocket.death"}, {**SECOND, "what": "rocket.none"}, "R1", "without an outcome"),
        ({}, {**SECOND, "date": "2030-01-07"}, "R1", "2030-01-06|2030-01-07"),
        (
            {},
            {**SECOND, **{k: FACT[k] for k in ("kind", "what", "value", "error")}},
            "R1",
            "two things",
        ),
        ({**FACT}, {**FACT, **SECOND, "value": "= 3"}, "R1", "two measurements"),
    ],
)
def test_rows_that_cannot_be_one_are_errors(
    small: Case, first: dict[str, str], second: dict[str, str], other: str, said: str
) -> None:
    (one,) = found_in(put(small, twice((first, ""), (second, other))))
    assert (one.code, one.span.line) == ("same-as", 3)
    assert said in one.message + one.help


def test_a_row_names_the_first_of_its_kind_and_not_another_double(small: Case) -> None:
    text = twice(({}, ""), (SECOND, "R1"), ({"id": "R3", "source": "a third"}, "R2"))
    (one,) = found_in(put(small, text))
    assert (one.code, one.span.line, one.help) == (
        "same-as",
        4,
        "name the first of them, 'R1'",
    )


def test_two_papers_on_one_day_are_told_how_to_be_one(small: Case) -> None:
    (one,) = found_in(put(small, table(row(), row(**SECOND))))
    assert one.code == "same-day"
    assert "`R1` under same_as" in one.help


LOOKS = [  # the second row, what stands in its same_as, and whether it is warned of
    ({"date": "2030-01-07"}, "", True),  # it touches
    ({"date": "2030-01-08"}, "", False),
    ({"date": "2030-01-07"}, "no", False),  # somebody has looked
    ({"date": "2030-01-07", "source": "the press"}, "", False),  # one paper, two events
    ({"date": "2030-01-07", "actor": "red"}, "", True),
    ({"date": "2030-01-07", "what": "rocket.salvo"}, "", False),
    ({"date": "2030-01-20|2030-01-07/2030-01-09", "note": "each says so"}, "", True),
    ({"date": "2030-01-20|2030-01-10", "note": "each says so"}, "", False),
    ({"date": "2030-01-04/2030-01-09", "note": "each says so"}, "", True),
]


@pytest.mark.parametrize(("second", "same", "warned"), LOOKS, ids=str)
def test_rows_that_may_be_doubles_are_warned_of(
    small: Case, second: dict[str, str], same: str, warned: bool
) -> None:
    given = {**SECOND, "known_since": "2030-01-21", **second}
    found = found_in(put(small, twice(({}, ""), (given, same))))
    assert [(d.code, d.severity, d.span.line) for d in found] == (
        [("double", "warning", 3)] if warned else []
    )


def test_a_source_that_tells_of_both_tells_them_apart(small: Case) -> None:
    next_day = {"date": "2030-01-07"}
    text = twice(
        ({}, ""),
        (SECOND, "R1"),
        ({"id": "R3", **next_day}, ""),
        ({"id": "R4", "source": "the radio", **next_day}, "R3"),
    )
    assert found_in(put(small, text)) == []


def test_the_same_value_by_two_sources_may_be_one_measurement(small: Case) -> None:
    (one,) = found_in(put(small, table(row(**FACT), row(**{**FACT, **SECOND}))))
    assert one.code == "double"
    other = {**FACT, **SECOND, "value": "= 2.5"}
    assert found_in(put(small, table(row(**FACT), row(**other)))) == []


def test_the_optional_column_stands_last(small: Case) -> None:
    text = twice(({}, "")).replace(TWICE, "same_as," + COLUMNS, 1)
    (one,) = found_in(put(small, text))
    assert one.code == "column"
    assert one.help.endswith("note,same_as")


def test_a_month_is_no_day_of_a_report_and_the_span_is_said(small: Case) -> None:
    (one,) = found_in(put(small, table(row(date="2030-02"))))
    assert "2030-02-01/2030-02-28" in one.help


# ---- any bytes -------------------------------------------------------------------------------

cells = st.one_of(
    st.text(max_size=12), st.sampled_from([*GOOD.values(), *FACT.values(), "2030-01-06:.5|", '"'])
)


histories = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=200).map(lambda b: COLUMNS.encode() + b"\n" + b),
    st.lists(st.lists(cells, min_size=11, max_size=15), max_size=4).map(
        lambda rows: table(*(",".join(r) for r in rows)).encode("utf-8", "surrogatepass")
    ),
)
reportings = st.one_of(
    st.just(REPORTING.encode()), st.binary(max_size=60).map(lambda b: b"reporting:\n" + b)
)


def read_or_explained(case: Case) -> None:
    """Nothing but CaseError comes out, and that says where and what."""
    diagnostics: tuple[Diagnostic, ...] = ()
    try:
        _ = case.history
    except CaseError as error:
        diagnostics = error.diagnostics
        assert diagnostics
    for d in diagnostics:
        assert d.span.line >= 1
        assert d.span.column >= 1
        assert d.message


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories, reportings)
def test_any_bytes_are_read_or_explained(small: Case, history: bytes, reporting: bytes) -> None:
    read_or_explained(put(small, history, reporting))


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=3))
def test_a_shipped_file_with_wrong_bytes_is_read_or_explained(
    small: Case, wrong: list[tuple[float, int]]
) -> None:
    case = load("tutorial")
    text = bytearray((case.folder / "history.csv").read_bytes())
    reporting = (case.folder / "reporting.yaml").read_bytes()
    for place, byte in wrong:
        text[int(place * len(text))] = byte
    put(small, bytes(text), reporting)
    read_or_explained(beside(case, small.folder))
