"""Short messages, through the gateway that the operator names; without one there are none, and the pages say so."""

from __future__ import annotations

import requests
from django.conf import settings

from core import outgoing


class NotSent(Exception):
    """The gateway didn't take the message; what it answered is in no log, for it may hold the number."""


def is_offered() -> bool:
    return bool(settings.SMS_URL)


def send(number: str, text: str) -> None:
    """POST ``{"to": …, "text": …, "from": …}`` to the gateway, with the bearer token. Raises NotSent."""
    headers = {"Authorization": f"Bearer {settings.SMS_TOKEN}"} if settings.SMS_TOKEN else {}
    message = {"to": number, "text": text, "from": settings.SMS_FROM}
    try:
        answer = outgoing.session().post(settings.SMS_URL, json=message, headers=headers)
    except requests.RequestException as error:
        raise NotSent(type(error).__name__) from None
    if not answer.ok:
        raise NotSent(str(answer.status_code))
