"""JSON Schemas of all the YAML files of a case, for editors (see language/schema.py)."""

from __future__ import annotations

from collections.abc import Callable

from offramp.case import (
    agenda,
    asked,
    assessments,
    base_rates,
    causal,
    cited,
    disagreements,
    facts,
    left_out,
    reporting,
    rooms,
)
from offramp.case.texts import AUTHORS
from offramp.language import questions
from offramp.language.keys import COMMON
from offramp.language.schema import (
    FLAG,
    LABELS,
    LIST,
    ONE_PRIOR,
    PRIOR,
    VALUE,
    Shape,
    a,
    choose,
    crisis_schema,
    edits_schema,
    either,
    entries,
    entry,
    whole,
)
from offramp.sources import estimative, loading

NUMBER: Shape = {"type": ["string", "number"]}
COUNT: Shape = {"type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 0}
YES_NO: Shape = {"enum": ["yes", "no"]}
MONTH = "as 2020-01-17, or 2020-01"
WINDOW = a(VALUE, "From its first day to its last, as 2020-01-24 .. 2020-06-30.")
HASH: Shape = {"type": ["string", "number"], "pattern": "^[0-9a-f]{64}$"}
BOUNDS: dict[str, Shape] = {
    "start": a(COUNT, "The first character, counted from 0 in the normalised text."),
    "end": a(COUNT, "One past the last character."),
}


def _or_nothing(shape: Shape) -> Shape:
    """The same, or nothing behind the key."""
    return {**shape, "type": ["object", "string", "null"], "pattern": "^$"}


def _only(file: str, sentence: str, key: str, inner: Shape, required: bool = True) -> Shape:
    """The schema of a file that has all under one key."""
    top = {key: a(inner, sentence)}
    return whole(file, sentence, entry(top, top, (key,) if required else ()))


def _questions() -> Shape:
    resolved = entry(
        questions.RESOLVED,
        {
            "answer": a(VALUE, "As it is asked: yes, an option, a number, a date; or ambiguous."),
            "on": a(VALUE, "The day of the window that decided it."),
            "source": a(VALUE, "Where that is to be read."),
        },
        ("answer", "source"),
    )
    described = {
        **LABELS,
        "text": a(VALUE, "The question as people ask it."),
        "window": WINDOW,
        "if": a(edits_schema(), "What is done to the worlds that are asked, from the morning on."),
        "given": a(VALUE, "A condition: only worlds in which it holds are asked."),
        "resolves": a(VALUE, "What would count as yes, and who says so."),
        "headline": a(FLAG, "yes: the brief leads with it."),
        "clause": a(VALUE, "Its words in the brief's headline, as a clause."),
        "resolved": a(resolved, "What came of it."),
        "asks": a(VALUE, "A proposition about the log, as count(us.hit_proxy) >= 1."),
        "options": a(
            entries(VALUE, minProperties=2),
            "Answers with their conditions; the first true one counts, `else` stands last.",
        ),
        "ordered": a(FLAG, "yes: the options are an order, and scored as one."),
        "bounds": a(VALUE, "The scale of the score, as 0 .. 40 ? why so far."),
        "open": a(
            {
                "anyOf": [
                    choose(questions.OPEN),
                    {"type": "string", "pattern": f"^({'|'.join(questions.OPEN)}) "},
                ]
            },
            "Beyond which of its bounds a value may lie.",
        ),
    }
    sections = {}
    about = {
        "questions": "Questions of yes or no.",
        "choices": "Questions with several answers.",
        "quantities": "Questions of a number or a date.",
    }
    for section in questions.SECTIONS:
        keys = (*COMMON, *questions.KEYS, *questions.OWN[section])
        needed = ("text", "window", questions.OWN[section][0])
        one = entry(keys, {k: described[k] for k in keys}, needed)
        sections[section] = a(entries(one), about[section])
    return whole(
        "questions.yaml",
        "What is asked of the worlds, decidable from what happened in them.",
        entry(questions.SECTIONS, sections),
    )


def _sources() -> Shape:
    document = entry(
        (*loading.DOCUMENT, *loading.OF_DOCUMENT),
        {
            "title": a(VALUE, "Its title."),
            "author": a(VALUE, "Who wrote it."),
            "publisher": a(VALUE, "Who published it."),
            "date": a(VALUE, f"When it was written, {MONTH}."),
            "precision": a(choose(loading.PRECISIONS), "How well its date is known."),
            "dated by": a(VALUE, "How we know the date."),
            "file": a(VALUE, "The name of its text, without a folder."),
            "sha256": a(HASH, "The SHA-256 of the normalised text in UTF-8."),
            "licence": a(VALUE, "What its author allows."),
            "text": a(
                entry(loading.BOUNDS, BOUNDS, loading.BOUNDS), "Where the author's own text stands."
            ),
            "knew_until": a(VALUE, f"The last day that its author can have known, {MONTH}."),
            "pages": a(
                {"type": "array", "items": COUNT}, "Where in the text each page begins, in order."
            ),
        },
        loading.DOCUMENT,
    )
    fault = entry(
        (*loading.FAULT, *loading.OF_FAULT),
        {
            "document": a({"type": "array", "items": VALUE}, "The documents that err."),
            "claim": a(VALUE, "What they say, in our words."),
            "record": a(VALUE, "What the record says instead."),
            "passages": a({"type": "array", "items": VALUE}, "Where they say it."),
            "source": a(VALUE, "Where the record says so."),
            "status": a(choose(loading.GRADES), "How well that is known."),
            "stands": a(entries(VALUE), "Passages that may be used all the same, each with why."),
        },
        loading.FAULT,
    )
    top = {
        "documents": a(entries(document), "The documents, by a short name."),
        "faults": a({"type": "array", "items": fault}, "Where they err."),
        "notes": a(
            entries(entries(VALUE)),
            "By document: passages that say what it is, each with what the case does about it.",
        ),
    }
    return whole(
        "sources.yaml",
        "The documents: whose, of when, how to know their text again, where they err.",
        entry(cited.KEYS["sources.yaml"], top, ("documents",)),
    )


def _passages() -> Shape:
    passage = entry(
        (*loading.PASSAGE, *loading.OF_PASSAGE),
        {
            "document": a(VALUE, "The document in which it stands, by its name in sources.yaml."),
            **BOUNDS,
            "sha256": a(HASH, "The SHA-256 of its exact text in UTF-8."),
            "paraphrase": a(VALUE, "What it says, in our words, on one line."),
            "phrase": a(VALUE, "At most six of its words, where the wording is the datum."),
            "boilerplate": a(YES_NO, "yes: it is of the page around the text."),
        },
        loading.PASSAGE,
    )
    return _only(
        "passages.yaml",
        "The places in documents that the case cites, by id.",
        cited.KEYS["passages.yaml"][0],
        entries(passage),
    )


def _phrases() -> Shape:
    phrase = entry(
        estimative.KEYS,
        {
            "low": a(NUMBER, "The 10% point of the probability meant, above 0."),
            "high": a(NUMBER, "Its 90% point, below 1."),
            "source": a(VALUE, "Where the interval comes from."),
        },
        estimative.KEYS,
    )
    return _only(
        "phrases.yaml",
        "Words of estimative probability, in place of those that ship.",
        cited.KEYS["phrases.yaml"][0],
        entries(phrase),
    )


def _reporting() -> Shape:
    by_day = {"type": ["string", "number", "boolean", "object"], "additionalProperties": VALUE}
    top = {
        "reporting": a(
            entries(by_day),
            "Events with the probability that one is reported if it happens, or that by first day.",
        ),
        "until": a(VALUE, "The last day of the record; later silence says nothing."),
        "delay": a(VALUE, "Days that a report may take, as 1d ? the next papers."),
        "prompt": a(VALUE, "The share of reports known sooner than that; goes with `delay:`."),
    }
    return whole(
        "reporting.yaml",
        "How surely the record of history.csv shows what happens.",
        entry(reporting.TOP, top, ("reporting",)),
    )


def _assessment() -> Shape:
    prior = entry(PRIOR, PRIOR, **ONE_PRIOR)
    says = entry(
        assessments.SAYS,
        {
            "unknown": a(_or_nothing(entries(prior)), "Unknowns with another prior."),
            "belief": a(
                _or_nothing(entries(entries(VALUE))), "Beliefs with the priors of all their types."
            ),
            "state": a(_or_nothing(entries(VALUE)), "Quantities with where they start."),
        },
    )
    judges = entry(
        assessments.JUDGES,
        {
            "question": a(VALUE, "The question of yes or no that it answers."),
            "phrase": a(VALUE, "The estimative words of the document."),
            "interval": a(VALUE, "The 10% and 90% points of the probability, as .1 .. .35 ~J69."),
            "premise": a(LIST, "What of `says:` carries it, as [unknown order]."),
            "inexpressible": a(VALUE, "Why no question can state it."),
        },
        **either(("question",), ("premise",), ("inexpressible",), how="oneOf"),
    )
    top = {
        "assessment": a(VALUE, "Its title."),
        "document": a(VALUE, "The document that it is of, which dates it."),
        "date": a(VALUE, f"As of when its author speaks, {MONTH}, with a reason."),
        "about": a(VALUE, "One sentence on the view."),
        "says": a(_or_nothing(says), "Premises in place of the case's."),
        "judges": a(_or_nothing(entries(judges)), "What it expects, by passage."),
    }
    return whole(
        "assessments/NAME.yaml",
        "One author's premises and judgements, laid over the case.",
        entry(assessments.TOP, top, ("assessment",), **either(("document",), ("date",))),
    )


def _claims() -> Shape:
    second = entry(
        causal.BESIDE,
        {
            "high": a(edits_schema(), "The edits of its arm in which the cause is up."),
            "low": a(edits_schema(), "The edits of its arm in which it is down."),
            "window": a(WINDOW, "Its own days; without it, those of the claim."),
        },
        ("high", "low"),
    )
    described = {
        "says": a(VALUE, "What causes what, in our words."),
        "high": a(edits_schema(), "The edits of the arm in which the cause is up; {} is none."),
        "low": a(edits_schema(), "The edits of the arm in which it is down; {} is none."),
        "effect": a(VALUE, "What must move, in the grammar of questions."),
        "window": WINDOW,
        "given": a(VALUE, "A condition: only worlds in which it holds count."),
        "sign": a(choose(causal.SIGNS), 'Which way it moves from low to high; "-" in quotes.'),
        "strength": a(choose(causal.STRENGTHS), "How far, at least; not with sign: none."),
        "because": a(VALUE, "The words from which sign and strength were read."),
        "beside": a(second, "A second pair of arms, whose effect the first is to exceed."),
        "inexpressible": a(VALUE, "Why the model cannot state it."),
    }
    one = entry(causal.KEYS, described, **either(("says", "inexpressible"), causal.TESTED))
    return _only(
        "claims/NAME.yaml", "What an author says causes what, by passage.", "claims", entries(one)
    )


def _disagreements() -> Shape:
    one = entry(
        disagreements.KEYS,
        {
            "topic": a(VALUE, "What it is about, in our words."),
            "sides": a(
                entries(LIST, minProperties=1), "Documents with the passages that speak of it."
            ),
            "carried_by": a(LIST, "What of the model carries it, as [unknown c]."),
            "left": a(VALUE, "Why nothing does."),
        },
        ("topic", "sides"),
        **either(("carried_by",), ("left",)),
    )
    return _only(
        "disagreements.yaml",
        "Where documents differ, and what of the model carries that.",
        "disagreements",
        entries(one),
    )


def _policies() -> Shape:
    policy = entry(
        agenda.POLICY,
        {
            "name": a(VALUE, "What is to be done, in words."),
            "addressee": a(LIST, "The actors who would have to do it."),
            "cites": LABELS["cites"],
            "do": a(edits_schema(), "What it changes."),
            "note": a(VALUE, "Where the reading is doubtful, or why it is here."),
            "inexpressible": a(VALUE, "Why it cannot be an edit."),
        },
        ("name",),
        **either(("do",), ("inexpressible",)),
    )
    loss = entry(
        agenda.LOSS,
        {
            "name": a(VALUE, "Whose loss it is, in words."),
            "about": a(VALUE, "Whose interest it is, and on what reading."),
            "of": a(LIST, "The actors whose interest it is."),
            "cites": LABELS["cites"],
            "sum": a(
                entries(VALUE, minProperties=1),
                "Its terms, to be small: a weight with its basis times what is counted.",
            ),
        },
        ("name", "about", "sum"),
    )
    sections = {
        "losses": a(entries(loss, minProperties=1), "By whose interest policies are judged."),
        "policies": a(
            entries(policy, minProperties=1), "What could be done, by passage or a name of its own."
        ),
    }
    return whole(
        "policies.yaml",
        "What could be done, and by whose interest it is judged.",
        entry(agenda.SECTIONS, sections, agenda.SECTIONS),
    )


def _asked() -> Shape:
    choice = entry(
        asked.CHOICE,
        {"actor": a(VALUE, "Who chose."), "on": a(VALUE, "On which day, as 2020-01-08.")},
        asked.CHOICE,
    )
    one = entry(
        asked.KEYS,
        {
            "question": a(VALUE, "What the passage asks, in our words."),
            "questions": a(LIST, "Questions of the case that answer it."),
            "courses": a(entries(LIST), "Shown quantities with the days on which they are read."),
            "unknowns": a(LIST, "Unknowns of which the reports tell."),
            "choice": a(choice, "A choice that is taken apart."),
            "without": a(
                edits_schema(), "What is taken away; what would have been without it is told."
            ),
            "on": a(VALUE, "The morning from which; only with `without:`."),
            "reads": a(LIST, "Questions, events, quantities told of the worlds without it."),
            "gains": a(LIST, "Actors whose utility is followed."),
            "note": a(VALUE, "How the answer is to be read."),
        },
        ("question",),
    )
    return _only(
        "asked.yaml",
        "What the documents ask, by passage, and what of the case answers.",
        "asked",
        entries(one),
        required=False,
    )


def _rooms() -> Shape:
    nouns = {noun: a(LIST, f"Names under `{noun}:` of the crisis.") for noun in rooms.NOUNS}
    room = entry(
        rooms.KEYS,
        {
            "title": a(VALUE, "Its title."),
            "about": a(VALUE, "A paragraph of ours."),
            "elements": a(entry(rooms.NOUNS, nouns), "What of the model makes it up."),
            "diagram": a(LIST, f"Of these, what is drawn: {rooms.MOST} at most; all by default."),
            "wants": a(LIST, "Actors of the room whose wants are drawn too."),
            "questions": a(LIST, "The questions that ask about it."),
            "plots": a(LIST, "Quantities whose course over the days is shown."),
            "counts": a(LIST, "Events and outcomes whose share of worlds by month is shown."),
            "gains": a(YES_NO, "yes: the page says who gained."),
        },
        rooms.NEEDED,
    )
    sentence = "Parts of the crisis, each a page."
    top = {
        "about": a(VALUE, "What the crisis is, in a few sentences for whoever comes to it new."),
        "rooms": a(entries(room), sentence),
    }
    return whole("rooms.yaml", sentence, entry(rooms.TOP, top))


def _facts() -> Shape:
    happenings = a(LIST, "Events or their outcomes, as rocket or rocket.death.")
    days = a(VALUE, "A number of days, as 10d.")
    inside = {
        "after": happenings,
        "by": a(LIST, "All of these must come."),
        "any of": a(LIST, "One of these is enough."),
        "for": happenings,
        "of": a(LIST, "What is counted, or the first of two numbers a world."),
        "on": a(VALUE, "The second of two numbers a world."),
        "only": a(choose(("first",)), "first: only the first in a world."),
        "event": happenings,
        "quantity": a(VALUE, "The quantity that is looked at."),
        "within": days,
        "days": days,
    }
    plain = {
        "asks": a(VALUE, "A proposition as in questions: its share of worlds, or a mean."),
        "dispersion": a(LIST, "Events whose counts in spells are looked at: variance over mean."),
        "autocorrelation": a(LIST, "Events: the count of one spell with that of the next."),
    }
    about = {
        "followed": "How often events follow others in time.",
        "waits": "The median days from an event to another.",
        "rise": "How many times as often as usual events come after another.",
        "eve": "A quantity before an event, less its usual median.",
        "correlation": "Of two numbers a world.",
    }
    statistics = {
        name: a(entry(facts.INSIDE[name], {k: inside[k] for k in facts.INSIDE[name]}), words)
        for name, words in about.items()
    }
    described = {
        "says": a(VALUE, "The statement, in our words."),
        "bounded by": a(choose(facts.BOUNDED_BY), "What the bounds rest on."),
        "cites": LABELS["cites"],
        "source": a(VALUE, "Which record, class of cases or work, in words."),
        "window": WINDOW,
        "between": a(VALUE, "The bounds, as .1 .. .4; an end may be open, as 1.5 .."),
        "because": a(VALUE, "Why these bounds."),
        "hindsight": a(YES_NO, "yes: it uses what happened later, and is not counted."),
        "do": a(edits_schema(), "What is done to the model."),
        "against": a(edits_schema(), "The arm that `do:` is compared with; {} is none."),
        "given": a(VALUE, "A condition: only worlds in which it holds count."),
        "take": a(VALUE, "mean, median, or a quantile as 90%."),
        "every": days,
        **plain,
        **statistics,
    }
    one = entry(
        tuple(described),
        described,
        facts.NEEDED,
        **either(*((name,) for name in facts.STATISTICS), how="oneOf"),
    )
    return _only(
        "facts.yaml", "How such a crisis behaves: statistics with bounds.", "facts", entries(one)
    )


def _coverage() -> Shape:
    kind = entry(
        left_out.KIND,
        {
            "name": a(VALUE, "What such rows are."),
            "first": a(choose(left_out.STATUSES), "Which status is named where several hold."),
        },
    )
    top = {
        "kinds": a(entries(kind), "Kinds of rows, by the letters that their ids begin with."),
        "left out": a(entries(VALUE), "Rows that the model leaves out, each with why."),
    }
    return whole(
        "coverage.yaml",
        "What of the documents the model leaves out, and why.",
        entry(left_out.SECTIONS, top),
    )


def _baselines() -> Shape:
    rate = entry(
        base_rates.KEYS,
        {
            "class": a(VALUE, "The class of past cases, in words."),
            "hits": a(COUNT, "In how many of them the like happened."),
            "n": a(COUNT, "How many there were."),
            "rule": a(choose(base_rates.RULES), "share: hits/n; jeffreys: (hits + 1/2)/(n + 1)."),
            "dataset": a(VALUE, "Where they are counted."),
            "version": a(VALUE, "Its version."),
            "differs": a(VALUE, "Where the class does not fit."),
        },
        base_rates.KEYS,
    )
    return _only(
        "baselines.yaml",
        "Base rates of questions of yes or no, from classes of past cases.",
        base_rates.TOP,
        entries(rate),
    )


SCHEMAS: dict[str, Callable[[], Shape]] = {
    "crisis.yaml": crisis_schema,
    "questions.yaml": _questions,
    "sources.yaml": _sources,
    "passages.yaml": _passages,
    "phrases.yaml": _phrases,
    "reporting.yaml": _reporting,
    "assessments/NAME.yaml": _assessment,
    "disagreements.yaml": _disagreements,
    "claims/NAME.yaml": _claims,
    "policies.yaml": _policies,
    "asked.yaml": _asked,
    "rooms.yaml": _rooms,
    "facts.yaml": _facts,
    "coverage.yaml": _coverage,
    "baselines.yaml": _baselines,
}


def named(name: str) -> str:
    """The name under which the schema of a case's file stands: `assessments/inss.yaml` and
    `assessments` are assessments/NAME.yaml."""
    folder, _, file = name.partition("/")
    if folder in AUTHORS and (file.endswith(".yaml") or name == "assessments"):
        return f"{folder}/NAME.yaml"
    return name
