"""The worlds of a case as a file: what is read from it is what the case forecasts, and a kept file
is shown for the case, the numbers and the code that made it alone."""

from __future__ import annotations

import functools
import gzip
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_blocks import needs_numba
from test_session import supposing, tutorial
from workbench import cache_in

import offramp
from offramp.answers.forecast import Forecast
from offramp.api import forecasts, looks
from offramp.case.case import Case
from offramp.engine.blocks import cache
from offramp.render.json import forecast_json
from offramp.web.desk import Desk

pytestmark = needs_numba
WORLDS, SEED = 300, 7


# ---- a reader, written from the docstring of render/worlds_file.py alone ---------------------


@dataclass(frozen=True)
class Look:
    """What stands in a file: the header, and the arrays by name."""

    header: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def bits(self, name: str, row: int) -> np.ndarray:
        """One row of bits, a boolean a world."""
        worlds = self.header["worlds"]
        whole = [bool(byte >> k & 1) for byte in self.arrays[name][row].tolist() for k in range(8)]
        return np.array(whole[:worlds])

    def met(self, question: str) -> np.ndarray:
        return self.bits("met", self.header["questions"].index(question))

    def values(self, question: str) -> np.ndarray:
        """What a question comes to in each world."""
        kinds = dict(zip(self.header["questions"], self.header["kinds"], strict=True))
        array = {"binary": "true", "choice": "options"}.get(kinds[question], "values")
        alike = {"binary": ["binary"], "choice": ["choice"]}.get(
            kinds[question], ["number", "date"]
        )
        row = [q for q, kind in kinds.items() if kind in alike].index(question)
        return self.bits(array, row) if array == "true" else self.arrays[array][row]

    def draws(self, row: int) -> np.ndarray:
        """An unknown in each world; of named values their places."""
        told, steps = self.header["unknowns"][row], self.arrays["draws"][row].astype(float)
        if told["kind"] == "among":
            return steps
        t = told["low"] + (told["high"] - told["low"]) * steps / 65535.0
        back = {"plain": lambda x: x, "log": np.exp, "logit": lambda x: 1 / (1 + np.exp(-x))}
        return back[told["scale"]](t)

    def trace(self, quantity: str) -> np.ndarray:
        """The bins of a quantity, (points, worlds)."""
        return np.cumsum(self.arrays[f"trace {quantity}"].astype(int), axis=0) % 256


def read(content: bytes) -> Look:
    line, _, rest = gzip.decompress(content).partition(b"\n")
    header, arrays, place = json.loads(line), {}, 0
    for told in header["arrays"]:
        kind = np.dtype(told["type"]).newbyteorder("<")
        count = math.prod(told["shape"])
        found = np.frombuffer(rest, kind, count, place)
        arrays[told["name"]] = found.reshape(told["shape"])
        place += count * kind.itemsize
    assert place == len(rest)
    return Look(header, arrays)


# ---- what is asked -----------------------------------------------------------------------------


@functools.cache
def seen() -> Look:
    return read(offramp.look(supposing(), worlds=WORLDS, seed=SEED))


@functools.cache
def told() -> Forecast:
    return offramp.forecast(supposing(), worlds=WORLDS, seed=SEED)


@pytest.fixture(autouse=True)
def _own_looks(tmp_path: Path) -> Iterator[None]:
    """Looks are kept in a folder of the test's own."""
    with cache_in(tmp_path / "cache"):
        yield


def files() -> list[Path]:
    return sorted((cache.folder() / "looks").glob("*.look"))


# ---- the answers -------------------------------------------------------------------------------


def test_every_question_is_there_with_its_kind() -> None:
    kinds = dict(zip(seen().header["questions"], seen().header["kinds"], strict=True))
    assert kinds == {q.id: q.kind_of for q in supposing().questions}
    assert set(kinds.values()) == {"binary", "number", "date", "choice"}


def test_shares_of_worlds_are_the_probabilities() -> None:
    """Of a plain question, of one with a condition, and of one under an `if:`."""
    assert {"blockade_after_death", "blockade_unboarded"} <= {a.id for a in told().answers}
    for a in told().answers:
        met, yes = seen().met(a.id), seen().values(a.id)
        assert int(met.sum()) == a.worlds
        assert yes[met].mean() == a.probability


def test_what_is_supposed_is_asked_of_other_worlds() -> None:
    under, plain = seen().values("blockade_unboarded"), seen().values("blockade")
    assert not np.array_equal(under, plain)


def test_numbers_and_dates_are_those_of_the_forecast() -> None:
    first = supposing().crisis.first.toordinal()
    assert {q.unit == "date" for q in told().quantities} == {True, False}
    for q in told().quantities:
        found = seen().values(q.id)[seen().met(q.id)] + (first if q.unit == "date" else 0)
        assert sorted(found.tolist()) == np.asarray(q.values, np.float32).tolist()


def test_a_date_that_does_not_come_lies_behind_the_window() -> None:
    q = next(q for q in told().quantities if q.id == "first_boarding")
    last = (q.window[1] - supposing().crisis.first).days
    behind = int((seen().values(q.id) > last).sum())
    assert behind == sum(x > q.window[1].toordinal() for x in q.values) > 0


def test_places_of_options_are_the_choices() -> None:
    assert told().choices
    for c in told().choices:
        places = seen().values(c.id)[seen().met(c.id)]
        shares = [float((places == k).mean()) for k in range(len(c.options) + 1)]
        assert shares == pytest.approx([*c.probabilities, c.none], abs=1e-12)


def test_the_forecast_that_is_told_is_the_forecast() -> None:
    plain = json.loads(json.dumps(forecast_json.plain(told())))
    assert seen().header["forecast"] == plain


def test_the_header_says_whose_worlds_they_are() -> None:
    case, header = supposing(), seen().header
    assert (header["case"], header["model_sha256"]) == (case.id, case.model_sha256)
    assert (header["seed"], header["worlds"]) == (SEED, WORLDS)
    assert header["first"] == case.crisis.first.isoformat()


# ---- the worlds --------------------------------------------------------------------------------


def test_draws_are_those_of_the_worlds_but_for_their_rounding() -> None:
    """To half a step of 1/65535 of the range, on the scale on which the prior is simple."""
    scales = {"plain": lambda x: x, "log": np.log, "logit": lambda x: np.log(x / (1 - x))}
    unknowns, header = told().ensemble.unknowns, seen().header
    assert {u["kind"] for u in header["unknowns"]} >= {"among", "between", "normal", "scale"}
    assert len(header["unknowns"]) == unknowns.shape[1]
    for k, u in enumerate(header["unknowns"]):
        found, exact = seen().draws(k), unknowns[:, k]
        if u["kind"] == "among":
            assert np.array_equal(found, exact)
            assert len(u["chances"]) == len(u["options"]) > found.max()
            continue
        same = scales[u["scale"]]
        step = (u["high"] - u["low"]) / 65535.0
        assert np.abs(same(found) - same(exact)).max() <= 0.5001 * step


def test_traces_are_what_the_bands_count() -> None:
    bands, courses = told().ensemble.bands, seen().header["courses"]
    assert [c["name"] for c in courses] == list(bands) == list(supposing().crisis.show)
    assert [c["step"] for c in courses] == [3] + [7] * (len(courses) - 1)
    for c in courses:
        band, found = bands[c["name"]], seen().trace(c["name"])
        counts = band.counts[:: c["step"]]
        assert c["bins"] == counts.shape[1]
        assert (c["low"], c["high"], tuple(c["levels"])) == (band.low, band.high, band.levels)
        assert np.array_equal([np.bincount(day, minlength=c["bins"]) for day in found], counts)


# ---- kept files --------------------------------------------------------------------------------


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds of what is simulated, as it comes."""
    out, session = list[int](), forecasts.session

    def counted(*cases: Case, seed: int, supposed: bool) -> Any:
        out.append(seed)
        return session(*cases, seed=seed, supposed=supposed)

    monkeypatch.setattr(forecasts, "session", counted)
    return out


def test_a_kept_file_has_the_same_bytes_and_simulates_nothing(simulated: list[int]) -> None:
    first = offramp.look(tutorial(), worlds=60)
    assert offramp.look(tutorial(), worlds=60) == first
    assert offramp.look(tutorial(), worlds=60, kept_only=True) == first
    assert simulated == [1]
    assert len(files()) == 1


def test_made_again_it_has_the_same_bytes(simulated: list[int]) -> None:
    first = offramp.look(tutorial(), worlds=60, threads=1)
    files()[0].unlink()
    assert offramp.look(tutorial(), worlds=60, threads=2) == first
    assert simulated == [1, 1]


def test_other_worlds_are_another_file() -> None:
    made = [(60, 1), (60, 2), (61, 1)]
    found = [read(offramp.look(tutorial(), worlds=n, seed=s)).header for n, s in made]
    assert [(h["worlds"], h["seed"]) for h in found] == made
    assert len(files()) == 3


def test_without_a_kept_file_nothing_is_simulated(simulated: list[int]) -> None:
    assert offramp.look(tutorial(), worlds=60, kept_only=True) == b""
    assert simulated == []
    assert files() == []


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "another's"])
def test_a_damaged_file_is_made_again(harm: str, simulated: list[int]) -> None:
    whole = offramp.look(tutorial(), worlds=60)
    (path,) = files()
    kept = path.read_bytes()
    if harm == "another's":
        offramp.look(tutorial(), worlds=60, seed=2)
        (other,) = set(files()) - {path}
        path.write_bytes(other.read_bytes())
    else:
        damaged = {"cut": kept[:-5], "changed": kept[:-5] + b"12345", "empty": b""}
        path.write_bytes(damaged[harm])
    assert offramp.look(tutorial(), worlds=60, kept_only=True) == b""
    simulated.clear()
    assert offramp.look(tutorial(), worlds=60) == whole
    assert simulated == [1]
    assert path.read_bytes() == kept


def test_a_file_of_other_code_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    offramp.look(tutorial(), worlds=60)
    monkeypatch.setattr(looks, "_program", lambda: "another version")
    assert offramp.look(tutorial(), worlds=60, kept_only=True) == b""


def test_the_code_that_makes_it_is_all_that_its_maker_imports() -> None:
    """Else a file of code that has changed since would be shown."""
    words = "import offramp.render.worlds_file, sys; print(*sys.modules)"
    ran = [sys.executable, "-c", words]
    found = subprocess.run(ran, capture_output=True, text=True, check=True)
    own = {name.split(".")[1] for name in found.stdout.split() if name.startswith("offramp.")}
    assert own - {"version", "errors", "extras"} <= set(looks.MAKERS)


def test_what_a_file_shows_beside_the_model_makes_another_file() -> None:
    """Titles and the record do not enter a model's hash, and stand in the file."""
    offramp.look(supposing(), worlds=60)
    case = supposing()
    texts = dict(case.texts.texts)
    changed = texts["questions.yaml"].replace("Will Kelmark blockade", "Is Kelmark to blockade")
    other = offramp.load({**texts, "questions.yaml": changed})
    assert other.model_sha256 == case.model_sha256
    asked = [a["text"] for a in read(offramp.look(other, worlds=60)).header["forecast"]["answers"]]
    assert any(text.startswith("Is Kelmark to blockade") for text in asked)
    assert not any(text.startswith("Will Kelmark blockade") for text in asked)
    renamed = replace(case, id="mine")
    assert read(offramp.look(renamed, worlds=60)).header["case"] == "mine"


def test_worlds_under_an_author_are_other_worlds() -> None:
    own, theirs = (
        read(offramp.look(case, worlds=60)) for case in (tutorial(), tutorial().under("tass"))
    )
    assert own.header["model_sha256"] != theirs.header["model_sha256"]
    assert theirs.header["forecast"]["answers"] != own.header["forecast"]["answers"]


# ---- what if -----------------------------------------------------------------------------------


def test_a_what_if_is_the_difference_of_two_sessions() -> None:
    """Also when the desk has more worlds of the case at hand than are asked for."""
    desk, do = Desk(("tutorial",)), {"never": ["kelmark.board"]}
    a, b = offramp.session(tutorial(), offramp.edit(tutorial(), do), seed=3)
    for n in (150, 80, 200):
        found, worlds, words = desk.whatif(
            "tutorial", do, worlds=n, seed=3, progress=lambda done, total: None
        )
        assert (worlds, len(words)) == (n, 1)
        assert repr(found) == repr(offramp.differences(a.grown(n), b.grown(n)))


def test_a_switch_that_is_ready_gives_what_a_crisis_of_its_own_gives() -> None:
    """Every event that never happens, and every recommendation, is a switch of one tape."""
    desk, other = Desk(("tutorial",)), Desk(("tutorial",))
    desk.ready("tutorial", "", 3)
    known = desk.switches["tutorial", "", 3]
    case = desk.case("tutorial")
    forced = [p for p in case.policies if any(e.verb == "force" for e in p.edits)]
    assert len(known) >= len(case.crisis.events) - 1
    edits = [{"never": ["kelmark.board"]}, *(p.edits for p in case.policies if p.edits)]
    for do in edits:
        assert (offramp.edit(case, do).model_sha256 in known) == (
            do not in [p.edits for p in forced]
        )
        found, alone = (
            d.whatif("tutorial", do, worlds=200, seed=3, progress=lambda done, total: None)
            for d in (desk, other)
        )
        assert found == alone


def test_what_was_ready_goes_when_the_case_is_read_again() -> None:
    desk = Desk(("tutorial",))
    desk.ready("tutorial", "", 1)
    assert desk.sessions.keys() == desk.switches.keys() == {("tutorial", "", 1)}
    assert desk.reread("tutorial")
    assert not desk.sessions
    assert not desk.switches
