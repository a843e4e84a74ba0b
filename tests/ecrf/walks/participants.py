"""Participants, and the team that invites them."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from ecrf.services import participants
from tests.ecrf import diary
from tests.ecrf.walks.places import (
    API,
    CLINICIANS,
    LISTS,
    NO_RECORDS,
    form,
    key_of,
    someone,
    subject,
)
from tests.walk import EVERYONE, Route, in_project, once

diaries = once(diary.questionnaire)


def questionnaire(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": diaries(world).pk}


def invitation(world: World) -> Any:
    return participants.invite(world.user["member"], diaries(world), someone(world))


def its_invitation(world: World) -> dict[str, Any]:
    return in_project(world) | {"pk": invitation(world).pk}


def contact(world: World) -> Any:
    return participants.set_contact(world.user["member"], someone(world), "ana@example.org", "", "fr")


INVITERS = {**CLINICIANS, "other_site": 200}


ONLY_GUESTS = dict.fromkeys(EVERYONE[1:], 403)
"""Nobody who has signed in answers in a participant's place."""


NOT_TO_DESIGN = {"member": 403, "other_site": 403}


NO_VISIT = {**ONLY_GUESTS, "anonymous": 410}


PARTICIPANTS = [
    Route("participate:door", allowed={**ONLY_GUESTS, "anonymous": 200}),
    Route("participate:enter", allowed={**ONLY_GUESTS, "anonymous": 404}, method="post"),
    Route("participate:come_back", allowed={**ONLY_GUESTS, "anonymous": 200}),
    Route("participate:prove", allowed=NO_VISIT),
    Route("participate:fill", allowed=NO_VISIT),
    Route("participate:state", allowed=NO_VISIT),
    Route("participate:save", allowed=NO_VISIT, method="post"),
    Route("participate:send", allowed=NO_VISIT, method="post"),
    Route("participate:code", allowed=NO_VISIT, method="post"),
    Route("participate:speak", allowed=NO_VISIT, method="post"),
    Route("participate:leave", allowed=NO_VISIT, method="post"),
    Route("participate:give_back", allowed=NO_VISIT),
    Route("participate:stop", lambda world: {"token": "x"}, dict.fromkeys(EVERYONE, 404)),
    Route("ecrf:participants", in_project, {**INVITERS, "monitor": 403} | NO_RECORDS),
    Route("ecrf:new_questionnaire", form, {"owner": 200, "member": 403, "other_site": 403, "monitor": 403}),
    Route("ecrf:questionnaire", questionnaire, {"owner": 200, "member": 403, "other_site": 403}),
    Route("ecrf:close_questionnaire", questionnaire, {"owner": 302, "member": 403, "other_site": 403}, method="post"),
    Route("ecrf:public_link", questionnaire, {"owner": 302, "member": 403, "other_site": 403}, method="post"),
    Route("ecrf:invite_many", questionnaire, INVITERS),
    Route("ecrf:invitation_act", its_invitation, dict.fromkeys(CLINICIANS, 302), method="post"),
    Route("ecrf:invitation_link", its_invitation, CLINICIANS, method="post"),
    Route("ecrf:participant", subject, {**CLINICIANS, "monitor": 403}),
    Route("ecrf:erase_contact", subject, {**dict.fromkeys(CLINICIANS, 302), "monitor": 403}, method="post"),
    Route("ecrf:hand_over", subject, {**CLINICIANS, "monitor": 403}),
    Route(f"{API}questionnaire-list", allowed=LISTS, api=True),
    Route(f"{API}questionnaire-detail", key_of(diaries), INVITERS, api=True),
    Route(f"{API}questionnaire-close", key_of(diaries), INVITERS | NOT_TO_DESIGN, method="post", api=True),
    Route(f"{API}invitation-list", allowed=LISTS, api=True),
    Route(f"{API}invitation-detail", key_of(invitation), CLINICIANS, api=True),
    Route(f"{API}invitation-revoke", key_of(invitation), CLINICIANS, method="post", api=True),
    Route(f"{API}invitation-resend", key_of(invitation), dict.fromkeys(CLINICIANS, 409), method="post", api=True),
    Route(f"{API}invitation-link", key_of(invitation), CLINICIANS, method="post", api=True),
    Route(f"{API}participant-list", allowed=LISTS, api=True),
    Route(f"{API}participant-detail", key_of(contact), CLINICIANS, api=True),
]
