"""What the pages of backups say in words."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from backup.engine import sayings
from backup.models import Alert, Repository
from backup.queries import Watched
from backup.services import places
from backup.web.charts import Cell, Line
from backup.web.forms import rhythm_words
from core.web.templatetags.web import icon

register = template.Library()
register.filter("rhythm", rhythm_words)

ADVICE = {
    Alert.Kind.FAILED: gettext_lazy("Open its log, then run it again."),
    Alert.Kind.STALE: gettext_lazy("See whether the machine is on and its agent runs."),
    Alert.Kind.PARTIAL: gettext_lazy("%(count)s files weren’t read. The log of the run names them."),
    Alert.Kind.SHRUNK: gettext_lazy(
        "It holds %(percent)s %% of what is usual. See whether something was deleted by mistake."
    ),
    Alert.Kind.GROWN: gettext_lazy(
        "It holds %(percent)s %% of what is usual. See what was added, and whether there is room."
    ),
    Alert.Kind.DENSE: gettext_lazy(
        "%(percent)s %% of what is new can’t be compressed, which wasn’t so before. Cut the machine off the network "
        "until you know why; the backups before this one are safe."
    ),
    Alert.Kind.DRILL: gettext_lazy("Try a restore: a backup that nobody has restored is a hope."),
    Alert.Kind.UNREACHABLE: gettext_lazy("See whether its disk or server is there."),
    Alert.Kind.DAMAGED: gettext_lazy("%(count)s problems, first: %(why)s. Run a check, then a repair."),
    Alert.Kind.TAKEN: gettext_lazy("%(count)s backups are gone from the store. Find out who had access to it."),
    Alert.Kind.QUOTA: gettext_lazy("%(percent)s %% of the room is taken. Forget old backups, or ask for more."),
    Alert.Kind.SILENT: gettext_lazy("See whether the machine is on and reaches the portal."),
}
"""What to do about each kind of alert."""
TOGETHER = gettext_lazy(
    "The backups of all projects of the organisation take %(percent)s %% of what they may take together. Forget old "
    "backups, or ask who administers the organisation for more."
)


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
        done = watched.run or watched.job
        return str(done.error) if done and done.error else _("Open its log, then run it again.")
    if watched.look == "warning" and watched.plan.agent_id is not None:
        return _("See whether the machine is on and its agent runs.")
    if watched.look == "warning":
        return _("Run it now; if that doesn’t help, ask the administrator whether the suite’s worker is running.")
    if watched.last is not None and watched.last.store_differs:
        return _("Find out who touched the disk of the repository.")
    return _("The log of the job names them.")


@register.filter
def lies(repository: Repository) -> places.Choice:
    """Where a repository is kept."""
    return places.about(repository.folder)


@register.filter
def advice(alert: Alert) -> str:
    """What was found, and what to do about it."""
    together = alert.kind == Alert.Kind.QUOTA and alert.details.get("of") == "organisation"
    sentence = TOGETHER if together else ADVICE[Alert.Kind(alert.kind)]
    values = {name: alert.details.get(name, "") for name in ("count", "percent", "why")}
    return str(sentence) % (values | {"why": sayings.told(values["why"], _)})


@register.simple_tag
def calendar_cells(line: Line) -> SafeString:
    """The days of one source. A month has thousands of them: in a template they took most of its page's time."""
    nothing = pgettext("no backup that day", "nothing")
    empty = format_html('<span class="visually-hidden">{}</span>', nothing)
    known: dict[object, SafeString] = {}
    found = []
    for cell in line.cells:
        key = (cell.last, *cell.counts.items())
        if key not in known:
            known[key] = _sign(cell) if cell.last else empty
        opening = '<td class="calendar-rest">' if cell.day.isoweekday() > 5 else "<td>"
        found.append(f"{opening}{known[key]}</td>")
    return SafeString("".join(found))


def _sign(cell: Cell) -> SafeString:
    signs = cell.signs
    sign = next(each for each in signs if each.state == cell.last)
    words = ", ".join(f"{each.word} {each.count}" for each in signs)
    return format_html(
        '<span class="calendar-{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
        sign.look,
        words,
        icon(sign.icon),
        sign.word,
    )


@register.filter
def duration(value: timedelta) -> str:
    """«0,8 s», «42 s», «3 min 05 s»."""
    from core.web.templatetags.web import number

    seconds = value.total_seconds()
    if seconds < 10:
        return f"{number(seconds, 1)}\N{NO-BREAK SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}\N{NO-BREAK SPACE}min {rest:02}\N{NO-BREAK SPACE}s" if minutes else f"{rest}\N{NO-BREAK SPACE}s"
