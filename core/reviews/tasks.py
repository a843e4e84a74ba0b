"""The evidence of an access review as long work: Typst takes a millisecond for each line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import jobs
from core.reviews import evidence
from core.reviews.engine.paper import pdf
from core.reviews.models import OVERSEE, Campaign


@jobs.task(
    evidence.KEEP,
    label=_("Keep the evidence of an access review"),
    queue="heavy",
    limit=timedelta(hours=1),
    needs=OVERSEE,
)
def keep_evidence(run: jobs.Run, *, campaign_id: str) -> dict[str, Any]:
    """Done again after a crash, it finds the evidence that is kept, or makes it anew from lines that don't change."""
    rows = Campaign.objects.select_related("organisation", "project", "opened_by", "closed_by")
    campaign = rows.get(pk=campaign_id)
    assert campaign.closed_at is not None
    content = pdf(evidence.paper(campaign), campaign.closed_at)
    with run.fenced():
        evidence.keep(run.actor, campaign, content)
    return {"url_name": "reviews:campaign", "url_args": [campaign_id]}
