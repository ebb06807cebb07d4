"""The shipped cases: what they contain, and what must hold of every case."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import jsonschema
import pytest
from test_engine import signature

from offramp import to_dict
from offramp.answers.forecast import forecast
from offramp.case.case import Case, examine, load, read_crisis
from offramp.case.texts import shipped
from offramp.engine.plan import plan
from offramp.explain.nudge import turned
from offramp.language.crisis import cited, data, elements
from offramp.language.identity import canonical, model_sha256
from offramp.language.schema import crisis_schema
from offramp.text.diagnostics import Diagnostics
from offramp.text.printer import document
from offramp.text.tree import plain
from offramp.text.yaml import parse

CASES = sorted(shipped())


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return load(request.param)


@pytest.fixture(scope="module")
def us_iran() -> Case:
    return load("us-iran-2020")


def test_four_cases_ship() -> None:
    assert CASES == ["quarantine", "taiwan-1958", "tutorial", "us-iran-2020"]


def test_a_case_reads_without_warnings(case: Case) -> None:
    assert case.warnings == ()


def test_every_number_has_a_basis_and_every_citation_a_passage(case: Case) -> None:
    for name, element in elements(case.crisis):
        for datum in data(name, element):
            assert datum.basis is not None, (name, datum.text)
            assert datum.basis.passages or datum.basis.reason, (name, datum.text)
        for passage in cited(element):
            assert passage in case.passages or f"{passage}.1" in case.passages, (name, passage)


def test_the_expansion_makes_the_same_decisions_draw_for_draw(case: Case) -> None:
    printed = document(case.expanded)
    again, tree = read_crisis(printed)
    assert document(tree) == printed
    assert canonical(again) == canonical(case.crisis)
    assert signature(plan(again), worlds=2) == signature(plan(case.crisis), worlds=2)


def test_no_form_is_left_in_the_expansion(case: Case) -> None:
    assert not {"body", "pact", "hazard", "proxy", "threat", "channel"} & set(case.expanded.keys())


def test_the_same_bytes_from_one_process_and_from_two(case: Case) -> None:
    one, two, again = (json.dumps(to_dict(forecast(case, 6, 7, threads=n))) for n in (1, 2, 1))
    assert one == two == again


def test_the_json_has_what_a_program_needs(case: Case) -> None:
    out = to_dict(forecast(case, 4, 7, threads=1))
    assert {"case", "model_sha256", "seed", "worlds", "answers"} <= set(out)
    answers = out["answers"]
    assert isinstance(answers, list)
    for a in answers:
        assert {"id", "text", "probability", "mc_error", "basis"} <= set(a)
        assert set(a["basis"]) == {"stated", "sized", "assumed"}
        assert sum(a["basis"].values()) > 0
        assert a["probability"] is None or 0 <= a["probability"] <= 1
        assert a["mc_error"] is None or a["mc_error"] > 0


def test_the_published_schema_accepts_the_case(case: Case) -> None:
    written = parse((case.folder / "crisis.yaml").read_text("utf-8"), "crisis.yaml", Diagnostics())
    for tree in (written, case.expanded):
        jsonschema.validate(plain(tree), crisis_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plain(case.expanded), "sate": {}}, crisis_schema())  # type: ignore[dict-item]


# ---- identity ----------------------------------------------------------------------------


def identity(case: Case, crisis: object) -> str:
    return model_sha256(
        crisis,
        case.questions,
        case.documents.values(),
        case.passages.values(),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("most", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_changing_any_number_of_the_model_changes_its_hash(case: Case, most: int) -> None:
    """Every number of the tutorial, and some of the large case, at the typed level."""
    numbers = [
        d for name, e in elements(case.crisis) for d in data(name, e) if float(d.value) < 700_000
    ]
    chosen = numbers if len(numbers) < 400 else random.Random(7).sample(numbers, most)
    for datum in chosen:
        # Both have the same mark ("turned"), so that only the value can tell them apart.
        one, two = (turned(case.crisis, datum.span, datum.value * k + 0.125) for k in (2, 3))
        if datum.value != 0:
            assert identity(case, one) != identity(case, two), (datum.element, datum.text)
        assert identity(case, one) != case.model_sha256, (datum.element, datum.text)


def test_changing_a_digit_in_the_files_changes_the_hash(tmp_path: Path) -> None:
    """The same through the text: each line of the tutorial's files that has a marked number."""
    source = shipped()["tutorial"]
    before = load("tutorial").model_sha256
    changed = 0
    for file in ("crisis.yaml", "questions.yaml"):
        lines = (source / file).read_text("utf-8").split("\n")
        for i, line in enumerate(lines):
            found = re.search(
                r"(?<![\w.@~-])(\d*\.\d+|\d+)(?=[d\s].*[@~?])", line.split(" ? ")[0] + " ?"
            )
            words = re.match(r"\s*(#|crisis:|name:|about:|text:|resolves:|source:)", line)
            if not found or words or changed >= 60:
                continue
            target = tmp_path / f"t{changed}"
            shutil.copytree(source, target, dirs_exist_ok=True)
            digit = str((int(found.group(1)[-1]) + 1) % 10 or 1)
            new = line[: found.end(1) - 1] + digit + line[found.end(1) :]
            (target / file).write_text("\n".join([*lines[:i], new, *lines[i + 1 :]]), "utf-8")
            read, _ = examine(target)
            # Some edits are errors, e.g. probabilities that no longer sum to 1.
            if read is not None:
                assert read.model_sha256 != before, line
                changed += 1
    assert changed >= 20


def test_spelling_does_not_change_the_hash() -> None:
    text = "crisis: x\nfrom: 2020-01-01\nto: 2020-01-02\nstate:\n  a:\n    share: .10 ? why\n"
    other = text.replace(".10", "0.1").replace("crisis: x", "crisis: x  # a comment")
    assert canonical(read_crisis(text)[0]) == canonical(read_crisis(other)[0])


# ---- the US-Iran case --------------------------------------------------------------------

ACTORS = """us us.trump us.diplomats us.opposition us.hawks us.public iran iran.khamenei iran.gov
iran.irgc iran.public iran.reformists iq iq.pm iq.parliament iq.blocs iq.military iq.public iq.sadr
militias proxies.other hezbollah israel eu3 europe nato unsc russia china gulf pakistan is iaea"""


def test_the_33_canonical_actors(us_iran: Case) -> None:
    assert {a.name for a in us_iran.crisis.actors} >= set(ACTORS.split())


def test_at_least_46_quantities_15_unknowns_and_30_questions(us_iran: Case) -> None:
    assert len(us_iran.crisis.states) >= 46
    assert len(us_iran.crisis.unknowns) >= 15
    assert sum(q.binary for q in us_iran.questions) >= 30


def test_every_question_cites_and_says_how_it_resolves(us_iran: Case) -> None:
    for q in us_iran.questions:
        assert q.cites or not q.binary, q.id
        assert q.resolves or not q.binary, q.id
        assert q.resolution is None or q.resolution.source, q.id
