"""What the tool keeps: forms; subjects, their entries and fragments; locks, allocations, queries, rules of quality."""

from ecrf.models.allocations import Allocation, Unblinding
from ecrf.models.building import DesignRule, DraftState
from ecrf.models.drafts import Draft
from ecrf.models.entries import Entry
from ecrf.models.exports import Export
from ecrf.models.forms import Form, FormVersion
from ecrf.models.fragments import Fragment, Source
from ecrf.models.locks import Level, Lock
from ecrf.models.places import Slot, Stratum
from ecrf.models.quality import QualityRule, QualityRuleVersion
from ecrf.models.quality_exclusions import QualityExclusion
from ecrf.models.quality_runs import QualityResult, QualityRun
from ecrf.models.queries import Query
from ecrf.models.query_files import QueryBatch, QueryPolicy
from ecrf.models.randomisation import Scheme
from ecrf.models.reviewing import DraftComment, DraftReview
from ecrf.models.signatures import Signature
from ecrf.models.subjects import Subject
from ecrf.models.threads import QueryMessage
from ecrf.models.verification import Verification
from ecrf.models.verification_plans import VerificationPlan

__all__ = [
    "Allocation",
    "DesignRule",
    "Draft",
    "DraftComment",
    "DraftReview",
    "DraftState",
    "Entry",
    "Export",
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
