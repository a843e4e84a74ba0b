"""Mails that leave at once: what is urgent, and the kinds that a person chose. The scheduler sends them."""

from __future__ import annotations

import logging
import smtplib
import time
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.inbox import services
from core.inbox.telling import Teller, sentence
from core.notices.models import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.models import User

logger = logging.getLogger(__name__)
SALT = "inbox.unsubscribe"
UNSENT = (smtplib.SMTPException, OSError)
OF_ONE_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
"""What is said of one mail by a server that is there; of any other fault the next mail would hear too."""
ROUND = 20.0
"""Seconds after which the scheduler's other duties have their turn; what is left leaves in the next round."""


def send_due() -> int:
    """Send each mail that is due once: its row is held until the server has taken it. Says how many left."""
    sent, until = 0, time.monotonic() + ROUND
    waiting = Notice.objects.filter(at_once=True, mailed_at=None, user__is_active=True).order_by("created_at")
    for key in list(waiting.values_list("pk", flat=True)[:500]):
        try:
            sent += send_one(key)
        except UNSENT as error:
            logger.warning("notice %s could not be mailed now (%s)", key, type(error).__name__)
            if not isinstance(error, OF_ONE_MAIL):
                break
        if time.monotonic() > until:
            break
    return sent


@transaction.atomic
def send_one(key: UUID) -> bool:
    rows = Notice.objects.select_for_update(of=("self",), skip_locked=True).select_related("user")
    notice = rows.filter(pk=key, mailed_at=None).first()
    if notice is None:
        return False
    Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())
    with translation.override(notice.user.language):
        told = tell(notice.user, [notice])
        subject = _("Important: something needs you in the suite") if notice.urgent else _("News for you in the suite")
        what = "" if notice.urgent else notice.kind
        message(notice.user, subject, "inbox/mail/notice.txt", told, what, f"notice-{notice.pk}").send()
    return True


def tell(user: User, notices: Sequence[Notice]) -> list[dict[str, str]]:
    """Sentence, project and address of each: the project has its name, in either, only where its managers allow that.

    The address is the notice's own, which says nothing of where it leads.
    """
    teller = Teller(user)
    teller.learn(notices)
    allowed = services.named_among(list(teller.projects.values()))
    named: dict[UUID | None, str] = {key: str(found) for key, found in teller.projects.items() if key in allowed}
    return [
        {
            "sentence": sentence(notice, nowhere=notice.project_id not in named),
            "project": named.get(notice.project_id, ""),
            "url": settings.PUBLIC_URL + reverse("inbox:go", args=[notice.pk]),
        }
        for notice in notices
    ]


def message(
    user: User, subject: str, template: str, told: list[dict[str, str]], what: str, reference: str
) -> EmailMessage:
    """A mail in plain text. With `what` it can be unsubscribed from, by one click where the mail program offers it."""
    host = settings.PUBLIC_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    headers = {"Message-ID": f"<{reference}@{host}>", "Auto-Submitted": "auto-generated"}
    context = {"person": user, "told": told, "settings_url": settings.PUBLIC_URL + reverse("inbox:choices")}
    if what:
        token = signing.dumps([str(user.pk), what], salt=SALT, compress=True)
        context["unsubscribe"] = settings.PUBLIC_URL + reverse("inbox:unsubscribe", args=[token])
        headers["List-Unsubscribe"] = f"<{context['unsubscribe']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return EmailMessage(subject, render_to_string(template, context), None, [user.email], headers=headers)
