"""Offramp: written assessments of a crisis made explicit, cited, executable and scorable.

The folders follow the chain `document -> passage -> claim -> parameter -> world -> answer ->
sentence`: `sources`, `language`, `engine`, `forecast`, `explain`, `brief`; each imports only from
those before it.
"""

__version__ = "0.1.0"
