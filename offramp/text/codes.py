"""Every code of a diagnostic: what it means, a text that gives it, and one that works.

Codes are stable: scripts and editors may rely on them. `offramp explain CODE` prints an entry,
docs/errors.md has all of them, and tests/test_errors.py holds the table against the source and
tries the examples.

An example is a part of one file of a small case. It goes with the case that `offramp new NAME`
writes, or with the tutorial: what it has under a heading comes beside what is there, and replaces
an entry of the same name. A table (.csv) and a file that the case lacks are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent, fill, indent
from types import MappingProxyType
from typing import Literal

Level = Literal["error", "warning", "either"]  # either: an error in one place, a warning elsewhere
Where = Literal["new", "tutorial"]


@dataclass(frozen=True, kw_only=True)
class Code:
    """What a code means.

    means    a sentence or two; the first one stands alone in a list
    example  a text that gives it; words, where no text of a file gives it (`file` is empty)
    worked   what would have worked, as the same text corrected
    file     the file of the case that the example is a part of
    case     the case that it goes with: that of `offramp new NAME`, or the tutorial
    level    whether it is an error, a warning, or either
    """

    means: str
    example: str
    worked: str
    file: str
    case: Where
    level: Level

    @property
    def short(self) -> str:
        """The first sentence."""
        return self.means.partition(". ")[0].rstrip(".") + "."

    @property
    def place(self) -> str:
        """Where the example stands: `in crisis.yaml, with the tutorial`."""
        of = "the tutorial" if self.case == "tutorial" else "the case that `offramp new` writes"
        return f"in {self.file}, with {of}" if self.file else "in words"


def _code(
    means: str,
    example: str,
    worked: str,
    file: str = "crisis.yaml",
    *,
    case: Where | None = None,
    level: Level = "error",
) -> Code:
    """An entry of the table, without the indentation with which its texts stand there."""
    example, worked = (dedent(text).strip("\n") for text in (example, worked))
    own: Where = "new" if file in ("", "crisis.yaml", "questions.yaml") else "tutorial"
    return Code(
        means=" ".join(means.split()),
        example=example,
        worked=worked,
        file=file,
        case=case or own,
        level=level,
    )


_COLUMNS = "id,kind,what,actor,date,known_since,grade,value,error,report,source,url,note"


def _history(means: str, example: str, worked: str, columns: str = _COLUMNS) -> Code:
    """The same for rows of a history.csv, below its first line."""
    example, worked = (f"{columns}\n{dedent(text).strip()}" for text in (example, worked))
    return _code(means, example, worked, "history.csv")


_CLAIM = """\
claims:
  T32:
    says: More boats bring more collisions
    high: {}
    low: {never: [season_opens]}
    effect: count(fog)
    window: 2031-05-10 .. 2031-06-29
    sign: +
    strength: moderate
    because: the note counts more mishaps"""


_BESIDE = """\
    beside:
      high: {{}}
      low: {{never: [season_opens]}}
      window: {}"""


def _claim(means: str, right: str, wrong: str) -> Code:
    """The same for a causal claim, one line of which is wrong."""
    key = right.partition(":")[0]
    line = next(x for x in _CLAIM.split("\n") if x.startswith(f"    {key}:"))
    example, worked = (_CLAIM.replace(line, f"    {text}") for text in (wrong, right))
    return _code(means, example, worked, "claims/case.yaml")


_CODES = {
    "actor": _code(
        """The choice names no actor who chooses. The actor under `choice:` of a question in
        asked.yaml needs a move of its own: an event with `by:` that actor.""",
        """
        asked:
          T22:
            question: Was there another way?
            choice: {actor: league, on: 2031-04-20}
        """,
        """
        asked:
          T22:
            question: Was there another way?
            choice: {actor: kelmark, on: 2031-04-20}
        """,
        "asked.yaml",
    ),
    "agenda": _code(
        """The agenda of a move is missing, unknown, or not one that it can have. An actor with
        `pace:` by agenda needs `agenda:` on each of its moves, and a move on each agenda; `none` is
        for a word that only goes along with a deed.""",
        """
        actor:
          north:
            pace: {force: .1 ? looks each week, word: .3 ? speaks often}
            precision: 1 ? a rough guess
            foresight: 0 ? looks no further
            wants: {calm: -1 ~P3 * height(tension)}
        event:
          north.strike: {by: north, does: [tension + 1 ? a blow]}
          north.protest: {by: north, agenda: words, does: [tension - .5 ? calmer]}
        """,
        """
        actor:
          north:
            pace: {force: .1 ? looks each week, word: .3 ? speaks often}
            precision: 1 ? a rough guess
            foresight: 0 ? looks no further
            wants: {calm: -1 ~P3 * height(tension)}
        event:
          north.strike: {by: north, agenda: force, does: [tension + 1 ? a blow]}
          north.protest: {by: north, agenda: word, does: [tension - .5 ? calmer]}
        """,
    ),
    "alias": _code(
        """A YAML anchor (&name) or alias (*name) stands in the file. Case files say everything
        where it stands, so that a place in the file is the place of what is wrong.""",
        "crisis: &title A border quarrel",
        "crisis: A border quarrel",
    ),
    "alike": _code(
        """Two names look the same and are not. One of them has a letter of another alphabet, or an
        accent written in another way; here the second `debt` has a Cyrillic e.""",
        """
        show: [tension, debt]
        state:
          debt: {share: .5 ? half of it is owed abroad}
          d\u0435bt: {share: .4 ? the rest}
        """,
        """
        show: [tension, debt]
        state:
          debt: {share: .5 ? half of it is owed abroad}
        """,
    ),
    "ambiguous": _code(
        """A name under `reads:` is that of two things. Where a question and an event (or a
        quantity) have the same name, the noun stands before it.""",
        """
        a case with a question `storm` and an event `storm`, and in asked.yaml
        reads: [storm]
        """,
        """
        reads: [event storm]
        """,
        "",
    ),
    "answer": _code(
        """A question cannot have come out in this way. The answer is one of its options (yes and
        no for most), a number or a day within its bounds, above, below, ambiguous or annulled.""",
        """
        questions:
          clash:
            text: Will there be an incident?
            window: 2030-01-01 .. 2030-06-30
            asks: count(border_incident) >= 1
            resolved: {answer: perhaps, on: 2030-05-01, source: the ministry}
        """,
        """
        questions:
          clash:
            text: Will there be an incident?
            window: 2030-01-01 .. 2030-06-30
            asks: count(border_incident) >= 1
            resolved: {answer: yes, on: 2030-05-01, source: the ministry}
        """,
        "questions.yaml",
    ),
    "arguments": _code(
        """A function was given too many values, or too few.""",
        """
        event:
          north.visit:
            by: north
            cost: max(.5) ? an ordinary visit
        """,
        """
        event:
          north.visit:
            by: north
            cost: max(.5, height(tension)) ? dearer when things are tense
        """,
    ),
    "arithmetic": _code(
        """A part of this has no value in any world. It divides by zero, takes the logarithm of
        zero, or is too large for any computer.""",
        """
        event:
          north.visit:
            by: north
            cost: height(tension) / 0 ? a guess
        """,
        """
        event:
          north.visit:
            by: north
            cost: height(tension) / 2 ? a guess
        """,
    ),
    "as-choice": _code(
        """`as: choice` stands on what cannot be a dated choice. It has no actor or no date, asks
        for consent, takes time, or comes on the day of another one of its agenda. It lets observers
        learn from a dated move as from a choice: the event has `by:` an actor and `on:` the date on
        which it is done, and an agenda has one a day.""",
        """
        event:
          north.warn: {on: 2030-02-01 ? set, as: choice, does: [tension + 1 ? firm]}
        """,
        """
        event:
          north.warn: {by: north, on: 2030-02-01 ? set, as: choice, does: [tension + 1 ? firm]}
        """,
    ),
    "belief": _code(
        """A belief is not written as one. It is named by two actors (`north about south`), has two
        types or more, and a causal claim asks about it alone.""",
        """
        actor:
          south: {role: audience}
        belief:
          south about north:
            types:
              mild: {prior: 1 ? they trust each other, border.risk: .2 ? mild}
        """,
        """
        actor:
          south: {role: audience}
        belief:
          south about north:
            types:
              mild: {prior: .7 ? they trust each other, border.risk: .2 ? mild}
              wild: {prior: .3 ? the rest, border.risk: .9 ? wild}
        """,
    ),
    "beside": Code(
        means="The two pairs of arms of a claim cannot be told apart, or not fairly. An effect "
        "that is compared with itself is an error; windows that are not as long are a warning.",
        example=f"{_CLAIM}\n{_BESIDE.format('2031-05-10 .. 2031-06-29')}",
        worked=f"{_CLAIM}\n{_BESIDE.format('2031-05-01 .. 2031-06-20')}",
        file="claims/case.yaml",
        case="tutorial",
        level="either",
    ),
    "beyond": _code(
        """In some world this chance leaves 0 to 1, or this amount falls below 0. It then counts as
        the nearest that is possible, which may not be what you mean.""",
        """
        hazard:
          flood:
            rate: .05 * border.risk - .02 ? a guess
        """,
        """
        hazard:
          flood:
            rate: .05 * border.risk ? a guess
        """,
        level="warning",
    ),
    "bounds": _code(
        """A value lies outside its bounds, or the bounds cannot be used. Bounds are two numbers,
        the smaller first, and hold in every world.""",
        """
        show: [tension, debt]
        state:
          debt: {stock: 0 .. 6 ? room for years, now: 9 ? owed today}
        """,
        """
        show: [tension, debt]
        state:
          debt: {stock: 0 .. 12 ? room for years, now: 9 ? owed today}
        """,
    ),
    "carrier": _code(
        """This is not a part of a model. What carries a disagreement is named by its noun and its
        name: unknown, event, state, actor, belief, history or entity.""",
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
            carried_by: [steering]
        """,
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
            carried_by: [unknown steering]
        """,
        "disagreements.yaml",
    ),
    "chances": _history(
        """The chances of a report's days do not add up. Either every reading of the date has one,
        above 0, and they sum to 1, or none has.""",
        "R1,event,swarm,,2031-04-06:.6|2031-04-08:.6,2031-04-09,partly,,,Boats,Courier,,two papers",
        "R1,event,swarm,,2031-04-06:.6|2031-04-08:.4,2031-04-09,partly,,,Boats,Courier,,two papers",
    ),
    "character": _code(
        """A character stands here that no text should hold. It is a control character or half of
        one, and most editors do not show it.""",
        r'crisis: "A border\x07 quarrel"',
        'crisis: "A border quarrel"',
    ),
    "cited-note": _code(
        """Something cites a note on a source as if it were about the crisis. Under `notes:` of
        sources.yaml stand passages that only speak of their document. `offramp coverage` says
        so.""",
        """
        a passage N3 that stands under `notes:` of sources.yaml, and in crisis.yaml
        cites: [N3]
        """,
        "no citation of N3, or N3 taken out of `notes:`",
        "",
        level="warning",
    ),
    "claim": _claim(
        """A causal claim compares nothing. Its `high:` and `low:` must differ and at least one of
        them must change something; a claim with `inexpressible:` has neither.""",
        "low: {never: [season_opens]}",
        "low: {}",
    ),
    "column": _code(
        """The first line of a table does not name its columns. All of them are wanted, in their
        order, each once.""",
        _COLUMNS.replace("what", "event")
        + "\nR1,past,fog,,2031-03-06,2031-03-09,partly,,,Fog,Courier,,",
        _COLUMNS + "\nR1,past,fog,,2031-03-06,2031-03-09,partly,,,Fog,Courier,,",
        "history.csv",
    ),
    "consent": _code(
        """`consent:` names somebody twice, or the mover, who decides anyway. It lists those who
        must agree beside the mover, each once.""",
        """
        event:
          north.talk: {by: north, consent: north, does: [tension - .5 ? calmer]}
        """,
        """
        actor:
          parliament: {precision: 1 ? some, wants: {calm: -1 ~P3 * height(tension)}}
        event:
          north.talk: {by: north, consent: parliament, does: [tension - .5 ? calmer]}
        """,
    ),
    "constant": _code(
        """This is the same in every world, so nothing can be learnt from it. A loss, or the effect
        of a causal claim, watches something: count, first, highest, lowest, final,
        initial or mean.""",
        """
        losses:
          families:
            name: The families
            about: Nobody should die
            sum:
              the dead: 3 ? a guess
        """,
        """
        losses:
          families:
            name: The families
            about: Nobody should die
            sum:
              the dead: 1 [? the unit] * final(sailors_dead)
        """,
        "policies.yaml",
    ),
    "constant-want": _code(
        """Nothing can change what this actor wants. A want reads a quantity; where a reason stands
        before the end of the value, it goes in brackets.""",
        """
        actor:
          north:
            pace: .1 ? every ten days
            precision: 1 ? middling
            foresight: 0 ? none
            wants:
              calm: -1 ? it dislikes trouble * height(tension)
        """,
        """
        actor:
          north:
            pace: .1 ? every ten days
            precision: 1 ? middling
            foresight: 0 ? none
            wants:
              calm: -1 [? it dislikes trouble] * height(tension)
        """,
    ),
    "count": _code(
        """These are not cases that were counted. `hits:` and `n:` of a base rate are whole numbers,
        n above 0 and hits at most n.""",
        """
        base_rates:
          war:
            class: disputes at sea
            hits: 12
            n: 10
            rule: share
            dataset: a list of ours
            version: 1
            differs: no islands
        """,
        """
        base_rates:
          war:
            class: disputes at sea
            hits: 2
            n: 10
            rule: share
            dataset: a list of ours
            version: 1
            differs: no islands
        """,
        "baselines.yaml",
    ),
    "crowd": _code(
        """A forecast of others has no probability, or no day. `probability` is a number from 0 to
        1 and `as_of` a date.""",
        """
        question,probability,as_of,platform,id
        war,7,2031-04-01,a platform,1
        """,
        """
        question,probability,as_of,platform,id
        war,.07,2031-04-01,a platform,1
        """,
        "crowd.csv",
    ),
    "csv": _code(
        """This is not a table of forecasts. The first line of crowd.csv names its columns, and one
        of them is `question`.""",
        """
        asked,probability,as_of,platform,id
        war,.07,2031-04-01,a platform,1
        """,
        """
        question,probability,as_of,platform,id
        war,.07,2031-04-01,a platform,1
        """,
        "crowd.csv",
    ),
    "dates": _code(
        """A day does not fit the others. It lies outside the crisis or a question's window, a span
        ends before it begins, or a report is known before it happened.""",
        """
        from: 2030-01-01
        to: 2029-06-30
        """,
        """
        from: 2030-01-01
        to: 2030-06-30
        """,
    ),
    "delay": _code(
        """A delay of reports is a whole number of days, 60 at most.""",
        "delay: 90d ? the post was slow",
        "delay: 9d ? the post was slow",
        "reporting.yaml",
    ),
    "different-model": _code(
        """An assessment would change the model itself. It may set unknowns, beliefs and hidden
        starts; whoever wants other events writes another case.""",
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          event:
            fog: {rate: .5 ? thick}
        """,
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          unknown:
            steering: {share: .2 .. .4 ? the skippers steer}
        """,
        "assessments/ours.yaml",
    ),
    "disagreement": _code(
        """A disagreement is either carried by parts of the model or left out. It has
        `carried_by:` or `left:`, and not both.""",
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
        """,
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
            left: nobody acts on it
        """,
        "disagreements.yaml",
    ),
    "double": _code(
        """Two reports look like one event told by two sources, and they count as two. Under
        same_as, an optional last column, the second row names the first, or says `no`.""",
        f"""
        {_COLUMNS}
        R1,quantity,trade,,2031-04-06,2031-04-09,partly,.9,.1,Trade is down,Courier,,
        R2,quantity,trade,,2031-04-06,2031-04-09,partly,.9,.1,Less trade,Bulletin,,
        """,
        f"""
        {_COLUMNS},same_as
        R1,quantity,trade,,2031-04-06,2031-04-09,partly,.9,.1,Trade is down,Courier,,,
        R2,quantity,trade,,2031-04-06,2031-04-09,partly,.9,.1,Less trade,Bulletin,,,R1
        """,
        "history.csv",
        level="warning",
    ),
    "duplicate-id": _history(
        """Two reports have the same id. Each report has a name of its own.""",
        """
R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,
R1,past,fog,,2031-03-16,2031-03-19,partly,,,Another one,Courier,,
        """,
        """
R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,
R2,past,fog,,2031-03-16,2031-03-19,partly,,,Another one,Courier,,
        """,
    ),
    "duplicate-key": _code(
        """A key stands twice in one place, or two questions have one name. YAML alone would drop
        one of the two in silence.""",
        """
        event:
          north.visit:
            by: north
            cost: .2 ? a small thing
            cost: .4 ? with a band
        """,
        """
        event:
          north.visit:
            by: north
            cost: .4 ? with a band
        """,
    ),
    "edit": _code(
        """This change does not go with what it changes. What somebody chooses has a cost and an
        urge, what chance brings has a rate, a vote is forced to be carried or lost, and an
        unknown is set to a value that it can have.""",
        """
        policies:
          board_more:
            name: Kelmark boards more boats
            note: to see what it brings
            do: {rate: {kelmark.board: 2 ? twice as often}}
        """,
        """
        policies:
          board_more:
            name: Kelmark boards more boats
            note: to see what it brings
            do: {urge: {kelmark.board: 1 ? somewhat more often}}
        """,
        "policies.yaml",
    ),
    "empty": _code(
        """The file is empty, or has only comments.""",
        "# to be written",
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
            left: nobody acts on it
        """,
        "disagreements.yaml",
    ),
    "encoding": _code(
        """The file is not written in UTF-8. Older editors and spreadsheets save Latin-1,
        Windows-1252 or UTF-16.""",
        "a crisis.yaml with the word café, saved as Windows-1252",
        "the same file, saved as UTF-8",
        "",
    ),
    "entry": _code(
        """An entry lacks something that it needs, or has something that is not read. The message
        names it. It is said of documents, passages, phrases, faults and notes.""",
        """
        phrases:
          a good chance: {low: .9, high: .6, source: our reading}
        """,
        """
        phrases:
          a good chance: {low: .6, high: .9, source: our reading}
        """,
        "phrases.yaml",
    ),
    "fact": _code(
        """A stylised fact is not complete, or not as facts are written (docs/facts.md). Each names
        exactly one statistic, its bounds, what they rest on, and why.""",
        """
        facts:
          collisions:
            says: Boats collide in fog now and then
            asks: count(fog)
            between: many
            bounded by: sense
            because: a season without any would be odd
        """,
        """
        facts:
          collisions:
            says: Boats collide in fog now and then
            asks: count(fog)
            between: .2 .. 6
            bounded by: sense
            because: a season without any would be odd
        """,
        "facts.yaml",
    ),
    "fades": _code(
        """A flag, a clock or a count does not fade. Only a quantity that can lie anywhere between
        two numbers, or a ladder, goes back slowly.""",
        """
        show: [tension, angry]
        state:
          angry: {flag: no, fades: 10d ? it passes}
        """,
        """
        show: [tension, angry]
        state:
          angry: {share: .2 ? a little, fades: 10d ? it passes}
        """,
    ),
    "fault": _code(
        """A fault of a source does not fit its own passages. It lists at least one passage of each
        document it names, and only what it lists can stand.""",
        """
        faults:
          - document: [ilvane]
            claim: two boats were stopped
            record: there were three
            passages: [T4]
            source: the harbour office
            status: verified
            stands: {T14: that both were let go}
        """,
        """
        faults:
          - document: [ilvane]
            claim: two boats were stopped
            record: there were three
            passages: [T4]
            source: the harbour office
            status: verified
            stands: {T4: that both were let go}
        """,
        "sources.yaml",
    ),
    "faulty-fact": _code(
        """A report rests on a passage alone, and the record says that the passage errs. `offramp
        coverage` says so.""",
        """
        a row of history.csv with the grade `document` and the source `ilvane T4`, where `faults:`
        of sources.yaml lists T4
        """,
        """
        the same row with the grade `verified` and the record as its source; or, in sources.yaml,
        stands: {T4: two were stopped, as the record has it too}
        """,
        "",
    ),
    "faulty-passage": _code(
        """A number is taken from a passage of which the record says that it errs. Mark the number
        with ~ and a size of your own, or say what of the passage stands.""",
        """
        faults:
          - document: [ilvane]
            claim: four ships are there
            record: there were five
            passages: [T3]
            source: the harbour office
            status: verified
        """,
        """
        faults:
          - document: [ilvane]
            claim: four ships are there
            record: there were five
            passages: [T3]
            source: the harbour office
            status: verified
            stands: {T3: the number of berths and the days of travel}
        """,
        "sources.yaml",
        level="warning",
    ),
    "fields": _history(
        """A row has more fields than there are columns, or fewer. A field that holds a comma
        stands in quotation marks, and empty fields at the end need their commas.""",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
    ),
    "foreign-judgement": _code(
        """A judgement stands under an author who did not make it. Its name is a passage of the
        document that the assessment is of.""",
        """
        judges:
          T18: {question: landing, phrase: unlikely}
        """,
        """
        judges:
          T8: {question: landing, phrase: unlikely}
        """,
        "assessments/ilvane.yaml",
    ),
    "foreign-passage": _code(
        """This passage is of another document. It is an error in a fault and in the sides of a
        disagreement, and a warning where an author's own premise or claim rests on it.""",
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T17], tass: [T18]}
            left: nobody acts on it
        """,
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T18]}
            left: nobody acts on it
        """,
        "disagreements.yaml",
        level="either",
    ),
    "foresight": _code(
        """An actor thinks 0, 1 or 2 moves ahead. Each further one costs about ten times as much
        time.""",
        """
        actor:
          north:
            pace: .1 ? every ten days
            precision: 1 ? middling
            foresight: 3 ? far-sighted
            wants:
              calm: -1 [? it dislikes trouble] * height(tension)
        """,
        """
        actor:
          north:
            pace: .1 ? every ten days
            precision: 1 ? middling
            foresight: 2 ? far-sighted
            wants:
              calm: -1 [? it dislikes trouble] * height(tension)
        """,
    ),
    "form-cycle": _code(
        """Actors are proxies of each other in a circle. Some patron must have no patron.""",
        """
        proxy:
          skippers:
            of: skippers
            control: control
            order: order
            discipline: 2 ? a month's fuel money
        """,
        """
        proxy:
          skippers:
            of: vessara
            control: control
            order: order
            discipline: 2 ? a month's fuel money
        """,
        case="tutorial",
    ),
    "formula": _code(
        """A reason holds what looks like a formula. Nothing behind the `?` is worked out: a reason
        runs to the end of the value, unless it stands in brackets.""",
        """
        hazard:
          flood:
            rate: .01 ? most weeks * (1 + height(tension))
        """,
        """
        hazard:
          flood:
            rate: .01 [? most weeks] * (1 + height(tension))
        """,
        level="warning",
    ),
    "guilt": _code(
        """guilt() asks who is suspected of an attack that was not claimed. It has a meaning only in
        the effects of an event with `unclaimed:`.""",
        """
        event:
          nets_cut:
            by: skippers
            does: [kelmark.grievance + .5 ~T15 * guilt(skippers)]
        """,
        """
        event:
          nets_cut:
            by: skippers
            unclaimed:
              observer: kelmark
              suspects: {skippers: .02 ~T16, vessara: .02 ~T16}
              clarity: .3 ~T17
            does: [kelmark.grievance + .5 ~T15 * guilt(skippers)]
        """,
        case="tutorial",
    ),
    "half-life": _code(
        """A half-life is above 0 days. `fades:` says after how many days half of a quantity is
        gone.""",
        """
        show: [tension, anger]
        state:
          anger: {share: .5 ? half of them, fades: 0d ? at once}
        """,
        """
        show: [tension, anger]
        state:
          anger: {share: .5 ? half of them, fades: 10d ? within a month}
        """,
    ),
    "id": _history(
        """No report can be called `no`. Under same_as the word says that a row is no other row's
        event.""",
        "no,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
    ),
    "idle": _code(
        """An actor has a pace and nothing to decide. Give it events, or a role such as
        audience.""",
        """
        actor:
          south: {pace: .1 ? every ten days}
        """,
        """
        actor:
          south: {role: audience}
        """,
        level="warning",
    ),
    "if-empty": _code(
        """The `if:` of a question supposes nothing. It holds edits, as the `do:` of a policy does;
        a question about the worlds as they are has none.""",
        """
        questions:
          clash:
            text: Will there be an incident, if nobody protests?
            window: 2030-01-01 .. 2030-06-30
            if: {}
            asks: count(border_incident) >= 1
        """,
        """
        questions:
          clash:
            text: Will there be an incident, if nobody protests?
            window: 2030-01-01 .. 2030-06-30
            if: {never: [north.protest]}
            asks: count(border_incident) >= 1
        """,
        "questions.yaml",
    ),
    "if-set": _code(
        """An `if:` sets what was drawn before it begins. Its edits take over on the morning after
        the reports, when unknowns and starts are as they are; `hold:` keeps a quantity from then
        on.""",
        """
        questions:
          clash:
            text: Will there be an incident, if tension is low?
            window: 2030-01-01 .. 2030-06-30
            if: {set: {tension: calm ? as if it were over}}
            asks: count(border_incident) >= 1
        """,
        """
        questions:
          clash:
            text: Will there be an incident, if tension is low?
            window: 2030-01-01 .. 2030-06-30
            if: {hold: {tension: calm ? as if it were over}}
            asks: count(border_incident) >= 1
        """,
        "questions.yaml",
    ),
    "if-unseen": _code(
        """A question is resolved although nobody can see what its `if:` supposes. Reports show what
        happens and what does not; a cost, a rate or a held quantity stands in no report, so that
        such a question is annulled.""",
        """
        questions:
          clash:
            text: Will there be an incident, if a protest costs the North more?
            window: 2030-01-01 .. 2030-06-30
            if: {cost: {north.protest: 1 ? hard-liners watch}}
            asks: count(border_incident) >= 1
            resolved: {answer: yes, on: 2030-02-01, source: the Courier}
        """,
        """
        questions:
          clash:
            text: Will there be an incident, if a protest costs the North more?
            window: 2030-01-01 .. 2030-06-30
            if: {cost: {north.protest: 1 ? hard-liners watch}}
            asks: count(border_incident) >= 1
            resolved: {answer: annulled, on: 2030-06-30, source: nobody can see it}
        """,
        "questions.yaml",
    ),
    "judgement": _code(
        """A judgement is written in two ways at once, or in none. It has one of `question:`,
        `premise:` and `inexpressible:`; of a question, one of `phrase:` and `interval:`.""",
        """
        judges:
          T8: {phrase: unlikely}
        """,
        """
        judges:
          T8: {question: landing, phrase: unlikely}
        """,
        "assessments/ilvane.yaml",
    ),
    "key": _code(
        """A key is a plain word. YAML lets lists and mappings be keys; here they cannot.""",
        """
        event:
          north.visit:
            by: north
            ? [cost, urge]
            : .2 ? a small thing
        """,
        """
        event:
          north.visit:
            by: north
            cost: .2 ? a small thing
        """,
    ),
    "kind": _code(
        """A value is of the wrong kind. A number, a yes or no, a date and a level of a ladder are
        four kinds; height() makes a number of a level.""",
        """
        event:
          north.visit:
            by: north
            cost: .2 ? a guess
            when: height(tension)
        """,
        """
        event:
          north.visit:
            by: north
            cost: .2 ? a guess
            when: tension >= tense
        """,
    ),
    "ladder": _code(
        """A ladder needs two different levels or more.""",
        """
        show: [tension, mood]
        state:
          mood: {ladder: [calm], now: calm ? it is spring}
        """,
        """
        show: [tension, mood]
        state:
          mood: {ladder: [calm, angry], now: calm ? it is spring}
        """,
    ),
    "ladder-number": _code(
        """A ladder is compared with a number. Compare it with one of its levels, or its height()
        with a number.""",
        """
        event:
          north.visit:
            by: north
            when: tension >= 1
        """,
        """
        event:
          north.visit:
            by: north
            when: tension >= tense
        """,
    ),
    "later": _code(
        """This change cannot begin on a later day. `from:` goes with never, cost, urge and rate;
        what is forced has its own dates.""",
        """
        policies:
          a_collision:
            name: Two ships collide
            note: to see what it brings
            do: {from: 2031-05-01, force: {fog: [2031-05-03]}}
        """,
        """
        policies:
          a_collision:
            name: Two ships collide
            note: to see what it brings
            do: {force: {fog: [2031-05-03]}}
        """,
        "policies.yaml",
    ),
    "lead-time": _history(
        """A reported event would have been decided before the crisis begins, or it is not known
        when. What `takes:` some days is decided that long before; here a landing takes two.""",
        "R1,event,vessara.land,,2031-04-01,2031-04-01,partly,,,A landing,Courier,,",
        "R1,event,vessara.land,,2031-04-08,2031-04-08,partly,,,A landing,Courier,,",
    ),
    "level": _code(
        """A move of a proxy is demanded at a level at which it is not tolerated yet. What is
        demanded is tolerated too: put `demanded:` at the same level or above.""",
        """
        proxy:
          skippers:
            of: vessara
            control: control
            order: order
            discipline: 2 ? a month of fuel money
            obeys:
              swarm: {tolerated: free ~T2, demanded: crowd ~T2}
        """,
        """
        proxy:
          skippers:
            of: vessara
            control: control
            order: order
            discipline: 2 ? a month of fuel money
            obeys:
              swarm: {tolerated: crowd ~T2, demanded: free ~T2}
        """,
        case="tutorial",
    ),
    "missing": _code(
        """Something that is needed is not there. The message names it.""",
        """
        questions:
          clash:
            text: Will there be an incident?
            asks: count(border_incident) >= 1
        """,
        """
        questions:
          clash:
            text: Will there be an incident?
            window: 2030-01-01 .. 2030-06-30
            asks: count(border_incident) >= 1
        """,
        "questions.yaml",
    ),
    "moot": _code(
        """This change does nothing. What it changes is so anyway, never happens, or is already
        decided by another change.""",
        """
        policies:
          fog:
            name: As much fog as ever
            note: to see what it brings
            do: {rate: {fog: 1 ? as ever}}
        """,
        """
        policies:
          fog:
            name: More fog
            note: to see what it brings
            do: {rate: {fog: 2 ? twice as often}}
        """,
        "policies.yaml",
    ),
    "name": _code(
        """This cannot be a name. A name has letters, digits, _ and dots, and begins with a letter;
        and, or, not, yes, no, off and today are taken. A name that begins with =, +, - or @
        would be run by a spreadsheet.""",
        """
        event:
          north visit: {by: north, cost: .2 ? a small thing}
        """,
        """
        event:
          north.visit: {by: north, cost: .2 ? a small thing}
        """,
    ),
    "name-clash": _code(
        """The name is taken already. A quantity and an unknown cannot have one name, nor can two
        events, and a form (hazard, pact, ...) makes events and quantities of its own.""",
        """
        hazard:
          north.protest: {rate: .01 ? about once in a hundred days}
        """,
        """
        hazard:
          students.protest: {rate: .01 ? about once in a hundred days}
        """,
    ),
    "needs": _code(
        """`needs:` is a number from 0 to 1 by which odds or a rate are multiplied. What a date or a
        vote brings has none (a bloc has), and what is true or false stands under `when:`.""",
        """
        event:
          summit:
            on: 2030-05-01 ? in the calendar
            needs: .5 ? they may not come
            does: [tension - 1 ? talk]
        """,
        """
        event:
          summit:
            rate: .01 ? every three months
            needs: .5 ? they may not come
            does: [tension - 1 ? talk]
        """,
        level="either",
    ),
    "negative": _code(
        """This cannot be below 0. A rate, a pace, a precision, a spread and a time are 0 or
        more.""",
        """
        hazard:
          flood: {rate: -.01 ? rare}
        """,
        """
        hazard:
          flood: {rate: .01 ? rare}
        """,
    ),
    "no-basis": _code(
        """A number does not say where it comes from. Behind it stands @ and a passage (it says
        so), ~ and a passage (it supports it, the size is ours), or ? and a reason. An effect, a
        date and a want need one too.""",
        """
        event:
          north.visit: {by: north, cost: .2}
        """,
        """
        event:
          north.visit: {by: north, cost: .2 ? a small thing}
        """,
    ),
    "no-case": _code(
        """There is no such case. CASE is the name of a shipped case or a folder with a
        crisis.yaml.""",
        "a case called tutorail",
        "a case called tutorial",
        "",
    ),
    "no-file": _code(
        """A file is not there.""",
        "a case given as texts, without a crisis.yaml among them",
        "the same with a crisis.yaml; `offramp new NAME` writes a small one",
        "",
    ),
    "no-number": _code(
        """A number is wanted here. As a warning: a number is marked @, and the passage has no
        number. As an error: in some world the result is beyond any number that a
        computer holds.""",
        """
        a passage P1 that reads "exchanged harsh words", its document at hand, and in crisis.yaml
        does: [tension + .5 @P1]
        """,
        """
        does: [tension + .5 ~P1]
        """,
        "",
        level="either",
    ),
    "no-reason": _code(
        """A `?` stands without a reason behind it.""",
        """
        event:
          north.visit: {by: north, cost: .2 ?}
        """,
        """
        event:
          north.visit: {by: north, cost: .2 ? a small thing}
        """,
    ),
    "no-room": _code(
        """A part of the model is in no room. rooms.yaml divides a case into pages, and what is
        listed nowhere is on none of them.""",
        """
        rooms:
          border:
            title: The border
            about: What happens there
            elements: {state: [tension], unknown: [border.risk], actor: [north]}
        """,
        """
        rooms:
          border:
            title: The border
            about: What happens there
            elements:
              state: [tension]
              unknown: [border.risk]
              actor: [north]
              event: [north.protest, border_incident]
        """,
        "rooms.yaml",
        case="new",
        level="warning",
    ),
    "no-such-date": _code(
        """The calendar has no such day.""",
        "to: 2030-06-31",
        "to: 2030-06-30",
    ),
    "no-such-premise": _code(
        """The case does not have what an assessment would set.""",
        """
        a belief that crisis.yaml writes with two spaces, `north  about south`, and in an assessment
        says: {belief: {north about south: {mild: .5 ? as likely, wild: .5 ? as not}}}
        """,
        "one space in crisis.yaml too: `north about south`",
        "",
    ),
    "no-wants": _code(
        """Nothing has any worth for this actor. worth() adds up what an actor wants and fears, and
        a mediator or an audience without either has no utility.""",
        """
        quantities:
          gain:
            text: What does the spring bring to the Orrin League?
            window: 2031-04-01 .. 2031-06-29
            asks: final(worth(league)) - initial(worth(league))
        """,
        """
        quantities:
          gain:
            text: What does the spring bring to Kelmark?
            window: 2031-04-01 .. 2031-06-29
            asks: final(worth(kelmark)) - initial(worth(kelmark))
        """,
        "questions.yaml",
        case="tutorial",
    ),
    "not-a-date": _code(
        """This is not a date. A day is written as in 2031-04-01; in history.csv a span has a
        slash and several readings an upright bar.""",
        """
        reporting:
          swarm: {in April: .8 ? most are counted}
        """,
        """
        reporting:
          swarm: {2031-04-01: .8 ? most are counted}
        """,
        "reporting.yaml",
    ),
    "not-a-move": _code(
        """This is no move of this actor. inclines() and motive() read how an actor sees a move of
        its own: an event that it chooses (`by:`), be it a deed, a word that goes along with one, or
        a dated choice. The actor has a `precision:`, as all have that decide about something.""",
        """
        quantities:
          temper:
            text: How near is Kelmark to a landing at the end of April?
            window: 2031-04-01 .. 2031-04-30
            asks: final(inclines(kelmark, vessara.land))
        """,
        """
        quantities:
          temper:
            text: How near is Vessara to a landing at the end of April?
            window: 2031-04-01 .. 2031-04-30
            asks: final(inclines(vessara, vessara.land))
        """,
        "questions.yaml",
        case="tutorial",
    ),
    "not-a-policy": _code(
        """Nobody can choose this. A policy begins on some day, and what it sets was drawn before;
        a quantity can be held from then on.""",
        """
        policies:
          a_firm_hand:
            name: Vessara steers the boats
            note: to see what it brings
            do: {set: {steering: .9 ? firm}}
        """,
        """
        policies:
          a_firm_hand:
            name: Vessara steers the boats
            note: to see what it brings
            do: {hold: {control: .9 ? firm}}
        """,
        "policies.yaml",
    ),
    "not-a-vote": _code(
        """This is no vote, so that no seats can be counted. votes() takes an event with `vote:`, as
        a body's motions have it, and yes or present.""",
        """
        quantities:
          ayes:
            text: How many would vote for the ships at the end of April?
            window: 2031-04-01 .. 2031-04-30
            asks: final(votes(kelmark.send_ships, yes))
        """,
        """
        quantities:
          ayes:
            text: How many would vote for the ships at the end of April?
            window: 2031-04-01 .. 2031-04-30
            asks: final(votes(kelmark.assembly.ships, yes))
        """,
        "questions.yaml",
        case="tutorial",
    ),
    "not-binary": _code(
        """A judgement gives a probability, and this question asks for more than yes or no.""",
        """
        judges:
          T8: {question: furthest_step, phrase: unlikely}
        """,
        """
        judges:
          T8: {question: third_step, phrase: unlikely}
        """,
        "assessments/ilvane.yaml",
    ),
    "not-empty": _history(
        """Nobody reads this field in a row of this kind. Only a quantity has a value and an error,
        and a row from outside the model names nothing in it.""",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,3,,Collision,Courier,,",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
    ),
    "not-fixed": _code(
        """One number is wanted here, the same in every world. It is written as a number, without
        names or functions; the chance that something is reported is not even a sum.""",
        """
        reporting:
          swarm: .4 + .4 ? two papers
        """,
        """
        reporting:
          swarm: .8 ? two papers
        """,
        "reporting.yaml",
    ),
    "not-followed": _history(
        """The record is said not to follow such events. A report of one would be impossible;
        under `reporting:` in reporting.yaml stands how surely each event is reported.""",
        "R1,event,fog,,2031-04-06,2031-04-09,partly,,,Collision,Courier,,",
        "R1,outside,,,2031-04-06,2031-04-09,partly,,,Collision,Courier,,nobody counts them",
    ),
    "not-shown": _code(
        """The course of this quantity is not recorded. Only what `show:` of the crisis lists has
        one.""",
        """
        asked:
          T22:
            question: Where did support for the government go?
            courses: {standing: 2031-06-01}
        """,
        """
        asked:
          T22:
            question: Where did trade go?
            courses: {trade: 2031-06-01}
        """,
        "asked.yaml",
    ),
    "number": _history(
        """This is not a number. In history.csv a value is written as in `5200` or `>= 3`, without
        a unit, and an error is above 0.""",
        "R1,quantity,trade,,2031-04-06,2031-04-09,partly,low,.1,Trade is down,Courier,,",
        "R1,quantity,trade,,2031-04-06,2031-04-09,partly,.8,.1,Trade is down,Courier,,",
    ),
    "open": _code(
        """A question's bounds are open above, below, on both sides, or not at all. `open:` is one
        of none, below, above and both.""",
        """
        quantities:
          incidents:
            text: How many incidents?
            window: 2030-01-01 .. 2030-06-30
            asks: count(border_incident)
            bounds: 0 .. 20 ? far above the usual
            open: upwards
        """,
        """
        quantities:
          incidents:
            text: How many incidents?
            window: 2030-01-01 .. 2030-06-30
            asks: count(border_incident)
            bounds: 0 .. 20 ? far above the usual
            open: above
        """,
        "questions.yaml",
    ),
    "option": _code(
        """The options of a choice cannot be used. There are two or more, `else` stands last, and
        none is called ambiguous or annulled, or begins like a formula.""",
        """
        choices:
          how_bad:
            text: How bad will it be?
            window: 2030-01-01 .. 2030-06-30
            options:
              crisis: highest(tension) >= crisis
        """,
        """
        choices:
          how_bad:
            text: How bad will it be?
            window: 2030-01-01 .. 2030-06-30
            options:
              crisis: highest(tension) >= crisis
              less: else
        """,
        "questions.yaml",
    ),
    "out-of-bounds": _history(
        """The quantity cannot have this value. crisis.yaml says from where to where it runs.""",
        "R1,quantity,trade,,2031-04-06,2031-04-09,partly,9,.1,Trade is up,Courier,,",
        "R1,quantity,trade,,2031-04-06,2031-04-09,partly,1.1,.1,Trade is up,Courier,,",
    ),
    "outcome": _code(
        """A vote ends in one of two ways: `carried` or `lost`.""",
        """
        event:
          budget:
            vote:
              held: 2030-03-01 ? the usual day
              blocs: {left: {seats: 60 seats ? of a hundred, yes: .5 ? leaning}}
            outcomes:
              passed: {does: [tension + .5 ? money for arms]}
        """,
        """
        event:
          budget:
            vote:
              held: 2030-03-01 ? the usual day
              blocs: {left: {seats: 60 seats ? of a hundred, yes: .5 ? leaning}}
            outcomes:
              carried: {does: [tension + .5 ? money for arms]}
        """,
    ),
    "phase": _code(
        """This phase has a stage that cannot begin or end, or that contradicts itself. A rate or an
        event brings a stage, and one that is to last says so.""",
        """
        phase:
          conflict:
            stages: [crisis, fighting]
            fighting: {out of hand: .01 ? seldom}
        """,
        """
        phase:
          conflict:
            stages: [crisis, fighting]
            fighting:
              out of hand: .01 ? seldom
              left by: {truce: {rate: .1 ? ten days of it}}
        """,
        level="either",
    ),
    "plot": _code(
        """A clock or a count has no bounds to draw in. Plot another quantity, or count the event
        that moves it.""",
        """
        rooms:
          harbour:
            title: The harbour
            about: The closed season
            elements: {state: [season, boats]}
            plots: [season]
        """,
        """
        rooms:
          harbour:
            title: The harbour
            about: The closed season
            elements: {state: [season, boats]}
            plots: [boats]
        """,
        "rooms.yaml",
    ),
    "policy": _code(
        """A policy says what is done, or why that cannot be said. It has one of `do:` and
        `inexpressible:`.""",
        """
        policies:
          talks:
            name: The two talk
            note: everybody asks for it
        """,
        """
        policies:
          talks:
            name: The two talk
            note: everybody asks for it
            inexpressible: the model has no talks
        """,
        "policies.yaml",
    ),
    "prior": _code(
        """An unknown says in one way what it may be. It has one of between, share, scale, normal,
        says and among; an interval has the smaller number first, and points of a scale lie above
        0.""",
        """
        unknown:
          border.risk: {share: .8 .. .2 ~P2}
        """,
        """
        unknown:
          border.risk: {share: .2 .. .8 ~P2}
        """,
    ),
    "private": _code(
        """Nobody could report this event: it is private. Leave it out, or give it `shown:` in
        crisis.yaml.""",
        """
        reporting:
          vessara.let_loose: .5 ? somebody talks
        """,
        """
        reporting:
          fog: .5 ? somebody talks
        """,
        "reporting.yaml",
    ),
    "probability": _code(
        """This is not a probability, or several do not sum to 1. A probability is a number from 0
        to 1; 35% is .35.""",
        """
        unknown:
          border.risk: {share: .5 .. 1.5 ~P2}
        """,
        """
        unknown:
          border.risk: {share: .5 .. .9 ~P2}
        """,
    ),
    "prompt": _code(
        """With a delay, some reports are early all the same. `prompt:` says which share of them,
        and is above 0.""",
        """
        delay: 1d ? the papers of the next day
        prompt: 0 ? none
        """,
        """
        delay: 1d ? the papers of the next day
        prompt: .5 ? what happens before noon
        """,
        "reporting.yaml",
    ),
    "quotation": _claim(
        """Too many words of a source stand in a row: six are the most. The rest is said in our own
        words.""",
        'because: it says that "mishaps grow more frequent" with every boat',
        'because: it says that "mishaps grow more frequent with every boat"',
    ),
    "quoting": _history(
        """A quotation mark is not closed, or stands inside a field. Put the whole field in
        quotation marks and write each inner one twice.""",
        'R1,past,fog,,2031-03-06,2031-03-09,partly,,,A "collision",Courier,,',
        'R1,past,fog,,2031-03-06,2031-03-09,partly,,,"A ""collision""",Courier,,',
    ),
    "rate": _code(
        """A channel calms what chance brings. An event that somebody chooses has no rate.""",
        """
        actor:
          south: {role: audience}
        channel:
          hotline: {between: [north, south], open: yes ~P3, calms: [north.protest], by: .5 ~P3}
        """,
        """
        actor:
          south: {role: audience}
        channel:
          hotline: {between: [north, south], open: yes ~P3, calms: [border_incident], by: .5 ~P3}
        """,
    ),
    "reading": _code(
        """A loss reads minds. It counts what happens to people; what an actor makes of it, or how a
        house would vote, is for questions, claims and facts.""",
        """
        losses:
          kelmark:
            name: Kelmark
            about: what its government weighs
            sum:
              worth: -1 [? the unit] * final(worth(kelmark))
        """,
        """
        losses:
          kelmark:
            name: Kelmark
            about: what its government weighs
            sum:
              trade: 10 [? a tenth lost is one] * max(0, .9 [? as now] - final(trade))
        """,
        "policies.yaml",
    ),
    "reason": _code(
        """An event happens for one reason. Somebody chooses it (`by:`), chance brings it
        (`rate:`), it has its day (`on:`), or it is a vote (`vote:`). `cost:`, `urge:`, `takes:` and
        `consent:` are for what somebody chooses.""",
        """
        event:
          north.visit: {cost: .2 ? a small thing}
        """,
        """
        event:
          north.visit: {by: north, cost: .2 ? a small thing}
        """,
    ),
    "reserved": _code(
        """This name stands for the world without any policy. It is always there, so no policy can
        have it.""",
        """
        policies:
          as it is: {name: No fog, note: to see what it brings, do: {never: [fog]}}
        """,
        """
        policies:
          no_fog: {name: No fog, note: to see what it brings, do: {never: [fog]}}
        """,
        "policies.yaml",
    ),
    "role": _code(
        """There is no such role. An actor is a decider, an audience, an organ, a process or a
        mediator.""",
        """
        actor:
          south: {role: king}
        """,
        """
        actor:
          south: {role: audience}
        """,
    ),
    "rule": _code(
        """There is no such rule. A base rate is the share of the cases, or (hits + 1/2) / (n + 1),
        which is called jeffreys.""",
        """
        base_rates:
          war:
            class: disputes at sea
            hits: 2
            n: 10
            rule: average
            dataset: a list of ours
            version: 1
            differs: no islands
        """,
        """
        base_rates:
          war:
            class: disputes at sea
            hits: 2
            n: 10
            rule: jeffreys
            dataset: a list of ours
            version: 1
            differs: no islands
        """,
        "baselines.yaml",
    ),
    "same-as": _history(
        """These two reports cannot tell of one event. same_as names the first report of it, and
        the two agree in kind, actor, outcome, value and at least one day.""",
        """
R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,,
R2,past,fog,,2031-03-08,2031-03-09,partly,,,Collision,Bulletin,,,R1
        """,
        """
R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,,
R2,past,fog,,2031-03-06/2031-03-08,2031-03-09,partly,,,Collision,Bulletin,,no day given,R1
        """,
        _COLUMNS + ",same_as",
    ),
    "same-day": _history(
        """An event happens once a day, and an actor decides on one move a day. Two reports of one
        event say so under same_as; else one of them is given a span of days.""",
        """
R1,event,swarm,,2031-04-06,2031-04-09,partly,,,Boats,Courier,,
R2,event,swarm,,2031-04-06,2031-04-09,partly,,,More boats,Courier,,
        """,
        """
R1,event,swarm,,2031-04-06,2031-04-09,partly,,,Boats,Courier,,
R2,event,swarm,,2031-04-07,2031-04-09,partly,,,More boats,Courier,,
        """,
    ),
    "seats": _code(
        """The vote could never carry. Its quorum or quota is above the seats of all its blocs.""",
        """
        event:
          budget:
            vote:
              held: 2030-03-01 ? the usual day
              quota: 80 seats ? a large majority
              blocs: {left: {seats: 60 seats ? all there are, yes: .5 ? leaning}}
        """,
        """
        event:
          budget:
            vote:
              held: 2030-03-01 ? the usual day
              quota: 40 seats ? a large majority
              blocs: {left: {seats: 60 seats ? all there are, yes: .5 ? leaning}}
        """,
    ),
    "separator": _code(
        """The columns are separated by something other than commas. Some spreadsheets write
        semicolons.""",
        """
        question;probability;as_of;platform;id
        war;.07;2031-04-01;a platform;1
        """,
        """
        question,probability,as_of,platform,id
        war,.07,2031-04-01,a platform,1
        """,
        "crowd.csv",
    ),
    "settled": _code(
        """This comes out the same in every world. A condition that is always true can be left
        out, and one that is always false makes its event impossible.""",
        """
        event:
          north.visit:
            by: north
            when: tension >= calm
        """,
        """
        event:
          north.visit:
            by: north
            when: tension >= tense
        """,
        level="warning",
    ),
    "shape": _code(
        """Words, a list, or keys and values: another of the three is wanted here.""",
        """
        event:
          north.visit: by north
        """,
        """
        event:
          north.visit: {by: north}
        """,
    ),
    "sign": _claim(
        """A claim's sign is +, - or none. A minus stands in quotation marks, since YAML takes it
        for a list.""",
        "sign: +",
        "sign: up",
    ),
    "since": _code(
        """since() counts days as a run goes, and cannot stand here. It is for values of crisis.yaml
        that may read quantities, and takes the name of one event.""",
        """
        questions:
          quiet:
            text: Will the border have been quiet for ten days?
            window: 2030-01-01 .. 2030-06-30
            asks: since(border_incident) >= 10d ? a week and more
        """,
        """
        questions:
          quiet:
            text: Will the border stay quiet until the last ten days?
            window: 2030-01-01 .. 2030-06-30
            asks: first(border_incident) >= 2030-06-20 ? the last ten
        """,
        "questions.yaml",
    ),
    "stale": _code(
        """A reason for leaving a passage out is no longer needed: something carries it. `offramp
        coverage` says so.""",
        """
        in coverage.yaml, of a passage T5 that crisis.yaml cites
        left out: {T5: the model has no blockade}
        """,
        "no such line",
        "",
        level="warning",
    ),
    "state-kind": _code(
        """A quantity is of one kind. It has exactly one of stock, share, ladder, flag, count and
        clock.""",
        """
        show: [tension, debt]
        state:
          debt: {now: 2 ? owed today}
        """,
        """
        show: [tension, debt]
        state:
          debt: {stock: 0 .. 6 ? room for years, now: 2 ? owed today}
        """,
    ),
    "stated-start": _code(
        """A passage states where this quantity starts, so it is a fact and no premise. An
        assessment may set the starts that the case supposes (~ or ?).""",
        """
        says:
          state:
            rung: calm ? nothing happens
        """,
        """
        says:
          state:
            anger: .3 ? nothing happens
        """,
        "assessments/ilvane.yaml",
    ),
    "status": _code(
        """There is no such status of a passage. It is modelled, asked, judged, tested, policy or
        history.""",
        """
        kinds:
          T: {name: Passages, first: model}
        """,
        """
        kinds:
          T: {name: Passages, first: modelled}
        """,
        "coverage.yaml",
    ),
    "stray": _code(
        """Nobody reads this file, and its name is almost that of one that is read.""",
        "a file question.yaml in the folder of the case",
        "the same file, named questions.yaml",
        "",
        level="warning",
    ),
    "strength": _claim(
        """A claim is little, weak, moderate, strong or decisive. With `sign: none` it has no
        strength.""",
        "strength: strong",
        "strength: very strong",
    ),
    "successor": _code(
        """A successor comes with an event that has a date, and changes what is there. What it alone
        wants stands under `new wants:`.""",
        """
        successor:
          north:
            on: border_incident
            new wants:
              quiet: -1 [? tired of it] * height(tension)
        event:
          handover: {on: 2030-03-01 ? in the calendar}
        """,
        """
        successor:
          north:
            on: handover
            new wants:
              quiet: -1 [? tired of it] * height(tension)
        event:
          handover: {on: 2030-03-01 ? in the calendar}
        """,
    ),
    "support": _code(
        """An assessment gives an unknown values that the case does not allow. What is a share
        there, or cannot be below 0, is so in every assessment.""",
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          unknown:
            tempo: {normal: -1 .. 2 ? anything goes}
        """,
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          unknown:
            tempo: {scale: .5 .. 2 ? anything goes}
        """,
        "assessments/ours.yaml",
    ),
    "syntax": _code(
        """The value cannot be read. A bracket is missing, `=` stands for `==`, per cent stands for
        a number from 0 to 1: the message and the mark below it say what and where.""",
        """
        event:
          north.visit: {by: north, cost: 20% ? a small thing}
        """,
        """
        event:
          north.visit: {by: north, cost: .2 ? a small thing}
        """,
    ),
    "tab": _code(
        """A tab stands before the first word of a line. YAML allows only spaces there.""",
        "event:\n\tnorth.visit: {by: north}",
        "event:\n  north.visit: {by: north}",
    ),
    "tag": _code(
        """A YAML tag (!name) stands in the file. Case files have only text, lists, and keys with
        values.""",
        "crisis: !!str A border quarrel",
        "crisis: A border quarrel",
    ),
    "text": _code(
        """A document at hand is not the one that is cited. A passage no longer stands where the
        case says, or the text cannot be read; `offramp sources verify CASE` says more.""",
        "a file in documents/ that was edited after its passages were marked",
        "the file as it was, or passages.yaml and sources.yaml with the new places and hashes",
        "",
    ),
    "too-deep": _code(
        """Lists and mappings stand inside one another more than 40 deep. A crisis file needs eight
        levels at most.""",
        "limits: " + "[" * 40 + "no navies" + "]" * 40,
        "limits: [no navies]",
    ),
    "too-early": _code(
        """The change would come before the day from which it counts. Up to `on:` worlds stay as
        they were; `set` changes how they begin, and what is forced has days of its own.""",
        """
        asked:
          T22:
            question: And without the boats?
            on: 2031-05-01
            without: {set: {order: stay ? all in port}}
        """,
        """
        asked:
          T22:
            question: And without the boats?
            on: 2031-05-01
            without: {hold: {order: stay ? all in port}}
        """,
        "asked.yaml",
    ),
    "too-large": _code(
        """The file has more than four million bytes, and no case needs that.""",
        "a photograph saved as crisis.yaml",
        "the file that you meant",
        "",
    ),
    "too-late": _code(
        """A change begins after the window in which its effect is looked for.""",
        """
        claims:
          T32:
            says: More boats bring more collisions
            high: {force: {season_opens: [2031-06-20]}}
            low: {never: [season_opens]}
            effect: count(fog)
            window: 2031-05-10 .. 2031-06-10
            sign: +
            strength: moderate
            because: the note counts more mishaps
        """,
        """
        claims:
          T32:
            says: More boats bring more collisions
            high: {force: {season_opens: [2031-05-20]}}
            low: {never: [season_opens]}
            effect: count(fog)
            window: 2031-05-10 .. 2031-06-10
            sign: +
            strength: moderate
            because: the note counts more mishaps
        """,
        "claims/case.yaml",
        level="warning",
    ),
    "too-long": _code(
        """A value or a field is too long: 20,000 characters are read of a value, 5,000 of a field
        of a table.""",
        "cost: .1 + .1 + .1 + ... and so on for pages",
        "the parts as quantities with names of their own",
        "",
    ),
    "too-many": _code(
        """There is too much of something. A table is read up to 10,000 rows or 200 errors; a
        ladder, an unknown and a choice have 100 names at most, the diagram of a room 25 boxes.""",
        "ladder: [level1, level2, ... level101]",
        "a stock, which has every value between two numbers",
        "",
    ),
    "twice": _code(
        """One thing is said twice: two changes of one event, a day or a name listed again, a claim
        in two files.""",
        """
        policies:
          fog:
            name: One collision and no other
            note: to see what it brings
            do: {never: [fog], force: {fog: [2031-05-03]}}
        """,
        """
        policies:
          fog:
            name: One collision and no other
            note: to see what it brings
            do: {force: {fog: [2031-05-03]}}
        """,
        "policies.yaml",
    ),
    "unclaimed": _code(
        """An unclaimed attack needs an observer, two suspects or more, and clarity. A channel can
        clear up only such an event.""",
        """
        actor:
          south: {role: audience}
        event:
          fire:
            by: north
            unclaimed: {observer: south, suspects: {north: .1 ~P1}, clarity: .3 ~P1}
        """,
        """
        actor:
          south: {role: audience}
        event:
          fire:
            by: north
            unclaimed: {observer: south, suspects: {north: .1 ~P1, south: .1 ~P1}, clarity: .3 ~P1}
        """,
    ),
    "undated": _code(
        """A question does not say at what time. It is decided by its window: count, first,
        highest, lowest, final, initial or mean of something there.""",
        """
        questions:
          clash:
            text: Will there be a crisis?
            window: 2030-01-01 .. 2030-06-30
            asks: tension >= crisis
        """,
        """
        questions:
          clash:
            text: Will there be a crisis?
            window: 2030-01-01 .. 2030-06-30
            asks: highest(tension) >= crisis
        """,
        "questions.yaml",
    ),
    "unit": _code(
        """The units do not fit. Only like is added and compared, and days are written with a d.""",
        """
        event:
          north.visit: {by: north, pause: 10 ? they need rest}
        """,
        """
        event:
          north.visit: {by: north, pause: 10d ? they need rest}
        """,
    ),
    "unknown-actor": _code(
        """There is no actor of this name.""",
        """
        event:
          north.visit: {by: nroth}
        """,
        """
        event:
          north.visit: {by: north}
        """,
    ),
    "unknown-assessment": _code(
        """No assessment is called as this file of claims. claims/NAME.yaml goes with
        assessments/NAME.yaml; claims/case.yaml has claims that no assessment makes.""",
        "a file claims/ivlane.yaml beside assessments/ilvane.yaml",
        "the same file, named claims/ilvane.yaml",
        "",
    ),
    "unknown-belief": _code(
        """Nobody has this belief. It is named by who believes and about whom.""",
        """
        says:
          belief:
            kelmark about skippers: {bargaining: .6 ? likely, grabbing: .4 ? the rest}
        """,
        """
        says:
          belief:
            kelmark about vessara: {bargaining: .6 ? likely, grabbing: .4 ? the rest}
        """,
        "assessments/ilvane.yaml",
    ),
    "unknown-bloc": _code(
        """The body has no bloc of this name.""",
        """
        body:
          council:
            blocs: {left: {seats: 9 seats ? all}}
            votes:
              aid: {held: 2030-03-01 ? the usual day, yes: {left: .3 ? so so, right: .1 ? no}}
        """,
        """
        body:
          council:
            blocs: {left: {seats: 9 seats ? all}}
            votes:
              aid: {held: 2030-03-01 ? the usual day, yes: {left: .3 ? so so}}
        """,
    ),
    "unknown-clock": _code(
        """There is no clock of this name. `on:` of an event is a date, a list of dates, or a
        clock.""",
        """
        event:
          talks: {on: spring, does: [tension - .5 ? they talk]}
        """,
        """
        event:
          talks: {on: 2030-03-20 ? the first day of spring, does: [tension - .5 ? they talk]}
        """,
    ),
    "unknown-document": _code(
        """sources.yaml has no document of this name.""",
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvan: [T1], tass: [T17]}
            left: nobody acts on it
        """,
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
            left: nobody acts on it
        """,
        "disagreements.yaml",
    ),
    "unknown-event": _code(
        """There is no event of this name.""",
        """
        questions:
          clash:
            text: Will there be an incident?
            window: 2030-01-01 .. 2030-06-30
            asks: count(border_accident) >= 1
        """,
        """
        questions:
          clash:
            text: Will there be an incident?
            window: 2030-01-01 .. 2030-06-30
            asks: count(border_incident) >= 1
        """,
        "questions.yaml",
    ),
    "unknown-function": _code(
        """There is no function of this name. count() and its like are for questions alone.""",
        """
        event:
          north.visit: {by: north, cost: sqrt(height(tension))}
        """,
        """
        event:
          north.visit: {by: north, cost: height(tension) ^ .5 ? less and less}
        """,
    ),
    "unknown-grade": _history(
        """There is no such grade. A report is verified, partly, recalled or document.""",
        "R1,past,fog,,2031-03-06,2031-03-09,sure,,,Collision,Courier,,",
        "R1,past,fog,,2031-03-06,2031-03-09,verified,,,Collision,Courier,,",
    ),
    "unknown-history": _code(
        """history.csv has no report of this id.""",
        """
        disagreements:
          D1:
            topic: how many boats came
            sides: {ilvane: [T1], tass: [T17]}
            carried_by: [history N99]
        """,
        """
        disagreements:
          D1:
            topic: how many boats came
            sides: {ilvane: [T1], tass: [T17]}
            carried_by: [history N1]
        """,
        "disagreements.yaml",
    ),
    "unknown-key": _code(
        """Nobody reads this key here. It is misspelt, or belongs elsewhere.""",
        """
        event:
          north.visit: {by: north, costs: .2 ? a small thing}
        """,
        """
        event:
          north.visit: {by: north, cost: .2 ? a small thing}
        """,
    ),
    "unknown-kind": _history(
        """There is no such kind. A report is an event, a quantity, past or outside; in
        coverage.yaml a kind is the letters with which ids of passages begin.""",
        "R1,accident,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
    ),
    "unknown-level": _code(
        """The ladder has no such level.""",
        """
        event:
          north.visit: {by: north, does: [tension >= panic ? it alarms them]}
        """,
        """
        event:
          north.visit: {by: north, does: [tension >= tense ? it alarms them]}
        """,
    ),
    "unknown-name": _code(
        """This name stands for nothing. In an expression it is a quantity or an unknown of
        crisis.yaml; in rooms.yaml it is a part of the model.""",
        """
        event:
          north.visit: {by: north, cost: height(tensoin) ? dearer when tense}
        """,
        """
        event:
          north.visit: {by: north, cost: height(tension) ? dearer when tense}
        """,
    ),
    "unknown-option": _code(
        """The unknown cannot have this value. An assessment gives every value that the case lists
        a probability, and no other.""",
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          unknown:
            kelmark.line:
              among:
                trifle: .1 ? few
                injury: .3 ? some
                death: .3 ? some
                several_deaths: .2 ? some
                war: .1 ? few
        """,
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          unknown:
            kelmark.line:
              among:
                trifle: .1 ? few
                injury: .3 ? some
                death: .3 ? some
                several_deaths: .3 ? some
        """,
        "assessments/ours.yaml",
    ),
    "unknown-outcome": _history(
        """The event cannot turn out in this way. Its outcomes stand in crisis.yaml; a vote is
        carried or lost.""",
        "R1,past,fog.injury,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
        "R1,past,fog.death,,2031-03-06,2031-03-09,partly,,,Collision,Courier,,",
    ),
    "unknown-passage": _code(
        """passages.yaml has no passage of this id, or it is of another document.""",
        """
        event:
          north.visit: {by: north, cost: .2 ~P9}
        """,
        """
        event:
          north.visit: {by: north, cost: .2 ~P3}
        """,
    ),
    "unknown-phrase": _code(
        """The table of words for probabilities lacks this one. phrases.yaml of the case can add
        to it.""",
        """
        unknown:
          border.risk: {says: perchance ~P2}
        """,
        """
        unknown:
          border.risk: {says: unlikely ~P2}
        """,
    ),
    "unknown-quantity": _code(
        """There is no quantity of this name under `state:`.""",
        """
        event:
          north.visit: {by: north, does: [trust + .5 ? they meet]}
        """,
        """
        event:
          north.visit: {by: north, does: [tension - .5 ? they meet]}
        """,
    ),
    "unknown-question": _code(
        """There is no question of this name. Where a probability is compared, only questions of
        yes or no count.""",
        """
        asked:
          T22: {question: Will it come to war?, questions: [wars]}
        """,
        """
        asked:
          T22: {question: Will it come to war?, questions: [war]}
        """,
        "asked.yaml",
    ),
    "unknown-row": _code(
        """The case has no passage of this id. The sides of a disagreement (D1.1, D1.2) are one
        row, D1.""",
        """
        left out: {T99: the model has no tides}
        """,
        """
        left out: {T40: the model has no tides}
        """,
        "coverage.yaml",
    ),
    "unknown-state": _code(
        """There is no quantity of this name. Said of what carries a disagreement.""",
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
            carried_by: [state contrl]
        """,
        """
        disagreements:
          D1:
            topic: who steers the boats
            sides: {ilvane: [T1], tass: [T17]}
            carried_by: [state control]
        """,
        "disagreements.yaml",
    ),
    "unknown-suspect": _code(
        """The event does not have this suspect. They stand under its `unclaimed:`.""",
        """
        event:
          nets_cut:
            by: skippers
            unclaimed:
              observer: kelmark
              suspects: {skippers: .02 ~T16, vessara: .02 ~T16}
              clarity: .3 ~T17
            does: [kelmark.grievance + .5 ~T15 * guilt(league)]
        """,
        """
        event:
          nets_cut:
            by: skippers
            unclaimed:
              observer: kelmark
              suspects: {skippers: .02 ~T16, vessara: .02 ~T16}
              clarity: .3 ~T17
            does: [kelmark.grievance + .5 ~T15 * guilt(skippers)]
        """,
        case="tutorial",
    ),
    "unknown-type": _code(
        """The belief has no type of this name.""",
        """
        event:
          net_check:
            by: kelmark
            cost: .5 ~T4 * believes(kelmark, vessara, greedy)
        """,
        """
        event:
          net_check:
            by: kelmark
            cost: .5 ~T4 * believes(kelmark, vessara, grabbing)
        """,
        case="tutorial",
    ),
    "unknown-unit": _code(
        """No quantity has this unit. A unit is declared by a stock, as in `stock: 0 .. 900
        soldiers`; days are written with a d.""",
        """
        event:
          north.visit: {by: north, pause: 2 weeks ? they need rest}
        """,
        """
        event:
          north.visit: {by: north, pause: 14d ? they need rest}
        """,
    ),
    "unknown-unknown": _code(
        """The case has no unknown of this name.""",
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          unknown:
            steerage: {share: .2 .. .4 ? the skippers steer}
        """,
        """
        assessment: Our own view
        date: 2031-03-01 ? before the spring
        says:
          unknown:
            steering: {share: .2 .. .4 ? the skippers steer}
        """,
        "assessments/ours.yaml",
    ),
    "unknown-want": _code(
        """The actor wants nothing of this name. motive() takes a name of `wants:` with _ for its
        spaces, or dread_of_ and the event that the actor fears.""",
        """
        quantities:
          reason:
            text: How much of a landing's worth to Vessara is the islet itself?
            window: 2031-04-01 .. 2031-04-30
            asks: mean(motive(vessara, vessara.land, an_islett))
        """,
        """
        quantities:
          reason:
            text: How much of a landing's worth to Vessara is the islet itself?
            window: 2031-04-01 .. 2031-04-30
            asks: mean(motive(vessara, vessara.land, an_islet))
        """,
        "questions.yaml",
        case="tutorial",
    ),
    "unreadable": _code(
        """A file or a folder is there and cannot be read. You may lack the right to, or a file
        stands where a folder is wanted.""",
        "a file called documents in the folder of the case",
        "a folder documents/ that holds the texts",
        "",
    ),
    "unset-premise": _code(
        """A judgement names a premise that the assessment does not set. It stands under `says:`
        first.""",
        """
        judges:
          T8: {premise: [unknown tempo]}
        """,
        """
        judges:
          T8: {premise: [unknown steering]}
        """,
        "assessments/ilvane.yaml",
    ),
    "unused-state": _code(
        """Nothing reads this quantity or changes it, so it has no effect.""",
        """
        state:
          debt: {share: .5 ? half of it is owed abroad}
        """,
        """
        state:
          debt: {share: .5 ? half of it is owed abroad}
        event:
          north.visit: {by: north, when: debt < .8 ? else it is short of money, cost: debt + 0}
        """,
        level="warning",
    ),
    "unused-unknown": _code(
        """Nothing reads this unknown, so it has no effect.""",
        """
        unknown:
          zeal: {share: .2 .. .8 ? nobody knows}
        """,
        """
        unknown:
          zeal: {share: .2 .. .8 ? nobody knows}
        event:
          north.visit: {by: north, cost: 1 - zeal}
        """,
        level="warning",
    ),
    "url": _history(
        """This is not a web address. It begins with http:// or https:// and has no spaces.""",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,example.org,",
        "R1,past,fog,,2031-03-06,2031-03-09,partly,,,Collision,Courier,https://example.org/,",
    ),
    "version": _code(
        """The case is in a version of the language that this Offramp does not read. `language:` in
        crisis.yaml says the version; a newer one wants a newer Offramp.""",
        """
        language: 9
        """,
        """
        language: 2
        """,
    ),
    "weighs": _code(
        """An actor weighs a reaction that there is none of. It is an error to weigh one's own, and
        a warning to weigh that of an actor who has no move.""",
        """
        actor:
          south:
            role: audience
            weighs: [south]
        """,
        """
        actor:
          south:
            role: audience
            weighs: [north]
        """,
        level="either",
    ),
    "whole": _code(
        """A whole number is wanted here. Worlds are simulated day by day, and a seat is one.""",
        """
        event:
          north.visit: {by: north, pause: 2.5d ? they need rest}
        """,
        """
        event:
          north.visit: {by: north, pause: 3d ? they need rest}
        """,
    ),
    "with": _code(
        """A word under `with:` cannot go along with its deed. It is another move of the same actor,
        without consent and without `takes:`, on deeds of one agenda, which happen at once; at most
        three words go with the deeds of one agenda.""",
        """
        event:
          north.march: {by: north, with: north.march, does: [tension + 1 ? a show]}
        """,
        """
        event:
          north.march: {by: north, with: north.explain, does: [tension + 1 ? a show]}
          north.explain: {by: north, does: [tension - .5 ? calmer]}
        """,
    ),
    "yaml": _code(
        """This is not YAML. Often a value holds a colon and a space, begins with @, or a bracket
        is not closed.""",
        """
        event:
          north.visit:
            by: north
            cost: .2 ? as always: a small thing
        """,
        """
        event:
          north.visit:
            by: north
            cost: ".2 ? as always: a small thing"
        """,
    ),
}

CODES: Mapping[str, Code] = MappingProxyType(_CODES)


# ---- as a terminal shows them ------------------------------------------------------------------

WIDTH = 79  # of a terminal of 80 columns
LEVELS = {"error": "an error", "warning": "a warning", "either": "an error or a warning"}


def in_words(code: str) -> str:
    """One entry: what it means, what gives it, what works."""
    entry = CODES[code]
    return "\n".join(
        [
            f"{code}: {LEVELS[entry.level]}",
            "",
            fill(entry.means, WIDTH),
            "",
            f"This gives it ({entry.place}):",
            "",
            indent(entry.example, "    "),
            "",
            "This works:",
            "",
            indent(entry.worked, "    "),
        ]
    )


def listed() -> str:
    """All codes with their first sentences."""
    broad = max(map(len, CODES)) + 2
    return "\n".join(
        fill(entry.short, WIDTH, initial_indent=code.ljust(broad), subsequent_indent=" " * broad)
        for code, entry in CODES.items()
    )
