"""What the tool keeps: forms and their versions, subjects, entries and the fragments that they grew from; queries on
what was entered, what was verified against the source, and rules of data quality with what they found."""

from ecrf.models.entries import Entry, Fragment
from ecrf.models.forms import Draft, Form, FormVersion
from ecrf.models.quality import QualityExclusion, QualityResult, QualityRule, QualityRuleVersion, QualityRun
from ecrf.models.queries import Query, QueryBatch, QueryMessage, QueryPolicy
from ecrf.models.subjects import Subject
from ecrf.models.verification import Verification, VerificationPlan

__all__ = [
    "Draft",
    "Entry",
    "Form",
    "FormVersion",
    "Fragment",
    "QualityExclusion",
    "QualityResult",
    "QualityRule",
    "QualityRuleVersion",
    "QualityRun",
    "Query",
    "QueryBatch",
    "QueryMessage",
    "QueryPolicy",
    "Subject",
    "Verification",
    "VerificationPlan",
]
