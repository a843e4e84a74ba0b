"""Sockets of pages: for who may open the page itself, and only as long as his session and his rights last."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from core.access import second_factor
from core.access.signals import membership_ended
from core.accounts import limits
from core.accounts.strength import is_strong
from core.bells import ring

if TYPE_CHECKING:
    from uuid import UUID

    from core.accounts.models import User

NOT_YOURS, SIGNED_OUT = 4404, 4401
"""Why a socket is closed: there is nothing (any more) that you may see; the session has ended."""


class PageSocket(AsyncJsonWebsocketConsumer):
    """Asks at the door, and before it tells anything, what a page asks: session, second factor, and `may`."""

    joined: tuple[str, ...] = ()
    user: User

    def groups_wanted(self) -> tuple[str, ...]:
        """The bells that this socket listens to."""
        return ()

    async def opened(self) -> None:
        """Somebody who may listen is there."""

    def may(self) -> bool:
        """Whether `user` may hear what this socket tells, by the database of this moment."""
        return True

    async def connect(self) -> None:
        await self.accept()
        if not await self.still():
            return
        session = session_group(self.scope["session"].session_key)
        self.joined = (person_group(self.user.pk), session, *self.groups_wanted())
        for group in self.joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.opened()

    async def disconnect(self, code: int) -> None:
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def rights_changed(self, event: dict[str, Any]) -> None:
        await self.still()

    async def session_ended(self, event: dict[str, Any]) -> None:
        await self.close(SIGNED_OUT)

    async def still(self) -> bool:
        """Whether one may still listen; where one may not, the socket is closed."""
        if code := await self.refusal():
            await self.close(code)
        return not code

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def refusal(self) -> int:
        """Why the socket is to be closed; 0 where it isn't."""
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.scope["session"].session_key)
        request.user = get_user(request)
        if not request.user.is_authenticated or limits.left(request.session).seconds <= 0:
            return SIGNED_OUT
        self.user = request.user
        if second_factor.missing(self.user) and not is_strong(request, self.user):
            return NOT_YOURS
        return 0 if self.may() else NOT_YOURS


def person_group(user_id: UUID) -> str:
    return f"person.{user_id.hex}"


def session_group(session_key: str) -> str:
    """Names a session's group without telling the session."""
    return f"session.{salted_hmac('core.access.sockets', session_key, algorithm='sha256').hexdigest()[:40]}"


def connect() -> None:
    membership_ended.connect(on_membership_ended, dispatch_uid="access.sockets.membership_ended")
    post_delete.connect(on_session_ended, sender=Session, dispatch_uid="access.sockets.session_ended")


def on_membership_ended(*, user: User, **_signal: Any) -> None:
    transaction.on_commit(lambda: ring(person_group(user.pk), {"type": "rights.changed"}))


def on_session_ended(*, instance: Session, **_signal: Any) -> None:
    transaction.on_commit(lambda: ring(session_group(instance.session_key), {"type": "session.ended"}))
