"""Randomisation: schemes, their tables, allocations, unblinding. The one door for pages and API."""

from ecrf.services.randomisation.allocating import basis_of, randomise
from ecrf.services.randomisation.plans import plan_of
from ecrf.services.randomisation.schemes import close_scheme, discard_scheme, make_scheme, open_scheme, reopen_scheme
from ecrf.services.randomisation.tables import extend_table, make_table, read_table, upload_table
from ecrf.services.randomisation.unblinding import unblind

__all__ = [
    "basis_of",
    "close_scheme",
    "discard_scheme",
    "extend_table",
    "make_scheme",
    "make_table",
    "open_scheme",
    "plan_of",
    "randomise",
    "read_table",
    "reopen_scheme",
    "unblind",
    "upload_table",
]
