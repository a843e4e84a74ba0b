"""What the pages of backups say in words."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backup.queries import Watched
from backup.web.forms import rhythm_words

register = template.Library()
register.filter("rhythm", rhythm_words)


@register.filter
def trouble(watched: Watched) -> str:
    """What is wrong with a plan."""
    if watched.look == "failed":
        return _("the last run failed")
    if watched.look == "warning":
        return _("a backup is due and didn’t come")
    if watched.last is not None and watched.last.store_differs:
        return _("the repository wasn’t as the server had left it")
    count = watched.last.unread if watched.last else 0
    return ngettext("%(count)d file couldn’t be read", "%(count)d files couldn’t be read", count) % {"count": count}


@register.filter
def remedy(watched: Watched) -> str:
    """What to do about it."""
    if watched.look == "failed":
        return str(watched.job.error) if watched.job and watched.job.error else _("Open its log, then run it again.")
    if watched.look == "warning":
        return _("Run it now; if that doesn’t help, ask the administrator whether the suite’s worker is running.")
    if watched.last is not None and watched.last.store_differs:
        return _("Find out who touched the disk of the repository.")
    return _("The log of the job names them.")


@register.filter
def duration(value: timedelta) -> str:
    """«0,8 s», «42 s», «3 min 05 s»."""
    from core.web.templatetags.web import number

    seconds = value.total_seconds()
    if seconds < 10:
        return f"{number(seconds, 1)}\N{NO-BREAK SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}\N{NO-BREAK SPACE}min {rest:02}\N{NO-BREAK SPACE}s" if minutes else f"{rest}\N{NO-BREAK SPACE}s"
