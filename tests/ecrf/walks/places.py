"""Who reads what of a study, and the things that several rooms lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.access.demo import World
from ecrf import services
from tests.ecrf.conftest import publish
from tests.walk import in_project, once

READERS = dict.fromkeys(("member", "monitor", "owner"), 200)


EVERY_SITE = {**READERS, "other_site": 200}


NO_RECORDS = dict.fromkeys(("researcher", "administrator"), 403)


SEEN_NOT_DONE = dict.fromkeys(("other_site", "member", "researcher", "monitor", "administrator"), 403)


API = "api:ecrf:"


published = once(publish)


def form(world: World) -> dict[str, Any]:
    return in_project(world) | {"form": published(world).key}


def subject(world: World) -> dict[str, Any]:
    return in_project(world) | {"subject": services.include_subject(world.user["member"], world.site_a).pk}


def record(world: World) -> dict[str, Any]:
    return form(world) | subject(world)


def begun(world: World) -> dict[str, Any]:
    """A record at site A with something in it."""
    what, who = published(world), services.include_subject(world.user["member"], world.site_a)
    services.save_entry(world.user["member"], who, what, 0, {"sex": "2"})
    return in_project(world) | {"form": what.key, "subject": who.pk}


def key_of(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk}


def entry(world: World) -> Any:
    who = services.include_subject(world.user["member"], world.site_a)
    return services.save_entry(world.user["member"], who, published(world), 0, {"sex": "2"}).entry


def someone(world: World) -> Any:
    return services.include_subject(world.user["member"], world.site_a)


def pk_of(arguments: Callable[[World], dict[str, Any]]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": arguments(world)["pk"]}


LISTS = dict.fromkeys(("other_site", "member", "researcher", "monitor", "owner", "administrator", "stranger"), 200)


def in_list(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: in_project(world) | {"pk": make(world).pk}


CLINICIANS = dict.fromkeys(("member", "owner"), 200)


NOT_TO_MANAGE = {"member": 403, "other_site": 403, "monitor": 403}
