"""How agents and their runs stand, in the states that look the same in every tool."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup.engine import sayings
from backup.models import Agent, Run
from backup.web.agent_forms import SaveForm
from core.web.templatetags.web import number, size, state

register = template.Library()

AGENTS = {
    "there": ("done", gettext_lazy("There")),
    "silent": ("warning", gettext_lazy("Silent")),
    "expected": ("waiting", gettext_lazy("Expected")),
    "keyless": ("warning", gettext_lazy("Without a key")),
    "removed": ("locked", gettext_lazy("Removed")),
}
RUNS = {
    Run.State.WAITING: ("waiting", gettext_lazy("Waiting for the agent")),
    Run.State.RUNNING: ("running", gettext_lazy("Under way")),
    Run.State.DONE: ("done", gettext_lazy("Done")),
    Run.State.PARTIAL: ("warning", gettext_lazy("Done, with files unread")),
    Run.State.FAILED: ("failed", gettext_lazy("Failed")),
    Run.State.STOPPED: ("waiting", gettext_lazy("Broken off")),
}
RESULTS = {
    "new_blobs": gettext_lazy("New pieces"),
    "directories": gettext_lazy("Folders"),
    "kept": gettext_lazy("Backups that stay"),
    "forgotten": gettext_lazy("Backups forgotten"),
    "reclaimed": gettext_lazy("Given back"),
    "later": gettext_lazy("To be given back after the grace"),
    "waste": gettext_lazy("Waste that stays"),
    "rewritten": gettext_lazy("Packs written anew"),
    "vouched": gettext_lazy("Pieces vouched for"),
    "condemned": gettext_lazy("Packs condemned"),
    "check.snapshots": gettext_lazy("Backups looked at"),
    "check.packs": gettext_lazy("Packs there"),
    "check.packs_read": gettext_lazy("Packs read whole"),
    "check.bytes_read": gettext_lazy("Bytes read"),
    "check.problems": gettext_lazy("Problems"),
    "drill.snapshots": gettext_lazy("Backups tried"),
    "drill.files": gettext_lazy("Files restored for a trial"),
    "drill.failures": gettext_lazy("Files that didn’t come back"),
}
"""What a result may tell, in the order in which a page tells it."""
SIZES = {"reclaimed", "later", "waste", "check.bytes_read"}


@register.filter
def said(text: str) -> str:
    """What an agent says, which speaks English, in the language of who reads it, as far as it is known."""
    return sayings.told(text, _)


@register.filter
def doing(run: Run) -> str:
    """What an agent does at this moment; how far it is stands behind it, or a path alone."""
    work, blank, count = (run.doing or "").rpartition(" ")
    return f"{said(work)}{blank}{count}" if work in sayings.OF_WORK else said(run.doing or "")


@register.simple_tag
def agent_state(agent: Agent) -> SafeString:
    look, word = AGENTS[agent.state]
    return state(look, word, look)


@register.simple_tag
def run_state(run: Run) -> SafeString:
    look, word = RUNS[Run.State(run.state)]
    if run.is_live and run.stop_asked_at is not None:
        look, word = "waiting", gettext_lazy("Stopping…")
    return state(look, word, look)


@register.filter
def told(run: Run) -> list[tuple[Any, str]]:
    """What a run counted, with its words."""
    flat: dict[str, Any] = {}
    for name, value in run.result.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        flat |= {f"{name}.{key}" if key else name: one for key, one in inner}
    shown = {name: flat[name] for name in RESULTS if isinstance(flat.get(name), int | float)}
    return [(RESULTS[name], size(value) if name in SIZES else number(value)) for name, value in shown.items()]


@register.filter
def orders(plan: Any) -> list[tuple[Any, str]]:
    """What of a plan's orders isn't the usual, in the words of its form."""
    labels = {name: field.label for name, field in SaveForm.base_fields.items()}
    found = []
    for name, value in plan.options.items():
        if value and name in labels and name not in ("workers", "retries"):
            words = ", ".join(value) if isinstance(value, list) else _("yes") if value is True else str(value)
            found.append((labels[name], words))
    return found
