"""The tutorial with markup in every text that a person writes: what a page would run, if it took
text for HTML. Whoever shows a case must show these as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import offramp

IMAGE = "<img src=x onerror=alert(1)>"
END = "</script><script>alert(2)</script>"
MARKUP = IMAGE + END

_KEYS = (  # whose values are text for people
    "about|assessment|author|because|clause|crisis|dated by|inexpressible|licence|name|note|"
    "paraphrase|publisher|resolves"
)
_OTHERS = "says|text|title"  # where they begin with a capital: `says: low` is a number
_TEXT = re.compile(
    rf"(?P<key>(?:^|[{{,]|- )[ ]*(?:(?:{_KEYS}): (?=\"?[A-Za-z])|(?:{_OTHERS}): (?=\"?[A-Z])))"
    r"(?P<quote>\"?)",
    re.M,
)
_REASON = re.compile(r"(?<=[ \[])\? (?=\S)")
_OPTION = re.compile(r"^(      )(no step|one step|two steps|a blockade|less)(?=: )", re.M)


def hostile_texts() -> dict[str, str]:
    """The files of the case by name."""
    folder = Path(offramp.__file__).parent / "cases" / "tutorial"
    files = [p for p in folder.rglob("*") if p.suffix in (".yaml", ".csv", ".txt")]
    texts = {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in files}
    return {name: _marked(name, text) for name, text in texts.items()}


def write_hostile(folder: Path) -> Path:
    """Writes the case into a folder, which is made, and gives the folder."""
    for name, text in hostile_texts().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def _marked(name: str, text: str) -> str:
    if name.endswith(".txt"):  # a document's text has a hash
        return text
    if name.endswith(".csv"):
        head, *rows = text.splitlines()
        return "\n".join([head, *(_reported(row) for row in rows), ""])
    text = _TEXT.sub(lambda m: f"{m['key']}{m['quote']}{MARKUP} ", text)
    text = _REASON.sub(f"? {MARKUP} ", text)
    return _OPTION.sub(rf"\1\2 {IMAGE}", text)


def _reported(row: str) -> str:
    """A row of the history with markup in its report, source and note, which end it."""
    report = re.search(r',(?="A |League|Traffic|The assembly)', row)
    assert report is not None
    before, after = row[: report.end()], row[report.end() :]
    after = f'"{MARKUP} {after[1:]}' if after.startswith('"') else f"{MARKUP} {after}"
    after = re.sub(r',"(The|Harbour)', rf',"{MARKUP} \1', after)
    return f"{before}{after}{MARKUP if after.endswith(',') else ' ' + MARKUP}"
