"""What the tool keeps: forms; subjects, their entries and fragments; locks, allocations, queries, rules of quality."""

from ecrf.models.allocations import Allocation, Unblinding
from ecrf.models.attachments import Attachment
from ecrf.models.building import DesignRule, DraftState
from ecrf.models.coding import Coded, CodingPolicy, Verbatim
from ecrf.models.consents import Consent
from ecrf.models.dictionaries import Dictionary, Term
from ecrf.models.double_entry import Reconciliation, SecondEntry
from ecrf.models.double_plans import DoubleEntryPlan
from ecrf.models.drafts import Draft
from ecrf.models.entries import Entry
from ecrf.models.exports import Export
from ecrf.models.forms import Form, FormVersion
from ecrf.models.fragments import Fragment, Source
from ecrf.models.guests import Guest
from ecrf.models.imports import DataImport, ImportedEntry
from ecrf.models.invitations import AccessLink, Invitation, Origin
from ecrf.models.locks import Level, Lock
from ecrf.models.numbering import NumberCount, NumberingRule
from ecrf.models.offline import Checkout, OfflineDevice, OfflineFragment, OfflineRule
from ecrf.models.page_rules import PageRule
from ecrf.models.participants import Participant
from ecrf.models.places import Slot, Stratum
from ecrf.models.printouts import Printout
from ecrf.models.quality import QualityRule, QualityRuleVersion
from ecrf.models.quality_exclusions import QualityExclusion
from ecrf.models.quality_runs import QualityResult, QualityRun
from ecrf.models.queries import Query
from ecrf.models.query_files import QueryBatch, QueryPolicy
from ecrf.models.questionnaires import Proof, Questionnaire, Starts
from ecrf.models.randomisation import Scheme
from ecrf.models.recruiting import Following, Target
from ecrf.models.reviewing import DraftComment, DraftReview
from ecrf.models.scripts import ScriptCounter, ScriptDraw, ScriptVariable
from ecrf.models.signatures import Signature
from ecrf.models.subjects import Subject
from ecrf.models.threads import QueryMessage
from ecrf.models.verification import Verification
from ecrf.models.verification_counts import VerificationCount
from ecrf.models.verification_plans import VerificationPlan
from ecrf.models.visits import Visit

__all__ = [
    "AccessLink",
    "Allocation",
    "Attachment",
    "Checkout",
    "Coded",
    "CodingPolicy",
    "Consent",
    "DataImport",
    "DesignRule",
    "Dictionary",
    "DoubleEntryPlan",
    "Draft",
    "DraftComment",
    "DraftReview",
    "DraftState",
    "Entry",
    "Export",
    "Following",
    "Form",
    "FormVersion",
    "Fragment",
    "Guest",
    "ImportedEntry",
    "Invitation",
    "Level",
    "Lock",
    "NumberCount",
    "NumberingRule",
    "OfflineDevice",
    "OfflineFragment",
    "OfflineRule",
    "Origin",
    "PageRule",
    "Participant",
    "Printout",
    "Proof",
    "QualityExclusion",
    "QualityResult",
    "QualityRule",
    "QualityRuleVersion",
    "QualityRun",
    "Query",
    "QueryBatch",
    "QueryMessage",
    "QueryPolicy",
    "Questionnaire",
    "Reconciliation",
    "Scheme",
    "ScriptCounter",
    "ScriptDraw",
    "ScriptVariable",
    "SecondEntry",
    "Signature",
    "Slot",
    "Source",
    "Starts",
    "Stratum",
    "Subject",
    "Target",
    "Term",
    "Unblinding",
    "Verbatim",
    "Verification",
    "VerificationCount",
    "VerificationPlan",
    "Visit",
]
