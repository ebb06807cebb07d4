"""The tutorial with a document whose text tries its reader: characters outside the first plane, a
right-to-left script with a mark that turns the order round, and markup, all before its passages."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import offramp

TURNED = "\u202e"  # right-to-left override
ODD = f"🚢🚢 המיצר {TURNED}abc 👩‍👩‍👧 </script><img src=x onerror=window.ran=1> & <b>bold</b>\n\n"
CASES = Path(offramp.__file__).parent / "cases"


def write_odd(folder: Path) -> str:
    """Writes the case into a folder, which is made; gives the text of its document `ilvane`. What
    is odd is a passage of its own, Z1, from the page around the author's text."""
    shutil.copytree(CASES / "tutorial", folder)
    file, listing, sources = (
        folder / name for name in ("documents/ilvane.txt", "passages.yaml", "sources.yaml")
    )
    old = file.read_text("utf-8")
    text, by = ODD + old, len(ODD)
    file.write_text(text, "utf-8", newline="\n")
    found = sources.read_text("utf-8")
    found = found.replace(_hash(old), _hash(text))
    bounds = re.compile(rf"({_hash(text)}\n.*\n    text:\n      start: )0(\n      end: )(\d+)")
    found, times = bounds.subn(lambda m: f"{m[1]}{by}{m[2]}{int(m[3]) + by}", found)
    assert times == 1
    sources.write_text(found, "utf-8")
    places = re.compile(r"(document: ilvane\n    start: )(\d+)(\n    end: )(\d+)")
    rows = places.sub(
        lambda m: f"{m[1]}{int(m[2]) + by}{m[3]}{int(m[4]) + by}", listing.read_text("utf-8")
    )
    end = len(ODD.rstrip())
    listing.write_text(
        f"{rows.rstrip()}\n"
        f"  Z1:\n    document: ilvane\n    start: 1\n    end: {end}\n"
        f"    sha256: {_hash(text[1:end])}\n    paraphrase: What is odd\n    boilerplate: yes\n",
        "utf-8",
    )
    return text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
