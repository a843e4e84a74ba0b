"""The use cases that change something: the one door for pages, API, jobs and commands."""

from ecrf.services.arms import set_arm
from ecrf.services.building import StaleDraft, begin_draft, begin_next, rename_draft, restore_draft, save_draft
from ecrf.services.coding import set_coding_rules
from ecrf.services.consents import open_consent, withdraw_consent
from ecrf.services.consents_again import ask_again
from ecrf.services.dictionaries import load_dictionary
from ecrf.services.double_plans import plan_double_entry
from ecrf.services.entries import Saved, StaleEntry, save_entry
from ecrf.services.exports import (
    download_export,
    erase_export,
    schedule_export,
    start_export,
    unschedule_export,
)
from ecrf.services.following import follow, set_targets
from ecrf.services.forms import discard_draft, download_form, publish_draft, read_dictionary, read_form
from ecrf.services.impact import measure_impact
from ecrf.services.locks import freeze, lock, lock_entry, lock_subjects, release, unlock_entry
from ecrf.services.numbering import set_numbering
from ecrf.services.page_rights import set_page_rights
from ecrf.services.quality import check_record, put_all_aside, put_aside, query_results, start_run, take_back
from ecrf.services.quality_rules import retire_rule, save_rule
from ecrf.services.queries import act_on_queries, act_on_query, change_query_policy, open_query
from ecrf.services.query_files import discard_batch, open_batch, read_queries
from ecrf.services.reconciling import reconcile
from ecrf.services.removal import remove_entry, restore_entry
from ecrf.services.reviews import approve_draft, ask_for_review, comment, resolve_thread, set_design_rule
from ecrf.services.second_entries import save_second
from ecrf.services.signatures import sign, withdraw
from ecrf.services.subjects import include_subject
from ecrf.services.threads import Assignment
from ecrf.services.verification import plan_verification, verify_source, withdraw_verification
from ecrf.services.visits import add_visit, settle_visit

__all__ = [
    "Assignment",
    "Saved",
    "StaleDraft",
    "StaleEntry",
    "act_on_queries",
    "act_on_query",
    "add_visit",
    "approve_draft",
    "ask_again",
    "ask_for_review",
    "begin_draft",
    "begin_next",
    "change_query_policy",
    "check_record",
    "comment",
    "discard_batch",
    "discard_draft",
    "download_export",
    "download_form",
    "erase_export",
    "follow",
    "freeze",
    "include_subject",
    "load_dictionary",
    "lock",
    "lock_entry",
    "lock_subjects",
    "measure_impact",
    "open_batch",
    "open_consent",
    "open_query",
    "plan_double_entry",
    "plan_verification",
    "publish_draft",
    "put_all_aside",
    "put_aside",
    "query_results",
    "read_dictionary",
    "read_form",
    "read_queries",
    "reconcile",
    "release",
    "remove_entry",
    "rename_draft",
    "resolve_thread",
    "restore_draft",
    "restore_entry",
    "retire_rule",
    "save_draft",
    "save_entry",
    "save_rule",
    "save_second",
    "schedule_export",
    "set_arm",
    "set_coding_rules",
    "set_design_rule",
    "set_numbering",
    "set_page_rights",
    "set_targets",
    "settle_visit",
    "sign",
    "start_export",
    "start_run",
    "take_back",
    "unlock_entry",
    "unschedule_export",
    "verify_source",
    "withdraw",
    "withdraw_consent",
    "withdraw_verification",
]
