"""The version, in a file of its own: it is read where Offramp is built."""

__version__ = "0.2.0"
