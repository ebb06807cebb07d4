"""The JSON Schemas of a case's files: true to the readers, and fit for an editor."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from crises import crises
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from test_errors import beside

import offramp
from offramp.case import scaffold
from offramp.case.schemas import SCHEMAS, named
from offramp.case.texts import AUTHORS, FILES, of_folder, shipped
from offramp.cli import main
from offramp.render.json.outputs import OUTPUTS
from offramp.text.codes import CODES
from offramp.text.diagnostics import Diagnostics, Span
from offramp.text.printer import document
from offramp.text.tree import Mapping, Node, Sequence, Text, plain
from offramp.text.yaml import parse

HERE = Span("test", 1, 1)
Steps = tuple[str | int, ...]


@cache
def of_kind(name: str) -> Draft202012Validator:
    return Draft202012Validator(offramp.schema(name))


def validator(file: str) -> Draft202012Validator:
    return of_kind(named(file))


def complaints(file: str, value: object) -> list[str]:
    return [f"{list(e.path)}: {e.message[:200]}" for e in validator(file).iter_errors(value)]


def as_text(text: str) -> Any:
    """Values as the readers take them: all of them text."""
    found = Diagnostics()
    node = parse(text, "test", found)
    assert found.found == []
    return plain(node)


def as_typed(text: str) -> Any:
    """Values as an editor takes them, by the core schema of YAML 1.2 (which knows no dates)."""

    def undated(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(k): undated(v) for k, v in value.items()}
        if isinstance(value, list):
            return [undated(v) for v in value]
        return str(value) if isinstance(value, dt.date) else value

    return undated(YAML(typ="safe", pure=True).load(text))


def yaml_of(case: str, folder: Path | None = None) -> dict[str, str]:
    texts = of_folder(folder or shipped()[case]).texts
    return {name: text for name, text in texts.items() if name.endswith(".yaml")}


def written(folder: Path) -> Path:
    scaffold.write_case(folder)
    return folder


# ---- the schemas themselves --------------------------------------------------------------------


def test_every_yaml_file_of_a_case_has_one_and_nothing_else_has() -> None:
    files = {f for f in FILES if f.endswith(".yaml")} | {f"{a}/NAME.yaml" for a in AUTHORS}
    assert set(SCHEMAS) == files


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """All parts of a schema that say which keys there are."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


@pytest.mark.parametrize("file", SCHEMAS)
def test_it_is_a_schema_and_says_a_sentence_about_each_key(file: str) -> None:
    schema = offramp.schema(file)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == f"Offramp: {file}"
    sentences = [p["description"] for o in objects(schema) for p in o["properties"].values()]
    for sentence in (schema["description"], *sentences):
        assert re.fullmatch(r"\S.{8,98}\.", sentence), sentence


# ---- what is right is accepted -----------------------------------------------------------------


@pytest.mark.parametrize("case", ["quarantine", "taiwan-1958", "tutorial", "us-iran-2020", "new"])
def test_the_files_of_cases_are_accepted_as_text_and_as_an_editor_reads_them(
    case: str, tmp_path: Path
) -> None:
    texts = yaml_of(case, written(tmp_path / "new") if case == "new" else None)
    assert len(texts) >= 4
    for file, text in texts.items():
        assert complaints(file, as_text(text)) == [], file
        if len(text) < 50_000:  # this reading takes its time
            assert complaints(file, as_typed(text)) == [], file


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(crises())
def test_random_crises_are_accepted(text: str) -> None:
    assert complaints("crisis.yaml", as_text(text)) == []


def test_what_the_explained_codes_give_as_right_is_accepted(tmp_path: Path) -> None:
    """And what they give as a doubt only; of what is an error, whatever a schema can see."""
    cases = {"tutorial": yaml_of("tutorial"), "new": yaml_of("new", written(tmp_path / "new"))}
    refused = set()
    for code, entry in CODES.items():
        if not entry.file.endswith(".yaml"):
            continue
        for text, right in ((entry.worked, True), (entry.example, entry.level == "warning")):
            whole = beside(cases[entry.case].get(entry.file, ""), text)
            found = Diagnostics()
            node = parse(whole, "test", found)
            if found.found and not right:
                continue  # it is not even YAML
            said = complaints(entry.file, plain(node))
            assert not (right and said), (code, said)
            if said:
                refused.add(code)
    assert {"unknown-key", "missing", "different-model", "state-kind"} <= refused


# ---- what is wrong is refused, by the schema and by `offramp check` ----------------------------

MORE = {  # what the tutorial does not need
    "asked.yaml": """
asked:
  T22:
    question: Was there another way?
    questions: [blockade]
    courses: {rung: [2031-04-20]}
    choice: {actor: kelmark, on: 2031-04-08}
    without: {never: [kelmark.blockade]}
    on: 2031-04-08
    reads: [rung]
    note: as the model has it
""",
    "baselines.yaml": """
base_rates:
  blockade: {class: quarrels, hits: 1, n: 9, rule: share, dataset: ours, version: 1, differs: no}
""",
    "coverage.yaml": """
kinds:
  T: {name: passages, first: judged}
left out:
  T31: nothing carries it
""",
    "disagreements.yaml": """
disagreements:
  anger:
    topic: How angry the skippers are
    carried_by: [state anger]
    sides: {tass: [T20], ilvane: [T6]}
""",
    "phrases.yaml": """
phrases:
  on the cards: {low: .2, high: .6, source: ours}
""",
}
FAULTS = """
faults:
  - document: [tass]
    claim: a claim
    record: another
    passages: [T20]
    source: the papers
    status: partly
    stands: {T20: the number is of another thing}
notes:
  tass:
    T21: nothing follows
"""
BESIDE = """\
    beside:
      high: {never: [kelmark.board, kelmark.blockade]}
      low: {force: {kelmark.board: [2031-05-05, 2031-05-12]}}
      window: 2031-05-01 .. 2031-05-30
"""
FACTS = """
  eve_of_war:
    says: War is climbed to
    eve: {event: naval_war, quantity: rung, days: 3d}
    between: 0 ..
    bounded by: sense
    because: a spiral has rungs
  boats_and_fog:
    says: Where more boats go out there is more fog
    correlation: {of: count(swarm), on: count(fog)}
    between: .. 1
    bounded by: sense
    because: it would be odd otherwise
"""
PHASE = """
phase:
  conflict:
    stages: [crisis, fighting]
    blows: {fades: 4d ? a week is long, kelmark.blockade: 1 ? felt at once}
    fighting:
      out of hand: .01 ? seldom
      left by: {truce: {rate: .1 ? ten days of it}}
successor:
  kelmark:
    on: season_opens
    new wants:
      quiet: -1 [? tired of it] * height(rung)
"""
RESOLVED = """\
    resolved: {answer: no, on: 2031-06-29, source: invented}
    if: {never: [vessara.land]}
"""


@cache
def sample() -> dict[str, str]:
    """The tutorial with all files that a case can have."""
    texts = dict(of_folder(shipped()["tutorial"]).texts)
    asked = texts["questions.yaml"].replace("  blockade:\n", f"  blockade:\n{RESOLVED}")
    texts["sources.yaml"] += FAULTS
    texts["facts.yaml"] += FACTS
    texts["claims/case.yaml"] += BESIDE
    texts["crisis.yaml"] = texts["crisis.yaml"].replace(
        "cable_cut: free ~T17}", "cable_cut: {tolerated: crowd ~T17, demanded: free ~T17}}"
    )
    texts["crisis.yaml"] += PHASE
    return {**texts, **MORE, "questions.yaml": asked}


def texts_for(file: str) -> dict[str, str]:
    """Of these what `file` is read against, so that a check is quick."""
    core = ("crisis.yaml", "questions.yaml", "sources.yaml", "passages.yaml", "phrases.yaml")
    return {
        name: text
        for name, text in sample().items()
        if name in (*core, file) or (file.startswith("claims/") and name.startswith("assessments/"))
    }


def errors(file: str, value: Any) -> list[str]:
    texts = {**texts_for(file), file: document(tree(value))}  # type: ignore[arg-type]
    return [str(d) for d in offramp.check(texts).found if d.severity == "error"]


def tree(value: Any) -> Node:
    if isinstance(value, dict):
        return Mapping(tuple((Text(k, HERE), tree(v)) for k, v in value.items()), HERE)
    if isinstance(value, list):
        return Sequence(tuple(tree(v) for v in value), HERE)
    return Text(value, HERE)


Place = tuple[Steps, dict[str, Any], dict[str, Any]]


def places(schema: dict[str, Any], value: Any, path: Steps = ()) -> Iterator[Place]:
    """Each mapping of a file with its path and the part of the schema that it stands under."""
    if isinstance(value, list):
        for k, item in enumerate(value):
            yield from places(schema.get("items", {}), item, (*path, k))
    if not isinstance(value, dict):
        return
    yield path, schema, value
    for key, inner in value.items():
        below = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if isinstance(below, dict):
            yield from places(below, inner, (*path, key))


def at(value: Any, path: Steps) -> Any:
    for step in path:
        value = value[step]
    return value


YAML_FILES = sorted(name for name in {*yaml_of("tutorial"), *MORE})


def levels(file: str) -> tuple[Any, list[Place]]:
    """A file of the sample, and its mappings, the longest for each part of the schema."""
    value = as_text(sample()[file])
    seen: dict[int, Place] = {}
    for place in places(validator(file).schema, value):
        known = seen.setdefault(id(place[1]), place)
        if len(place[2]) > len(known[2]):
            seen[id(place[1])] = place
    return value, list(seen.values())


def test_the_sample_is_right_and_reaches_all_parts_of_all_schemas() -> None:
    assert [str(d) for d in offramp.check(sample()).found if d.severity == "error"] == []
    for name in SCHEMAS:
        schema = of_kind(name).schema
        files = [f for f in YAML_FILES if named(f) == name]
        reached = {id(s) for f in files for _, s, _ in places(schema, as_text(sample()[f]))}
        missed = [list(o["properties"]) for o in objects(schema) if id(o) not in reached]
        assert missed == [], name


@pytest.mark.parametrize("file", YAML_FILES)
def test_a_key_that_does_not_exist_is_refused_by_both_at_each_level(file: str) -> None:
    """Where the case has names of its own the schema cannot know; if it refuses, so does check."""
    value, found = levels(file)
    for path, schema, _ in found:
        wrong = copy.deepcopy(value)
        at(wrong, path)["nonsense"] = "nonsense"
        said = [c for c in complaints(file, wrong) if "nonsense" in c]
        if schema["additionalProperties"] is False:
            assert said, path
        assert not said or errors(file, wrong), path


@pytest.mark.parametrize("file", YAML_FILES)
def test_a_key_without_which_the_schema_refuses_is_wanted_by_check_too(file: str) -> None:
    value, found = levels(file)
    wanted = 0
    for path, _, entry in found:
        for key in entry:
            wrong = copy.deepcopy(value)
            del at(wrong, path)[key]
            if complaints(file, wrong):
                wanted += 1
                assert errors(file, wrong), (path, key)
    assert wanted > 0 or file in ("asked.yaml", "coverage.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("file", YAML_FILES)
def test_a_value_that_the_schema_refuses_is_refused_by_check_too(file: str) -> None:
    """No false alarm in an editor: whatever stands in a value's place."""
    value, found = levels(file)
    for path, _, entry in found:
        for key in entry:
            for other in ("word", ["word"], {"word": "word"}):
                wrong = copy.deepcopy(value)
                at(wrong, path)[key] = other
                if complaints(file, wrong):
                    assert errors(file, wrong), (path, key, other)


# ---- the command, and an editor ----------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["schema", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_the_command_prints_what_the_library_gives() -> None:
    assert json.loads(run()[1]) == offramp.schema() == offramp.schema("crisis.yaml")
    for name in (*SCHEMAS, *OUTPUTS):
        assert json.loads(run(name)[1]) == offramp.schema(name)
    for name in ("assessments", "assessments/tass.yaml"):
        assert offramp.schema(name) == offramp.schema("assessments/NAME.yaml")


def test_the_list_has_a_line_each() -> None:
    code, output = run("--list")
    assert code == 0
    lines = dict(line.split(maxsplit=1) for line in output.splitlines())
    files = {name: offramp.schema(name)["description"] for name in SCHEMAS}
    outputs = {o.name: f"what `offramp {o.spoken} --json` prints" for o in OUTPUTS.values()}
    assert lines == {**files, **outputs}
    assert max(map(len, output.splitlines())) <= 100


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("question.yaml", "did you mean 'questions.yaml'"),
        ("forcast", "did you mean 'forecast'"),
        ("history.csv", "offramp schema --list"),
        ("nothing", "offramp schema --list"),
    ],
)
def test_an_unknown_name_teaches(name: str, help: str) -> None:
    code, output = run(name)
    assert code == 2
    assert f"there is no schema of '{name}'" in output
    assert help in output
    with pytest.raises(offramp.Mistake, match=re.escape(help)):
        offramp.schema(name)


def test_a_file_that_names_its_schema_is_judged_by_it(tmp_path: Path) -> None:
    """As docs/language.md tells: the schema in a file, its name in the first line, a validator that
    follows it. The line is a comment to `offramp check`."""
    case = written(tmp_path / "strait")
    (case / "schemas").mkdir()
    (case / "schemas/questions.json").write_text(run("questions.yaml")[1], "utf-8")
    file = case / "questions.yaml"
    text = f"# yaml-language-server: $schema=schemas/questions.json\n{file.read_text('utf-8')}"
    file.write_text(text, "utf-8")
    assert offramp.check(case).found == ()
    named = re.match(r"# yaml-language-server: \$schema=(\S+)", text)
    assert named is not None
    judge = Draft202012Validator(json.loads((file.parent / named[1]).read_text("utf-8")))
    assert list(judge.iter_errors(as_typed(text))) == []
    (wrong,) = judge.iter_errors(as_typed(text.replace("headline: yes", "headlin: yes")))
    assert "'headlin' was unexpected" in wrong.message
    (wrong,) = judge.iter_errors(as_typed(text.replace("headline: yes", "headline: true")))
    assert list(wrong.path) == ["questions", "incident", "headline"]
