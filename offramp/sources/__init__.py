"""Documents, passages in them, and words of estimative probability: the start of the chain."""

from offramp.sources.documents import Document, Fault, normalise, read, texts
from offramp.sources.estimative import Interval, Phrases, logit_normal, words
from offramp.sources.loading import documents_from, faults_from, passages_from
from offramp.sources.passages import Finding, Passage, State, in_context, verify

__all__ = [
    "Document",
    "Fault",
    "Finding",
    "Interval",
    "Passage",
    "Phrases",
    "State",
    "documents_from",
    "faults_from",
    "in_context",
    "logit_normal",
    "normalise",
    "passages_from",
    "read",
    "texts",
    "verify",
    "words",
]
