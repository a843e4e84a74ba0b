"""Telling a service of log-outs, as long work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.idp.oidc.models import Client
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.provider import backchannel


@jobs.task(backchannel.TASK, label=_("Tell a service who has signed out"), limit=timedelta(minutes=30))
def tell_logout(run: jobs.Run, *, client: str) -> dict[str, Any]:
    """Harmless to repeat: a service that hears of an end twice finds nothing more to end."""
    found = Client.objects.select_related("service").get(pk=client)
    counts = backchannel.deliver(found)
    return {**counts, "url_name": "provider:client", "url_args": [str(found.service.pk)]}
