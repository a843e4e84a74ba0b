"""How long, in words; and what the reader may do with a job."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django import template

from core.jobs import rights
from core.jobs.models import Job

if TYPE_CHECKING:
    from core.access.scope import Actor

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"


@register.filter
def duration(value: timedelta | None) -> str:
    """«45 s», «2 min 05 s», «1 h 12 min»: the two largest units, the same in both languages."""
    if value is None:
        return ""
    seconds = max(0, int(value.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours}{NBSP}h{NBSP}{minutes % 60:02d}{NBSP}min"
    if minutes:
        return f"{minutes}{NBSP}min{NBSP}{seconds % 60:02d}{NBSP}s"
    return f"{seconds}{NBSP}s"


@register.filter
def whole_seconds(value: timedelta | None) -> str:
    """For the script that counts on."""
    return str(int(value.total_seconds())) if value else "0"


@register.filter
def seen_by(job: Job | None, actor: Actor) -> bool:
    """Whether this person may open the job's page; others see how it gets on where their tool shows it."""
    return job is not None and Job.objects.visible_to(actor).filter(pk=job.pk).exists()


@register.simple_tag(takes_context=True)
def acts_on(context: template.Context, job: Job) -> rights.Acts:
    return rights.acts(context["request"].user, job)
