"""Open a campaign, judge its accesses, close it with its evidence."""

from core.reviews.services.campaigns import close, make_evidence, open_campaign
from core.reviews.services.decisions import Verdict, decide

__all__ = ["Verdict", "close", "decide", "make_evidence", "open_campaign"]
