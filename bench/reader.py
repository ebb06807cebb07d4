"""How well first drafts by rule (offramp/sources/candidates.py) find what people took up.

    python bench/reader.py [--sources DIR]
    python bench/reader.py --compare        # each document as a new text beside the others

The passages of the shipped cases are what readers made of the documents. A candidate's sentence
counts as found if a passage touches it. Two tables: candidates by kind and band against any
passage, beside two baselines (every sentence; sentences with a number); then, since passages touch
nearly every sentence, each kind against the passages whose row is of that kind (a judgement, a
quantity, an actor ...), beside the share of sentences that such a passage touches.

The rules were shaped on the tutorial's documents and on two of the five of the US-Iran case (issi,
deadheat). The other three (inss, khafaji, arabcenter) are the test: their texts were not looked at
while the rules were written, and the rules were frozen before they were run on them. One thing
reaches across: the table of estimative words was made from the phrases of all five.

Frozen rules (cues.py, voices.py, candidates.py, phrases.yaml of offramp/sources, in this order):
9f4d552320c76d4922de871873695b8c97ccb6478de1827b42cb122b451a3b5c
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import offramp
from offramp.api.cases import documents_at_hand
from offramp.case.case import Case
from offramp.case.left_out import kind_of, row_of
from offramp.sources.alike import NEAR, TextCompared, compare_texts, share_of, shingles
from offramp.sources.candidates import Candidate, candidates
from offramp.sources.cues import BANDS, KINDS
from offramp.sources.documents import digest
from offramp.sources.estimative import Phrases
from offramp.sources.sentences import sentences

RULES = ("cues.py", "voices.py", "candidates.py", "phrases.yaml")
HELD_OUT = ("inss", "khafaji", "arabcenter")
ROWS = {  # the kinds of rows of the US-Iran case that each kind of candidate is to find
    "estimate": "J",
    "number": "V",
    "date": "HS",
    "conditional": "C",
    "cause": "C",
    "actor": "A",
    "recommendation": "R",
    "open question": "Q",
}
NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozen|twenty|thirty|forty|fifty|hundred|"
    r"thousand|million|billion|half|third|tenth|twice)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a document: what was drafted of it, and the kinds of rows that touch it."""

    drafted: tuple[Candidate, ...]
    rows: frozenset[str]
    number: bool


def rules() -> str:
    """The hash of the rules as they are now."""
    folder = Path(offramp.__file__).parent / "sources"
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in RULES)).hexdigest()


def read(name: str, sources: str | None) -> dict[str, list[Sentence]]:
    """The sentences of each document of a case whose text is at hand."""
    case = offramp.load(name)
    phrases = Phrases.standard().overlay(case.own_phrases)
    titles = [a.title for a in case.crisis.actors]
    found: dict[str, list[Sentence]] = {}
    for id, text in documents_at_hand(case, sources).items():
        document = case.documents[id]
        if digest(text) != document.sha256:
            continue
        drafted: dict[int, list[Candidate]] = {}
        for c in candidates(text, document.start, document.end, titles, phrases):
            drafted.setdefault(c.sentence.start, []).append(c)
        passages = [p for p in case.passages.values() if p.document == id and not p.boilerplate]
        found[id] = [
            Sentence(
                tuple(drafted.get(low, ())),
                frozenset(
                    kind_of(row_of(p.id)) for p in passages if p.start < high and low < p.end
                ),
                bool(NUMBER.search(text[low:high])),
            )
            for low, high in sentences(text, document.start, document.end)
        ]
    return found


def line(name: str, picked: Iterable[bool], wanted: Iterable[bool]) -> str:
    """How many were picked, how many of these were wanted, and of the wanted how many picked."""
    pairs = list(zip(picked, wanted, strict=True))
    both, all_ = sum(p and w for p, w in pairs), sum(p for p, _ in pairs)
    want = sum(w for _, w in pairs)
    precision = f"{both / all_:.0%}" if all_ else "-"
    recall = f"{both / want:.0%}" if want else "-"
    return f"| {name} | {all_} | {both} | {precision} | {recall} |"


def by_band(found: list[Sentence]) -> None:
    touched = [bool(s.rows) for s in found]
    print("| sentences with | picked | touched | precision | recall |\n|---|---|---|---|---|")
    print(line("*every sentence*", [True for _ in found], touched))
    print(line("*a number*", [s.number for s in found], touched))
    print(line("any candidate", [bool(s.drafted) for s in found], touched))
    for band in BANDS[:2]:
        least = BANDS[: BANDS.index(band) + 1]
        picked = [any(c.band in least for c in s.drafted) for s in found]
        print(line(f"any, {' or '.join(least)}", picked, touched))
    picked = [any(c.kind != "actor" for c in s.drafted) for s in found]
    print(line("any but actors", picked, touched))
    for kind in KINDS:
        for band in (None, *BANDS):
            picked = [
                any(c.kind == kind and band in (None, c.band) for c in s.drafted) for s in found
            ]
            if any(picked):
                print(line(f"{kind}, {band}" if band else f"**{kind}**", picked, touched))


def by_row(found: list[Sentence]) -> None:
    print(
        "| candidates against rows | picked | right | precision | recall |\n|---|---|---|---|---|"
    )
    for kind, letters in ROWS.items():
        wanted = [any(x in s.rows for x in letters) for s in found]
        names = {
            f"*every sentence* for {letters}": [True for _ in found],
            f"*a number* for {letters}": [s.number for s in found],
            f"**{kind}** for {letters}": [any(c.kind == kind for c in s.drafted) for s in found],
            f"{kind}, strong, for {letters}": [
                any(c.kind == kind and c.band == "strong" for c in s.drafted) for s in found
            ],
            f"{kind}, the author's, for {letters}": [
                any(c.kind == kind and c.voice == "author" for c in s.drafted) for s in found
            ],
        }
        for name, picked in names.items():
            print(line(name, picked, wanted))


def print_compared(sources: str | None) -> None:
    """Each document as a new text beside the others of its case; and how much of a document is
    still known as repeated when words of it are changed."""
    print("| document | sentences | repeated | differences | new, strong, the author's |")
    print("|---|---|---|---|---|")
    for name in ("tutorial", "us-iran-2020"):
        case = offramp.load(name)
        texts = documents_at_hand(case, sources if name != "tutorial" else None)
        for id, text in texts.items():
            found = beside(case, text, {k: v for k, v in texts.items() if k != id})
            strong = [
                c
                for c in found.new
                if c.band == "strong" and c.voice == "author" and c.kind != "actor"
            ]
            print(
                f"| {id} | {found.sentences} | {len(found.standing)} | {len(found.differences)} | "
                f"{len({c.sentence for c in strong})} |"
            )
    print("\n| words changed in a sentence | sentences judged | still known |\n|---|---|---|")
    case = offramp.load("tutorial")
    texts = documents_at_hand(case)
    for changed in range(6):
        draw, found_, judged = random.Random(1), 0, 0
        for text in texts.values():
            known = shingles(text)
            for low, high in sentences(text, 0, len(text)):
                own = text[low:high].split()
                for k in draw.sample(range(len(own)), min(changed, len(own))):
                    own[k] = f"other{k}"
                share = share_of(" ".join(own), known)
                judged += share is not None
                found_ += share is not None and share >= NEAR
        print(f"| {changed} | {judged} | {found_ / judged:.0%} |")


def beside(case: Case, text: str, texts: dict[str, str]) -> TextCompared:
    """A text beside some of a case's documents."""
    return compare_texts(
        text,
        documents={id: case.documents[id] for id in texts},
        texts=texts,
        passages=[p for p in case.passages.values() if p.document in texts],
        titles=tuple(a.title for a in case.crisis.actors),
        phrases=Phrases.standard().overlay(case.own_phrases),
        case=case.id,
        model_sha256=None,
        same=None,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sources", default=os.environ.get("OFFRAMP_SOURCES"))
    parser.add_argument("--shaping-only", action="store_true", help="leave the test documents shut")
    parser.add_argument("--compare", action="store_true", help="each document as a new text")
    asked = parser.parse_args()
    now = rules()
    frozen = now in (__doc__ or "")
    if asked.compare:
        print_compared(asked.sources)
        return
    print(f"rules {now}: {'as frozen' if frozen else 'CHANGED since they were frozen'}\n")
    tutorial = read("tutorial", None)
    own = read("us-iran-2020", asked.sources) if asked.sources else {}
    shaped = {k: v for k, v in own.items() if k not in HELD_OUT}
    tested = {k: v for k, v in own.items() if k in HELD_OUT and not asked.shaping_only}
    for title, group, typed in (
        ("The tutorial (the rules were shaped on it)", tutorial, False),
        ("US-Iran, the two documents that the rules were shaped on", shaped, True),
        ("US-Iran, the three documents of the test", tested, True),
    ):
        found = [s for document in group.values() for s in document]
        print(f"## {title}\n")
        if not found:
            print("not at hand: say where the documents are with --sources DIR\n")
            continue
        print(", ".join(f"{id} {len(group[id])} sentences" for id in group) + "\n")
        by_band(found)
        if typed:
            print()
            by_row(found)
        print()


if __name__ == "__main__":
    main()
