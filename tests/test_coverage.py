"""What becomes of each thing that the documents say, and of documents that err."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from offramp import to_dict
from offramp.case.case import Case, examine, load
from offramp.case.texts import shipped
from offramp.cli import main
from offramp.explain.compare import Comparison, quoted
from offramp.explain.coverage import Coverage, Row, coverage, kind_of, row_of
from offramp.language.crisis import claims
from offramp.language.questions import Question
from offramp.render.terminal.coverage_table import print_coverage
from offramp.sources.documents import digest
from offramp.sources.faults import all_beside, beside, faults_of
from offramp.sources.sentences import Sentence, read_through, sentences
from offramp.text.diagnostics import CaseError, Diagnostic

# ---- a small case in which every status occurs ---------------------------------------------------

TEXT = """A heading
The raids began in May. Trade fell by 5 percent. Mr. Low of the U.S. Embassy said so.
One side fears war. The other does not. Raids lower trade, says the author. A deal is likely.
Stop the raids. On 4 January a raid took place. Nobody cites this sentence of the text at all.
"""

PASSAGES = {
    "V1": "Trade fell by 5 percent",  # at a number
    "A1": "The raids began",  # only in `cites:`
    "A2": "Mr. Low",  # of an element that nothing reads
    "D1.1": "One side fears war",
    "D1.2": "The other does not",
    "C1": "Raids lower trade",
    "J1": "A deal is likely",
    "Q1": "in May",
    "R1": "Stop the raids",
    "H1": "On 4 January a raid took place",
    "N1": "says the author",
}

FILES = {
    "crisis.yaml": """crisis: Raids
from: 2030-01-01
to: 2030-03-31
show: [mood, trade]
state:
  mood: {ladder: [calm, tense], now: calm ? ours}
  trade: {share: .95 ~V1}
  deals: {count: 0}
unknown:
  fear: {share: .2 .. .8 ? wide}
actor:
  low: {name: Low, role: audience, cites: [A2]}
  north:
    name: North
    pace: .1 ? slow
    precision: 1 ? middling
    foresight: 0 ? none
    wants:
      trade: 1 * trade ? they live by it
      calm: -1 * fear * deals ? some dislike deals
event:
  raid:
    cites: [A1]
    rate: .02 ? one in two months
    does: [trade - .1 ? feared]
  deal:
    by: north
    does: [deals + 1 ? counted]
""",
    "questions.yaml": """questions:
  deal_made:
    text: Is there a deal by the end of March 2030?
    window: 2030-01-01 .. 2030-03-31
    asks: count(deal) >= 1
    cites: [Q1]
    resolves: a deal that both announce
""",
    "assessments/author.yaml": """assessment: The author
document: note
says:
  unknown:
    fear: {share: .1 .. .4 ~D1.2}
judges:
  J1: {question: deal_made, interval: .55 .. .8 ~J1}
""",
    "claims/author.yaml": """claims:
  C1:
    says: raids lower trade
    high: {force: {raid: "2030-01-10 ? ours"}}
    low: {never: [raid]}
    effect: final(trade)
    window: 2030-01-01 .. 2030-02-28
    sign: "-"
    strength: weak
    because: the word "lower"
""",
    "policies.yaml": """losses:
  trade:
    name: Trade
    about: Merchants count what they sell
    sum: {trade: "1 [? the unit] * (1 - final(trade))"}
policies:
  R1:
    name: No raids
    addressee: [north]
    do: {never: [raid]}
""",
    "history.csv": "id,kind,what,actor,date,known_since,grade,value,error,report,source,url,note\n"
    "E1,event,raid,,2030-01-04,2030-01-05,document,,,A raid,note H1,,\n",
    "reporting.yaml": "reporting:\n  raid: .9 ? the press counts them\n",
}


def sources(extra: str = "") -> str:
    return f"""documents:
  note:
    title: A note
    author: us
    publisher: nobody
    date: 2030-01-01
    precision: day
    dated by: the note
    file: note.txt
    sha256: {digest(TEXT)}
    licence: CC0
    text: {{start: 0, end: {len(TEXT)}}}
{extra}"""


def listing(passages: dict[str, str] = PASSAGES) -> str:
    lines = ["passages:"]
    for id, exact in passages.items():
        start = TEXT.index(exact)
        lines += [
            f"  {id}:",
            "    document: note",
            f"    start: {start}",
            f"    end: {start + len(exact)}",
            f"    sha256: {digest(exact)}",
            "    paraphrase: what it says",
        ]
    return "\n".join(lines) + "\n"


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the case `raids`; files by name replace or add, None leaves one out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)

    def made(files: dict[str, str | None] | None = None, extra: str = "") -> Path:
        folder = tmp_path / "raids"
        shutil.rmtree(folder, ignore_errors=True)
        whole: dict[str, str | None] = {
            **FILES,
            "sources.yaml": sources(extra),
            "passages.yaml": listing(),
            **(files or {}),
        }
        for name, text in whole.items():
            if text is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, "utf-8")
        return folder

    return made


def changed(file: str, old: str, new: str) -> dict[str, str | None]:
    assert old in FILES[file]
    return {file: FILES[file].replace(old, new, 1)}


def by_id(c: Coverage) -> dict[str, Row]:
    return {row.id: row for row in c.rows}


def found_in(folder: Path) -> list[Diagnostic]:
    """What a coverage of the case says is wrong."""
    case, found = examine(folder)
    if case is None:
        return found
    try:
        return list(coverage(case).warnings)
    except CaseError as error:
        return list(error.diagnostics)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ("coverage", *arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# ---- what carries a row --------------------------------------------------------------------------


def test_each_row_goes_where_it_is_cited(write: Write) -> None:
    rows = by_id(coverage(load(write())))
    told = {id: (row.status, [str(c) for c in row.carried_by]) for id, row in rows.items()}
    assert told == {
        "V1": ("modelled", ["state trade (mark)"]),
        "A1": ("modelled", ["event raid (cites)"]),
        "A2": ("left out", []),
        "D1": ("judged", ["assessment author (sets unknown fear)"]),
        "C1": ("tested", ["claim C1 (tested under author)"]),
        "J1": ("judged", ["assessment author (asked as deal_made)"]),
        "Q1": ("asked", ["question deal_made (cites)"]),
        "R1": ("policy", ["policy R1 (cites)"]),
        "H1": ("history", ["history E1 (event)"]),
        "N1": ("left out", []),
    }


def test_the_sides_of_a_disagreement_are_one_row(write: Write) -> None:
    rows = by_id(coverage(load(write())))
    assert rows["D1"].passages == ("D1.1", "D1.2")
    assert not {"D1.1", "D1.2"} & set(rows)
    assert (row_of("D1.2"), row_of("T10"), kind_of("D1"), kind_of("pp3")) == (
        "D1",
        "T10",
        "D",
        "pp",
    )


def test_what_nothing_reads_carries_nothing(write: Write) -> None:
    """The same citation counts as soon as the element stands behind something."""
    c = coverage(load(write()))
    assert [(d.element, d.rows, d.lost) for d in c.dead] == [("actor low", ("A2",), ("A2",))]
    read = changed(
        "crisis.yaml",
        "{name: Low, role: audience, cites: [A2]}",
        "{name: Low, precision: 1 ? firm, wants: {x: 1 ~A2 * trade}}",
    )
    read["crisis.yaml"] = (read["crisis.yaml"] or "").replace(
        "    by: north\n", "    by: north\n    consent: low\n"
    )
    c = coverage(load(write(read)))
    assert not c.dead
    assert [str(x) for x in by_id(c)["A2"].carried_by] == ["actor low (mark)"]


DEALS = {"state deals", "unknown fear", "event deal", "actor north"}
HEADER = FILES["history.csv"].split("\n")[0]


@pytest.mark.parametrize(
    ("only", "dead"),
    [
        ({}, DEALS),  # the bands show trade
        ({"questions.yaml": FILES["questions.yaml"]}, set()),
        (
            {
                "claims/case.yaml": FILES["claims/author.yaml"].replace(
                    "final(trade)", "final(deals)"
                )
            },
            set(),
        ),
        ({"policies.yaml": FILES["policies.yaml"].replace("final(trade)", "final(deals)")}, set()),
        ({"reporting.yaml": "reporting:\n  deal: .9 ? announced\n"}, set()),
        ({"reporting.yaml": "reporting:\n  deal: 0 ? nobody looks\n"}, DEALS),
        (
            {
                "history.csv": f"{HEADER}\nE1,quantity,deals,,2030-01-04,2030-01-05,verified,>= 1,"
                "1,A deal,the press,,\n"
            },
            set(),
        ),
        (
            {
                "history.csv": f"{HEADER}\nE1,past,deal,,2029-01-04,2029-01-05,verified,,,"
                "A deal,the press,,\n"
            },
            DEALS,
        ),
    ],
)
def test_a_question_a_test_a_loss_or_the_record_keeps_an_element_alive(
    write: Write, only: dict[str, str | None], dead: set[str]
) -> None:
    nothing = {name: None for name in FILES if name != "crisis.yaml"}
    c = coverage(load(write({**nothing, **only})))
    # All of these are about deals; the actor that nothing reads is dead in any case.
    assert {d.element for d in c.dead} == {"actor low", *dead}


def test_a_claim_about_a_belief_reads_the_belief(write: Write) -> None:
    """Of an actor that nothing else reads, so that only the claim can."""
    mind = """  low:
    {pace: .1 ? slow, precision: 1 ? firm, foresight: 0 ? none, wants: {x: 1 * trade ? his}}
"""
    held = """belief:
  low about north:
    cites: [A2]
    types:
      bold: {prior: .5 ? even, fear: .2 ? little}
      shy: {prior: .5 ? even, fear: .7 ? much}
"""
    crisis = changed("crisis.yaml", "  low: {name: Low, role: audience, cites: [A2]}\n", mind)
    crisis["crisis.yaml"] = (crisis["crisis.yaml"] or "") + held
    unread = coverage(load(write(crisis)))
    assert {d.element for d in unread.dead} == {"actor low", "belief low about north"}
    assert not by_id(unread)["A2"].carried
    asked = changed("claims/author.yaml", "final(trade)", "believes(low, north, bold)")
    read = coverage(load(write({**crisis, **asked})))
    assert {d.element for d in read.dead} == {"actor low"}
    assert [str(x) for x in by_id(read)["A2"].carried_by] == ["belief low about north (cites)"]


def test_the_list_of_an_element_is_told_apart_from_its_marks(write: Write) -> None:
    c = coverage(load(write()))
    assert [row.id for row in c.rows if row.only_listed] == ["A1"]
    both = changed("crisis.yaml", "rate: .02 ? one in two months", "rate: .02 ~A1")
    c = coverage(load(write(both)))
    assert [str(x) for x in by_id(c)["A1"].carried_by] == ["event raid (mark)"]
    assert c.only_listed == 0


def test_the_list_of_a_form_counts_where_the_form_is_read(write: Write) -> None:
    form = "hazard:\n  storm: {cites: [A2], rate: .01 ? rare, does: [trade - .1 ? ships wait]}\n"
    c = coverage(load(write({"crisis.yaml": FILES["crisis.yaml"] + form})))
    assert by_id(c)["A2"].carried
    unread = form.replace("trade - .1", "fog + 1").replace("hazard:", "hazard:")
    text = FILES["crisis.yaml"].replace(
        "  deals: {count: 0}", "  deals: {count: 0}\n  fog: {count: 0}"
    )
    c = coverage(load(write({"crisis.yaml": text + unread})))
    assert not by_id(c)["A2"].carried


def test_a_row_of_several_statuses_has_that_of_its_kind_first(write: Write) -> None:
    both = changed("crisis.yaml", "does: [trade - .1 ? feared]", "does: [trade - .1 ~C1]")
    assert by_id(coverage(load(write(both))))["C1"].status == "modelled"
    both["coverage.yaml"] = "kinds: {C: {name: causes, first: tested}}\n"
    row = by_id(coverage(load(write(both))))["C1"]
    assert (row.status, row.section) == ("tested", "causes")
    assert {str(c) for c in row.carried_by} == {
        "event raid (mark)",
        "claim C1 (tested under author)",
    }


# ---- what does not count, and the reasons that stand elsewhere -----------------------------------


def test_what_cannot_be_said_is_left_out_with_the_reason_given_there(write: Write) -> None:
    c = coverage(
        load(
            write(
                {
                    "claims/author.yaml": "claims:\n"
                    "  C1: {says: raids lower trade, inexpressible: no raids}\n",
                    "policies.yaml": (
                        FILES["policies.yaml"].split("    addressee")[0]
                        + "    inexpressible: nobody can\n"
                    ),
                    "assessments/author.yaml": FILES["assessments/author.yaml"].split("judges:")[0]
                    + "judges:\n  J1: {inexpressible: no such deal}\n",
                }
            )
        )
    )
    rows = by_id(c)
    assert [(rows[i].status, rows[i].reason) for i in ("C1", "R1", "J1")] == [
        ("left out", "no raids"),
        ("left out", "nobody can"),
        ("left out", "no such deal"),
    ]


def test_a_premise_counts_and_one_about_what_nothing_reads_does_not(write: Write) -> None:
    premise = changed(
        "assessments/author.yaml",
        "{question: deal_made, interval: .55 .. .8 ~J1}",
        "{premise: [unknown fear]}",
    )
    row = by_id(coverage(load(write(premise))))["J1"]
    assert [str(x) for x in row.carried_by] == ["assessment author (premise of unknown fear)"]
    unread = changed("crisis.yaml", "calm: -1 * fear * deals", "calm: -1 * deals")
    c = coverage(load(write(unread)))
    assert "unknown fear" in {d.element for d in c.dead}
    assert not by_id(c)["D1"].carried


def test_a_disagreement_is_carried_by_what_its_file_names(write: Write) -> None:
    entry = """disagreements:
  D1: {topic: fear, carried_by: [WHAT], sides: {note: [D1.1, D1.2]}}
"""
    own = {"assessments/author.yaml": None, "claims/author.yaml": None}
    carried = entry.replace("WHAT", "unknown fear")
    row = by_id(coverage(load(write({**own, "disagreements.yaml": carried}))))["D1"]
    assert [str(x) for x in row.carried_by] == ["unknown fear (disagreement D1)"]
    assert row.only_listed
    dead = entry.replace("WHAT", "actor low")
    row = by_id(coverage(load(write({**own, "disagreements.yaml": dead}))))["D1"]
    assert not row.carried
    left = entry.replace("carried_by: [WHAT]", "left: a matter of taste")
    row = by_id(coverage(load(write({**own, "disagreements.yaml": left}))))["D1"]
    assert (row.status, row.reason) == ("left out", "a matter of taste")


def test_the_note_of_a_report_outside_the_model_cites_nothing(write: Write) -> None:
    header = FILES["history.csv"].split("\n")[0]
    inside = "E1,event,raid,,2030-01-04,2030-01-05,verified,,,A raid,the press,,see note H1"
    outside = "E1,outside,,,2030-01-04,2030-01-05,verified,,,A raid,the press,,see note H1"
    for row, carried in ((inside, True), (outside, False)):
        c = coverage(load(write({"history.csv": f"{header}\n{row}\n"})))
        assert by_id(c)["H1"].carried is carried


# ---- reasons -------------------------------------------------------------------------------------


def test_a_row_that_nobody_explains_fails_the_command(write: Write) -> None:
    folder = str(write())
    result = run(folder)
    assert result.exit_code == 1
    assert "2 rows are left out without a reason: A2 N1" in result.stderr
    assert "coverage.yaml" in result.stderr
    write({"coverage.yaml": "left out:\n  A2: he does nothing\n  N1: no fact\n"})
    result = run(folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "A2: he does nothing" in result.stdout


@pytest.mark.parametrize(
    ("text", "line", "code", "severity", "help"),
    [
        ("left out:\n  A2: x\n  N1: x\n  V1: x\n", 4, "stale", "warning", "take this line out"),
        ("left out:\n  A9: x\n", 2, "unknown-row", "error", "known here: A1"),
        ("left out:\n  D1.2: x\n", 2, "unknown-row", "error", "write D1"),
        ("left out:\n  A2:\n", 2, "missing", "error", "one line"),
        ("left out:\n  A2: [x]\n", 2, "missing", "error", "one line"),
        ("left: {}\n", 1, "unknown-key", "error", "left out"),
        ("kinds: {Z: {name: x}}\n", 1, "unknown-kind", "error", "the case has"),
        ("kinds: {A: {first: testd}}\n", 1, "status", "error", "did you mean 'tested'"),
    ],
)
def test_mistakes_in_coverage_yaml_have_a_place(
    write: Write, text: str, line: int, code: str, severity: str, help: str
) -> None:
    found = found_in(write({"coverage.yaml": text}))
    assert [(d.span.line, d.code, d.severity) for d in found] == [(line, code, severity)]
    assert help in found[0].help
    assert found[0].span.file.endswith("coverage.yaml")


def test_all_errors_of_the_files_beside_come_at_once(write: Write) -> None:
    found = found_in(
        write(
            {
                "coverage.yaml": "left out:\n  A9: x\n",
                "claims/author.yaml": "claims:\n  C1: {says: x}\n",
                "policies.yaml": "policies: {}\n",
            }
        )
    )
    files = {Path(d.span.file).name for d in found if d.severity == "error"}
    assert files == {"coverage.yaml", "author.yaml", "policies.yaml"}


# ---- the table and the JSON ----------------------------------------------------------------------


def test_the_json_says_the_same_as_the_values(write: Write) -> None:
    folder = write({"coverage.yaml": "left out: {A2: idle, N1: no fact}\n"})
    told = json.loads(run(str(folder), "--json").stdout)
    case = load(folder)
    c = coverage(case)
    assert told == json.loads(json.dumps(to_dict(c)))
    assert told["schema"] == "offramp.coverage/1"
    assert told["model_sha256"] == case.model_sha256
    assert told["share"] == pytest.approx(8 / 10)
    assert sum(told["counts"].values()) == len(told["rows"]) == 10
    assert told["sentences"] is None
    assert {
        "id": "A2",
        "section": "",
        "status": "left out",
        "carried_by": [],
        "reason": "idle",
    } in told["rows"]


def test_without_documents_the_table_says_that_nothing_was_looked_at(write: Write) -> None:
    assert "not looked for" in run(str(write())).stdout


def test_with_documents_the_table_shows_six_words_at_most(write: Write, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "note.txt").write_text(TEXT, "utf-8")
    out = run(str(write()), "--sources", str(texts)).stdout
    assert "Nobody cites this sentence of the ..." in out
    assert "sentence of the text" not in out
    told = json.loads(run(str(write()), "--sources", str(texts), "--json").stdout)
    assert told["sentences"][0]["sentences"] - told["sentences"][0]["touched"] == 2
    assert [(u["words"], u["stopped"]) for u in told["untouched"]["note"]] == [
        ("A heading", False),
        ("Nobody cites this sentence of the", True),
    ]


# ---- sentences -----------------------------------------------------------------------------------


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two! Three? Four\u2026 Five", ["One.", "Two!", "Three?", "Four\u2026", "Five"]),
        ("He met Mr. Low. She left.", ["He met Mr. Low.", "She left."]),
        ("The U.S. Embassy of Q. Low stood.", ["The U.S. Embassy of Q. Low stood."]),
        ("It was .5 of 3.2 units. 12 more came.", ["It was .5 of 3.2 units.", "12 more came."]),
        ("He said \u201cno.\u201d She went.", ["He said \u201cno.\u201d", "She went."]),
        ("Done.<sup>3</sup> Next.", ["Done.<sup>3</sup>", "Next."]),
        ("a heading\n\nText of it.\n---\n", ["a heading", "Text of it."]),
        ("A line that\ngoes on. Next\nNew", ["A line that\ngoes on.", "Next", "New"]),
        ("First.\nc. small letter", ["First.", "c. small letter"]),
        ("He stopped. and went on. a move", ["He stopped. and went on. a move"]),
        ("", []),
    ],
)
def test_the_rule_for_sentences(text: str, pieces: list[str]) -> None:
    assert cut(text) == pieces


@given(st.text(alphabet="aB .?!\n\u201d<sup>1)Mr", max_size=80), st.data())
def test_sentences_are_apart_in_order_and_hold_every_letter(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    spans = list(sentences(text, start, end))
    assert all(start <= a < b <= end for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    held = "".join(text[a:b] for a, b in spans)
    assert [c for c in held if c.isalpha()] == [c for c in text[start:end] if c.isalpha()]
    assert not any(re.search(r"\n\s*[^a-z\s]", text[a:b]) for a, b in spans)


def test_a_sentence_is_touched_by_one_character_of_a_passage(write: Write) -> None:
    case = load(write())
    (reading,) = read_through(case.documents.values(), {"note": TEXT}, case.passages.values())
    assert reading.state == "read"
    spans = list(sentences(TEXT, 0, len(TEXT)))
    places = [(p.start, p.end) for p in case.passages.values()]
    expected = [(a, b) for a, b in spans if all(end <= a or start >= b for start, end in places)]
    assert [(s.start, s.end) for s in reading.untouched] == expected
    assert len(expected) == 2
    inside = {i for a, b in places for i in range(a, b)}
    assert (reading.characters, reading.in_passages) == (len(TEXT), len(inside))


def test_another_text_and_an_absent_one_are_not_looked_at(write: Write) -> None:
    case = load(write())
    for texts, state in (({"note": TEXT + "x"}, "changed"), ({}, "not at hand")):
        (reading,) = read_through(case.documents.values(), texts, case.passages.values())
        assert (reading.state, reading.untouched, reading.sentences) == (state, (), 0)


def test_six_words_of_a_line_without_spaces(write: Write) -> None:
    """A web address is many words."""
    text = "See www.one.two/three-four-five-six-seven for more.\n"
    folder = write(
        {
            "sources.yaml": sources()
            .replace(digest(TEXT), digest(text))
            .replace(f"end: {len(TEXT)}", f"end: {len(text)}"),
            **{name: None for name in FILES if name not in ("crisis.yaml",)},
            "crisis.yaml": re.sub(r"cites: \[A\d\]", "cites: []", FILES["crisis.yaml"]).replace(
                "~V1", "? ours"
            ),
            "passages.yaml": None,
        }
    )
    case = load(folder)
    (reading,) = read_through(case.documents.values(), {"note": text}, [])
    (sentence,) = reading.untouched
    assert isinstance(sentence, Sentence)
    assert sentence.words == "See www.one.two/three-four"
    assert len(re.findall(r"\w+", sentence.words)) == 6


# ---- documents that err --------------------------------------------------------------------------

FAULT = """faults:
  - document: [note]
    claim: Trade fell by five in a hundred
    record: It fell by nine
    source: the customs office
    status: verified
    passages: [V1]
"""


def with_fault(
    write: Write, files: dict[str, str | None] | None = None, fault: str = FAULT
) -> Path:
    return write(files, fault)


def test_the_record_stands_beside_the_passage(write: Write) -> None:
    case = load(with_fault(write))
    assert beside(case, "V1") == "the record disagrees: It fell by nine"
    assert beside(case, "A1") == ""
    assert all_beside(case, ["A1", "V1"]) == {"V1": "the record disagrees: It fell by nine"}
    out = run(str(case.folder)).stdout
    assert "Where the documents err" in out
    assert "the record disagrees: It fell by nine (the customs office)" in out
    told = to_dict(coverage(case))["faults"]
    assert told == [
        {
            "documents": ["note"],
            "passages": ["V1"],
            "status": "verified",
            "stands": {},
            "claim": "Trade fell by five in a hundred",
            "record": "It fell by nine",
            "source": "the customs office",
        }
    ]


def test_why_shows_the_record_beside_the_passages_behind_an_answer(write: Write) -> None:
    case = load(with_fault(write, fault=FAULT.replace("[V1]", "[Q1]")))
    how = ("why", str(case.folder), "deal_made", "--worlds", "4", "--threads", "1", "--reference")
    told = json.loads(CliRunner().invoke(main, (*how, "--json")).stdout)
    assert told["passages"]["Q1"] == "what it says"
    assert told["faults"] == {"Q1": "the record disagrees: It fell by nine"}
    shown = CliRunner().invoke(main, how).stdout
    assert re.search(r"Q1: what it says\s*\n\s+the record disagrees: It fell by nine", shown)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("document", "the documents disagree: "),
        ("partly", "the record may disagree: "),
        ("recalled", "the record, as we recall it, disagrees: "),
    ],
)
def test_how_well_it_is_known_is_told(write: Write, status: str, words: str) -> None:
    case = load(with_fault(write, fault=FAULT.replace("verified", status)))
    assert beside(case, "V1").startswith(words)


def test_a_whole_disagreement_has_the_faults_of_its_sides(write: Write) -> None:
    case = load(with_fault(write, fault=FAULT.replace("[V1]", "[D1.2]")))
    assert len(faults_of(case, "D1")) == len(faults_of(case, "D1.2")) == 1
    assert faults_of(case, "D1.1") == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("[note]", "[nobody]", 14, "unknown-document"),
        ("[V1]", "[V1, V8]", 19, "unknown-passage"),
        ("[V1]", "[D1]", 19, "unknown-passage"),
        ("[V1]", "[]", 14, "fault"),
        ("[V1]\n", "[V1]\n    stands: {A1: x}\n", 20, "fault"),
        ("status: verified", "status: sure", 18, "entry"),
        ("    source: the customs office\n", "", 14, "entry"),
        ("    claim:", "    claims:", 15, "entry"),
        ("[V1]", "V1", 19, "entry"),
    ],
)
def test_mistakes_in_a_fault_have_a_place(
    write: Write, old: str, new: str, line: int, code: str
) -> None:
    assert old in FAULT
    case, found = examine(with_fault(write, fault=FAULT.replace(old, new, 1)))
    assert case is None
    errors = [(d.span.line, d.code) for d in found if d.severity == "error"]
    assert (line, code) in errors
    assert all(d.span.file.endswith("sources.yaml") for d in found)


@pytest.mark.parametrize(
    ("notes", "line", "code"),
    [
        ("notes: {nobody: {N1: x}}\n", 13, "unknown-document"),
        ("notes:\n  note:\n    N2: x\n", 15, "unknown-passage"),
        ("notes:\n  note: x\n", 14, "entry"),
        ("notes:\n  note:\n    N1:\n", 15, "entry"),
        ("notes: [N1]\n", 13, "shape"),
        ("faults: {}\n", 13, "shape"),
    ],
)
def test_mistakes_in_notes_have_a_place(write: Write, notes: str, line: int, code: str) -> None:
    case, found = examine(write(extra=notes))
    assert case is None
    assert (line, code) in [(d.span.line, d.code) for d in found]


def test_a_note_is_left_out_with_what_is_done_about_it(write: Write) -> None:
    notes = "notes: {note: {N1: the words are the author's}}\n"
    row = by_id(coverage(load(write(extra=notes))))["N1"]
    assert (row.status, row.reason) == (
        "left out",
        "a note on its source, no fact: the words are the author's",
    )
    cited = changed("crisis.yaml", "rate: .02 ? one in two months", "rate: .02 ~N1")
    c = coverage(load(write(cited, notes)))
    assert by_id(c)["N1"].status == "left out"
    assert [(d.code, d.severity) for d in c.warnings] == [("cited-note", "warning")]


def test_a_number_stated_in_a_faulty_passage_is_warned_of(write: Write) -> None:
    stated = changed("crisis.yaml", ".95 ~V1", ".95 @V1")
    case = load(with_fault(write, stated))
    (warning,) = case.warnings
    assert (warning.code, warning.span.line) == ("faulty-passage", 7)
    assert "It fell by nine" in warning.message
    stands = FAULT + "    stands: {V1: the five is that of another table}\n"
    assert load(with_fault(write, stated, stands)).warnings == ()
    assert load(with_fault(write)).warnings == ()  # a size of our own
    asked = changed("questions.yaml", "count(deal) >= 1", "final(trade) >= .95 @V1")
    assert [d.code for d in load(with_fault(write, asked)).warnings] == ["faulty-passage"]


def test_a_report_may_not_take_a_faulty_passage_for_a_fact(write: Write) -> None:
    fault = FAULT.replace("[V1]", "[H1]")
    (error,) = found_in(with_fault(write, fault=fault))
    assert (error.code, error.severity) == ("faulty-fact", "error")
    assert error.span.file.endswith("history.csv")
    row = FILES["history.csv"]
    ways = {
        "vouched": row.replace("document", "verified").replace("note H1,,", "press,,by note H1"),
        "disputed": row.replace(
            "2030-01-04,2030-01-05", "2030-01-04|2030-01-06,2030-01-07"
        ).replace("note H1,,", "note H1,,the press has the 6th"),
        "outside": row.replace("event,raid", "outside,").replace("note H1,,", "note H1,,too small"),
    }
    for name, text in ways.items():
        assert text != row, name
        assert found_in(with_fault(write, {"history.csv": text}, fault)) == [], name
    stands = fault + "    stands: {H1: the day is not in question}\n"
    assert found_in(with_fault(write, fault=stands)) == []


def test_faults_and_notes_are_no_part_of_the_model(write: Write) -> None:
    before = load(write()).model_sha256
    assert load(with_fault(write, fault=FAULT + "notes: {note: {N1: x}}\n")).model_sha256 == before


# ---- the shipped cases ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def us_iran() -> Case:
    return load("us-iran-2020")


@pytest.fixture(scope="module")
def covered(us_iran: Case) -> Coverage:
    return coverage(us_iran)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_cases_leave_nothing_out_unexplained(
    name: str, covered: Coverage, capsys: pytest.CaptureFixture[str]
) -> None:
    c = covered if name == covered.case else coverage(load(name))
    assert [row.id for row in c.unexplained] == []
    assert c.warnings == ()
    print_coverage(c)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 10
    assert max(map(len, lines)) <= 80


def test_at_least_nine_rows_in_ten_are_carried(covered: Coverage) -> None:
    assert len(covered.rows) == 628
    assert sum(covered.counts.values()) == 628
    assert covered.share >= 0.9


def test_every_citation_that_carries_a_row_is_there(us_iran: Case, covered: Coverage) -> None:
    """Against the text of the files: the id stands in the file that is said to cite it."""
    folder = us_iran.folder
    files = {
        "modelled": ["crisis.yaml", "disagreements.yaml"],
        "asked": ["questions.yaml"],
        "judged": ["assessments/*.yaml"],
        "tested": ["claims/*.yaml"],
        "policy": ["policies.yaml"],
        "history": ["history.csv", "reporting.yaml", "disagreements.yaml"],
    }
    ids = {
        status: set(
            re.findall(
                r"[A-Z]\d+",
                "".join(path.read_text("utf-8") for name in names for path in folder.glob(name)),
            )
        )
        for status, names in files.items()
    }
    for row in covered.rows:
        for carrier in row.carried_by:
            assert row.id in ids[carrier.status], (row.id, carrier)


def test_the_faults_and_notes_of_the_us_iran_case(us_iran: Case) -> None:
    assert len(us_iran.faults) == 10
    assert sorted(n.passage for n in us_iran.notes) == sorted(
        p for p in us_iran.passages if p.startswith("N")
    )
    assert "14 September" in beside(us_iran, "H8")
    assert "45 days" in beside(us_iran, "V52")
    assert "deputy chairman" in beside(us_iran, "A6")
    assert us_iran.warnings == ()


def test_no_report_takes_a_faulty_statement_for_a_fact(us_iran: Case) -> None:
    reports = {r.id: r for r in us_iran.history.reports}
    oil = [r for r in reports.values() if r.what == "iran.strike_saudi_oil"]
    assert [str(r.first) for r in oil] == ["2019-09-14"]
    waivers = [r for r in reports.values() if r.what == "us.extend_waiver" and r.first.year == 2020]
    first = min(waivers, key=lambda r: r.first)
    assert first.disputed  # 10 or 12 February, and either term
    assert {u.name for u in us_iran.crisis.unknowns} >= {"waiver_days"}
    back = next(r for r in reports.values() if r.what == "iq.resume_coop")
    assert back.disputed
    assert (str(back.first), str(back.last)) == ("2020-01-15", "2020-01-31")
    told = [r.report + r.note for r in reports.values()]
    assert not any(
        re.search(r"muhandis.*\bchairman|chairman.*muhandis", t, re.I) and "deputy" not in t.lower()
        for t in told
    )
    assert not any(
        re.search(r"rockets?\b.*al-asad", r.report, re.I)
        for r in reports.values()
        if str(r.first) == "2020-01-08"
    )
    order = [
        next(r for r in reports.values() if r.what.startswith(w) and str(r.first) == d)
        for w, d in (
            ("militias.barrage", "2019-12-27"),
            ("us.hit_proxy", "2019-12-29"),
            ("militias.storm_embassy", "2019-12-31"),
        )
    ]
    assert [r.kind for r in order] == ["past"] * 3


def test_no_question_and_no_number_states_a_faulty_passage_unawares(us_iran: Case) -> None:
    """Every `@` on a passage of a fault is one of those that `stands:` speaks of."""
    asked: tuple[Question, ...] = us_iran.questions
    marks = {
        p
        for claim in (*claims(us_iran.crisis), *claims(tuple(asked)))
        for basis in claim.bases
        if basis.grade == "stated"
        for p in basis.passages
    }
    faulty = {p for f in us_iran.faults for p in f.passages}
    allowed = {p for f in us_iran.faults for p, _ in f.stands}
    assert marks & faulty <= allowed
    assert marks & faulty  # else this test says nothing


def test_a_comparison_shows_the_record_beside_a_side(us_iran: Case) -> None:
    shown = Comparison.__new__(Comparison)
    object.__setattr__(shown, "paraphrases", {"D39.1": "in June", "D39.2": "in September"})
    object.__setattr__(shown, "faults", all_beside(us_iran, ["D39.1", "D39.2"]))
    assert quoted(shown, "D39.2") == "in September [D39.2]"
    assert quoted(shown, "D39.1").startswith("in June [D39.1] (the record disagrees: It took place")


def test_the_page_on_coverage_says_what_the_tool_says(us_iran: Case) -> None:
    c = coverage(us_iran)
    page = (Path(__file__).parent.parent / "docs" / "coverage.md").read_text("utf-8")
    page = re.sub(r"<!--.*?-->", "", page)  # the marks of its figures
    assert f"{c.carried} are carried, {c.share:.1%}" in page
    assert f"{c.carried - c.only_listed}, " in page
    assert f"{c.only_listed} only in a list. {len(c.unsaid)} of the carried" in page
    assert f"Left out are {len(c.left_out)}:" in page
