"""Signs in a sentence that an analyst may want to take up: by rule, for English, stated not tuned.

Eight kinds. Each sign has its place, a band (strong, fair, weak: how often such words mean what the
kind says, as we judged it before any count), and a reason in words. The rules know words and their
neighbours and no grammar: they propose what a person then reads.

estimate         words of estimative probability: the table (phrases.yaml), and some that have no
                 interval there; a negation is named, since the table's interval then does not hold
number           with its unit, or with what is counted; ordinals and numbers of laws are none
date             a day, a month, a year, a season; strong if it is a day or a deadline
conditional      if ... would, unless, should X happen
cause            words that say that one thing brings about, hinders or follows another
actor            a name that the case knows; strong if a sentence names two
recommendation   should, must, ought, we recommend
open question    a question mark; words that leave something open
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

from offramp.sources.estimative import Interval, Phrases

Kind = Literal[
    "estimate",
    "number",
    "date",
    "conditional",
    "cause",
    "actor",
    "recommendation",
    "open question",
]
Band = Literal["strong", "fair", "weak"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BANDS: tuple[Band, ...] = get_args(Band)


@dataclass(frozen=True)
class Sign:
    """One sign, at characters `start` to `end` of the text.

    value, of   what it says, where that can be compared: the number and what is counted, the date
                and how exact it is, the estimative words ('not likely' with their negation)
    """

    kind: Kind
    band: Band
    start: int
    end: int
    reason: str
    value: str = ""
    of: str = ""


def signs(text: str, start: int, end: int, names: Names, phrases: Phrases) -> Iterator[Sign]:
    """All signs of the sentence from `start` to `end`, by kind and then by place."""
    said = text[start:end]
    dated = list(_dates(said))
    for found in (
        _estimates(said, phrases),
        _numbers(said, [(d.start, d.end) for d in dated]),
        dated,
        _conditionals(said),
        _causes(said),
        _actors(said, names),
        _advice(said),
        _open(said),
    ):
        for sign in found:
            yield replace(sign, start=start + sign.start, end=start + sign.end)


_ASKED = re.compile(r"\?[\"'\u201d\u2019)*\]]*\s*$")


def _matches(
    rules: Iterable[tuple[re.Pattern[str], Band, str]], kind: Kind, said: str
) -> Iterator[Sign]:
    """What rules find, each place once: the first rule has it."""
    taken: list[Sign] = []
    for pattern, band, reason in rules:
        for m in pattern.finditer(said):
            if not any(m.start() < t.end and t.start < m.end() for t in taken):
                taken.append(Sign(kind, band, m.start(), m.end(), reason))
    yield from sorted(taken, key=lambda s: s.start)


def _rule(pattern: str, band: Band, reason: str) -> tuple[re.Pattern[str], Band, str]:
    return re.compile(pattern, re.IGNORECASE), band, reason


# ---- estimates -------------------------------------------------------------------------------

_FIRM = re.compile(
    r"likely|likelihood|probabl|certain|chance|odds|possibility|remote|slim|doubtful|plausible|"
    r"questionable|low to medium|even"
)
_LOOSE = {
    "can",
    "seems",
    "seems to be",
    "it appears",
    "appears",
    "appear",
    "no interest",
    "can expect",
}
_MODAL = ("will", "may", "might", "could", "can")
_NOT_BEFORE = re.compile(
    r"(?:\bnot|n['\u2019]t|\bnever|\bno longer|\bhardly|\bscarcely|\bneither|\bnor|\bno|\bfar from|"
    r"\bcannot|\banything but)"
    r"\s+(?:(?:at|all|very|even|that|particularly|so|a|an|the|be|considered|seen|as|is|it|was|now|"
    r"yet|look|seem|appear|any|much|of|called|said|described)\s+){0,4}$",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"\b(?:less|least|how|equally|however)\s+$", re.IGNORECASE)
_NOT_ONLY = re.compile(r"\bnot (?:only|just|merely|simply)\b", re.IGNORECASE)
_NOT_AFTER = re.compile(r"\s+(?:not|never|no longer)\b", re.IGNORECASE)
_RAISED = re.compile(  # `we do not think that war is likely`
    r"\b(?:do|does|did)(?: not|n['\u2019]t)\s+(?:\w+\s+)?(?:think|believe|expect|judge|see|"
    r"consider|find)\b[^;:]*$|\b(?<!no )(?<!little )(?<!without )doubts?\b(?: that| whether|"
    r" if)[^;:]*$|\b(?:nobody|no one) (?:thinks|believes|expects)\b[^;:]*$",
    re.IGNORECASE,
)
_CHANCE_BEFORE = re.compile(
    r"\b(?:chances?|odds|likelihood|probability|prospects?)\b", re.IGNORECASE
)
_NOUN_BEFORE = re.compile(  # `the will of the people`, `its own will`
    r"\b(?:the|a|its|their|his|her|our|political|free|own|good|ill|no|of|popular|military|and)\s+$",
    re.IGNORECASE,
)
_APPEARS = re.compile(
    r"\s+(?:to|that|as|likely|unlikely|bleak|\w+ed|\w+able|about|out|set)\b", re.IGNORECASE
)
_AS_AS = re.compile(  # `as soon as possible`
    r"\bas\s+(?:[\w-]+\s+){1,3}as\s+$|\b(?:if|where|wherever|whenever|best|worst)\s+$",
    re.IGNORECASE,
)

_WITHOUT_INTERVAL = (
    _rule(r"\bas likely as not\b|\bmore likely than not\b", "strong", "even odds, or better"),
    _rule(
        r"\b(?:bound|certain|sure) to\b|\b(?:inevitabl[ey]|impossible)\b|\bout of the question\b|"
        r"\bforegone conclusion\b",
        "strong",
        "near certainty, one way or the other",
    ),
    _rule(
        r"\b(?:chances?|odds|probability|likelihood|possibility) (?:of|that|are|is|for)\b",
        "strong",
        "speaks of a chance",
    ),
    _rule(
        r"\b(?:I|we) (?:\w+ly )?(?:expect|judge|anticipate|assess|estimate|doubt|predict|reckon)\b",
        "strong",
        "the author judges",
    ),
    _rule(
        r"\b(?:risk|danger|prospects?) (?:of|that|for)\b|\bfuture (?:seems|looks|is)\b",
        "fair",
        "speaks of a risk or a prospect",
    ),
    _rule(
        r"\b(?:undoubtedly|no doubt|without doubt|surely|presumably|conceivabl[ey]|arguably|"
        r"in all likelihood|certainly|clearly will)\b",
        "fair",
        "an adverb of certainty or doubt",
    ),
    _rule(
        r"\b(?:cannot|can't|can\u2019t|can not|could not) be (?:ruled out|excluded)\b|"
        r"\b(?:is|are) not (?:to be )?(?:ruled out|excluded)\b",
        "fair",
        "leaves a chance",
    ),
    _rule(
        r"\b(?:expected|expects?|anticipated|predict(?:s|ed)?|forecast(?:s|ed)?) (?:to|that)\b|"
        r"\b(?:poised|set|about|due) to\b|\b(?:potential|beginning|begins?) to\b|\bpotentially\b",
        "weak",
        "expects",
    ),
)


def _estimates(said: str, phrases: Phrases) -> Iterator[Sign]:
    table = phrases.table
    pattern = _phrases(tuple(sorted(table, key=lambda p: (-len(p), p))))
    found: list[Sign] = []
    for m in pattern.finditer(said) if pattern else ():
        phrase = " ".join(m.group().casefold().split())
        if _meant(phrase, said, m):
            found.append(_of_table(phrase, table, said, m))
    listed = [(s.start, s.end) for s in found]
    for s in _matches(_WITHOUT_INTERVAL, "estimate", said):
        if not _free((s.start, s.end), listed):
            continue  # the table has it
        value = said[s.start : s.end].casefold()
        if _denied(said, s.start, s.end, value):
            s = replace(s, reason=s.reason + "; denied")
            value = f"not {value}"
        found.append(replace(s, value=value, reason=s.reason + "; no interval in the table"))
    asked = _ASKED.search(said)
    for s in sorted(found, key=lambda s: s.start):
        yield replace(s, band="weak", reason=s.reason + ", in a question") if asked else s


@lru_cache(maxsize=64)
def _phrases(known: tuple[str, ...]) -> re.Pattern[str] | None:
    """The phrases of a table, the longest first, as one pattern."""
    each = "|".join(r"\s+".join(map(re.escape, p.split())) for p in known)
    return re.compile(rf"(?<![\w-])(?:{each})(?![\w-])", re.IGNORECASE) if known else None


def _meant(phrase: str, said: str, m: re.Match[str]) -> bool:
    """Whether the words are an estimate here, and not a month, a noun or a manner of speaking."""
    before, after = said[: m.start()], said[m.end() :]
    if phrase == "may" and m.group() == "May":
        return False  # a month; or a wish
    if phrase in ("will", "can") and _NOUN_BEFORE.search(before):
        return False
    if phrase in ("remote", "slim", "quite slim", "even"):
        return bool(
            _CHANCE_BEFORE.search(before)
            or re.match(r"\s+(?:chance|possib|likel|odds|prospect|hope)", after, re.IGNORECASE)
        )
    if phrase in ("appear", "appears"):
        return bool(_APPEARS.match(after))
    if phrase == "possible" and _AS_AS.search(before):
        return False
    if phrase == "likely" and re.search(r"\bas\s+$", before) and re.match(r"\s+as\b", after):
        return False  # `as likely as not`
    return not (phrase == "likely" and re.match(r"\s+(?:candidate|story|target)s?\b", after))


def _of_table(phrase: str, table: Mapping[str, Interval], said: str, m: re.Match[str]) -> Sign:
    interval = table[phrase]
    band: Band = "fair"
    if _FIRM.search(phrase):
        band = "strong"
    elif phrase in _LOOSE:
        band = "weak"
    denied = _denied(said, m.start(), m.end(), phrase)
    if denied:
        return Sign(
            "estimate",
            band,
            m.start(),
            m.end(),
            f"'{phrase}', but denied: the table's interval is not meant",
            f"not {phrase}",
        )
    compared = _COMPARED.search(said[: m.start()])
    if compared:
        whole = f"{compared.group().strip().casefold()} {phrase}"
        why = f"'{whole}': a comparison, the table's interval is not meant"
        return Sign("estimate", band, m.start(), m.end(), why, whole)
    return Sign(
        "estimate",
        band,
        m.start(),
        m.end(),
        f"'{phrase}': {interval.low:.2f} to {interval.high:.2f} in the table",
        phrase,
    )


def _denied(said: str, start: int, end: int, phrase: str) -> bool:
    before = said[:start]
    if phrase.split()[0] in _MODAL and _NOT_AFTER.match(said[end:]):
        return True
    tail = _NOT_BEFORE.search(before)
    if tail and not _NOT_ONLY.search(before[tail.start() :] + said[start : end + 6]):
        return True
    return bool(_RAISED.search(before))


# ---- numbers ---------------------------------------------------------------------------------

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_LARGE = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
_VALUES = {w: k for k, w in enumerate(_ONES)} | {w: 10 * k for k, w in enumerate(_TENS, 2)} | _LARGE
_WORDS = "|".join(sorted(_VALUES, key=lambda w: -len(w)))
_COUNT = re.compile(
    r"(?<![\w.,/$\u20ac\u00a3>-])(?P<money>[$\u20ac\u00a3]\s?)?(?:(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:[ -](?P<large>{'|'.join(_LARGE)}|bn|m))?|(?P<words>(?:a )?(?:{_WORDS})(?:(?:[ -]|"
    rf" and )(?:{_WORDS}))*))"
    r"(?![\w/]|[.,]\d)",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\b(?:a|one|two|three|another|every)[ -](?:half|third|thirds|quarter|quarters|fifth|fifths|"
    r"tenth)\b|\bhalf (?:of|the|as|a)\b|\bhal(?:f|ves|ved)\b|"
    rf"\b(?:{_WORDS}|\d+) (?:\w+ )?(?:in|out of|of the) (?:every )?(?:{_WORDS}|\d+)\b|"
    r"\b(?:twice|double[sd]?|triple[sd]?|tenfold|dozens?|hundreds|thousands|millions) (?:of|as|"
    r"the|in)\b",
    re.IGNORECASE,
)
_UNIT = (
    r"per ?cent|%|percentage points?|points?|dollars?|euros?|pounds?|barrels?|bpd|tons?|tonnes?|"
    r"km|kilomet(?:er|re)s?|miles?|met(?:er|re)s?|feet|nautical miles|hours?|days?|weeks?|months?|"
    r"years?|minutes?|decades?|troops|soldiers|men|persons?|people|personnel|sailors?|civilians?|"
    r"dead|wounded|injured|casualties|deaths|ships?|boats?|vessels?|tankers?|aircraft|planes?|"
    r"jets?|drones?|missiles?|rockets?|warheads?|shells?|tanks?|divisions?|brigades?|battalions?|"
    r"votes?|seats?|members?|attacks?|strikes?|incidents?|bases?|centrifuges|kilograms?|kg|"
    r"citizens|refugees|officials|protest[eo]rs|fighters|guns"
)
_COUNTED = re.compile(
    rf"[\s-]+(?:(?:[\w-]+)\s+){{0,2}}?(?P<unit>{_UNIT})(?![\w-])|(?P<sign>%)", re.IGNORECASE
)
_PLURAL = re.compile(
    r"\s+(?:(?!(?:there|of|and|or|to|in|is|are|who|that|on|"
    r"alike)\b)[a-z][\w-]*\s+){0,1}?(?P<unit>[A-Za-z][a-z-]{2,}s)\b"
)
_NO_COUNT = re.compile(  # `Article 5`, `paragraph 36`, `F 16`, `page 3`
    r"\b(?:article|resolution|paragraph|section|chapter|no\.|number|phase|page|p\.|pp\.|note|"
    r"figure|table|volume|vol\.|act|line|step|the year|<sup>)\s*$",
    re.IGNORECASE,
)
_VERBS_S = {"is", "was", "has", "does", "says", "as", "this", "its", "his", "us"}


def _numbers(said: str, dated: list[tuple[int, int]]) -> Iterator[Sign]:
    taken = list(dated)
    found: list[Sign] = []
    for m in _SHARE.finditer(said):
        if not _free(m.span(), taken):
            continue
        taken.append(m.span())
        words = " ".join(m.group().casefold().split())
        found.append(
            Sign("number", "strong", m.start(), m.end(), "a share or a multiple", words, "share")
        )
    for m in _COUNT.finditer(said):
        if not _free(m.span(), taken) or _NO_COUNT.search(said[: m.start()]):
            continue
        value = _value(m)
        after = said[m.end() :]
        unit = _COUNTED.match(after)
        if m["money"]:
            found.append(_count(m, m.end(), "strong", "a sum of money", value, m["money"].strip()))
        elif unit:
            name = (unit["unit"] or unit["sign"]).casefold()
            stop = m.end() + unit.end()
            found.append(_count(m, stop, "strong", f"a number of {name}", value, _singular(name)))
        elif (plural := _PLURAL.match(after)) and plural["unit"].casefold() not in _VERBS_S:
            small = m["words"] is not None and value in ("0", "1", "2", "3")
            band: Band = "weak" if small else "fair"
            name = plural["unit"].casefold()
            why = f"{m.group()} of something that is counted"
            found.append(_count(m, m.end() + plural.end(), band, why, value, _singular(name)))
        elif m["digits"] or value not in ("0", "1"):
            found.append(_count(m, m.end(), "weak", "a number without a unit", value, ""))
    yield from sorted(found, key=lambda s: s.start)


def _count(m: re.Match[str], end: int, band: Band, why: str, value: str, of: str) -> Sign:
    return Sign("number", band, m.start(), end, why, value, of)


def _free(span: tuple[int, int], taken: Iterable[tuple[int, int]]) -> bool:
    return not any(span[0] < high and low < span[1] for low, high in taken)


def _value(m: re.Match[str]) -> str:
    """The number in digits."""
    if m["digits"]:
        size = {"bn": 10**9, "m": 10**6}.get((m["large"] or "").casefold())
        size = size or _LARGE.get((m["large"] or "").casefold(), 1)
        return (
            f"{float(m['digits'].replace(',', '')) * size:g}"
            if size > 1
            else f"{float(m['digits'].replace(',', '')):.10g}"
        )
    total = part = 0
    for word in re.findall(r"[a-z]+", m["words"].casefold()):
        if word not in _VALUES:
            continue
        if word == "hundred":
            part = max(part, 1) * 100
        elif word in _LARGE:
            total, part = total + max(part, 1) * _LARGE[word], 0
        else:
            part += _VALUES[word]
    return str(total + part)


def _singular(unit: str) -> str:
    unit = " ".join(unit.split())
    if unit in ("per cent", "percent", "%"):
        return "%"
    return unit[:-1] if unit.endswith("s") and not unit.endswith("ss") else unit


# ---- dates -----------------------------------------------------------------------------------

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_NAME = "|".join((*_MONTHS, "Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec"))
_DATE = re.compile(
    r"(?P<iso>\b\d{4}-\d\d-\d\d\b)|"
    rf"\b(?P<d1>\d{{1,2}})(?:st|nd|rd|"
    rf"th)?\s+(?:of\s+)?(?P<m1>{_NAME})\b\.?(?:,?\s+(?P<y1>\d{{4}}))?|"
    rf"\b(?P<m2>{_NAME})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y2>\d{{4}}))?|"
    rf"\b(?P<m3>{_NAME})\.?,?\s+(?:of\s+)?(?P<y3>\d{{4}})\b|(?:(?P<in>\b(?:in|since|by|until|till|"
    rf"before|after|early|late|mid|last|next|this|of|from)[ -]))"
    r"(?P<m4>" + "|".join(_MONTHS) + r")\b(?!,?\s+\d)|"
    r"\b(?P<m5>" + "|".join(m for m in _MONTHS if m not in ("March", "May")) + r")\b|"
    r"(?<![\d,.$/-])\b(?P<y6>(?:1[6-9]|20)\d\d)\b(?![,.]\d|[-/]\d)|"
    r"(?P<soft>\b(?:yesterday|today|tomorrow|tonight|(?:last|next|this) (?:week|month|year|spring|"
    r"summer|autumn|fall|winter|weekend|night)|(?:on|by|last|next|until) (?:Mon|Tues|Wednes|Thurs|"
    r"Fri|Satur|Sun)day|(?:spring|summer|autumn|winter) of)\b)"
)
_DEADLINE = re.compile(
    r"\b(?:by|before|until|till|no later than|not later than|ends on|"
    r"expires on)\s+(?:the end of\s+)?$",
    re.IGNORECASE,
)


def _dates(said: str) -> Iterator[Sign]:
    for m in _DATE.finditer(said):
        if m["soft"]:
            yield Sign("date", "weak", m.start(), m.end(), "a day told from another day")
            continue
        day = m["d1"] or m["d2"]
        name = m["m1"] or m["m2"] or m["m3"] or m["m4"] or m["m5"]
        year = m["y1"] or m["y2"] or m["y3"] or m["y6"] or ""
        if day and not 1 <= int(day) <= 31:
            continue
        month = f"{1 + [n[:3] for n in _MONTHS].index(name[:3]):02}" if name else ""
        value = m["iso"] or "-".join(x for x in (year, month, f"{int(day):02}" if day else "") if x)
        deadline = _DEADLINE.search(said[: m.start()] + (m["in"] or ""))
        exact = bool(day or m["iso"])
        band: Band = "strong" if exact or deadline else "fair"
        of = "day" if exact else "month" if name else "year"
        reason = f"a deadline, to the {of}" if deadline else f"a date, to the {of}"
        stop = m.end() - (m.group()[-1] == ".")
        yield Sign("date", band, m.start(), stop, reason, value, of)


# ---- conditionals, causes, advice, open questions ---------------------------------------------

_WOULD = re.compile(
    r"\b(?:would|will|could|may|might|can|should|must|['\u2019]ll|['\u2019]d)\b", re.IGNORECASE
)
_IF = re.compile(
    r"(?<!\bas )(?<!\bsee )(?<!\bask )(?<!\basked )(?<!\bwonder )(?<!\bknow )(?<!\btell "
    r")(?<!unclear )(?<!question )(?<!\bdoubt )\b(?P<even>even )?if\b(?! any\b| only\b| not\b|"
    r" ever\b| so\b| at all\b| anything\b)",
    re.IGNORECASE,
)
_CONDITIONALS = (
    _rule(
        r"^(?:should|were|had)\s+(?:\w+\s+)+?[^?]*,[^?]*\b(?:would|will|could|may|might)\b[^?]*$",
        "strong",
        "a condition by inversion",
    ),
    _rule(r"\bwere (?:[\w']+ ){1,4}to\b", "strong", "a condition by inversion"),
    _rule(r"\bunless\b", "strong", "unless"),
    _rule(
        r"\bin (?:the event|case)(?: of| that|,| \w+ \w+)|\b(?:provided|assuming|"
        r"supposing) (?:that|the|it)\b|"
        r"\bon (?:the )?condition that\b|\bdepend(?:s|ing|ed)? (?:up)?on (?:whether|how|what)\b",
        "fair",
        "a condition in other words",
    ),
    _rule(
        r"\b(?:as|so) long as\b|\botherwise\b|\bwithout\b(?=[^.;]*\bwould\b)|"
        r"\buntil (?:and unless|it|they)\b|\bonce\b(?=[^.;]*,[^.;]*\b(?:will|would)\b)|"
        r"\bwin for\b(?=[^.;]*\b(?:may|would|will|could)\b)",
        "weak",
        "may be a condition",
    ),
)


def _conditionals(said: str) -> Iterator[Sign]:
    found = []
    for m in _IF.finditer(said):
        modal = _WOULD.search(said[: m.start()]) or _WOULD.search(said[m.end() :])
        band: Band = "strong" if modal and not m["even"] else "fair"
        other = f"if ... {modal.group().casefold()}" if modal else "if, with no would or will"
        found.append(Sign("conditional", band, m.start(), m.end(), other))
    taken = [(s.start, s.end) for s in found]
    found += [
        s for s in _matches(_CONDITIONALS, "conditional", said) if _free((s.start, s.end), taken)
    ]
    yield from sorted(found, key=lambda s: s.start)


_CAUSES = (
    _rule(
        r"\b(?:lead|leads|leading|led) (?:\w+ly )?to\b|\bresult(?:s|ed|ing)? (?:in|from)\b|"
        r"(?<!the )(?<!a )(?<!root )\bcaus(?:es?|ed|ing)\b(?! of\b| for\b| c\u00e9l)|\b(?:provok|"
        r"compel|deter|trigger|spark|prompt)(?:e|es|ed|s|led|ling|red|ring|ing)?\b|\b(?:bring|"
        r"brings|bringing|brought) about\b|\bprevent(?:s|ed|ing)?\b|\bgive[sn]? rise to\b|"
        r"(?<!air )(?<!task )(?<!armed )(?<!security )(?<!quds )(?<!the )(?<!of )(?<!a "
        r")\bforc(?:e|es|ed|ing)\s+(?:[\w'\u2019-]+\s+){1,5}?(?:to|into)\b|"
        r"\bmake(?:s)?\s+(?:\w+\s+){1,4}?(?:more|less|easier|harder|angrier|likelier)\b|"
        r"\bmade\s+(?:\w+\s+){1,4}?(?:more|less|easier|harder)\b",
        "strong",
        "says that one thing brings about or hinders another",
    ),
    _rule(
        r"\bbecause\b|\b(?:due|owing|thanks) to\b|\bas a (?:result|consequence)\b|"
        r"\bin (?:response|reaction|retaliation) (?:to|for)\b|\b(?:came|come|"
        r"comes) as a reaction to\b|\btherefore\b|\bconsequently\b|\bthat is why\b|\b(?:undermin|"
        r"weaken|strengthen|embolden|encourag|discourag|enabl|fuel|escalat|accelerat|hamper|"
        r"constrain|inflam|alienat|exacerbat|aggravat|eras|endanger|deepen|widen|dent|hinder|"
        r"thwart|sapp|curb|affect|motivat)(?:e|es|ed|ing|s)?\b(?! of\b)|\b(?:eas|damag)(?:ed|"
        r"ing)\b|\b(?:increas|reduc|lower|halv|doubl|worsen|improv|diminish|rais)(?:e|es|ed|ing|"
        r"s)\b|\bcontribut(?:e|es|ed|ing) to\b|\bdepend(?:s|ed)? on\b|\b(?:turn|turns|"
        r"turned)\s+(?:[\w-]+\s+){0,8}?(?:in)?to\b|\bput(?:s|ting)? (?:\w+ ){0,2}pressure\b|"
        r"\bpush(?:es|ed|ing)?\b|\bhelp(?:s|ed)? (?:to )?\w+\b|"
        r"\bhas (?:had )?(?:\S+ ){0,2}(?:implications|consequences|effects?|impact)\b",
        "fair",
        "ties one thing to another",
    ),
    _rule(
        r"\bthus\b|\bthereby\b|\bhence\b|\bso that\b|\bin order to\b|\bin the (?:wake|"
        r"aftermath) of\b|\bfollowing (?:the|a|an|its|their|his|her)\b|\bflar(?:e|es|ed) up\b|"
        r"\bamid\b|\bin an effort to\b|\ballow(?:s|ed|ing)?\b|\bmean(?:s|t) that\b|\bbenefit(?:s|"
        r"ed)?\b|\b(?:shows?|showed) (?:that|how)\b|\bsince\b(?= (?:it|they|he|the|this|there)\b)",
        "weak",
        "may tie one thing to another",
    ),
)


def _causes(said: str) -> Iterator[Sign]:
    return _matches(_CAUSES, "cause", said)


_ADVICE = (
    _rule(
        r"\b(?:I|we|this (?:paper|report|brief)) (?:\w+ly )?(?:recommend|urge|advise|propose|"
        r"suggest)s?\b|\brecommendations?\b|\bought (?:not )?to\b|\bhad better\b|\bnor should\b",
        "strong",
        "advises",
    ),
    _rule(
        r"(?<!^)\bshould\b(?! have\b| be able\b| it\b| they\b)|^(?!should).{0,0}\bshould\b",
        "strong",
        "should",
    ),
    _rule(
        r"\bmust\b(?! have\b)|\bneeds? to\b|\b(?:is|are|it is) (?:\w+ )?(?:essential|vital|"
        r"imperative|advisable|necessary|crucial|important|incumbent|desirable)\b",
        "fair",
        "says what must be done",
    ),
    _rule(
        r"\b(?:has|have|had) to\b|\bshould have\b|\bit is time\b|\bcall(?:s|ed|ing)? (?:for|on|"
        r"upon|out for)\b",
        "weak",
        "may say what is to be done",
    ),
)


def _advice(said: str) -> Iterator[Sign]:
    inverted = re.match(r"should\b", said, re.IGNORECASE)
    for s in _matches(_ADVICE, "recommendation", said):
        if not (inverted and s.start == 0):
            yield s


_OPEN = (
    _rule(
        r"\bremains? to be seen\b|\btime will tell\b|\b(?:remains?|is|are|"
        r"was) (?:still )?(?:an open question|unclear|uncertain|unknown|unresolved|undecided)\b|"
        r"\b(?:is|was|are) (?:not|far from) (?:yet )?(?:clear|clear-cut|known|certain|settled)\b|"
        r"\b(?:no one|nobody) (?:can )?(?:yet )?knows?\b|\btoo (?:early|soon) to\b|"
        r"\b(?:the )?question (?:is|of|remains|arises)\b(?: whether)?|\bstill to come\b",
        "strong",
        "leaves something open",
    ),
    _rule(
        r"\b(?:do|does|did) not know\b|\bwhether\b|\btake[s]? time\b|\bhow (?:far|long|much|soon|"
        r"deep)\b|\b(?:posed|poses|raises|raised) (?:\w+ )?questions?\b|\bas uncertain\b",
        "weak",
        "may leave something open",
    ),
)


def _open(said: str) -> Iterator[Sign]:
    asked = _ASKED.search(said)
    if asked:
        yield Sign(
            "open question", "strong", asked.start(), asked.start() + 1, "ends with a question mark"
        )
    yield from _matches(_OPEN, "open question", said)


# ---- actors ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """How the actors of a case may be named in a text: patterns, each with the actor's title."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]


_PART = re.compile(r",\s*(?:and\s+)?|\s+and\s+")
_SMALL = {"of", "the", "and", "in", "for", "on"}


def names_of(titles: Iterable[str], text: str) -> Names:
    """Patterns for titles: the title, each name in a list of names ('France, Germany and the United
    Kingdom'), the capitals of a title of several words (US), a name's adjective (Iranian), and the
    last word of a title of two that the text writes out somewhere without an article (Trump)."""
    found = []
    for title in titles:
        forms: dict[str, None] = {}
        for part in (title, *_PART.split(title)):
            bare = re.sub(r"^(?:the|The|Other)\s+", "", part.strip())
            if not any(c.isupper() for c in bare):
                continue
            forms.update(dict.fromkeys(_forms(bare, text)))
        if forms:
            each = "|".join(sorted(forms, key=lambda f: -len(f)))
            found.append((title, re.compile(rf"(?<!\w)(?:{each})(?![\w])")))
    return Names(tuple(found))


def _forms(name: str, text: str) -> Iterator[str]:
    words = name.split()
    whole = r"\s+".join(map(re.escape, words)).replace("'", "['\u2019]")
    if len(words) == 1:
        yield whole + (r"(?:ian|an|n|i)?s?" if len(name) > 3 else "")
        return
    yield whole
    great = [w for w in words if w.lower() not in _SMALL]
    if len(great) > 1 and all(w[0].isupper() for w in great) and "'" not in name:
        first = "".join(w[0] for w in great)
        yield first
        yield r"\.".join(first) + r"\."
        if len(words) == 2:
            told = re.findall(rf"(\bthe\s+|\bThe\s+)?\b{whole}\b", text)
            if told and not any(told):
                yield re.escape(words[-1])


def _actors(said: str, names: Names) -> Iterator[Sign]:
    found = []
    for title, pattern in names.patterns:
        m = pattern.search(said)
        if m:
            found.append((m, title))
    several = len(found) > 1
    for m, title in sorted(found, key=lambda f: f[0].start()):
        early = len(said[: m.start()].split()) < 6
        band: Band = "strong" if several else "fair" if early else "weak"
        reason = (
            "one of several actors that the case knows"
            if several
            else "an actor that the case knows"
        )
        yield Sign("actor", band, m.start(), m.end(), f"{reason}: {title}", title)
