"""Files of users: read if they are regular, written whole, looked at before a long run."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offramp.case import scaffold
from offramp.case.case import examine, load
from offramp.cli import main
from offramp.engine.blocks import cache, machinery, worlds
from offramp.engine.plan import plan
from offramp.text import files

posix = pytest.mark.skipif(os.name != "posix", reason="modes, pipes and links of POSIX")
needs_numba = pytest.mark.skipif(not machinery.available(), reason="needs Numba")
QUICK = ("--worlds", "2", "--threads", "1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)
    scaffold.write_case(tmp_path / "a")
    return tmp_path


def offramp(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ---- what is no file -----------------------------------------------------------------------


def put(path: Path, kind: str) -> None:
    """Something that is no file, under a file's name."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as s:
            before = Path.cwd()
            os.chdir(path.parent)  # the names of sockets are short
            s.bind(path.name)
            os.chdir(before)
    else:
        path.symlink_to({"device": "/dev/zero", "loop": path.name, "dangling": "nowhere"}[kind])


WORDS = {
    "pipe": "a named pipe (FIFO)",
    "device": "a device",
    "loop": "a link that leads to itself",
    "dangling": "a link to 'nowhere', which does not exist",
    "folder": "a folder",
    "socket": "a socket",
}
NAMES = (
    "crisis.yaml",
    "questions.yaml",
    "sources.yaml",
    "passages.yaml",
    "phrases.yaml",
    "history.csv",
    "reporting.yaml",
    "policies.yaml",
    "asked.yaml",
    "rooms.yaml",
    "disagreements.yaml",
    "coverage.yaml",
    "baselines.yaml",
    "crowd.csv",
    "assessments/me.yaml",
    "claims/case.yaml",
)


@posix
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", WORDS)
def test_check_refuses_whatever_is_no_file(here: Path, name: str, kind: str) -> None:
    put(here / "a" / name, kind)
    result = offramp("check", "a")
    assert result.exit_code == 1
    if (name, kind) == ("crisis.yaml", "folder"):
        assert "has no crisis.yaml" in result.stderr
        return
    assert f"a/{name}:1:1: error[unreadable]" in result.stderr
    assert WORDS[kind] in result.stderr


@posix
@pytest.mark.parametrize("kind", WORDS)
def test_a_document_is_a_file(here: Path, kind: str) -> None:
    put(here / "a" / "documents" / "note.txt", kind)
    result = offramp("sources", "verify", "a")
    assert result.exit_code == 1
    assert WORDS[kind] in result.stderr


@posix
def test_a_file_longer_than_it_says_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 100)
    assert files.read_regular(path, 10) == b"x" * 10
    assert files.read_regular(path) == b"x" * 100


# ---- writing ---------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(("mask", "new"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_new_files_obey_the_umask_and_old_ones_keep_their_mode(
    tmp_path: Path, mask: int, new: int
) -> None:
    before = os.umask(mask)
    try:
        files.write_whole(tmp_path / "new", b"1")
        scaffold.write_case(tmp_path / "case")
        for old in (0o600, 0o640, 0o444, 0o755):
            (tmp_path / "old").write_bytes(b"1")
            (tmp_path / "old").chmod(old)
            files.write_whole(tmp_path / "old", b"2", durable=True)
            assert (mode(tmp_path / "old"), (tmp_path / "old").read_bytes()) == (old, b"2")
            (tmp_path / "old").unlink()
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == new
    assert mode(tmp_path / "case" / "crisis.yaml") == new
    assert mode(tmp_path / "case") == new | (new & 0o444) >> 2


@posix
def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"1")
    (tmp_path / "link").symlink_to("there")
    files.write_whole(tmp_path / "link", b"2")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_bytes() == b"2"
    for kind in ("pipe", "device", "loop", "folder"):
        put(tmp_path / "x", kind)
        with pytest.raises(files.NotRegular, match=re.escape(WORDS[kind])):
            files.write_whole(tmp_path / "x", b"2")
        with pytest.raises(files.NotRegular):
            files.check_writable(tmp_path / "x")
    assert stat.S_ISCHR(os.stat("/dev/zero").st_mode)
    (tmp_path / "far").symlink_to("yet")  # a link to what is not there yet is made good
    files.write_whole(tmp_path / "far", b"3")
    assert (tmp_path / "yet").read_bytes() == b"3"


def test_a_look_leaves_nothing_behind(tmp_path: Path) -> None:
    files.check_writable(tmp_path / "x")
    files.check_folder(tmp_path / "hub", fresh=True)
    files.check_folder(tmp_path / "a" / "b")
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")) == ["a", "a/b"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("brief", "tutorial", "-o", "no/b.html"), 2, "there is no folder 'no'"),
        (("brief", "tutorial", "-o", "pipe.html"), 1, "a named pipe"),
        (("brief", "tutorial", "-o", "loop.html"), 1, "leads to itself"),
        (("demo", "-o", "file"), 1, "is not a folder"),
        (("rooms", "tutorial", "-o", "file"), 1, "is not a folder"),
        (("rooms", "tutorial", "-o", "file/x"), 1, "cannot be written"),
        (("export", "tutorial", "-o", "pipe.jsonl"), 1, "a named pipe"),
        (("export", "tutorial", "-o", "no/hub"), 2, "there is no folder 'no'"),
        (("export", "tutorial", "-o", "file"), 2, "exists"),
        (("export", "tutorial", "-o", "loop.html"), 2, "exists"),
        (("condition", "tutorial", "--ledger", "bad.jsonl"), 1, "nothing was added"),
        (("condition", "tutorial", "--ledger", "pipe.jsonl"), 1, "a ledger is a file"),
        (("condition", "tutorial", "--ledger", "no/l.jsonl"), 2, "a folder that exists"),
    ],
)
@posix
def test_what_cannot_be_written_is_told_before_the_run(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    words: str,
) -> None:
    put(here / "pipe.html", "pipe")
    put(here / "pipe.jsonl", "pipe")
    put(here / "loop.html", "loop")
    (here / "file").touch()
    (here / "bad.jsonl").write_text('{"not":"a ledger"}\n')

    def never(*_: object, **__: object) -> None:
        raise AssertionError("worlds were lived")

    for place in (
        "offramp.forecast",
        "offramp.render.pages.pages.live",
        "offramp.score",
        "offramp.condition",
        "offramp.known_forecast",
    ):
        monkeypatch.setattr(place, never)
    result = offramp(*arguments)
    assert result.exit_code == status
    assert words in result.stderr


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes all")
def test_a_folder_that_may_not_be_written_is_told_before_the_run(here: Path) -> None:
    (here / "ro").mkdir(mode=0o555)
    for arguments in (("brief", "a", "-o", "ro/b.html"), ("rooms", "tutorial", "-o", "ro/x")):
        result = offramp(*arguments)
        assert result.exit_code == 1
        assert "permission denied" in result.stderr.lower()


def test_what_was_computed_is_shown_where_it_cannot_be_written(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_whole", full)
    result = offramp("brief", "a", *QUICK, "--quick", "-o", "b.html")
    assert result.exit_code == 1
    assert "Will there be an incident" in result.stdout
    assert "'b.html' cannot be written: No space left on device" in result.stderr
    out = here / "new" / "pages"
    result = offramp("rooms", "tutorial", "--worlds", "4", "-o", str(out))
    assert result.exit_code == 1
    assert "blockade" in result.stdout
    assert out.is_dir()


@needs_numba
def test_answers_are_shown_where_the_ledger_cannot_take_them(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from offramp.answers import ledger

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger, "write_whole", full)
    result = offramp(
        "condition", "tutorial", "--as-of", "2031-04-02", "--worlds", "256", "--ledger", "l.jsonl"
    )
    assert result.exit_code == 1
    assert "blockade" in result.stdout
    assert "No space left on device" in result.stderr


# ---- authors' folders ------------------------------------------------------------------------


@posix
def test_what_editors_and_macs_leave_is_no_author(here: Path) -> None:
    for folder in ("assessments", "claims"):
        (here / "a" / folder).mkdir()
        (here / "a" / folder / ".#me.yaml").symlink_to("me@host.1234:99")
        (here / "a" / folder / "._me.yaml").write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X")
        (here / "a" / folder / ".me.yaml.swp").write_bytes(b"b0VIM")
    found = examine("a")[1]
    assert list(found) == []
    assert offramp("check", "a").exit_code == 0


@pytest.mark.parametrize("folder", ["assessments", "claims"])
def test_a_file_in_place_of_a_folder_of_authors(here: Path, folder: str) -> None:
    (here / "a" / folder).write_text("x")
    result = offramp("check", "a")
    assert result.exit_code == 1
    assert f"a/{folder}:1:1: error[unreadable]" in result.stderr


# ---- the cache -------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, not there yet."""
    monkeypatch.setenv("OFFRAMP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@posix
def test_the_cache_is_private_to_its_owner_whatever_the_umask(own: Path) -> None:
    before = os.umask(0)
    try:
        cache.make(own / "tapes")
    finally:
        os.umask(before)
    assert (mode(own), mode(own / "tapes")) == (0o700, 0o700)
    assert cache.doubt(own, own / "tapes") == ""


@posix
@pytest.mark.parametrize("wide", [0o770, 0o707, 0o777, 0o1777])
def test_a_cache_that_others_may_write_is_not_believed(own: Path, wide: int) -> None:
    cache.make(own / "tapes")
    own.chmod(wide)
    assert "others may write" in cache.doubt(own)
    assert "others may write" in cache.doubt(own, own / "tapes")
    own.chmod(0o755)
    assert cache.doubt(own) == ""


@posix
def test_a_cache_of_somebody_else_is_not_believed(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.make(own)
    monkeypatch.setattr(os, "geteuid", lambda: own.stat().st_uid + 1)
    foreign = own.stat().st_uid != 0  # what root filled is believed
    assert ("belongs to another user" in cache.doubt(own)) == foreign


@needs_numba
@posix
def test_no_tape_is_taken_from_or_put_where_others_may_write(own: Path) -> None:
    machinery.machine()
    laid = plan(load("tutorial").crisis)
    cache.make(own)
    own.chmod(0o777)
    there = set(own.iterdir())  # the machine, where no test of this process has made it before
    worlds.load(laid)
    assert set(own.iterdir()) == there


@needs_numba
def test_a_tape_whose_numbers_were_changed_is_written_anew(own: Path) -> None:
    """One that numpy would read without a word: the machine trusts its numbers blindly."""
    import io

    import numpy as np

    machinery.machine()
    laid = plan(load("tutorial").crisis)
    first = worlds.load(laid).tape
    (kept,) = (own / "tapes").iterdir()
    right = kept.read_bytes()
    changed = io.BytesIO()
    arrays = {k: v for k, v in first.arrays().items() if k != "consts"}
    np.savez_compressed(changed, consts=first.consts * 0.5, **arrays)  # type: ignore[arg-type]
    kept.write_bytes(right[:32] + changed.getvalue())
    assert np.array_equal(worlds.load(laid).tape.consts, first.consts)
    assert kept.read_bytes() == right


@needs_numba
def test_machine_code_of_another_source_is_not_sound(own: Path) -> None:
    machinery.machine()
    real = machinery.cache_folder()
    assert real == own
    folder = own / "machine-x"
    folder.mkdir(parents=True)
    (folder / "machine.py").write_text(machinery._source() + "\nimport os\n")
    (folder / machinery.SUMS).write_text(machinery.plain_json.text(machinery._sums(folder)))
    assert not machinery._sound(folder)  # its sums are right, and its source is not ours
    (folder / "machine.py").write_text(machinery._source())
    (folder / machinery.SUMS).write_text(machinery.plain_json.text(machinery._sums(folder)))
    assert machinery._sound(folder)


def test_what_nobody_used_is_swept_and_nothing_else(own: Path) -> None:
    cache.make(own / "tapes")
    cache.make(own / "native")
    cache.make(own / "looks")
    now = time.time()
    names = {
        own / ("machine-" + "a" * 24): cache.OLD,
        own / ("machine-" + "b" * 24): 0.0,
        own / "tapes" / ("c" * 32 + ".npz"): cache.OLD,
        own / "tapes" / ("d" * 32 + ".tape"): 0.0,
        own / "native" / ("e" * 32 + ".native"): cache.OLD,
        own / "native" / ("f" * 32 + ".native"): 0.0,
        own / "looks" / ("a" * 32 + ".look"): cache.OLD,
        own / "looks" / ("b" * 32 + ".look"): 0.0,
        own / ".machine-abc": cache.LEFT,
        own / "tapes" / ".offramp-0a.part": cache.LEFT,
        own / "letters.txt": 10 * cache.OLD,
        own / "machine-shop": 10 * cache.OLD,
    }
    for path, age in names.items():
        path.mkdir() if "." not in path.name[1:] and path.parent == own else path.touch()
        os.utime(path, (now - age - 60, now - age - 60))
    cache.used(own / ("machine-" + "b" * 24))
    cache.sweep()
    left = {p.name for p in own.rglob("*")}
    assert left == {
        "tapes",
        "machine-" + "b" * 24,
        "d" * 32 + ".tape",
        "native",
        "looks",
        "b" * 32 + ".look",
        "f" * 32 + ".native",
        "letters.txt",
        "machine-shop",
    }


def test_a_user_without_a_home_has_a_cache_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("OFFRAMP_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    assert cache.folder().name.startswith("offramp-cache-")


CODE = """
import os, sys
access = os.access
def refuses(path, how, **more):
    return access(path, how, **more) and not (how & os.W_OK and str(path).startswith(sys.argv[1]))
os.access = refuses
from numba.core.caching import _CacheLocator
ensure = _CacheLocator.ensure_cache_path
def fails(self):
    if self.get_cache_path().startswith(sys.argv[1]):
        raise OSError(30, "Read-only file system")
    ensure(self)
_CacheLocator.ensure_cache_path = fails
from offramp.engine.blocks import machinery
machinery._compile = lambda kept: sys.exit("compiled again")
print(machinery.machine().live is not None)
"""


@needs_numba
@posix
def test_a_filled_cache_that_cannot_be_written_is_used(tmp_path: Path) -> None:
    machinery.machine()
    kept = machinery.cache_folder() / f"machine-{machinery.key()}"
    cached = tmp_path / "cache"
    cached.mkdir(mode=0o755)
    shutil.copytree(kept, cached / kept.name)
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(cached)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OFFRAMP_CACHE": str(cached), "PYTHONPATH": ":".join(sys.path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


# ---- names that run, lists without end -------------------------------------------------------


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\uff1d1"])
def test_no_name_is_a_formula_of_a_spreadsheet(here: Path, name: str) -> None:
    head = "text: t\n    window: 2030-01-01 .. 2030-03-31\n    "
    path = here / "a" / "questions.yaml"
    path.write_text(
        f"choices:\n  q:\n    {head}options:\n      '{name}': count(border_incident) > 0\n"
        "      b: else\n"
    )
    assert "a spreadsheet would run it" in offramp("check", "a").stderr
    path.write_text(f"questions:\n  '{name}':\n    {head}asks: count(border_incident) > 0\n")
    assert "a spreadsheet would run it" in offramp("check", "a").stderr


def test_a_ladder_has_a_sensible_most(here: Path) -> None:
    path = here / "a" / "crisis.yaml"
    text = path.read_text("utf-8")
    for more, fits in ((97, True), (98, False)):
        levels = "[calm, tense, crisis, " + ", ".join(f"l{i}" for i in range(more)) + "]"
        path.write_text(text.replace("[calm, tense, crisis]", levels), "utf-8")
        assert (offramp("check", "a").exit_code == 0) == fits
    (here / "a" / "questions.yaml").write_text(
        "choices:\n  q:\n    text: t\n    window: 2030-01-01 .. 2030-03-31\n    options:\n"
        + "".join(f"      o{i}: count(border_incident) == {i}\n" for i in range(101))
    )
    path.write_text(text, "utf-8")
    assert "101 names" in offramp("check", "a").stderr
