"""Organisation > project > site, and who is a member of which, in which roles, from when to when."""

from core.access.models.emergencies import Emergency
from core.access.models.invitations import Invitation, JoinRequest
from core.access.models.memberships import Membership, MembershipQuerySet
from core.access.models.places import Organisation, Project, Site
from core.access.models.roles import Role

__all__ = [
    "Emergency",
    "Invitation",
    "JoinRequest",
    "Membership",
    "MembershipQuerySet",
    "Organisation",
    "Project",
    "Role",
    "Site",
]
