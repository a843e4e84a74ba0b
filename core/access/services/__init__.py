"""Let people in and out, keep what they work in, and say what a role grants: one function for each act."""

from core.access.services.delegations import delegate, end_delegation
from core.access.services.emergencies import (
    choose_emergency_role,
    end_emergency,
    open_emergency,
    see_emergency,
)
from core.access.services.invitations import accept, invite, open_invitations, revoke_invitation, send_again
from core.access.services.members import change_membership, end_membership
from core.access.services.places import (
    add_site,
    archive_project,
    change_organisation,
    change_project,
    create_organisation,
    create_project,
    rename_site,
    reopen_site,
    restore_project,
    retire_site,
)
from core.access.services.requests import accept_request, ask_to_join, decline_request, withdraw_request
from core.access.services.roles import change_role, make_role, retire_role

__all__ = [
    "accept",
    "accept_request",
    "add_site",
    "archive_project",
    "ask_to_join",
    "change_membership",
    "change_organisation",
    "change_project",
    "change_role",
    "choose_emergency_role",
    "create_organisation",
    "create_project",
    "decline_request",
    "delegate",
    "end_delegation",
    "end_emergency",
    "end_membership",
    "invite",
    "make_role",
    "open_emergency",
    "open_invitations",
    "rename_site",
    "reopen_site",
    "restore_project",
    "retire_role",
    "retire_site",
    "revoke_invitation",
    "see_emergency",
    "send_again",
    "withdraw_request",
]
