"""The documents of the screen "Desk": what each kind is told, how it is made, and the command that
makes it too."""

from __future__ import annotations

import datetime as dt
import html
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import offramp
from offramp import Case, Mistake, Unanswerable
from offramp.web.seating import game_file

Progress = Callable[[int, int | None], None]
FEWEST, MOST = 64, 20_000  # worlds
STEPS = 1000  # of a bar that two studies share


@dataclass(frozen=True)
class Kind:
    """What a kind of document may be told, as its command has it, and how many worlds it takes
    where it is not told; 0 where nothing is simulated."""

    takes: frozenset[str]
    worlds: int


def _kind(worlds: int, *takes: str) -> Kind:
    return Kind(frozenset(takes), worlds)


KINDS = {
    "today": _kind(2048, "as_of", "author"),
    "watch": _kind(4096, "as_of", "author", "questions"),
    "evidence": _kind(4096, "as_of", "authors"),
    "assumptions": _kind(4096, "as_of", "questions"),
    "scenarios": _kind(2048, "as_of", "author"),
    "page": _kind(2048, "as_of", "quick"),
    "brief": _kind(4096, "as_of", "quick"),
    "handout": _kind(0),
    "review": _kind(2048, "game"),
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody wants: a kind of document, of which day, under whose premises, of which
    questions, without what takes minutes (`quick`), of which game. What its kind is not told is
    left out, so that two orders are equal where their documents are."""

    kind: str
    as_of: str | None = None
    author: str = "case"
    authors: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    quick: bool = False
    game: str = ""
    worlds: int = 0
    seed: int = 1


@dataclass(frozen=True)
class Paper:
    """A document as both of its files, the command that makes it, and the passages that it names
    in brackets."""

    html: bytes
    pdf: bytes
    command: str
    cites: tuple[str, ...]


def ordered(kind: str, query: Mapping[str, str], worlds: int, seed: int) -> Order:
    """What an address wants; `worlds` is 0 where it does not say. Raises Mistake where
    there is no such kind."""
    if kind not in KINDS:
        raise Mistake(f"no document '{kind[:80]}'; there are {', '.join(KINDS)}", "kind")
    own = KINDS[kind]
    told = {
        "as_of": query.get("on") or None,
        "author": query.get("as") or "case",
        "authors": _list(query.get("by", "")),
        "questions": _list(query.get("q", "")),
        "quick": bool(query.get("quick")),
        "game": query.get("game", ""),
    }
    given: dict[str, Any] = {k: v for k, v in told.items() if k in own.takes}
    if own.worlds:
        given |= {"worlds": worlds or own.worlds, "seed": seed}
    return Order(kind=kind, **given)


def as_it_is(o: Order) -> str:
    """What a document is made from beside its case, as it is now: a game's file, or the day up to
    which reports are read where none is named."""
    if o.kind == "review":
        stat = game_file(o.game).stat()
        return f"{stat.st_size} bytes of {stat.st_mtime_ns}"
    return "" if o.as_of else dt.date.today().isoformat()


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(x for x in text.split(",") if x))


def command(case: Case, o: Order) -> str:
    """The command that writes the same document."""
    if o.kind == "review":
        words = ["offramp", o.kind, str(game_file(o.game)), "--case", case.id]
        words += ["--worlds", str(o.worlds)]
        return shlex.join([*words, "-o", f"{o.game}-{o.kind}.html"])
    words = ["offramp", o.kind, case.id, *o.questions]
    words += ["--as-of", o.as_of] if o.as_of else []
    words += ["--author", o.author] if o.author != "case" else []
    for name in o.authors:
        words += ["--author", name]
    words += ["--worlds", str(o.worlds), "--seed", str(o.seed)] if o.worlds else []
    words += ["--quick"] if o.quick else []
    return shlex.join([*words, "-o", f"{case.id}-{o.kind}.html"])


def made(case: Case, o: Order, progress: Progress) -> Paper:
    """Runs the study and sets what it found. Raises OfframpError, Mistake for more worlds than the
    page may ask for among them."""
    if o.worlds and not FEWEST <= o.worlds <= MOST:
        raise Mistake(f"{o.worlds:,} worlds: the page has {FEWEST} to {MOST:,}", "worlds")
    found = _found(case, o, progress)
    page = offramp.document(case, found)
    own = o.kind in ("brief", "handout")  # they list their passages themselves
    return Paper(
        html=page,
        pdf=offramp.document(case, found, ".pdf"),
        command=command(case, o),
        cites=() if own else _cites(case, page.decode("utf-8")),
    )


def _found(case: Case, o: Order, progress: Progress) -> Any:
    day = o.as_of
    common: dict[str, Any] = {"worlds": o.worlds, "seed": o.seed, "progress": progress}
    match o.kind:
        case "today":
            return offramp.today(case, as_of=day, assessment=o.author, **common)
        case "watch":
            return offramp.watch(case, *o.questions, as_of=day, assessment=o.author, **common)
        case "evidence":
            return offramp.evidence(case, *o.authors, as_of=day, **common)
        case "assumptions":
            return offramp.assumptions(case, *o.questions, as_of=day, **common)
        case "scenarios":
            return offramp.scenarios(case, as_of=day, assessment=o.author, **common)
        case "page":
            return offramp.essentials(case, as_of=day, quick=o.quick, **common)
        case "brief":
            common["progress"] = _half(progress, 0)
            if day:
                forecast = offramp.known_forecast(case, day, **common)
            else:
                forecast = offramp.forecast(case, **common)
            return offramp.briefed(case, forecast, quick=o.quick, progress=_half(progress, 1))
        case "review":
            del common["seed"]  # that of the game
            path = game_file(o.game)
            if any(k.path == path and not k.over for k in offramp.kept_games(path.parent, case)):
                raise Unanswerable("the game goes on: it is looked back on when it is over")
            return offramp.review_game(path, case, **common)
        case _:
            return None


def _half(progress: Progress, before: int) -> Progress:
    """One of two studies in a row, which share a bar evenly."""

    def told(done: int, total: int | None) -> None:
        share = min(1.0, done / total) if total else 0.0
        progress(round(STEPS * (before + share)), 2 * STEPS)

    return told


def _cites(case: Case, page: str) -> tuple[str, ...]:
    """The passages that a page names in brackets, `[tass T23, T5]`."""
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    named = ", ".join(re.findall(r"\[([^\[\]]+)\]", text)).split(", ")
    known = (x.split(" ")[-1] for x in named)
    return tuple(dict.fromkeys(x for x in known if x in case.passages))
