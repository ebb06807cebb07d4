"""Large runs on disk: the bytes depend on the case, the worlds and the seed; on nothing else."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("zarr")

from offramp.answers.forecast import forecast, watches
from offramp.api import many as api
from offramp.case import scaffold
from offramp.case.case import Case, load
from offramp.cli import main
from offramp.engine.blocks import machinery, worlds
from offramp.engine.run import STORIES, Job, replay, simulate
from offramp.errors import Mistake
from offramp.runs import chunks, live, lock, results
from offramp.runs.live import Way, run
from offramp.runs.manifest import Refused, describe, difference, read
from offramp.runs.merge import merge
from offramp.runs.results import ensemble, open_run, write_parquet
from offramp.runs.size import Estimate, chunk_size, estimate
from offramp.runs.stored import forecast_from
from offramp.runs.work import Worker

WORLDS = 23
HERE = Way(compiled=False, threads=1, chunk=5)


def small_case(folder: Path) -> Path:
    """The case that `offramp new` writes, cut to twelve days: a world is a millisecond."""
    scaffold.write_case(folder)
    for file in ("crisis.yaml", "questions.yaml"):
        text = (folder / file).read_text("utf-8")
        (folder / file).write_text(text.replace("2030-06-30", "2030-01-12"), "utf-8")
    return folder


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load(small_case(tmp_path_factory.mktemp("cases") / "a"))


@pytest.fixture(scope="module")
def whole(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in one piece."""
    return made(case, tmp_path_factory.mktemp("whole") / "run")


def job_of(case: Case, seed: int = 7) -> Job:
    return Job(case.crisis, watches(case, case.crisis.first)[1], seed)


def made(
    case: Case,
    folder: Path,
    worlds: int = WORLDS,
    shard: tuple[int, int] = (1, 1),
    way: Way = HERE,
    seed: int = 7,
) -> Path:
    job = job_of(case, seed)
    run(job, describe(case, job, worlds, shard), way, folder)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """All files but how.json, which says how it was run."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "how.json"
    }


def offramp(*arguments: str, given: str = "") -> Result:
    result = CliRunner().invoke(main, arguments, input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception  # a user's mistake is never answered by a traceback
    return result


# ---- the same bytes ----------------------------------------------------------------------


def test_a_run_keeps_what_a_simulation_keeps(case: Case, whole: Path) -> None:
    expected = simulate(job_of(case), WORLDS, threads=1)
    stored = ensemble(whole)
    assert worlds.same(expected, stored)
    assert stored.stories == expected.stories
    assert len(stored.stories) == STORIES
    for name, band in expected.bands.items():
        assert replace(stored.bands[name], counts=band.counts) == band
    assert (stored.first, stored.days, stored.seed) == (expected.first, expected.days, 7)
    assert stored.counts.dtype == expected.counts.dtype


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(n=st.integers(1, 5), chunk=st.integers(1, 30), order=st.randoms(use_true_random=False))
def test_any_shards_in_chunks_of_any_size_merge_to_the_same_bytes(
    case: Case, whole: Path, tmp_path_factory: pytest.TempPathFactory, n: int, chunk: int, order
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    way = replace(HERE, chunk=chunk)
    shards = [made(case, folder / str(i), shard=(i, n), way=way) for i in range(1, n + 1)]
    order.shuffle(shards)
    merge(shards, folder / "out")
    assert content(folder / "out") == content(whole)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    worlds=st.integers(1, 300),
    size=st.integers(1, 40),
    kept=st.lists(st.integers(0, 30), unique=True),
)
def test_what_is_missing_and_what_is_there_are_all_worlds_once(
    worlds: int, size: int, kept: list[int]
) -> None:
    wanted = range(worlds)
    pieces = list(chunks.cut([wanted], size))
    at_hand = [p for i, p in enumerate(pieces) if i in kept]
    again = list(chunks.cut(chunks.missing(wanted, at_hand), 7))
    assert sorted(n for piece in (*at_hand, *again) for n in piece) == list(wanted)


def test_shards_are_all_worlds_once(whole: Path) -> None:
    for n in (1, 2, 7, WORLDS):
        parts = [replace(read(whole), shard=(i, n)).numbers for i in range(1, n + 1)]
        assert [w for part in parts for w in part] == list(range(WORLDS))


def test_worker_processes_and_their_number_change_nothing(
    case: Case, whole: Path, tmp_path: Path
) -> None:
    made(case, tmp_path / "run", way=replace(HERE, threads=2))
    assert content(tmp_path / "run") == content(whole)


def test_blocks_are_regrouped_without_loss() -> None:
    sizes = (3, 1, 10, 2, 7)
    values = np.arange(23.0).reshape(-1, 1)
    starts = np.cumsum((0, *sizes))
    blocks = [
        chunks.Rows(values[a:b], values[a:b], values[a:b]) for a, b in itertools.pairwise(starts)
    ]
    for size in (1, 4, 23, 50):
        out = list(results.regrouped(blocks, size))
        assert [len(r) for r in out[:-1]] == [size] * (len(out) - 1)
        assert np.array_equal(chunks.joined(out).atoms, values)


@pytest.mark.slow
@pytest.mark.skipif(not machinery.available(), reason="Numba is not installed")
def test_the_tutorial_compiled_is_the_same_bytes_as_in_the_reference(tmp_path: Path) -> None:
    tutorial = load("tutorial")
    made(tutorial, tmp_path / "reference", 150, way=Way(False, 2))
    for threads, chunk in ((1, 150), (2, 17), (5, None)):
        way = Way(True, threads, chunk=chunk)
        made(tutorial, tmp_path / f"{threads}", 150, way=way)
        assert content(tmp_path / f"{threads}") == content(tmp_path / "reference")
    shards = [made(tutorial, tmp_path / f"s{i}", 150, (i, 4), Way(True, 2)) for i in (1, 2, 3, 4)]
    merge(shards, tmp_path / "merged")
    assert content(tmp_path / "merged") == content(tmp_path / "reference")


# ---- interrupted -------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_run_that_was_cut_short_goes_on_to_the_same_bytes(
    case: Case, tmp_path: Path, how: signal.Signals
) -> None:
    worlds = 800
    command = [
        sys.executable,
        "-m",
        "offramp",
        "run",
        str(case.folder),
        "--worlds",
        str(worlds),
        "--seed",
        "7",
        "--reference",
        "--threads",
        "1",
        "--chunk",
        "20",
        "-o",
        "cut",
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while len(chunks.done(tmp_path / "cut")) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    kept = sum(len(r) for r in chunks.done(tmp_path / "cut"))
    assert 0 < kept < worlds
    assert not results.finished(tmp_path / "cut")
    if how == signal.SIGINT:
        assert process.returncode == 130
        words = f"interrupted: {kept:,} of {worlds:,} worlds are kept in 'cut', and the same"
        assert said.startswith(words)
        assert said.count("\n") == 1

    lived: list[int] = []
    job = job_of(case)
    manifest = describe(case, job, worlds)
    run(job, manifest, replace(HERE, chunk=999), tmp_path / "cut", progress=lived.append)
    assert lived[0] == kept  # nothing is lived twice
    assert sum(lived) == worlds
    made(case, tmp_path / "uncut", worlds, way=replace(HERE, chunk=None))
    assert content(tmp_path / "cut") == content(tmp_path / "uncut")


def test_ctrl_c_that_was_lost_while_compiling_is_heard_afterwards(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_worker = live.worker

    def deaf(job: Job, compiled: bool) -> Worker:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return made_worker(job, compiled)

    monkeypatch.setattr(live, "worker", deaf)
    monkeypatch.chdir(tmp_path)
    ask = ("run", str(case.folder), "--worlds", "40", "--reference", "--threads", "1")
    result = offramp(*ask)
    assert result.exit_code == 130
    assert result.stderr == "interrupted: nothing was kept yet\n"


def test_a_damaged_chunk_is_lived_again(case: Case, whole: Path, tmp_path: Path) -> None:
    folder = interrupted_run(case, tmp_path / "run")
    victim = sorted((folder / "chunks").iterdir())[1]
    victim.write_bytes(victim.read_bytes()[:100])
    with pytest.raises(Refused, match="was damaged, and is removed"):
        made(case, folder)
    made(case, folder)
    assert content(folder) == content(whole)


def interrupted_run(case: Case, folder: Path) -> Path:
    """A run that stopped before its results."""
    job = job_of(case)

    def stop(n: int) -> None:
        if len(chunks.done(folder)) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job, describe(case, job, WORLDS), HERE, folder, progress=stop)
    return folder


@pytest.mark.parametrize("at", ["a chunk", "the results"])
def test_a_full_disk_leaves_nothing_half_written(
    case: Case, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    replaced = os.replace

    def fail(a: Path, b: Path) -> None:
        if (at == "the results" and b.suffix == ".zarr") or (
            at == "a chunk" and b.suffix == ".npz" and len(chunks.done(tmp_path / "run")) == 2
        ):
            raise full
        replaced(a, b)

    monkeypatch.setattr(lock.os, "replace", fail)
    n = WORLDS if at == "the results" else 10
    words = f"is full: make room there. {n} of 23 worlds are kept"
    with pytest.raises(Refused, match=words):
        made(case, tmp_path / "run")
    names = {p.name for p in (tmp_path / "run").rglob("*") if p.is_file()}
    assert not any(name.endswith(".part") for name in names)
    assert not (tmp_path / "run" / ".results.zarr").exists()
    monkeypatch.undo()
    made(case, tmp_path / "run")
    assert content(tmp_path / "run") == content(whole)


# ---- the folder --------------------------------------------------------------------------


def test_a_folder_that_is_something_else_is_never_touched(case: Case, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    with pytest.raises(Refused, match="is not a folder that `offramp run` made"):
        made(case, tmp_path / "letters")
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["a.txt"]


def test_another_run_is_refused_with_both_values(case: Case, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the seed is 7 and not 8"):
        made(case, whole, seed=8)
    with pytest.raises(Refused, match="the number of worlds is 23 and not 24"):
        made(case, whole, worlds=24)
    with pytest.raises(Refused, match="the shard is 1/1 and not 1/2"):
        made(case, whole, shard=(1, 2))
    other = changed(case, tmp_path)
    words = f"the model is {case.model_sha256} and not {other.model_sha256}"
    with pytest.raises(Refused, match=words):
        made(other, whole)


def changed(case: Case, folder: Path) -> Case:
    """The same crisis with one number changed."""
    shutil.copytree(case.folder, folder / "a")
    crisis = folder / "a" / "crisis.yaml"
    crisis.write_text(crisis.read_text("utf-8").replace("rate: .01", "rate: .02"), "utf-8")
    return load(folder / "a")


def test_a_finished_run_is_not_made_again(case: Case, whole: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in whole.rglob("*")}
    made(case, whole)
    assert {p: p.stat().st_mtime_ns for p in whole.rglob("*")} == before


def test_two_processes_do_not_work_in_one_folder(case: Case, tmp_path: Path) -> None:
    def second(e: Estimate) -> None:
        with pytest.raises(Refused, match="another process is at work"):
            made(case, tmp_path / "run")

    job = job_of(case)
    run(job, describe(case, job, WORLDS), HERE, tmp_path / "run", agree=second)


@pytest.mark.parametrize("folder", ["/dev/null/runs", "a-file"])
def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a-file").write_text("x")
    monkeypatch.setattr(live, "pool", None)
    result = offramp("run", str(case.folder), "--worlds", "5", "-o", folder, "--reference")
    assert result.exit_code == 1
    assert f"Error: '{folder}' cannot be written" in result.stderr


# ---- merging -----------------------------------------------------------------------------


def test_merge_refuses_what_is_not_one_run(case: Case, tmp_path: Path) -> None:
    a, b, c = (made(case, tmp_path / n, shard=(i, 3)) for i, n in enumerate("abc", 1))
    out = tmp_path / "out"
    with pytest.raises(Refused, match="given more than once: shard 2/3"):
        merge((a, b, b, c), out)
    with pytest.raises(Refused, match=r"missing: shard 1/3, 3/3; .* --shard 1/3"):
        merge((b,), out)
    other_seed = made(case, tmp_path / "seed", shard=(2, 3), seed=8)
    with pytest.raises(Refused, match="the seed is 7 and not 8"):
        merge((a, other_seed, c), out)
    other_number = made(case, tmp_path / "number", shard=(2, 4))
    with pytest.raises(Refused, match="the number of shards is 3 and not 4"):
        merge((a, other_number, c), out)
    other = changed(case, tmp_path / "other")
    other_model = made(other, tmp_path / "model", shard=(2, 3))
    words = f"the model is {case.model_sha256} and not {other.model_sha256}"
    with pytest.raises(Refused, match=words):
        merge((a, other_model, c), out)
    with pytest.raises(Refused, match="is not a folder that `offramp run` made"):
        merge((a, b, tmp_path), out)
    shutil.rmtree(b / "results.zarr")
    with pytest.raises(Refused, match="b' is not finished"):
        merge((a, b, c), out)
    assert not out.exists()


def test_merge_on_a_full_disk_leaves_nothing(
    case: Case, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = [made(case, tmp_path / f"{i}", shard=(i, 2)) for i in (1, 2)]

    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(results, "_arrays", fail)
        with pytest.raises(Refused, match="is full: make room"):
            merge(shards, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    merge(shards, tmp_path / "out")
    assert content(tmp_path / "out") == content(whole)


# ---- reading -----------------------------------------------------------------------------


def test_xarray_reads_it_with_labels(case: Case, whole: Path) -> None:
    pytest.importorskip("xarray")
    expected = simulate(job_of(case), WORLDS, threads=1)
    run = open_run(whole)
    assert run.attrs["model_sha256"] == case.model_sha256
    assert list(run.world.values) == list(range(WORLDS))
    assert str(run.day.values[0])[:10] == case.crisis.first.isoformat()
    assert list(run.event.values) == [e.name for e in case.crisis.events]
    assert list(run.atom.values) == ["count(border_incident) 2030-01-01..2030-01-12"]
    assert run.counts.dtype == np.uint8
    assert run.bands.dtype == np.uint32
    assert np.array_equal(run.counts.values, expected.counts)
    assert np.array_equal(run.unknowns.sel(unknown="border.risk").values, expected.unknowns[:, 0])
    band = expected.bands["tension"]
    assert np.array_equal(run.bands.sel(quantity="tension").values, band.counts)
    assert (run.bands.sum("bin") == WORLDS).all()
    assert run.value.sel(quantity="tension").values[[0, -1]].tolist() == [band.low, band.high]


def test_xarray_says_what_each_array_and_each_column_is(case: Case, whole: Path) -> None:
    pytest.importorskip("xarray")
    run = open_run(whole)
    assert all(run[name].attrs["long_name"] for name in (*run.data_vars, *run.coords))
    assert run.counts.attrs["units"] == "1"
    titles = [e.title for e in case.crisis.events]
    assert list(run.counts.event_title.values) == titles
    assert list(run.unknowns.unknown_title.values) == [u.title for u in case.crisis.unknowns]
    place = [e.name for e in case.crisis.events].index("border_incident")
    (atom,) = run.atoms.atom_title.values
    assert atom == f"count: {titles[place]}, 2030-01-01 to 2030-01-12"
    assert run.atoms.atom_unit.values.tolist() == ["1"]
    asking = [q.id for q in case.questions if ("count", "border_incident") in q.atoms]
    assert run.atoms.question.values.tolist() == [" ".join(asking)]
    (level,) = (q for q in run.bands.quantity_unit.values if q.startswith("level"))
    assert level == "level from 0 (calm) to 2 (crisis)"


# ---- every day of a quantity -------------------------------------------------------------


def test_a_quantity_is_kept_day_by_day_in_every_world(case: Case, tmp_path: Path) -> None:
    pytest.importorskip("xarray")
    where = api.run(case, WORLDS, out=tmp_path / "run", seed=7, keep=["tension"], reference=True)
    run = open_run(where)
    assert run.trajectories.dims == ("world", "kept", "day")
    assert list(run.kept.values) == ["tension"]
    for world in range(STORIES, WORLDS):
        told = replay(case.crisis, 7, world).series["tension"]
        found = run.trajectories.sel(kept="tension", world=world)
        assert found.values.tolist() == list(told)
    assert list(run.atom.values) == ["count(border_incident) 2030-01-01..2030-01-12"]
    assert worlds.same(ensemble(where), simulate(job_of(case), WORLDS, threads=1))
    assert forecast_from(case, where).answers == forecast(case, WORLDS, 7, threads=1).answers


def test_what_else_is_kept_is_the_same_bytes_and_a_run_without_it_is_another(
    case: Case, whole: Path, tmp_path: Path
) -> None:
    """Only its own arrays come on top; shards and chunks change nothing in those either."""
    asked = ("run", str(case.folder), "--worlds", str(WORLDS), "--seed", "7", "--reference")
    asked = (*asked, "--threads", "1", "--keep", "tension")
    assert offramp(*asked, "--out", str(tmp_path / "kept")).exit_code == 0
    one, plain = content(tmp_path / "kept"), content(whole)
    more = {name for name in one if re.search("/(kept|trajectories)", name)}
    assert {name for name in plain if one[name] != plain[name]} == {
        "manifest.json",
        "results.zarr/.zmetadata",
    }
    assert set(one) - set(plain) == more
    shards = [tmp_path / f"{i}" for i in (1, 2, 3)]
    for i, folder in enumerate(shards, 1):
        cut = (*asked, "--shard", f"{i}/3", "--chunk", "2", "--out", str(folder))
        assert offramp(*cut).exit_code == 0
    merge(shards, tmp_path / "merged")
    assert content(tmp_path / "merged") == one
    with pytest.raises(Refused, match="what is kept day by day is tension and not nothing"):
        made(case, tmp_path / "kept")


def test_a_quantity_that_is_none_is_refused_before_the_work(case: Case, tmp_path: Path) -> None:
    out = tmp_path / "run"
    asked = ("run", str(case.folder), "--worlds", "5", "--keep", "tensoin", "--out", str(out))
    result = offramp(*asked)
    assert result.exit_code == 2
    assert "no quantity 'tensoin' to keep: did you mean 'tension'" in result.stderr
    assert not out.exists()
    with pytest.raises(Mistake, match="did you mean 'tension'"):
        api.run(case, 5, keep="tensoin", out=out)


def test_what_is_kept_counts_in_the_estimate_and_in_the_pieces(whole: Path) -> None:
    manifest = read(whole)
    kept = replace(manifest, kept=("tension", "other"))
    assert kept.row == manifest.row + 2 * manifest.days * 8
    less, more = (estimate(m, 10**6, 1e-6, 2, 1024, whole) for m in (manifest, kept))
    assert more.disk - less.disk == 2 * 10**6 * (kept.row - manifest.row)
    assert results.piece(manifest) == results.ROWS
    long = replace(kept, days=3000)
    assert results.piece(long) * long.row <= 32e6
    assert results.piece(replace(kept, days=10**9)) == 64


def test_a_manifest_of_before_is_read(whole: Path, tmp_path: Path) -> None:
    body = json.loads((whole / "manifest.json").read_text("utf-8"))
    del body["kept"], body["words"]
    (tmp_path / "manifest.json").write_text(json.dumps(body), "utf-8")
    assert difference(read(tmp_path), read(whole)) is None


def test_parquet_has_a_row_a_world(case: Case, whole: Path, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    folder = made(case, tmp_path / "run")
    table = pq.read_table(write_parquet(folder))
    expected = simulate(job_of(case), WORLDS, threads=1)
    assert table.column_names[0] == "world"
    assert table.num_rows == WORLDS
    assert table["unknown border.risk"].to_pylist() == expected.unknowns[:, 0].tolist()
    counts = table["count border_incident"]
    assert counts.to_pylist() == expected.counts[:, 1].tolist()
    assert str(counts.type) == "uint8"


def test_questions_are_answered_from_a_stored_run(case: Case, whole: Path, tmp_path: Path) -> None:
    expected = forecast(case, WORLDS, 7, threads=1)
    assert forecast_from(case, whole).answers == expected.answers
    other = changed(case, tmp_path)
    with pytest.raises(Refused, match="the model is"):
        forecast_from(other, whole)


def test_forecast_answers_from_a_stored_run(case: Case, whole: Path) -> None:
    name = str(case.folder)
    lived = offramp("forecast", name, "--worlds", str(WORLDS), "--seed", "7", "--json")
    stored = offramp("forecast", name, "--run", str(whole), "--json")
    assert stored.exit_code == 0
    assert json.loads(stored.output) == json.loads(lived.output)
    both = offramp("forecast", name, "--run", str(whole), "--seed", "8")
    assert both.exit_code == 2
    assert "give --run alone" in both.output
    other = offramp("forecast", "tutorial", "--run", str(whole))
    assert other.exit_code == 1
    assert "is not one of 'tutorial'" in other.output


def test_an_unfinished_run_is_not_read(case: Case, tmp_path: Path) -> None:
    folder = interrupted_run(case, tmp_path / "run")
    for reader in (open_run, ensemble, lambda f: forecast_from(case, f)):
        with pytest.raises(Refused, match="is not finished"):
            reader(folder)
    with pytest.raises(Refused, match="has no manifest"):
        open_run(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": "other/1"}'])
def test_a_manifest_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(Refused, match=r"not a manifest|schema"):
        read(tmp_path)


def test_a_case_without_questions_can_be_run(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    shutil.copytree(case.folder, folder)
    (folder / "questions.yaml").unlink()
    stored = ensemble(made(load(folder), tmp_path / "run", 3))
    assert stored.atoms.shape == (3, 0)


# ---- how much ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--worlds", "0"), "0 is not between 1 and"),
        (("--worlds", "-5"), "-5 is not between 1 and"),
        (("--worlds", "nan"), "'nan' is not a whole number; how many worlds, as in 100000"),
        (("--worlds", "1e3"), "not a whole number"),
        (("--worlds", "9" * 30), "is not between 1 and 1,000,000,000,000,000"),
        ((), "Missing option '--worlds'"),
        (("--worlds", "5", "--shard", "0/4"), "the parts of 16 are 1/16, 2/16"),
        (("--worlds", "5", "--shard", "5/4"), "is not a part of a run"),
        (("--worlds", "5", "--shard", "half"), "is not a part of a run"),
        (("--worlds", "5", "--shard", "1/6"), "5 worlds cannot be 6 parts"),
        (("--worlds", "5", "--threads", "0"), "not in the range"),
    ],
)
def test_bad_numbers_are_usage_errors(case: Case, arguments: tuple[str, ...], words: str) -> None:
    result = offramp("run", str(case.folder), *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


def test_a_run_beyond_reason_asks_and_does_not_begin(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = offramp("run", str(case.folder), "--worlds", str(10**12), "--reference")
    assert result.exit_code == 1
    assert "pass --yes to run it all the same" in result.stderr
    assert "years" in result.stderr
    assert "TB of disk" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_doubts_are_about_an_hour_twenty_gigabytes_and_free_disk() -> None:
    assert Estimate(9, 3599, 1e8, 19e9, 20e9).doubts == []
    assert Estimate(9, 3601, 1e8, 19e9, 20e9).doubts == ["longer than an hour"]
    assert Estimate(9, 1, 1e8, 21e9, 30e9).doubts == ["more than 20 GB of disk"]
    assert Estimate(9, 1, 1e8, 3e9, 2e9).doubts == ["more than the free disk"]


def test_chunks_take_about_a_second_and_never_much_memory(whole: Path) -> None:
    manifest = read(whole)
    assert chunk_size(manifest, 0.01) == 64
    assert chunk_size(manifest, 100) == 4
    wide = replace(manifest, events=tuple(map(str, range(1000))))
    assert chunk_size(wide, 1e-9) * 8000 <= 16e6


# ---- the command -------------------------------------------------------------------------


def test_run_and_merge_from_the_command_line(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    base = ("run", str(case.folder), "--worlds", "9", "--reference", "--threads", "1")
    result = offramp(*base)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "wrote 9 worlds to a-seed1-9\n"
    shards = [f"a-seed1-9-shard{i}of2" for i in (1, 2)]
    for i in (1, 2):
        assert offramp(*base, "--shard", f"{i}/2", "--parquet").exit_code == 0
    result = offramp("merge", *shards, "-o", "out")
    assert result.exit_code == 0, result.stderr
    assert content(Path("out")) == content(Path("a-seed1-9"))
    assert offramp("merge", shards[0], "-o", "out2").exit_code == 1
    how = json.loads(Path("out/how.json").read_text())
    assert [entry["engine"] for entry in how] == ["reference", "reference"]
    assert dt.datetime.fromisoformat(how[0]["began"])


def test_a_missing_library_is_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zarr", None)
    result = offramp("run", str(case.folder), "--worlds", "5")
    assert result.exit_code == 1
    wanted = "this needs zarr: pip install '.[runs]' in the folder of Offramp's repository"
    assert wanted in result.stderr


def test_a_kernel_that_differs_is_not_trusted(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worlds, "load", lambda laid: worlds.Loaded(laid, None))
    right = simulate(job_of(case), STORIES, threads=1)
    wrong = right.counts.copy()
    wrong[3, 1] += 1
    monkeypatch.setattr(worlds, "block", lambda *_: replace(right, counts=wrong, stories=()))
    with pytest.raises(Refused, match="the machine and the reference interpreter differ"):
        made(case, tmp_path / "run", way=Way(True, 1))
    assert not (tmp_path / "run").exists()
