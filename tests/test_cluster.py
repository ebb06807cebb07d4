"""A Dask cluster on loopback: real processes, the same bytes, and nothing lost with a worker."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("zarr")
pytest.importorskip("distributed")

from test_runs import HERE, content, job_of, made, offramp, small_case

from offramp.case.case import Case, load
from offramp.engine.blocks import machinery
from offramp.runs.live import Way, run
from offramp.runs.manifest import Refused, describe

WORLDS = 300
ROOT = Path(__file__).parent.parent
NO_PAGES = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load(small_case(tmp_path_factory.mktemp("cases") / "a"))


class Cluster:
    """A scheduler and its workers, as processes; all of them are gone when the test is over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self.scheduler = self.start(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            *NO_PAGES,
            "--scheduler-file",
            str(file),
        )
        self.address: str = json.loads(wait_for(lambda: file.exists() and file.read_text()))[
            "address"
        ]

    def start(self, what: str, *arguments: str, path: str = str(ROOT)) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def work(self, count: int, path: str = str(ROOT)) -> None:
        """Starts workers of one thread each, and waits until the scheduler knows them."""
        from distributed import Client

        for _ in range(count):
            worker = self.start(
                "worker",
                self.address,
                "--host",
                "127.0.0.1",
                "--no-nanny",
                "--nthreads",
                "1",
                *NO_PAGES,
                path=path,
            )
            self.workers.append(worker)
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=60)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(10)


def wait_for(ready: Callable[[], str | bool], seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ready()
        if found:
            return str(found)
        time.sleep(0.05)
    raise TimeoutError


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with started(tmp_path) as it:
        yield it


@contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    made = None
    try:
        made = Cluster(folder)
        yield made
    finally:
        if made:
            made.stop()


def way(cluster: Cluster, compiled: bool = False) -> Way:
    return Way(compiled, 1, cluster.address, chunk=10)


# ---- what works --------------------------------------------------------------------------


@pytest.mark.slow
def test_a_worker_killed_on_the_way_loses_nothing_and_changes_nothing(
    case: Case, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.work(2)
    job = job_of(case)
    seen: list[int] = []

    def kill(n: int) -> None:
        seen.append(n)
        if len(seen) == 8:
            cluster.workers[0].send_signal(signal.SIGKILL)

    run(job, describe(case, job, WORLDS), way(cluster), tmp_path / "run", progress=kill)
    assert cluster.workers[0].wait(5) == -signal.SIGKILL
    assert cluster.workers[1].poll() is None
    assert sum(seen) == WORLDS
    made(case, tmp_path / "here", WORLDS, way=replace(HERE, chunk=None))
    assert content(tmp_path / "run") == content(tmp_path / "here")


@pytest.mark.slow
def test_a_run_whose_scheduler_died_goes_on_without_it(
    case: Case, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.work(1)
    job = job_of(case)
    seen: list[int] = []

    def kill(n: int) -> None:
        seen.append(n)
        if len(seen) == 8:
            cluster.scheduler.send_signal(signal.SIGKILL)

    manifest = describe(case, job, WORLDS)
    with pytest.raises(Refused, match=r"went away. \d+ of 300 worlds are kept"):
        run(job, manifest, way(cluster), tmp_path / "run", progress=kill)
    made(case, tmp_path / "run", WORLDS)
    made(case, tmp_path / "here", WORLDS)
    assert content(tmp_path / "run") == content(tmp_path / "here")


@pytest.mark.slow
def test_a_cluster_on_this_machine_from_the_command_line(case: Case, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "offramp",
        "run",
        str(case.folder),
        "--worlds",
        "60",
        "--seed",
        "7",
        "--reference",
        "--cluster",
        "local",
        "--threads",
        "2",
        "-o",
        "run",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    made(case, tmp_path / "here", 60)
    assert content(tmp_path / "run") == content(tmp_path / "here")


@pytest.mark.slow
@pytest.mark.skipif(not machinery.available(), reason="Numba is not installed")
def test_compiled_worlds_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    cluster.work(2)
    tutorial = load("tutorial")
    job = job_of(tutorial)
    run(job, describe(tutorial, job, 100), way(cluster, compiled=True), tmp_path / "run")
    made(tutorial, tmp_path / "here", 100)
    assert content(tmp_path / "run") == content(tmp_path / "here")


# ---- what does not -----------------------------------------------------------------------


def test_a_cluster_that_does_not_answer_is_told_within_ten_seconds(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:  # bound, never listening: nothing answers there
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        began = time.monotonic()
        result = offramp(
            "run", str(case.folder), "--worlds", "5", "--reference", "--cluster", address
        )
    assert time.monotonic() - began < 25  # Dask by itself waits for thirty
    assert result.exit_code == 1
    assert f"no Dask scheduler answers at '{address}'" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address", ["", "nonsense://x", "tcp://", "127.0.0.1:port", "tcp://256.1:1"]
)
def test_an_address_that_is_none_is_told(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("offramp.runs.cluster.SECONDS", 1.0)
    result = offramp("run", str(case.folder), "--worlds", "5", "--reference", "--cluster", address)
    assert result.exit_code == 1
    assert f"no Dask scheduler answers at '{address}'" in result.stderr


@pytest.mark.slow
def test_workers_without_this_offramp_are_told(
    case: Case, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First there is no worker, then one with another version, then one that has none."""
    monkeypatch.setattr("offramp.runs.cluster.SECONDS", 1.0)
    with pytest.raises(Refused, match="has no workers"):
        made(case, tmp_path / "run", way=way(cluster))
    for version, code, words in (
        ("other", "__version__ = '0.0.1'", r"has Offramp 0\.0\.1: install Offramp"),
        ("none", "raise ModuleNotFoundError(\"No module named 'offramp'\")", "has no Offramp"),
    ):
        package = tmp_path / version / "offramp"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(code)
        cluster.work(1, str(package.parent))
        with pytest.raises(Refused, match=words):
            made(case, tmp_path / "run", way=way(cluster))
        cluster.workers.pop().kill()
        time.sleep(1)
    assert not (tmp_path / "run").exists()
