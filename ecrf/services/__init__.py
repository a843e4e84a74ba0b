"""The use cases that change something: the one door for pages, API, jobs and commands."""

from ecrf.services.entries import Saved, StaleEntry, lock_entry, save_entry, unlock_entry
from ecrf.services.exports import start_export
from ecrf.services.forms import discard_draft, publish_draft, read_dictionary
from ecrf.services.quality_rules import retire_rule, save_rule
from ecrf.services.queries import act_on_queries, act_on_query, change_query_policy, open_query
from ecrf.services.subjects import include_subject
from ecrf.services.threads import Assignment

__all__ = [
    "Assignment",
    "Saved",
    "StaleEntry",
    "act_on_queries",
    "act_on_query",
    "change_query_policy",
    "discard_draft",
    "include_subject",
    "lock_entry",
    "open_query",
    "publish_draft",
    "read_dictionary",
    "retire_rule",
    "save_entry",
    "save_rule",
    "start_export",
    "unlock_entry",
]
