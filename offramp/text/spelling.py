"""Words that look alike and are not the same, and characters that look like those of a keyboard.

An accented letter is one character or two; a soft hyphen cannot be seen; word processors turn `-`
into a minus sign or a dash, and straight quotes into curly ones; a Cyrillic letter looks like a
Latin one (Unicode Technical Standard 39 calls these confusable). Nothing here is corrected in
silence: a message says what the difference is, and what to type.
"""

from __future__ import annotations

import re
import unicodedata

_TYPED = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "\u00d7": "*",
    "\u00f7": "/",
    "\u2026": "..",
    "\u2044": "/",
    "\u2215": "/",
    "\u066b": ".",
    "\u066c": ",",
}
_LATIN = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c"
        "\u041d\u041e\u0420\u0421\u0422\u0425\u03bf\u03b1\u0391\u0392\u0395\u0397\u0399\u039a\u039c"
        "\u039d\u039f\u03a1\u03a4\u03a7",
        "aeopcyxijsABEKMHOPCTXoaABEHIKMNOPTX",
        strict=True,
    )
)
_QUOTED = re.compile("'([^'\n]{1,200})'")


def keyed(words: str) -> str:
    """As one would type it: accented letters in one character, digits and signs of a keyboard,
    nothing that cannot be seen."""
    composed = unicodedata.normalize("NFC", words)
    return "".join(_plain(c) for c in composed)


def _plain(c: str) -> str:
    if c.isascii():
        return c
    if c in _TYPED:
        return _TYPED[c]
    if unicodedata.category(c) == "Cf":
        return ""
    digit = unicodedata.digit(c, None)
    if c.isdecimal() and digit is not None:
        return str(digit)
    wide = unicodedata.normalize("NFKC", c)
    return wide if wide.isascii() else c


def alike(words: str) -> str:
    """The same for words that look the same."""
    return "".join(_LATIN.get(c, c) for c in keyed(words))


def named(c: str) -> str:
    """A character by its number and its name, since it may not be seen: U+00AD (soft hyphen)."""
    return f"U+{ord(c):04X} ({unicodedata.name(c, 'no name').lower()})"


def difference(words: str, other: str) -> str:
    """What is not the same in two words that look so; `other` is the one that is known."""
    place = next(
        (i for i, (a, b) in enumerate(zip(words, other, strict=False)) if a != b),
        min(len(words), len(other)),
    )
    here, there = (_at(w, place) for w in (words, other))
    return (
        f"'{other}' is known and only looks the same: behind '{words[:place]}' it has {there}, and "
        f"here is {here}; type it as it stands there"
    )


def _at(words: str, place: int) -> str:
    """One character, with the accents that follow it."""
    if place >= len(words):
        return "nothing more"
    end = place + 1
    while end < len(words) and unicodedata.combining(words[end]):
        end += 1
    return " and ".join(named(c) for c in words[place:end])


def oddities(message: str) -> str:
    """What to type in place of the characters, in what a message quotes, that only look like those
    of a keyboard; '' where there are none."""
    said: dict[str, None] = {}
    for words in _QUOTED.findall(message) if not message.isascii() else ():
        composed = unicodedata.normalize("NFC", words)
        if composed != words:
            odd = next(c for c in words if unicodedata.combining(c))
            said[
                f"{named(odd)} stands by itself: type the letter and its accent as one character"
            ] = None
        latin = any(c.isascii() and c.isalpha() for c in composed)
        for c in composed:
            plain = _plain(c)
            plain = _LATIN.get(c, plain) if latin else plain
            if c.isascii() or plain == c:
                continue
            what = f"type {plain}" if plain.strip() else "type a space" if plain else "remove it"
            said[f"{named(c)}: {what}"] = None
    return "; ".join(list(said)[:4])
