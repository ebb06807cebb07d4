"""Reports out of a spreadsheet, and forecasts with their scores as a table."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import offramp
from offramp.answers.export import as_table
from offramp.answers.issued import Issued
from offramp.answers.scores import Score
from offramp.cli import main
from offramp.engine.blocks import machinery

compiled = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
HEADER = "id;kind;what;date;known_since;grade;value;error;report;source\n"
ROW = "N9;event;kelmark.board;2031-04-16;2031-04-17;verified;;;Boats are held;The Courier\n"
SOFT = "N10;quantity;trade;18.4.2031;19.04.2031;partly;<= 0,8;0,05;Less traffic;The harbour\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    shutil.copytree(Path(offramp.load("tutorial").folder), tmp_path / "mine")
    return tmp_path / "mine"


def sheet(folder: Path, text: str, name: str = "sheet.csv") -> Path:
    path = folder.parent / name
    path.write_text(text, "utf-8")
    return path


def run(*words: Any) -> Result:
    result = CliRunner().invoke(main, ["reports", "import", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# ---- CSV -------------------------------------------------------------------------------------


def test_semicolons_decimal_commas_and_dotted_dates_become_rows_of_the_history(mine: Path) -> None:
    path = sheet(mine, "\ufeff" + HEADER + ROW + ";;;;;;;;;\n" + SOFT)
    before = (mine / "history.csv").read_bytes()
    looked = run(mine, path)
    assert looked.exit_code == 0, looked.stderr
    assert "2 reports from sheet.csv: nothing was written" in looked.stdout
    assert (mine / "history.csv").read_bytes() == before
    done = run(mine, path, "--apply")
    assert done.exit_code == 0, done.stderr
    after = (mine / "history.csv").read_bytes()
    assert after.startswith(before)
    assert after[len(before) :].decode() == (
        "N9,event,kelmark.board,,2031-04-16,2031-04-17,verified,,,Boats are held,The Courier,,\n"
        "N10,quantity,trade,,2031-04-18,2031-04-19,partly,<= 0.8,0.05,Less traffic,The harbour,,\n"
    )
    reports = {r.id: r for r in offramp.load(mine).history.reports}
    assert reports["N10"].value == 0.8
    assert reports["N10"].known_since == dt.date(2031, 4, 19)
    assert offramp.check(mine).ok


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_in_any_order_by_any_mark(mine: Path, mark: str) -> None:
    names = ["Known since", "source", "report", "grade", "DATE", "what", "kind", "id"]
    cells = ["2031-04-17", "C", "Held", "verified", "2031-04-16", "kelmark.board", "event", "N9"]
    found = offramp.import_reports(mine, sheet(mine, f"{mark.join(names)}\n{mark.join(cells)}\n"))
    assert found.ok
    assert found.ids == ("N9",)
    assert found.text.endswith("2031-04-16,2031-04-17,verified,,,Held,C,,\n")


def test_what_is_wrong_is_told_by_the_row_and_the_column_of_the_sheet(mine: Path) -> None:
    wrong = (
        "N8;event;kelmark.bored;2031-04-16;2031-04-17;verified;;;Held;C\n"
        "\n"
        "N1;event;kelmark.board;2031-04-16;2031-04-15;sure;;;Held;C\n"
    )
    found = offramp.import_reports(mine, sheet(mine, HEADER + ROW + wrong))
    told = [(f.row, f.column) for f in found.found if f.severity == "error"]
    assert (3, "what") in told  # row 4 is blank
    assert (5, "id") in told
    assert (5, "grade") in told
    assert (5, "known_since") in told
    assert {row for row, _ in told} == {3, 5}
    assert "did you mean 'kelmark.board'" in str(found.found[0])
    assert found.text == offramp.load(mine).texts.texts["history.csv"]
    before = (mine / "history.csv").read_bytes()
    done = run(mine, sheet(mine, HEADER + ROW + wrong), "--apply")
    assert done.exit_code == 1
    assert "sheet.csv error: row 3, what: there is no event 'kelmark.bored'" in done.stderr
    assert "2 rows of 3 reports in sheet.csv have errors: nothing was written" in done.stderr
    assert (mine / "history.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty: its first row names the columns"),
        (HEADER, "has no row below its header"),
        (HEADER.replace("what", "event") + ROW, "has a column 'event'"),
        (HEADER.replace(";what", ";kind") + ROW, "has the column 'kind' twice"),
        ("id;kind\nN9;event\n", "has no column date, known_since, grade, report, source"),
        (HEADER.rstrip() + ";same_as\n" + ROW, "has no column same_as"),
    ],
)
def test_a_sheet_of_another_shape_is_refused(mine: Path, text: str, told: str) -> None:
    with pytest.raises(offramp.Unanswerable, match=told):
        offramp.import_reports(mine, sheet(mine, text))


def test_a_date_that_can_be_read_as_two_is_refused(mine: Path) -> None:
    for day, told in (
        ("4/5/2031", "can be read as two days"),
        ("31.2.2031", "is not in the calendar"),
        ("47963", "as a date it would be 2031-04-25: format the cell as a date"),
    ):
        found = offramp.import_reports(mine, sheet(mine, HEADER + ROW.replace("2031-04-16", day)))
        assert not found.ok
        assert (found.found[0].row, found.found[0].column) == (2, "date")
        assert told in found.found[0].message


def test_a_case_without_a_history_gets_one(tmp_path: Path) -> None:
    from offramp.case.scaffold import write_case

    write_case(tmp_path / "mine")
    (tmp_path / "mine" / "reporting.yaml").write_text("reporting:\n  border_incident: .9 ? x\n")
    path = tmp_path / "s.csv"
    path.write_text(
        "id,kind,what,date,known_since,grade,report,source\n"
        "R1,event,border_incident,2030-01-20,2030-01-21,verified,Shots,You\n"
    )
    assert run(tmp_path / "mine", path, "--apply").exit_code == 0
    assert [r.id for r in offramp.load(tmp_path / "mine").history.reports] == ["R1"]


def test_line_ends_stay_as_they_are_and_a_shipped_case_is_not_written(mine: Path) -> None:
    path = mine / "history.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    rows = sheet(mine, HEADER + ROW)
    assert run(mine, rows, "--apply").exit_code == 0
    lines = path.read_bytes().split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert lines[-2].startswith(b"N9,")
    refused = run("tutorial", rows, "--apply")
    assert refused.exit_code == 1
    assert "comes with Offramp" in refused.stderr


def test_a_file_that_is_no_table_is_told_by_its_name_alone(mine: Path) -> None:
    for name, content, told in (
        ("a.csv", b"\xff\xfe\x00", "UTF-16"),
        ("a.ods", b"x", "save it as .xlsx, or as CSV"),
        ("b.csv", HEADER.encode() + b'"open', "unexpected end of data"),
    ):
        (mine.parent / name).write_bytes(content)
        with pytest.raises(offramp.Unanswerable) as caught:
            offramp.import_reports(mine, mine.parent / name)
        assert told in str(caught.value)
        assert str(mine.parent) not in str(caught.value)
    with pytest.raises(offramp.Unanswerable, match="does not exist"):
        offramp.import_reports(mine, mine.parent / "gone.csv")


# ---- .xlsx -----------------------------------------------------------------------------------


def workbook(folder: Path, rows: list[list[Any]], **more: Any) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Reports"
    if more.get("since_1904"):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in rows:
        book.active.append(row)
    book.create_sheet("Other").append(["nothing"])
    path = folder.parent / "sheet.xlsx"
    book.save(path)
    return path


NAMES = HEADER.strip().split(";")
DAY = dt.datetime(2031, 4, 16)


@pytest.mark.parametrize("since_1904", [False, True])
def test_dates_and_numbers_of_a_workbook_are_those_that_it_shows(
    mine: Path, since_1904: bool
) -> None:
    rows = [
        NAMES,
        [
            "N9",
            "event",
            "kelmark.board",
            DAY,
            dt.date(2031, 4, 17),
            "verified",
            None,
            None,
            "a",
            "b",
        ],
        [None] * 12,
        ["N10", "quantity", "trade", "2031-04-18", "18.4.2031", "partly", 0.8, 0.05, "a", "b"],
    ]
    path = workbook(mine, rows, since_1904=since_1904)
    found = offramp.import_reports(mine, path)
    assert found.ok, found.found
    assert found.sheet == "Reports"
    assert found.added == (
        "N9,event,kelmark.board,,2031-04-16,2031-04-17,verified,,,a,b,,\n"
        "N10,quantity,trade,,2031-04-18,2031-04-18,partly,0.8,0.05,a,b,,\n"
    )
    shown = run(mine, path, "--sheet", "Reports")
    assert "2 reports from sheet 'Reports' of sheet.xlsx" in shown.stdout
    with pytest.raises(offramp.Unanswerable, match="no sheet 'Rep': it has Reports, Other"):
        offramp.import_reports(mine, path, sheet="Rep")


def test_a_cell_that_shows_an_error_is_told(mine: Path) -> None:
    row = ["N9", "event", "#N/A", DAY, DAY, "verified", None, None, "a", "b"]
    found = offramp.import_reports(mine, workbook(mine, [NAMES, row]))
    assert [(f.row, f.column, f.message) for f in found.found] == [
        (2, "what", "the cell shows #N/A")
    ]


def test_what_only_looks_like_a_workbook_is_refused(mine: Path) -> None:
    path = workbook(mine, [NAMES])
    good = path.read_bytes()
    for content, told in ((b"PK\x03\x04nonsense", "no .xlsx file"), (b"", "no .xlsx file")):
        path.write_bytes(content)
        with pytest.raises(offramp.Unanswerable, match=told):
            offramp.import_reports(mine, path)
    for name, part, told in (
        ("xl/sharedStrings.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><sst/>", "has a DOCTYPE"),
        ("xl/worksheets/sheet9.xml", b" " * 100_000_001, "unpacks to more than"),
    ):
        with (
            zipfile.ZipFile(io.BytesIO(good)) as old,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for item in old.infolist():
                if item.filename != name:
                    new.writestr(item, old.read(item))
            new.writestr(name, part)
        with pytest.raises(offramp.Unanswerable, match=told):
            offramp.import_reports(mine, path)


def test_a_workbook_without_the_library_says_what_to_install(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (mine.parent / "a.xlsx").write_bytes(b"x")
    with pytest.raises(offramp.Needs, match=r"needs openpyxl: pip install '\.\[sheets\]'"):
        offramp.import_reports(mine, mine.parent / "a.xlsx")


# ---- out -------------------------------------------------------------------------------------


def issued(question: str, **more: Any) -> Issued:
    plain = {"kind": "binary", "as_of": dt.date(2031, 4, 12), "assessment": "case"}
    return Issued(
        **{
            "question": question,
            **plain,
            "model_sha256": "0" * 64,
            "seed": 1,
            "worlds": 500,
            **more,
        }
    )


def test_forecasts_and_their_scores_are_one_table() -> None:
    case = offramp.load("tutorial")
    day = dt.date(2031, 4, 12)
    forecasts = [
        issued("more_ships", probability=0.8, mc_error=0.02),
        issued("war", refused="too few"),
        issued("gravest_act", kind="choice", options=("=war", "less"), probabilities=(0.25, 0.75)),
        issued("swarms", kind="number", values=(1.0, 2.0, 9.0), weights=(0.2, 0.5, 0.3)),
        issued(
            "first_boarding",
            kind="date",
            values=tuple(float(day.toordinal() + k) for k in (0, 3)),
            weights=(0.5, 0.5),
        ),
    ]
    on = dt.date(2031, 4, 22)
    scores = [
        Score("more_ships", day, "case", rule, value, "yes", on, late=True)
        for rule, value in (("brier", 0.04), ("log", 0.22))
    ]
    rows = list(csv.DictReader(io.StringIO(as_table(case, forecasts, {}, scores).decode())))
    told = [(r["question"], r["option"], r["probability"], r["median"]) for r in rows]
    assert told == [
        ("more_ships", "", "0.8", ""),
        ("war", "", "", ""),
        ("gravest_act", "'=war", "0.25", ""),
        ("gravest_act", "less", "0.75", ""),
        ("swarms", "", "", "2.0"),
        ("first_boarding", "", "", "2031-04-12"),
    ]
    assert [rows[0][c] for c in ("brier", "log", "rps", "late")] == ["0.04", "0.22", "", "true"]
    assert rows[1]["refused"] == "too few"
    assert {r["text"] for r in rows} == {
        q.text for q in case.questions if q.id in {f.question for f in forecasts}
    }


@compiled
def test_export_writes_a_row_for_each_forecast_that_is_issued(tmp_path: Path) -> None:
    words = ["export", "tutorial", "-o", str(tmp_path / "t.csv"), "--worlds", "512"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text("utf-8"))))
    found = {(r["question"], r["as_of"], r["assessment"]) for r in rows}
    assert f"wrote {len(found)} forecasts" in result.stdout
    scored = offramp.score("tutorial", worlds=512)
    assert found == {(i.question, str(i.as_of), i.assessment) for i in scored.issued}
