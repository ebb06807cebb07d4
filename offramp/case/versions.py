"""A version of a case by one name: as it stands, as a commit has it, or with a kept what-if.

CASE           a folder, or a shipped case
CASE@COMMIT    the files of that folder in a commit of its repository, read by git
CASE#NAME      the case under the ranges of a what-if that the workbench kept (`whatif/NAME.yaml`)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.case.case import Case, load
from offramp.case.kept import under
from offramp.case.texts import AUTHORS, FILES, comes_with_offramp, find
from offramp.errors import Unanswerable
from offramp.text.yaml import MAX_BYTES

PATIENCE = 30  # seconds for one call of git
COMMIT = re.compile(r"[\w./^~@{}+-]{1,200}")
MOST_FILES = 500
# A repository may be a stranger's: git neither fetches what it lacks, by whatever command its
# settings name, nor asks, nor writes.
ALONE = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass(frozen=True)
class Version:
    """A case, what it was asked for by, and what a reader must be told of it."""

    name: str
    case: Case
    notes: tuple[str, ...] = ()


def version(name: str | Path) -> Version:
    """The case of a name. Raises CaseError, and Unanswerable for a commit or a what-if that cannot
    be had."""
    text = str(name)
    if not Path(text).is_dir():
        head, mark, tail = text.rpartition("#")
        if mark and head:
            return _whatif(text, load(head), tail)
        head, mark, tail = text.rpartition("@")
        if mark and head:
            return Version(text, at_commit(find(head), tail))
    return Version(text, load(name))


def _whatif(text: str, case: Case, name: str) -> Version:
    changed, kept = under(case, name)
    notes = []
    own = case.under(kept.author or "case")
    if kept.model != own.model_sha256:
        notes.append(f"what-if '{name}' was kept of another model than the case is now")
    if kept.as_of:
        notes.append(
            f"what-if '{name}' was kept of worlds that know the reports until {kept.as_of}; these "
            "worlds know none"
        )
    return Version(text, changed, tuple(notes))


def at_commit(folder: Path, commit: str) -> Case:
    """The case of a folder as a commit has it: of the files that are read by name those that the
    commit holds. Raises Unanswerable where git or the commit is not at hand, CaseError for a case
    that cannot be used."""
    if comes_with_offramp(folder):
        raise Unanswerable(
            f"'{folder.name}' comes with Offramp and has no commits: a commit is of a folder in a "
            "git repository"
        )
    if commit.startswith("-") or not COMMIT.fullmatch(commit):
        raise Unanswerable(f"'{commit[:80]}' is no name of a commit, as HEAD~1 or 3f2a9c1 are")
    if shutil.which("git") is None:
        raise Unanswerable("a commit is read by the command `git`, which is not on the path here")
    _git(folder, ("rev-parse", "--git-dir"), f"'{folder.name}' lies in no git repository")
    spec = f"{commit}^{{commit}}"
    missing = f"the repository of '{folder.name}' has no commit '{commit}'"
    sha = _git(folder, ("rev-parse", "--verify", "--quiet", spec), missing).decode().strip()
    texts = dict[str, str]()
    for line in _listed(folder, sha):
        about, _, file = line.partition("\t")
        mode, _, blob, size = about.split()
        if not _is_ours(file) or mode not in ("100644", "100755"):
            continue
        if not size.isdecimal():  # BAD: a part of the history that was never fetched
            raise Unanswerable(
                f"the repository lacks '{file}' of commit '{commit}': fetch it first"
            )
        if int(size) > MAX_BYTES or len(texts) == MOST_FILES:
            raise Unanswerable(f"'{file}' of commit '{commit}' is more than is read of a case")
        data = _git(folder, ("cat-file", "blob", blob), f"'{file}' cannot be read").removeprefix(
            b"\xef\xbb\xbf"
        )
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Unanswerable(f"'{file}' of commit '{commit}' is not UTF-8") from None
        texts[file] = text.replace("\r\n", "\n").replace("\r", "\n")
    if "crisis.yaml" not in texts:
        raise Unanswerable(f"commit '{commit}' has no crisis.yaml in '{folder.name}'")
    return replace(load(texts), id=f"{folder.resolve().name}@{commit}")


def _listed(folder: Path, sha: str) -> list[str]:
    """What the folder holds in a commit, a line each: mode, kind, hash, size, and behind a tab the
    name within the folder."""
    command = ("ls-tree", "-r", "-l", "-z", sha, "--", ".")
    told = _git(folder, command, "the commit cannot be listed").decode("utf-8", "replace")
    return [line for line in told.split("\0") if line]


def _is_ours(file: str) -> bool:
    head, _, tail = file.rpartition("/")
    hidden = tail.startswith(".")
    return file in FILES or (head in AUTHORS and tail.endswith(".yaml") and not hidden)


def _git(folder: Path, command: tuple[str, ...], otherwise: str) -> bytes:
    """What git prints. Nothing in the repository is changed; whatever it refuses is told in one
    sentence."""
    try:
        done = subprocess.run(
            ["git", "--no-pager", "-C", str(folder), *command],
            capture_output=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **ALONE},
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Unanswerable(f"{otherwise}: git did not answer") from None
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        if "dubious ownership" in why:
            why = "it belongs to another user (see `git config safe.directory`)"
        elif why.startswith("fatal: not a git repository") or not why:
            why = ""
        raise Unanswerable(otherwise + (f": {why[:200]}" if why else ""))
    return done.stdout
