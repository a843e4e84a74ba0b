"""The job that tells an address what is due to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import jobs
from core.webhooks import sending
from core.webhooks.models import MANAGE


@jobs.task("webhooks.deliver", label=_("Call a webhook"), limit=timedelta(minutes=30), needs=MANAGE)
def deliver(run: jobs.Run, *, endpoint_id: str) -> dict[str, Any]:
    """Call the address for each delivery that is due. A crash between a call and its note makes it come twice."""
    done = failed = 0
    while (delivery := sending.next_due(endpoint_id)) and failed < sending.IN_A_ROW:
        run.progress(done)
        if sending.settle(delivery, sending.call(delivery)):
            done, failed = done + 1, 0
        else:
            failed += 1
    return {"delivered": done}
