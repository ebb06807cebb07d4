"""Which reports tell between authors: the rows of an author are its log evidence, day by day."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import offramp
from offramp.answers.conditioned import posterior_of
from offramp.cli import main
from offramp.engine.blocks import machinery
from offramp.explain.compare import after
from offramp.explain.diagnosticity import Diagnosticity, diagnosticity, sentence
from offramp.filter.posterior import Posterior

pytestmark = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
DAY = dt.timedelta(1)


@pytest.fixture(scope="module")
def found() -> Diagnosticity:
    return offramp.evidence("tutorial", worlds=1024)


def test_rows_cover_each_day_once_and_add_up_to_the_log_evidence(found: Diagnosticity) -> None:
    case = offramp.load("tutorial")
    assert found.rows[0].first == case.crisis.first
    assert found.rows[-1].last == found.as_of
    for one, other in zip(found.rows, found.rows[1:], strict=False):
        assert other.first == one.last + DAY
    for name, total in found.totals.items():
        own = sum(r.logs[name].value for r in found.rows)
        assert own == pytest.approx(total.value, abs=1e-9)


def test_a_row_is_of_a_day_with_reports_or_of_a_silence(found: Diagnosticity) -> None:
    case = offramp.load("tutorial")
    known = {r.id: r for r in case.history.known_by(found.as_of)}
    for row in found.rows:
        assert row.first == row.last or not row.reports
        for t in row.reports:
            assert known[t.id].last == row.first
            assert t.first <= known[t.id].first
    told = {t.id for row in found.rows for t in row.reports}
    assert told == {r.id for r in known.values() if r.kind in ("event", "quantity")}


def test_rows_after_a_day_are_what_compare_says_of_the_days_after(found: Diagnosticity) -> None:
    case = offramp.load("tutorial")
    for name in ("tass", "ilvane"):
        p = posterior_of(case.under(name), case.history, found.as_of, 1024, 1)
        for row in found.rows[:-1]:
            day = (row.last - case.crisis.first).days
            own = sum(r.logs[name].value for r in found.rows if r.first > row.last)
            assert own == pytest.approx(after(p, day, p.last).value, abs=1e-9)


def test_the_outermost_two_are_told_with_their_errors(found: Diagnosticity) -> None:
    for row in found.rows:
        values = {n: e.value for n, e in row.logs.items()}
        assert row.ratio == pytest.approx(max(values.values()) - min(values.values()))
        assert (values[row.best], values[row.worst]) == (max(values.values()), min(values.values()))
        assert row.error == pytest.approx(
            np.hypot(row.logs[row.best].error, row.logs[row.worst].error)
        )
        said = sentence(found, row)
        assert (f"as under {row.worst}" in said) == row.tells
        assert not (row.tells and row.ratio < 1)
    ordered = found.ordered
    assert [r.tells for r in ordered] == sorted((r.tells for r in ordered), reverse=True)


def test_the_same_premises_are_never_told_apart(tmp_path: Path) -> None:
    folder = Path(
        shutil.copytree(Path(offramp.__file__).parent / "cases/tutorial", tmp_path / "mine")
    )
    tass = folder / "assessments" / "tass.yaml"
    (folder / "assessments" / "twin.yaml").write_bytes(tass.read_bytes())
    twins = offramp.evidence(folder, "tass", "twin", worlds=512)
    assert all(r.ratio == 0 and not r.tells for r in twins.rows)


def test_nobody_is_ranked_by_worlds_that_are_not_to_be_trusted(
    found: Diagnosticity, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = next(r for r in found.rows if r.tells)
    monkeypatch.setattr(
        Posterior, "unmixed", lambda p: "not mixed" if p.filter.plan.crisis is under else ""
    )
    case = offramp.load("tutorial")
    known, day = case.history.known_by(found.as_of), found.as_of
    posteriors = {
        name: posterior_of(case.under(name), case.history, day, 1024, 1)
        for name in ("case", "tass", "ilvane")
    }
    under = posteriors[telling.best].filter.plan.crisis
    three = diagnosticity(case, posteriors, known, {}, day)
    assert set(three.unmixed) == {telling.best}
    assert all(telling.best not in (r.best, r.worst) for r in three.rows)
    pair = {name: posteriors[name] for name in ("tass", "ilvane")}
    two = diagnosticity(case, pair, known, {}, day)
    row = next(r for r in two.rows if r.first == telling.first)
    assert row.ratio == pytest.approx(telling.ratio)
    assert not row.tells
    assert "nobody is ranked" in sentence(two, row)


@pytest.mark.slow
def test_the_printed_errors_match_the_spread_over_seeds() -> None:
    """Each cell's error is that of its value over seeds; a row that one seed tells, all tell."""
    runs = [offramp.evidence("tutorial", worlds=1024, seed=s) for s in range(1, 21)]
    for k, row in enumerate(runs[0].rows):
        for name in row.logs:
            values = np.array([r.rows[k].logs[name].value for r in runs])
            errors = np.array([r.rows[k].logs[name].error for r in runs])
            printed = float(np.sqrt((errors**2).mean()))
            assert 0.55 < values.std(ddof=1) / printed < 1.8, (row.first, name)
        assert len({r.rows[k].tells for r in runs}) == 1 or abs(row.ratio - 1) < 4 * row.error


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["evidence", *words])
    return done.exit_code, done.output


def test_the_command_prints_what_tells_and_what_does_not() -> None:
    code, out = run("tutorial", "--worlds", "1024")
    assert code == 0
    assert "What tells between them (1 of 8 rows)" in out
    assert "What speaks for nobody (7 rows)" in out
    assert "earlier rows have part of it" in out
    assert run("tutorial", "--author", "tass")[0] == 2
    code, out = run("tutorial", "--author", "tass", "--author", "tess")
    assert (code, "tass" in out) == (1, True)
    assert run("quarantine")[0] != 0  # it has no authors
