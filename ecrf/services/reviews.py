"""A second pair of eyes: ask for a review, comment on questions, approve exactly what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.models import DesignRule, Draft, DraftComment, DraftReview
from ecrf.services.building import held
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

MANAGE = "access.manage_project"
MOST_COMMENTS = 2000


@transaction.atomic
def ask_for_review(actor: Actor, draft: Draft, note: str = "") -> DraftReview:
    """Ask the others who design forms to look at the draft as it is now. Raises Conflict while it has faults."""
    return reviewed(actor, draft, DraftReview.Act.ASKED, note)


@transaction.atomic
def approve_draft(actor: Actor, draft: Draft, digest: str, note: str = "") -> DraftReview:
    """Approve the state that was read, named by its digest. Raises Conflict where it changed or is one's own work."""
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    now = held(draft)
    if now.digest != digest:
        raise Conflict(_("The draft was changed since you read it: look at it again."), "stale")
    if account(actor).pk in worked_on(now):
        raise Conflict(_("You worked on this draft: somebody else approves it."), "own")
    return reviewed(actor, now, DraftReview.Act.APPROVED, note)


def reviewed(actor: Actor, draft: Draft, act: DraftReview.Act, note: str) -> DraftReview:
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    draft = held(draft)
    if draft.problems:
        raise Conflict(_("The draft still has faults: mend them first."), "faults")
    review = DraftReview.objects.create(
        project=draft.project, draft=draft, act=act, by=account(actor), hash=draft.digest, note=note.strip()[:500]
    )
    audit.record(actor, f"ecrf.draft_{act.value}", draft, form=draft.key, hash=review.hash)
    return review


def worked_on(draft: Draft) -> set[Any]:
    """The keys of the people whose work the draft is: none of them approves it."""
    return {draft.author_id, draft.updated_by_id, *draft.states.values_list("author", flat=True)}


def approval_of(draft: Draft) -> DraftReview | None:
    """The approval of exactly this state, if there is one."""
    return (
        DraftReview.objects.filter(draft=draft, act=DraftReview.Act.APPROVED, hash=draft.digest)
        .select_related("by")
        .first()
    )


def needs_approval(project: Project) -> bool:
    return DesignRule.objects.filter(project=project, needs_approval=True).exists()


@transaction.atomic
def set_design_rule(actor: Actor, project: Project, *, needs_approval: bool) -> DesignRule:
    """Whether a second person approves each version; who manages the project decides it."""
    access.require(actor, MANAGE, project)
    access.require(actor, permissions.DESIGN, project)
    rule, _made = DesignRule.objects.update_or_create(project=project, defaults={"needs_approval": needs_approval})
    audit.record(actor, "ecrf.design_rule_set", project, approval=needs_approval)
    return rule


@transaction.atomic
def comment(actor: Actor, draft: Draft, item: str, text: str, thread: DraftComment | None = None) -> DraftComment:
    """Open a thread on a question of the draft, or answer one. Raises Invalid, Conflict."""
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    draft = held(draft)
    text = text.strip()
    if not text:
        raise Invalid([Fault("text", "required", _("Write a comment."))])
    if len(text) > 2000:
        raise Invalid([Fault("text", "too_long", _("A comment has 2,000 characters at most."))])
    if DraftComment.objects.filter(draft=draft).count() >= MOST_COMMENTS:
        raise Conflict(_("This draft has too many comments."), "full")
    if thread is not None and (thread.thread_id or thread.draft_id != draft.pk):
        raise Conflict(_("This isn’t a thread of this draft."), "thread")
    made = DraftComment.objects.create(
        draft=draft, item=thread.item if thread else item[:100], thread=thread, author=account(actor), text=text
    )
    audit.record(actor, "ecrf.draft_commented", draft, form=draft.key, field=made.item)
    return made


@transaction.atomic
def resolve_thread(actor: Actor, thread: DraftComment, *, resolved: bool = True) -> DraftComment:
    """Close a thread, or open it again."""
    access.require(actor, permissions.DESIGN, thread.draft.project, obj=thread.draft)
    if thread.thread_id:
        raise Conflict(_("This isn’t a thread of this draft."), "thread")
    thread = DraftComment.objects.select_for_update(of=("self",)).select_related("draft__project").get(pk=thread.pk)
    if bool(thread.resolved_at) == resolved:
        return thread
    thread.resolved_at, thread.resolved_by = (timezone.now(), account(actor)) if resolved else (None, None)
    thread.save(update_fields=["resolved_at", "resolved_by"])
    action = "ecrf.thread_resolved" if resolved else "ecrf.thread_reopened"
    audit.record(actor, action, thread.draft, form=thread.draft.key, field=thread.item)
    return thread
