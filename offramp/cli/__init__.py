"""The command line: it parses, calls the front door, and renders. Each file holds the commands of
one idea; `GROUPS` says under which heading `offramp --help` shows them."""

from __future__ import annotations

from offramp.cli import answering, covered, decisions, evidence, large, past, reading, system_pages
from offramp.cli.app import completion
from offramp.cli.app import main as main

COMMANDS = (
    answering.demo, reading.new, reading.check, answering.forecast, answering.why,
    answering.brief, reading.sources, covered.coverage, evidence.condition, evidence.compare,
    evidence.assess, decisions.reach, covered.claims, past.butfor, past.choice, past.gains,
    past.asked, evidence.postmortem, decisions.policies, decisions.sensitivity, evidence.score,
    evidence.export, evidence.ledger, large.run, large.merge, reading.expand, reading.schema,
    answering.compile_, system_pages.rooms, completion,
)  # fmt: skip
for command in COMMANDS:
    main.add_command(command)
