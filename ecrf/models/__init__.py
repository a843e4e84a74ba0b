"""What the tool keeps: forms; subjects, their entries and fragments; locks, allocations, queries, rules of quality."""

from ecrf.models.building import DesignRule, DraftComment, DraftReview, DraftState
from ecrf.models.entries import Entry, Fragment, Source
from ecrf.models.forms import Draft, Form, FormVersion
from ecrf.models.locks import Level, Lock, Signature
from ecrf.models.quality import QualityExclusion, QualityResult, QualityRule, QualityRuleVersion, QualityRun
from ecrf.models.queries import Query, QueryBatch, QueryMessage, QueryPolicy
from ecrf.models.randomisation import Allocation, Scheme, Slot, Stratum, Unblinding
from ecrf.models.subjects import Subject
from ecrf.models.verification import Verification, VerificationPlan

__all__ = [
    "Allocation",
    "DesignRule",
    "Draft",
    "DraftComment",
    "DraftReview",
    "DraftState",
    "Entry",
    "Form",
    "FormVersion",
    "Fragment",
    "Level",
    "Lock",
    "QualityExclusion",
    "QualityResult",
    "QualityRule",
    "QualityRuleVersion",
    "QualityRun",
    "Query",
    "QueryBatch",
    "QueryMessage",
    "QueryPolicy",
    "Scheme",
    "Signature",
    "Slot",
    "Source",
    "Stratum",
    "Subject",
    "Unblinding",
    "Verification",
    "VerificationPlan",
]
