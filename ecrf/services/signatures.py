"""Sign a page: a person's word for what stands there, undone by any later change of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from ecrf import messages, permissions, rights
from ecrf.models import Entry, Fragment, Signature
from ecrf.models.forms import reader_language
from ecrf.services.double_plans import check_reconciled
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def sign(actor: Actor, entry: Entry, page: str, revision: int) -> Signature:
    """Sign a complete page as it is at the revision that the signer read; the caller has made sure who he is.

    Raises Conflict when the entry has moved on, Invalid when the page isn't complete.
    """
    subject = entry.subject
    access.require(actor, permissions.SIGN, subject.project, site=subject.site, obj=entry)
    entry = (
        Entry.objects.select_for_update(of=("self",))
        .select_related("subject__project", "form", "version")
        .get(pk=entry.pk)
    )
    if entry.revision != revision or entry.removed_at is not None:
        raise Conflict(_("This record has changed since you read it: look at it again before you sign."), "stale")
    if not rights.of(actor, entry.form, subject.site).reads(page):
        raise Invalid([Fault("page", "unknown_page", messages.words("unknown_page", {}))])
    check_reconciled(entry.form, entry, [page])
    if not entry.pages.get(page, {}).get("complete"):
        raise Invalid([Fault("page", "incomplete", _("Only a complete page can be signed."))])
    definition = entry.version.loaded
    meaning = definition.text(definition.page(page).spec.get("sign"), reader_language())
    digest = Fragment.objects.filter(entry=entry, number=entry.revision).values_list("digest", flat=True).get()
    signature, is_new = Signature.objects.get_or_create(
        entry=entry,
        page=page,
        signer=account(actor),
        undone_at=None,
        defaults={
            "revision": entry.revision,
            "digest": digest,
            "meaning": meaning or _("I have checked this page and confirm what it says."),
        },
    )
    if is_new:
        audit.record(actor, "ecrf.page_signed", entry, form=entry.form.key, page=page, revision=entry.revision)
    return signature


@transaction.atomic
def withdraw(actor: Actor, signature: Signature, reason: str) -> Signature:
    """Take one's own signature back."""
    entry = signature.entry
    access.require(actor, permissions.SIGN, entry.subject.project, site=entry.subject.site, obj=entry)
    if signature.signer_id != account(actor).pk:
        raise Conflict(_("Only who signed can take the signature back."), "not_yours")
    if not reason.strip():
        raise Invalid([Fault("reason", "required", _("Say why the signature is taken back."))])
    held = Signature.objects.select_for_update(of=("self",)).get(pk=signature.pk)
    if held.undone_at is None:
        held.undone_at, held.undone_by = timezone.now(), account(actor)
        held.save(update_fields=["undone_at", "undone_by"])
        audit.record(
            actor, "ecrf.signature_withdrawn", entry, form=entry.form.key, page=held.page, reason=reason.strip()[:500]
        )
    return held


def undo(entry: Entry, by: User | None, pages: Iterable[str]) -> None:
    """A page that changes is no longer what was signed."""
    found = Signature.objects.filter(entry=entry, page__in=list(pages), undone_at=None)
    found.update(undone_at=timezone.now(), undone_by=by)
