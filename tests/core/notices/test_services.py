"""People are told once, and only while they are here."""

from __future__ import annotations

from core.access.demo import World
from core.notices.models import Notice
from core.notices.services import notify


def test_each_person_is_told_once(world: World) -> None:
    """Somebody who is named twice gets one notice; a closed account gets none."""
    owner, member, stranger = (world.user[who] for who in ("owner", "member", "stranger"))
    stranger.is_active = False
    notify([owner, member, owner, stranger], "access.tested", project=world.project, url="/", member="Ada")
    assert {notice.user for notice in Notice.objects.all()} == {owner, member}
    assert Notice.objects.get(user=owner).details == {"member": "Ada"}
