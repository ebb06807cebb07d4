"""`offramp new NAME`: the smallest case that checks, runs and answers."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from pathlib import Path

from offramp.text.files import there

_DOCUMENT = """A border quarrel

The two countries have exchanged harsh words since the spring. A new incident at the border is
likely before the end of the year. Neither government wants a war.
"""

_CRISIS = """# A first case. `offramp check {name}` reads it; docs/language.md explains it.
language: 2
crisis: A border quarrel
from: 2030-01-01
to: 2030-06-30
show: [tension]

state:
  tension:
    name: Tension
    ladder: [calm, tense, crisis]
    now: tense ~P1
    fades: 30d ? it dies down in a month or so if nothing feeds it

unknown:
  border.risk:
    name: Chance that an incident turns ugly
    says: likely @P2

actor:
  north:
    name: Northland
    pace: .1 ? a decision every ten days or so
    precision: 1 ? one unit of utility moves the odds by e
    foresight: 0 ? does not think ahead here
    wants:
      avoid a crisis: -1 ~P3 * (tension >= crisis)
      look firm: .5 * height(tension) ? pride

event:
  north.protest:
    name: Northland sends a protest note
    by: north
    pause: 10d ? diplomacy takes its time
    cost: .3 ? effort
    does:
      - tension + .5 ? a note stirs things up

hazard:
  border_incident:
    name: Incident at the border
    rate: .01 ? about once in a hundred days
    does:
      - tension >= tense ~P2
    outcomes:
      ugly:
        chance: border.risk
        does:
          - tension >= crisis ~P2
"""

_QUESTIONS = """questions:
  incident:
    text: Will there be an incident at the border by 30 June 2030?
    window: 2030-01-01 .. 2030-06-30
    asks: count(border_incident) >= 1
    cites: [P2]
    resolves: an incident that either government confirms
    headline: yes
"""

_PASSAGES = (
    ("P1", "exchanged harsh words", "Relations are already strained.", ""),
    ("P2", "likely", "Another border incident is likely this year.", "likely"),
    ("P3", "Neither government wants a war", "Both governments are averse to war.", ""),
)


def write_case(folder: Path) -> None:
    """Writes the case, whole or not at all. Raises FileExistsError, OSError."""
    if there(folder):
        raise FileExistsError(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = folder.parent / f".offramp-{secrets.token_hex(6)}.part"
    try:
        work.mkdir()
        (work / "documents").mkdir()
        _write(work / "documents" / "note.txt", _DOCUMENT)
        _write(work / "crisis.yaml", _CRISIS.replace("{name}", folder.name))
        _write(work / "questions.yaml", _QUESTIONS)
        _write(work / "sources.yaml", _sources())
        _write(work / "passages.yaml", _passages())
        work.rename(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _sources() -> str:
    return f"""documents:
  note:
    title: A border quarrel
    author: You
    publisher: nobody yet
    date: 2030-01-01
    precision: day
    dated by: the note itself
    file: note.txt
    sha256: {_sha256(_DOCUMENT)}
    licence: CC0
    text: {{start: 0, end: {len(_DOCUMENT)}}}
"""


def _passages() -> str:
    lines = ["passages:"]
    for id, exact, paraphrase, phrase in _PASSAGES:
        start = _DOCUMENT.index(exact)
        lines += [
            f"  {id}:",
            "    document: note",
            f"    start: {start}",
            f"    end: {start + len(exact)}",
            f"    sha256: {_sha256(exact)}",
            f"    paraphrase: {paraphrase}",
        ]
        if phrase:
            lines.append(f"    phrase: {phrase}")
    return "\n".join(lines) + "\n"
