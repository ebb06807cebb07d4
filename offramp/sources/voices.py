"""Whose statement it is: the stretches of a sentence that somebody other than the author says.

By rule, for English, from the sentence alone (and from quotation marks, which may reach over
several). A reporting verb or noun whose subject is not the author (I, we, this paper), a phrase
such as `according to`, a passive such as `is said to`, and quotation marks make what they govern
another's. What they govern is taken as wide as the clause: a statement of the author that is
called another's costs a reader a glance, one of another's that is called the author's puts words
into a mouth. Not seen: a view that is reported without any such word ("For the ministers war is
near"), and a report that goes on in the next sentence ("The minister is gloomy. War is near").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Stretch = tuple[int, int]

# Verbs of saying and holding. The second line's words are nouns as well, so they want what follows
# a verb; the third line's say something only in a construction of their own.
_SAYS = (
    r"say|says|said|saying|tell|tells|told|believe|believes|believed|believing|think|thinks|"
    r"thought|argue|argues|argued|arguing|insist|insists|insisted|maintain|maintains|maintained|"
    r"contend|contends|contended|assert|asserts|asserted|predict|predicts|predicted|assess|"
    r"assesses|assessed|anticipate|anticipates|anticipated|expect|expects|expected|suspect|"
    r"suspects|suspected|warn|warns|warned|warning|reckon|reckons|reckoned|conclude|concludes|"
    r"concluded|add|adds|added|acknowledge|acknowledges|acknowledged|admit|admits|admitted|allege|"
    r"alleges|alleged|consider|considers|considered|regard|regards|regarded|deem|deems|deemed|"
    r"doubt|doubts|doubted|feared|hoped|claimed|claiming|reported|estimated|stated|noted|judged|"
    r"hinted|tweeted|wrote|writes|highlighted|describes|described|portrays|portrayed|conveys?|"
    r"conveyed|confirms|confirmed|deny|denies|denied|reiterates|reiterated|emphasi[sz]es|"
    r"emphasi[sz]ed|stresses|stressed|cautions|cautioned|speculates?|speculated|worries|worried|"
    r"assumes?|assumed|calculates?|calculated|imagines?|imagined|concedes?|conceded|describe|"
    r"judges|concur|concurs|agreed|wonders?|wondered|asked whether|asked if|asks whether|asks if"
)
_ALSO_NOUNS = (
    r"claim|claims|report|reports|fear|fears|hope|hopes|estimate|estimates|states|notes|hints"
)
_PROMISES = (  # of what is said, and not of a thing: `announced the second step`
    r"announc(?:e|es|ed|ing)|declar(?:e|es|ed|ing)|threaten(?:s|ed)?|vow(?:s|ed)?|promis(?:e|es|ed)"
)
_WITH_OBJECT = (
    r"(?:sees?|saw|views?|viewed)\s+(?:\S+\s+){1,8}?as|holds?\s+(?:that|it)|held\s+(?:that|it)|"
    r"puts?\s+(?:the|its|their|her|his)\s+(?:\S+\s+)?(?:odds|chances?|probability|risk|likelihood)|"
    r"rates?\s+(?:the|it|a|an)|(?:gives?|gave|puts?)\s+(?:\S+\s+){1,6}?(?:odds|chances?|at)|"
    r"call(?:s|ed)?\s+(?:\S+\s+){1,6}?(?:un)?(?:likely|probable|possible|certain|plausible)|"
    r"(?:convinced|confident|certain|sure|afraid|worried|optimistic|pessimistic|adamant|sceptical|"
    r"skeptical|persuaded|aware) (?:that|of)"
)
_POINTS = (
    r"suggest|suggests|suggested|indicate|indicates|indicated"  # people do, and so does evidence
)
_VERB = re.compile(
    rf"\b(?:(?P<says>{_SAYS})|(?:{_ALSO_NOUNS})(?=\s+(?:that|it|there|the|a|an|he|she|they|its?|"
    rf"to have|to be)\b)|(?:{_PROMISES})(?=\s+(?:that|it|there|he|she|they|to)\b)|{_WITH_OBJECT}|"
    rf"(?P<points>{_POINTS}))\b(?!\s+by\b)",
    re.IGNORECASE,
)
_OWN = (
    r"(?:\bI|\b[Ww]e|\b(?:[Tt]his|[Tt]he present) (?:paper|article|report|brief|study|analysis|"
    r"essay|assessment|note|author|writer)|\b[Tt]he present author)"
)
_BETWEEN = (  # a subject and its verb
    r"(?:\s+(?:am|are|have|has|had|do|does|did|would|will|can|could|may|might|must|should|not|"
    r"also|still|now|never|always|therefore|thus|\w+ly|don't|don’t))*\s+$"
)
_OWN_SUBJECT = re.compile(_OWN + _BETWEEN)
_NOBODY = re.compile(  # `it is fair to say`: said by whoever writes
    r"\b(?:fair|safe|reasonable|wrong|right|easy|hard|difficult|tempting|premature|possible|"
    r"need|needs|reason|reasons)\s+to\s+$",
    re.IGNORECASE,
)
_EVIDENCE = re.compile(
    r"\b(?:this|that|these|those|which|it|evidence|data|history|experience|record|records|figures|"
    r"analysis|precedents?|patterns?|signs?|numbers|findings|results|events|cases?|all)"
    r"(?:\s+\w+){0,2}" + _BETWEEN,
    re.IGNORECASE,
)
_TRUSTED = (  # of a verb in passing: `, officials say,`
    r"say|says|said|believe|believes|believed|think|thinks|thought|argue|argues|argued|warn|warns|"
    r"warned|claim|claims|claimed|fear|fears|feared|predict|predicts|predicted|insist|insists|"
    r"insisted|report|reports|reported|estimate|estimates|estimated|add|adds|added|hope|hopes|"
    r"hoped|suggest|suggests|suggested|expect|expects|expected|reckon|reckons|reckoned|"
    r"conclude|concludes|concluded|wrote|writes|noted|tweeted|announced|declared|holds|hold|held|"
    r"concede|concedes|conceded|judges|puts it|put it"
)
_ASIDE = re.compile(
    rf"[,\u2013\u2014]\s*(?:as\s+)?(?P<who>(?:[\w'\u2019.-]+\s+){{1,6}}?)(?:(?:have|has|had|now|"
    rf"also|still)\s+)*(?:{_TRUSTED})\s*(?=[,.;!?\u2013\u2014]|$)|"
    rf"[,\u2013\u2014]\s*(?:as\s+)?(?:{_TRUSTED})\s+(?P<after>[\w'\u2019.-]+)",
    re.IGNORECASE,
)
_WHOLE = re.compile(  # phrases that make the clause around them another's
    r"\baccording to\b|\breportedly\b|\ballegedly\b|\bsupposedly\b|\bso-called\b|"
    r"\bas (?:[\w'\u2019.-]+\s+){1,6}?(?:puts? it|sees? it|saw it|has it|tells? it)\b|"
    r"\bin the (?:view|opinion|eyes|words|judge?ment|estimation|reading|telling|"
    r"mind) of\b(?!\s+(?:this|the present) (?:author|paper|writer))|\bin (?!our|my\b)(?:his|her|"
    r"its|their|[\w'\u2019 ]{1,30}?['\u2019]s?) (?:own )?(?:view|opinion|eyes|words|judge?ment|"
    r"estimation|reading|telling|mind)\b|\bto (?!our|my\b)(?:his|her|their|"
    r"[\w ]{1,30}?['\u2019]s?) minds?\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:am|is|are|was|were|been|being)\s+(?:\w+\s+)?(?:said|told|reported|alleged|rumou?red|"
    r"claimed|believed|thought|feared|expected|considered|regarded|deemed|seen|viewed|suspected|"
    r"understood|held)\s+(?:by\b|to\b|that\b|as\b|likely|unlikely|possible|probable)",
    re.IGNORECASE,
)
_CAN_BE = re.compile(
    r"\b(?:can|may|must|should|cannot)\s+$", re.IGNORECASE
)  # by anybody: the author
_NOUN = re.compile(
    r"(?P<own>\b(?:our|my)\s+(?:\w+\s+)?)?\b(?:assessments?|claims?|views?|beliefs?|fears?|hopes?|"
    r"warnings?|predictions?|forecasts?|reports?|statements?|judge?ments?|expectations?|"
    r"assertions?|arguments?|opinions?|convictions?|suspicions?|estimates?|rumou?rs?|predicted|"
    r"talk|word|announcements?|threats?|promises?|suggestions?|impressions?|messages?|wisdom|"
    r"consensus|verdict|feelings?|concerns?|worry|worries|thinking|positions?|assumptions?|"
    r"perceptions?|allegations?|testimony)(?:\s+(?!that\b)[\w'\u2019-]+){0,6}?\s+that\b",
    re.IGNORECASE,
)
_TURN = re.compile(  # where a clause ends that a reporting word governs
    r";|:\s|\s[\u2013\u2014-]\s|\u2014|,\s+(?:but|yet|although|though|whereas|while|however|"
    r"even though)\b|\.\s",
    re.IGNORECASE,
)
_OWN_CLAUSE = re.compile(
    _OWN + r"\s+(?:\w+\s+){0,2}?(?:think|judge|believe|expect|assess|doubt|estimate|find|hold|"
    r"conclude|argue|argues|reckon|consider|see|recommend|agree|disagree|suspect|hold|holds)\b"
)
_QUOTED = re.compile(
    '\u201c[^\u201d\n]*\u201d|(?<!\\w)"[^"\n]*"|(?<![\\w\u2019])\u2018[^\n\u2018]{2,}?\u2019(?![\\w])|'
    r"(?<![\w'])'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w))+'(?!\w)"
)


def quoted(text: str, start: int, end: int) -> list[Stretch]:
    """What stands in quotation marks, within a line. Marks of one or two words count too: they are
    as often words that an author holds at a distance."""
    return [m.span() for m in _QUOTED.finditer(text, start, end)]


def by_others(text: str, start: int, end: int) -> list[Stretch]:
    """The stretches of the sentence from `start` to `end` that somebody else says."""
    said = text[start:end]
    own = [m.start() for m in _OWN_CLAUSE.finditer(said)]
    found: list[Stretch] = []
    for low, whole in _governed(said):
        edges = _edges(said, low) if whole else (low, _edges(said, low)[1])
        later = [o for o in own if edges[0] < o < edges[1] and o > low]
        found.append((start + edges[0], start + (later[0] if later else edges[1])))
    return found


def _governed(said: str) -> Iterator[tuple[int, bool]]:
    """Where another's statement begins, and whether it takes in the whole clause around."""
    for m in _VERB.finditer(said):
        before = said[: m.start()]
        if _OWN_SUBJECT.search(before) or _NOBODY.search(before):
            continue
        if not before.strip() and not m.group().lower().startswith("ask"):
            continue  # an imperative, or a noun
        if m["points"] and _EVIDENCE.search(before):
            continue
        if _PASSIVE.search(said, max(0, m.start() - 25), m.end() + 12):
            continue  # judged below
        if m.group().lower().endswith("ed") and re.search(
            r"\b(?:be|been|being|is|are|was|were)\s+$", before
        ):
            continue  # `it can be believed`: nothing is said by it
        if re.search(r"\b(?:the|a|an|no|any|of|without)\s+$", before, re.IGNORECASE):
            continue  # a noun or an adjective: `the feared attack`, `no doubt`
        yield m.start(), False
    for m in _ASIDE.finditer(said):
        who = (m["who"] or m["after"] or "").split()
        if who and who[0].lower() not in ("i", "we") and who[-1].lower() not in ("i", "we"):
            yield m.start(), True
    for m in _WHOLE.finditer(said):
        yield m.start(), True
    for m in _PASSIVE.finditer(said):
        if not _CAN_BE.search(said[: m.start()]) and not (
            said[m.start() : m.end()].lower().startswith("be")
        ):
            yield m.start(), True
    for m in _NOUN.finditer(said):
        if m["own"] is None:
            yield m.end(), False


def _edges(said: str, place: int) -> Stretch:
    """The clause around a place, between turns of the sentence."""
    turns = list(_TURN.finditer(said))
    low = max((m.end() for m in turns if m.end() <= place), default=0)
    high = min((m.start() for m in turns if m.start() > place), default=len(said))
    return low, high
