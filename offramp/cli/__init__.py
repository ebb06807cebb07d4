"""The command line: it parses, calls the front door, and renders. Each file holds the commands of
one idea; here is under which heading `offramp --help` shows them, with a line each."""

from __future__ import annotations

from offramp.cli import (
    answering,
    covered,
    decisions,
    evidence,
    large,
    modelling,
    new_texts,
    past,
    playing,
    reading,
    system_pages,
    taking_in,
    workbench,
)
from offramp.cli.app import completion, main

HEADINGS = {
    "Start": (
        (workbench.open_, "see and touch a crisis in a browser"),
        (answering.demo, "simulate the US-Iran crisis of 2020; its brief"),
        (reading.new, "begin a case: a small one, a block, or around texts"),
        (reading.check, "find everything that is wrong with a case"),
        (reading.explain, "what an error means, and what would have worked"),
        (answering.forecast, "answer the questions of a case, without reports"),
        (answering.why, "what moves an answer, and worlds as stories"),
        (answering.scenarios, "clusters of whole histories, where they are real"),
        (answering.brief, "write the brief as HTML or PDF"),
        (answering.page, "write one page: one side of A4"),
        (system_pages.handout, "sheets for a class that plays the crisis, to be printed"),
    ),
    "Documents": (
        (reading.sources, "take documents in; check where their passages stand"),
        (taking_in.passages, "cite the exact words of a document"),
        (modelling.model, "from a passage to a number of the model"),
        (taking_in.undo, "take back what was last written into a case"),
        (covered.coverage, "what of the documents is in the model, and what not"),
        (covered.claims, "test the authors' causal claims in the model"),
        (covered.facts, "check that the model behaves as such crises do"),
        (past.asked, "answer the questions that the documents ask"),
    ),
    "Reports": (
        (evidence.reports, "take reports out of a spreadsheet"),
        (evidence.condition, "condition on the reports known by a day"),
        (evidence.today, "what changed since the last time, by which report"),
        (past.butfor, "what would have been without an event"),
        (past.choice, "why an actor chose as it did on a day"),
        (past.gains, "who came out on top, by whose weights"),
    ),
    "Authors": (
        (evidence.compare, "where two authors differ, and what explains it"),
        (evidence.evidence_, "which reports tell between authors, and which do not"),
        (evidence.assess, "do an author's premises imply the judgements?"),
        (decisions.reach, "can the model give what authors judge?"),
    ),
    "Decisions": (
        (decisions.policies, "recommendations under every author and loss"),
        (decisions.assumptions, "the key assumptions, and what falls without them"),
        (decisions.sensitivity, "what answers depend on, and how much is chance"),
        (decisions.watch, "what to watch for: signs that would move an answer"),
    ),
    "Games": (
        (playing.play, "decide for an actor, morning by morning"),
        (playing.review, "look back on a game"),
    ),
    "Track record": (
        (evidence.score, "score forecasts against the record"),
        (evidence.postmortem, "what earned the score of a resolved question"),
        (evidence.export, "write forecasts as a table, a hub, lines, for Metaculus"),
        (evidence.ledger, "verify a sealed ledger of forecasts"),
    ),
    "Large runs": (
        (workbench.serve, "serve the workbench without opening a browser"),
        (large.run, "simulate many worlds into a folder"),
        (large.merge, "join the parts of a run"),
    ),
    "The model": (
        (answering.diff, "what two cases differ in, and what it does to answers"),
        (reading.expand, "print a case with its forms rewritten"),
        (reading.migrate, "bring a case to the last version of the language"),
        (reading.schema, "print a JSON Schema of a file or an output"),
        (answering.compile_, "prepare the model for fast runs, or print it as code"),
        (system_pages.rooms, "write a page for each room of the system"),
        (completion, "switch on completion in a shell"),
    ),
}
reading.sources.add_command(new_texts.draft)
reading.sources.add_command(new_texts.propose)
reading.sources.add_command(new_texts.compare)
for heading, commands in HEADINGS.items():
    main.under(heading, commands)

__all__ = ["main"]
