"""Consents and what is printed."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf import services
from ecrf.services import printing
from tests.ecrf import consents
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    READERS,
    begun,
    form,
    key_of,
    pk_of,
    published,
    someone,
)
from tests.walk import Route, in_project, once

consenting = once(consents.publish)


def consented(world: World) -> dict[str, Any]:
    """A consent that was given at site A."""
    who = services.include_subject(world.user["member"], world.site_a)
    return in_project(world) | {"pk": consents.consent(world, who, consenting(world)).pk}


def printed(world: World) -> dict[str, Any]:
    """A casebook that a job has set for the member."""
    who, what, by = someone(world), published(world), world.user["member"]
    options = {"identifiers": False, "history": False}
    return in_project(world) | {"pk": printing.keep_printout(by, who, what, b"%PDF-", **options).pk}


PAPERS = [
    Route("ecrf:consents", in_project, EVERY_SITE | NO_RECORDS),
    Route("ecrf:consent", consented, READERS),
    Route("ecrf:consent_document", consented, {"owner": 200, "member": 200, "monitor": 403}),
    Route("ecrf:consent_withdraw", consented, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:consent_again", consented, {"owner": 302, "member": 302, "monitor": 403}, method="post"),
    Route("ecrf:blank_form", lambda world: form(world) | {"language": "fr"}, EVERY_SITE),
    Route("ecrf:casebook", begun, READERS),
    Route("ecrf:printout", printed, {"member": 200}),
    Route(f"{API}consent-list", allowed=LISTS, api=True),
    Route(f"{API}consent-detail", pk_of(consented), READERS, api=True),
    Route(f"{API}consent-document", pk_of(consented), {"owner": 200, "member": 200, "monitor": 403}, api=True),
    Route(
        f"{API}consent-withdraw",
        pk_of(consented),
        {"owner": 422, "member": 422, "monitor": 403},
        method="post",
        api=True,
    ),
    Route(
        f"{API}consent-ask-again",
        pk_of(consented),
        {"owner": 422, "member": 422, "monitor": 403},
        method="post",
        api=True,
    ),
    Route(f"{API}form-blank", key_of(published), EVERY_SITE, api=True),
    Route(f"{API}subject-casebook", key_of(someone), dict.fromkeys(READERS, 422), method="post", api=True),
    Route(f"{API}printout-detail", pk_of(printed), {"member": 200}, api=True),
]
