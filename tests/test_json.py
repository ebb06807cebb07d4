"""Every `--json`: one envelope, and a schema that the library gives for it and that it keeps to."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import json_page
import jsonschema
import pytest
from click.testing import CliRunner
from model_endpoint import said as a_model_says
from model_endpoint import serving

import offramp
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.render.json.envelope import Envelope
from offramp.render.json.outputs import OUTPUTS
from offramp.render.json.rows import csv_of, rows

pytestmark = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
FEW = ("--worlds", "2048")
COMMANDS = {
    "check": ("check", "tutorial"),
    "odds": ("check", "tutorial", "--odds", "2031-04-08"),
    "migrate": ("migrate", "tutorial"),
    "verify": ("sources", "verify", "tutorial"),
    "suggest": ("passages", "suggest", "tutorial", "tass"),
    "coverage": ("coverage", "us-iran-2020"),
    "drafts": ("sources", "draft", "tutorial", "tass"),
    "compare-text": ("sources", "compare", "tutorial", "NEW"),
    "propose": (
        *("sources", "propose", "tutorial", "tass"),
        *("--endpoint", "URL", "--model", "m", "--yes"),
    ),
    "claims": ("claims", "tutorial", "--worlds", "64", "--threads", "1"),
    "facts": ("facts", "tutorial", "even_odds_of_a_blockade", "--worlds", "64"),
    "forecast": ("forecast", "tutorial", "--worlds", "60"),
    "diff": ("diff", "tutorial", "tutorial", "--worlds", "60"),
    "why": ("why", "tutorial", "war", "--worlds", "120"),
    "condition": ("condition", "tutorial", "--as-of", "2031-04-20", *FEW),
    "scenarios": ("scenarios", "tutorial", "--worlds", "200"),
    "today": ("today", "tutorial", "--as-of", "2031-04-06", "--worlds", "1024"),
    "compare": ("compare", "tutorial", "ilvane", "tass", *FEW),
    "evidence": ("evidence", "tutorial", *FEW),
    "assumptions": ("assumptions", "tutorial", "--most", "3", "--worlds", "128"),
    "assess": ("assess", "tutorial", *FEW),
    "reach": ("reach", "tutorial", "tass", "--worlds", "64"),
    "score": ("score", "tutorial", *FEW),
    "postmortem": ("postmortem", "tutorial", "more_ships", *FEW),
    "butfor": ("butfor", "tutorial", "--without", "kelmark.board", "--on", "2031-04-08", *FEW),
    "choice": ("choice", "tutorial", "kelmark", "--on", "2031-04-08", *FEW),
    "gains": ("gains", "tutorial", *FEW),
    "asked": ("asked", "us-iran-2020", "Q1", "--worlds", "256"),
    "policies": ("policies", "tutorial", *FEW),
    "sensitivity": ("sensitivity", "tutorial", "war", "--worlds", "64"),
    "watch": ("watch", "tutorial", "blockade", *FEW),
    "review": ("review", "GAME", "--worlds", "64"),
    "games": ("review", "GAME", "GAME", "--worlds", "64"),
    "rooms": ("rooms", "tutorial", "--out", "OUT", "--worlds", "60"),
    "verify-ledger": ("ledger", "verify", "LEDGER"),
}


def said(name: str, folder: Path) -> dict[str, Any]:
    """What the command of an output prints."""
    ledger = folder / "ledger.jsonl"
    game = folder / "games" / "one.jsonl"
    places = {"OUT": str(folder / "rooms"), "LEDGER": str(ledger), "NEW": str(folder / "new.txt")}
    places["GAME"] = str(game)
    if "GAME" in COMMANDS[name]:
        played = offramp.start_game("tutorial", ["kelmark", "staff"], world=3, path=game)
        while not played.over:
            ask = played.owes[0]
            played.answer(ask.id, "yes" if ask.consent else ask.open[0].event)
    quoted = [{"quotation": text, "kind": "cause"} for text in ("Shipping has noticed.", "No.")]
    (folder / "new.txt").write_text("Kelmark keeps six patrol ships near the islands.", "utf-8")
    runner = CliRunner()
    if "LEDGER" in COMMANDS[name]:
        sealed = runner.invoke(main, [*COMMANDS["condition"], "--ledger", str(ledger)])
        assert sealed.exit_code == 0, sealed.stderr
    with serving(a_model_says(quoted)) as served:
        places["URL"] = served.address
        result = runner.invoke(main, [*(places.get(w, w) for w in COMMANDS[name]), "--json"])
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


def test_every_command_with_json_is_tried() -> None:
    def those(group: Any, before: str = "") -> set[str]:
        found = set()
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                found |= those(command, f"{before}{name} ")
            elif any("--json" in p.opts for p in command.params):
                found.add(before + name)
        return found

    assert those(main) == {o.command for o in OUTPUTS.values()}
    assert set(COMMANDS) == set(OUTPUTS)


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_keeps_to_its_schema_and_its_rows_say_what_run_they_are_from(
    name: str, tmp_path: Path
) -> None:
    made, output = said(name, tmp_path), OUTPUTS[name]
    schema = output.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(made, schema, jsonschema.Draft202012Validator)
    assert made["schema"] == schema["title"]
    assert list(made)[:7] == list(Envelope.__annotations__)
    assert made["version"] == offramp.__version__
    if not output.table:
        return
    assert made["case"] in ("tutorial", "us-iran-2020")
    first, *then = output.table.split(".")
    expected = list(made[first])
    for key in then:
        expected = [inner for row in expected for inner in row[key]]
    found = rows(made, output.table, output.about)
    assert len(found) == len(expected)
    for row, one in zip(found, expected, strict=True):
        assert row["case"] == made["case"]
        assert set(output.about) <= set(row)
        assert {
            k: v for k, v in one.items() if not isinstance(v, list | dict)
        }.items() <= row.items()


def test_the_page_of_fields_is_what_the_schemas_give() -> None:
    assert json_page.PAGE.read_text("utf-8") == json_page.page()
    assert json_page.main(["--check"]) == 0


def test_a_schema_refuses_what_is_missing_strange_or_of_another_kind() -> None:
    schema = OUTPUTS["forecast"].schema()
    good = offramp.to_dict(offramp.forecast("tutorial", worlds=60))
    answer = good["answers"][0]
    for wrong in (
        {k: v for k, v in answer.items() if k != "cites"},
        {**answer, "certainty": "high"},
        {**answer, "probability": "likely"},
        {**answer, "basis": None},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, "answers": [wrong]}, schema)


def test_an_error_that_is_not_known_is_null_and_no_other_number_is() -> None:
    one = offramp.to_dict(offramp.forecast("tutorial", worlds=1))
    jsonschema.validate(one, OUTPUTS["forecast"].schema())
    assert {a["mc_error"] for a in one["answers"]} >= {None}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**one, "first": None}, OUTPUTS["forecast"].schema())


# ---- tables -------------------------------------------------------------------------------------


def test_csv_says_what_json_says() -> None:
    words = COMMANDS["forecast"]
    made = json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)
    result = CliRunner().invoke(main, [*words, "--csv", "quantities"])
    table = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["id"] for row in table] == [q["id"] for q in made["quantities"]]
    for row, q in zip(table, made["quantities"], strict=True):
        assert row["quantiles.0.5"] == str(q["quantiles"]["0.5"])
        assert (row["model_sha256"], row["seed"]) == (made["model_sha256"], "1")


def test_a_row_says_without_what_and_under_whom() -> None:
    words = [*COMMANDS["butfor"], "--author", "tass", "--csv", "future"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    for row in csv.DictReader(io.StringIO(result.stdout)):
        assert row["edit"] == "never kelmark.board on 2031-04-08"
        assert row["assessment"] == "tass"
        assert row["as_of"]


def test_no_cell_is_a_formula_of_a_spreadsheet() -> None:
    made = [{"id": "=cmd()", "text": "@sum", "value": -0.5, "yes": True, "none": None}]
    assert csv_of(made).splitlines()[1] == "'=cmd(),'@sum,-0.5,true,"


def test_a_table_that_is_not_there_is_refused_before_the_work(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["score", str(tmp_path), "--csv", "answers"])
    assert result.exit_code == 2
    assert "there is no table 'answers': scores, baselines, against" in result.stderr
    both = CliRunner().invoke(main, ["forecast", "tutorial", "--json", "--csv", "answers"])
    assert "--json or --csv" in both.stderr
    named = CliRunner().invoke(main, ["assess", "tutorial", "--csv", "list"])
    assert named.stdout.split() == [
        "assessments.judgements",
        "assessments",
    ]


def test_a_frame_has_the_same_rows() -> None:
    f = offramp.forecast("tutorial", worlds=60)
    frame = offramp.to_frame(f, backend="pyarrow")
    assert frame.column("id").to_pylist() == [a.id for a in f.answers]
    assert frame.column("probability").to_pylist() == [a.probability for a in f.answers]
    given = frame.column("given").to_pylist()
    assert given == [a.given for a in f.answers]
    assert any(given)
    with pytest.raises(offramp.Mistake, match=r"tables: answers, choices, choices.options, quant"):
        offramp.to_frame(f, "worlds")
    with pytest.raises(offramp.Mistake, match="is not what a study gives"):
        offramp.to_frame(f.answers)


def test_a_row_within_another_loses_neither_ones_values() -> None:
    source = {"case": "x", "model_sha256": "h", "seed": 1, "as_of": None}
    moves = [{"title": "a move", "log_odds": 2.0, "parts": [{"title": "a want", "log_odds": 0.5}]}]
    assert rows({**source, "moves": moves}, "moves.parts") == [
        {
            **source,
            "moves.title": "a move",
            "moves.log_odds": 2.0,
            "title": "a want",
            "log_odds": 0.5,
        }
    ]
