"""Randomisation."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf.models import (
    Scheme,
)
from ecrf.services import randomisation
from tests.ecrf import trial
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    NOT_TO_MANAGE,
    READERS,
    form,
    key_of,
    pk_of,
    published,
)
from tests.walk import EVERYONE, Route, in_project


def planned(world: World) -> dict[str, Any]:
    """A draft of a scheme, with its table."""
    scheme = trial.draft(world, published(world), **another())
    randomisation.make_table(world.user["owner"], scheme)
    return in_project(world) | {"pk": scheme.pk}


def recruiting(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": trial.opened(world, published(world), **another()).pk}


def stopped(world: World) -> dict[str, Any]:
    scheme = trial.opened(world, published(world), **another())
    return in_project(world) | {"pk": randomisation.close_scheme(world.user["owner"], scheme).pk}


def waiting(world: World) -> dict[str, Any]:
    """A subject who may be randomised."""
    scheme = trial.opened(world, published(world), **another())
    return in_project(world) | {"subject": trial.ready(world, published(world)).pk, "scheme": scheme.pk}


def blinded(world: World) -> Any:
    return trial.randomised(world, trial.opened(world, published(world), blinded=True, **another()))


def in_the_dark(world: World) -> dict[str, Any]:
    """A subject of a blinded trial."""
    found = blinded(world)
    return in_project(world) | {"subject": found.subject.pk, "pk": found.pk}


def another() -> dict[str, Any]:
    """A name that no scheme has yet."""
    return {"name": f"Essai {Scheme.objects.count() + 1}"}


MANAGER = {"owner": 302}


CLINICIAN = {"owner": 200, "member": 200, "monitor": 403}


ASKED_WHO = dict.fromkeys(EVERYONE, 302)
"""Who he is comes before whether there is anything."""


NOBODY_AT_WORK = {"owner": 403, **NOT_TO_MANAGE}
"""What comes is read by nobody who enters data, the manager included; test_randomisation.py shows who may."""


RANDOMISATION = [
    Route("ecrf:schemes", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:new_scheme", form, {"owner": 200} | NOT_TO_MANAGE),
    Route("ecrf:preview_scheme", form, {"owner": 200} | NOT_TO_MANAGE, method="post"),
    Route("ecrf:scheme", recruiting, EVERY_SITE),
    Route("ecrf:open_scheme", planned, MANAGER, method="post"),
    Route("ecrf:close_scheme", recruiting, MANAGER | NOT_TO_MANAGE, method="post"),
    Route("ecrf:reopen_scheme", stopped, MANAGER | NOT_TO_MANAGE, method="post"),
    Route("ecrf:discard_scheme", planned, MANAGER, method="post"),
    Route("ecrf:make_table", planned, MANAGER, method="post"),
    Route("ecrf:upload_table", recruiting, NOBODY_AT_WORK),
    Route("ecrf:extend_table", recruiting, MANAGER | NOT_TO_MANAGE, method="post"),
    Route("ecrf:table", recruiting, ASKED_WHO),
    Route("ecrf:randomise", waiting, CLINICIAN),
    Route("ecrf:unblind", in_the_dark, CLINICIAN),
    Route(f"{API}scheme-list", allowed=LISTS, api=True),
    Route(f"{API}scheme-detail", pk_of(recruiting), EVERY_SITE, api=True),
    Route(f"{API}scheme-make-table", pk_of(planned), {"owner": 200}, method="post", api=True),
    Route(f"{API}scheme-upload-table", pk_of(recruiting), dict.fromkeys(NOBODY_AT_WORK, 403), method="post", api=True),
    Route(f"{API}scheme-extend", pk_of(recruiting), {"owner": 422} | NOT_TO_MANAGE, method="post", api=True),
    Route(f"{API}scheme-table", pk_of(recruiting), NOBODY_AT_WORK, api=True),
    Route(f"{API}scheme-balance", pk_of(recruiting), EVERY_SITE, api=True),
    Route(f"{API}scheme-open", pk_of(planned), {"owner": 200}, method="post", api=True),
    Route(f"{API}scheme-close", pk_of(recruiting), {"owner": 200} | NOT_TO_MANAGE, method="post", api=True),
    Route(f"{API}scheme-reopen", pk_of(stopped), {"owner": 200} | NOT_TO_MANAGE, method="post", api=True),
    Route(f"{API}allocation-list", allowed=LISTS, api=True),
    Route(f"{API}allocation-detail", key_of(blinded), READERS, api=True),
]
