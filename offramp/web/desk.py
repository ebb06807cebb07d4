"""What is open: cases by their names, and the worlds of each that stay at hand.

Requests name a case and never a path. The desk holds nothing that a restart loses: cases are read
from their folders, and worlds are simulated again, to the same bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import offramp
from offramp import Case, CaseError, Mistake, OfframpError, Unanswerable
from offramp.web.editing import MOST_TEXT, copied
from offramp.web.making import Order, Paper, as_it_is, made
from offramp.web.seating import Games

if TYPE_CHECKING:
    from offramp.answers.session import Session
    from offramp.language.edits import Edit

Progress = Callable[[int, int | None], None]
Key = tuple[str, str, int]  # a case, an author, a seed
MOST_WORLDS = 20_000  # that the page may ask for
FIRST = 512  # worlds that a what-if shows first
PATTERNS = ("*.yaml", "*.csv", "assessments/*.yaml", "claims/*.yaml")  # of the files of a case
SESSIONS = 4  # that are kept
PAPERS = 24  # documents that are kept


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which worlds somebody wants: under whose premises, how many, of which seed, whether also
    those of what is asked under an `if:`, and conditioned on the reports until which day."""

    author: str = ""
    worlds: int = 3000
    seed: int = 1
    supposed: bool = True
    as_of: str | None = None


class Desk:
    """The open cases, as their files were when it began. Safe to be used by several threads."""

    def __init__(self, names: tuple[str, ...], sources: Path | None = None) -> None:
        """`sources`: the folder with the texts of the documents. Raises CaseError for a case of
        which no page could be shown, Mistake for two of one name, or where there is no such
        folder."""
        if sources is not None and not sources.is_dir():
            raise Mistake(f"there is no folder '{sources}' (for documents; see OFFRAMP_SOURCES)")
        self._sources = sources
        self.cases = dict[str, Case]()
        for name in dict.fromkeys(names):
            case = offramp.load(name)
            if case.id in self.cases:
                raise Mistake(f"two cases are called '{case.id}': open one of them", "case")
            self.cases[case.id] = _shown(case)
        self.stamps = {name: stamp(case) for name, case in self.cases.items()}
        self.lock = threading.Lock()
        self.writing = threading.Lock()  # held from the look at a file to what is put in its place
        self.sessions: dict[Key, Session] = {}
        self.switches: dict[Key, dict[str, Session]] = {}  # by the variant's model
        self.papers: dict[tuple[str, Order, str], Paper] = {}
        self.games = Games(self.case)

    def case(self, name: str) -> Case:
        """Raises KeyError for a case that is not open."""
        return self.cases[name]

    @property
    def sources(self) -> Path | None:
        """The folder with the texts, while it is there: what is told of one that is gone would have
        its path."""
        return self._sources if self._sources is not None and self._sources.is_dir() else None

    def text(self, name: str, document: str) -> str:
        """The text of a document as it lies in its folder now. Raises KeyError for a case that is
        not open, Unanswerable where the text is not at hand, or is another."""
        text = offramp.source_text(self.case(name), document, sources=self.sources)
        if len(text) > MOST_TEXT:
            raise Unanswerable(
                f"the text of '{document}' has {len(text):,} characters, more than the "
                f"{MOST_TEXT:,} that the page shows"
            )
        return text

    def writable(self, name: str) -> bool:
        """Whether the case is its reader's to change: what comes with Offramp is copied first."""
        case = self.case(name)
        return case.folder is not None and name not in self.shipped

    def changed(self, name: str) -> bool:
        """Whether a file of the case is another one than when the case was read."""
        return stamp(self.case(name)) != self.stamps[name]

    @property
    def shipped(self) -> frozenset[str]:
        """The cases that lie where Offramp is installed; whatever others are called."""
        return frozenset(name for name, case in tuple(self.cases.items()) if _installed(case))

    def reread(self, name: str) -> bool:
        """Reads a case again from its folder; whether it can be used. The last one that could be
        used stays open where it cannot."""
        case = self.case(name)
        now = stamp(case)
        with self.lock:
            self.stamps[name] = now
        try:
            fresh = _shown(offramp.load(case.folder)) if case.folder is not None else case
        except CaseError:
            return False
        with self.lock:
            self.cases[name] = fresh
            self.sessions = {key: s for key, s in self.sessions.items() if key[0] != name}
            self.switches = {key: s for key, s in self.switches.items() if key[0] != name}
            self.papers = {key: p for key, p in self.papers.items() if key[0] != name}
        return True

    def copied(self, name: str, to: str) -> str:
        """Opens a copy of a case in a new folder beside where Offramp was started; its name."""
        with self.writing:
            if to in self.cases and not (Path.cwd() / to).exists():
                raise Mistake(f"a case called '{to}' is open already", "name")
            case = offramp.load(copied(self.case(name), to, Path.cwd()))
        with self.lock:
            self.cases[case.id], self.stamps[case.id] = case, stamp(case)
        return case.id

    def under(self, name: str, author: str) -> Case:
        """A case under the premises of an author, or as it is. Raises KeyError, Unanswerable."""
        case = self.case(name)
        if author in ("", "case"):
            return case
        if author not in case.assessments:
            raise Unanswerable(f"{name} has no assessment '{author[:80]}'")
        return case.under(author)

    def kept(self, name: str, wanted: Wanted) -> bytes:
        """Worlds as a file, if they were simulated before; else no bytes."""
        return self._looked(name, wanted, None)

    def look(self, name: str, wanted: Wanted, progress: Progress) -> bytes:
        """The same, simulated where they were not."""
        return self._looked(name, wanted, progress)

    def _looked(self, name: str, wanted: Wanted, progress: Progress | None) -> bytes:
        return offramp.look(
            self.under(name, wanted.author),
            worlds=within(wanted.worlds),
            seed=wanted.seed,
            supposed=wanted.supposed,
            as_of=wanted.as_of,
            kept_only=progress is None,
            progress=progress,
        )

    def paper(self, name: str, order: Order) -> Paper | None:
        """A document that was made before, while it is kept."""
        with self.lock:
            return self.papers.get((name, order, as_it_is(order)))

    def make(self, name: str, order: Order, progress: Progress) -> Paper:
        """The same, made where it was not; those go that were made longest ago. Raises
        OfframpError."""
        if (paper := self.paper(name, order)) is not None:
            return paper
        own, now = self.case(name), as_it_is(order)
        paper = made(own, order, progress)
        with self.lock:
            if self.cases.get(name) is own:
                self.papers[name, order, now] = paper
                while len(self.papers) > PAPERS:
                    del self.papers[next(iter(self.papers))]
        return paper

    def whatif(
        self,
        name: str,
        do: Mapping[str, object] | tuple[Edit, ...],
        *,
        author: str = "",
        worlds: int,
        seed: int,
        progress: Progress,
    ) -> tuple[Any, int, list[str]]:
        """What an edit changes, in pairs of worlds of the same dice; how many; the edits in
        words. Raises CaseError for edits that the case cannot take."""
        own, worlds, key = self.case(name), within(worlds), (name, author, seed)
        case = self.under(name, author)
        edited = offramp.edit(case, do)
        with self.lock:
            base, known = self.sessions.get(key), self.switches.get(key, {})
        variant = known.get(edited.model_sha256)
        if variant is None or base is None:
            fresh, variant = offramp.session(case, edited, seed=seed)
            base = base or fresh
        done = 0

        def counted(n: int) -> None:
            nonlocal done
            done += n
            progress(done, 2 * worlds)

        if base.worlds < worlds:
            base = base.grown(worlds, progress=counted)
            self._keep(key, base, own)
        done = worlds
        variant = variant.grown(worlds, progress=counted)
        return offramp.differences(base, variant), worlds, [e.words for e in edited.edits]

    def ready(self, name: str, author: str, seed: int) -> None:
        """Lays the case out with every event switched off in turn, and with its recommendations, so
        that each of these is a switch of one tape: the first such what-if then waits for worlds
        alone (decision 32). Takes some seconds, and nothing waits for it."""
        own, case, key = self.case(name), self.under(name, author), (name, author, seed)
        with self.lock:
            if key in self.switches:
                return
            self.switches[key] = {}  # somebody is at it
        edits: list[Any] = [{"never": [e.name]} for e in case.crisis.events]
        edits += [p.edits for p in case.policies if p.edits and not _forces(p.edits)]
        variants = dict[str, Case]()
        for do in edits:
            with contextlib.suppress(OfframpError):  # some cannot be taken away
                edited = offramp.edit(case, do)
                variants.setdefault(edited.model_sha256, edited)
        base, *others = offramp.session(case, *variants.values(), seed=seed)
        known = dict(zip(variants, others, strict=True))
        with self.lock:
            base = self.sessions.get(key, base)
        base = base.grown(FIRST)
        with self.lock:
            if self.cases.get(name) is own:
                self.switches[key] = known
        self._keep(key, base, own)

    def _keep(self, key: Key, base: Session, own: Case) -> None:
        """Keeps a session, and lets those go that were not wanted for longest; unless the case was
        read again since."""
        with self.lock:
            if self.cases.get(key[0]) is not own:
                return
            self.sessions.pop(key, None)
            self.sessions[key] = base
            while len(self.sessions) > SESSIONS:
                gone = next(iter(self.sessions))
                del self.sessions[gone]
                self.switches.pop(gone, None)


def stamp(case: Case) -> tuple[tuple[str, int, int], ...]:
    """Which files a case has on the disk, when each was written, and how long it is; nothing for a
    case in memory."""
    out = list[tuple[str, int, int]]()
    if case.folder is not None:
        for pattern in PATTERNS:
            for path in sorted(case.folder.glob(pattern)):
                with contextlib.suppress(OSError):
                    found = path.stat()
                    out.append((path.name, found.st_mtime_ns, found.st_size))
    return tuple(out)


def _forces(edits: tuple[Edit, ...]) -> bool:
    """Whether something is forced on a day: that has a tape of its own."""
    return any(e.verb == "force" for e in edits)


def _shown(case: Case) -> Case:
    """The case, of which a page can be shown. Raises CaseError with what is wrong in the files of
    what stands around every page."""
    _ = case.policies, case.assessments
    return case


def _installed(case: Case) -> bool:
    """Whether its folder lies where Offramp is installed, links followed."""
    ours = os.path.realpath(Path(offramp.__file__).parent)
    return case.folder is not None and Path(os.path.realpath(case.folder)).is_relative_to(ours)


def within(worlds: int) -> int:
    """A number of worlds that the page may have. Raises Unanswerable beyond."""
    if not 1 <= worlds <= MOST_WORLDS:
        raise Unanswerable(f"{worlds:,} worlds: the page has 1 to {MOST_WORLDS:,}")
    return worlds


def page_folder() -> Path:
    """Where the built page lies."""
    return Path(__file__).parent / "static"


def loaded_at_once() -> frozenset[str]:
    """The addresses of the files that the built page loads before anything is clicked; the page of
    a seat loads these alone."""
    try:
        entry = json.loads((page_folder() / "manifest.json").read_text("utf-8"))["index.html"]
    except (OSError, ValueError, KeyError):
        return frozenset()
    return frozenset(f"/{f}" for f in (entry["file"], *entry["css"], *entry["assets"]))


def page_missing() -> str:
    """Why there is no page; '' where there is one."""
    folder = page_folder()
    if (folder / "index.html").is_file():
        return ""
    try:
        why = (folder / "missing.txt").read_text("utf-8").strip()
    except OSError:
        why = "it was not built when Offramp was installed"
    return why
