"""Every route of the notices: each person finds his own."""

from __future__ import annotations

from typing import Any

from django.core import signing

from core.access.demo import World
from core.inbox.mail import SALT
from core.notices.models import Notice
from tests.walk import PUBLIC, SIGNED_IN, Route


def of_member(world: World) -> dict[str, Any]:
    """The argument that leads to a notice of the clinician."""
    return {"pk": Notice.objects.create(user=world.user["member"], kind="inbox.invited").pk}


def token(world: World) -> dict[str, Any]:
    return {"token": signing.dumps([str(world.user["member"].pk), "summary"], salt=SALT, compress=True)}


DONE = dict.fromkeys(SIGNED_IN, 303)
SHOWN = {"kinds": {"inbox.invited": ["shown"]}}
RHYTHM = {"every": "week", "hour": 7, "weekday": 0}
ROUTES = [
    Route("inbox:list", allowed=SIGNED_IN),
    Route("inbox:bell", allowed=SIGNED_IN),
    Route("inbox:read_all", allowed=DONE, method="post"),
    Route("inbox:undo", allowed=DONE, method="post"),
    Route("inbox:choices", allowed=SIGNED_IN),
    Route("inbox:choices", allowed=DONE, method="post", data=RHYTHM),
    Route("inbox:projects", allowed=DONE, method="post"),
    Route("inbox:unsubscribe", args=token, allowed=PUBLIC),
    Route("inbox:unsubscribe", args=token, allowed=PUBLIC, method="post"),
    Route("inbox:go", args=of_member, allowed={"member": 302}),
    Route("inbox:read", args=of_member, allowed={"member": 303}, method="post"),
    Route("inbox:unread", args=of_member, allowed={"member": 303}, method="post"),
    Route("api:inbox:notice-list", allowed=SIGNED_IN, api=True),
    Route("api:inbox:notice-detail", args=of_member, allowed={"member": 200}, api=True),
    Route("api:inbox:notice-read", args=of_member, allowed={"member": 200}, method="post", api=True),
    Route("api:inbox:notice-unread", args=of_member, allowed={"member": 200}, method="post", api=True),
    Route("api:inbox:notice-read-all", allowed=SIGNED_IN, method="post", api=True),
    Route("api:inbox:choices", allowed=SIGNED_IN, api=True),
    Route("api:inbox:choices", allowed=SIGNED_IN, method="patch", data=SHOWN, api=True),
]
