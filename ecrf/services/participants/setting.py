"""Say which pages participants fill in, how they are asked, and open them to anybody who has the link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Site
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, permissions
from ecrf.engine import cutting
from ecrf.models import Form, Invitation, Proof, Questionnaire, Starts
from ecrf.services.participants import sms, tokens
from ecrf.services.subjects import rule_of

if TYPE_CHECKING:
    from core.access.scope import Actor

FIELDS = (
    *("name", "event", "pages", "texts", "starts", "date_event", "date_item", "starts_after", "open_days"),
    *("reminders", "remind_days", "automatic", "revisable", "by_question", "may_decline", "keep_copy"),
    *("shows_number", "proof", "study_name", "sender"),
)
PURPOSES = ("title", "instructions", "thanks", "mail")
LONGEST = 3000


@transaction.atomic
def save_questionnaire(
    actor: Actor, form: Form, values: Mapping[str, Any], questionnaire: Questionnaire | None = None
) -> Questionnaire:
    """Make a questionnaire of some pages, or change one. Raises Invalid with every fault."""
    access.require(actor, permissions.DESIGN, form.project, obj=form)
    one = questionnaire or Questionnaire(form=form)
    for name in FIELDS:
        if name in values:
            setattr(one, name, values[name])
    if faults := faults_of(one, form.published.loaded):
        raise Invalid(faults)
    one.save()
    audit.record(actor, "ecrf.questionnaire_saved", one, form=form.key, questionnaire=one.name)
    return one


def faults_of(one: Questionnaire, definition: engine.Definition) -> list[Fault]:
    found = []
    if bool(one.event) != bool(definition.events) or (one.event and one.event not in definition.events):
        found.append(Fault("event", "unknown_event", _("The form has no such event.")))
        return found
    there = {page.key for page in definition.pages_of(one.event)}
    pages = list(dict.fromkeys(one.pages))
    if not pages or not set(pages) <= there:
        found.append(Fault("pages", "unknown_page", _("Choose pages that this event asks once.")))
    elif any(not cutting.askable(definition, key) for key in pages):
        found.append(Fault("pages", "script", _("A page that runs a script can’t be given to participants.")))
    if one.starts == Starts.DATE:
        item = definition.items.get(one.date_item)
        if item is None or item.kind not in ("date", "datetime") or item.repeat:
            found.append(Fault("date_item", "no_date", _("Choose a question that asks for a date.")))
        elif all(item.page != page.key for page in definition.pages_of(one.date_event)):
            found.append(Fault("date_event", "no_date", _("That event doesn’t ask for this date.")))
    if one.proof == Proof.SMS and not sms.is_offered():
        found.append(Fault("proof", "no_sms", _("No SMS gateway is set up on this server: codes go by e-mail.")))
    for purpose, texts in one.texts.items():
        if (
            purpose not in PURPOSES
            or not isinstance(texts, dict)
            or any(len(str(text)) > LONGEST for text in texts.values())
        ):
            found.append(Fault(f"texts.{purpose}"[:100], "text", _("This text can’t be kept: it is too long.")))
    return found


@transaction.atomic
def close_questionnaire(actor: Actor, questionnaire: Questionnaire) -> Questionnaire:
    """From now on nobody answers it, and no mail leaves."""
    access.require(actor, permissions.DESIGN, questionnaire.form.project, obj=questionnaire)
    if questionnaire.closed_at is None:
        questionnaire.closed_at = timezone.now()
        questionnaire.public_digest = None
        questionnaire.save(update_fields=["closed_at", "public_digest"])
        Invitation.objects.filter(questionnaire=questionnaire).update(mail_at=None)
        audit.record(actor, "ecrf.questionnaire_closed", questionnaire, questionnaire=questionnaire.name)
    return questionnaire


@transaction.atomic
def open_to_anybody(
    actor: Actor, questionnaire: Questionnaire, site: Site, most: int | None, until: datetime | None
) -> str:
    """A public link, in place of one before; it is shown this once. Who comes is a new subject of the site."""
    access.require(actor, permissions.DESIGN, questionnaire.form.project, obj=questionnaire)
    access.require(actor, permissions.SAVE, questionnaire.form.project, site=site)
    if questionnaire.closed_at is not None:
        raise Conflict(_("This questionnaire is closed."), "closed")
    if site.project_id != questionnaire.form.project_id:
        raise Invalid([Fault("site", "site", _("Choose a site of this project."))])
    if not rule_of(questionnaire.form.project).needs_nobody:
        words = _("In this study somebody gives the subjects’ numbers or arms: nobody can come by himself.")
        raise Invalid([Fault("site", "numbering", words)])
    secret = tokens.token()
    questionnaire.public_digest, questionnaire.public_site = tokens.digest(secret), site
    questionnaire.public_most, questionnaire.public_until = most, until
    questionnaire.save(update_fields=["public_digest", "public_site", "public_most", "public_until"])
    audit.record(actor, "ecrf.public_link_made", questionnaire, questionnaire=questionnaire.name, site=site.code)
    return tokens.link(secret, public=True)


@transaction.atomic
def close_to_anybody(actor: Actor, questionnaire: Questionnaire) -> Questionnaire:
    """The public link opens nothing any more; who has begun by it goes on."""
    access.require(actor, permissions.DESIGN, questionnaire.form.project, obj=questionnaire)
    if questionnaire.public_digest is not None:
        questionnaire.public_digest = None
        questionnaire.save(update_fields=["public_digest"])
        audit.record(actor, "ecrf.public_link_closed", questionnaire, questionnaire=questionnaire.name)
    return questionnaire
