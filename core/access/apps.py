from django.utils.translation import gettext_lazy as _

from core.tool import Act, Page, Permission, Place, RoomConfig, Tracked


class AccessConfig(RoomConfig):
    name = "core.access"
    label = "access"
    pages = (
        Page(
            Place.PROJECT,
            "members",
            _("Members"),
            icon="users",
            home="access:members",
            needs="access.view_members",
            order=20,
        ),
        Page(
            Place.PROJECT,
            "settings",
            _("Settings"),
            icon="settings",
            home="access:settings",
            needs="access.manage_project",
            order=90,
        ),
        Page(
            Place.PERSON, "organisations", _("Organisations and projects"), icon="building", home="access:organisations"
        ),
        Page(Place.INSTANCE, "organisations", _("Organisations"), icon="building", home="access:all_organisations"),
        Page(Place.INSTANCE, "people", _("People"), icon="users", home="access:everybody"),
    )
    acts = (Act(_("Invite a member"), icon="user-plus", url="access:invite", needs="access.manage_members"),)
    permissions = (
        Permission("access.view_project", _("Open the project")),
        Permission("access.view_members", _("See who has access")),
        Permission("access.manage_members", _("Invite and remove members"), whole_project=True),
        Permission("access.manage_project", _("Change the project and its sites"), whole_project=True),
        Permission("access.oversee_access", _("Oversee who has access"), whole_project=True),
        Permission("access.open_emergency", _("Open emergency access")),
        Permission("access.create_project", _("Create projects in the organisation"), whole_project=True),
        Permission("access.manage_organisation", _("Administer the organisation and its people"), whole_project=True),
        Permission("access.manage_roles", _("Make and change the organisation's roles"), whole_project=True),
    )
    roles = {
        "controller": (
            "access.view_project",
            "access.view_members",
            "access.manage_members",
            "access.oversee_access",
        ),
        "manager": (
            "access.view_project",
            "access.view_members",
            "access.manage_members",
            "access.manage_project",
            "access.open_emergency",
        ),
        "clinician": ("access.view_project", "access.view_members", "access.open_emergency"),
        "researcher": ("access.view_project", "access.view_members"),
        "monitor": ("access.view_project", "access.view_members"),
        "administrator": (
            "access.view_project",
            "access.view_members",
            "access.manage_members",
            "access.manage_project",
            "access.create_project",
            "access.manage_organisation",
            "access.manage_roles",
        ),
    }
    tracked = (
        Tracked("access.Organisation"),
        Tracked("access.Project", passing=("folded_name",)),
        Tracked("access.Site"),
        Tracked("access.Role"),
    )
    audit_actions = {
        "access.refused": _("was refused"),
        "access.member_invited": _("invited somebody to the project"),
        "access.account_created": _("created an account from an invitation"),
        "access.invitation_accepted": _("accepted an invitation"),
        "access.invitation_revoked": _("withdrew an invitation"),
        "access.member_removed": _("removed a member"),
        "access.account_closed": _("closed an account"),
        "access.account_reopened": _("opened a closed account again"),
        "access.project_created": _("created the project"),
        "access.project_changed": _("changed the project"),
        "access.project_archived": _("archived the project"),
        "access.project_restored": _("brought the project back from the archive"),
        "access.site_added": _("added a site"),
        "access.site_renamed": _("renamed a site"),
        "access.site_retired": _("retired a site"),
        "access.site_reopened": _("opened a retired site again"),
        "access.organisation_created": _("created an organisation"),
        "access.organisation_changed": _("changed the organisation"),
        "access.invitation_sent_again": _("sent an invitation again"),
        "access.invitation_reminded": _("reminded somebody of an invitation"),
        "access.member_changed": _("changed what a member may do"),
        "access.own_access_given": _("gave himself access to patients' data"),
        "access.role_delegated": _("passed roles on to somebody"),
        "access.delegation_ended": _("ended a delegation"),
        "access.join_asked": _("asked to join the project"),
        "access.join_withdrawn": _("withdrew the request to join"),
        "access.join_accepted": _("accepted a request to join"),
        "access.join_declined": _("declined a request to join"),
        "access.role_made": _("made a role"),
        "access.role_changed": _("changed what a role grants"),
        "access.role_retired": _("retired a role"),
        "access.emergency_opened": _("opened emergency access"),
        "access.emergency_ended": _("ended emergency access"),
        "access.emergency_seen": _("looked at an emergency access"),
        "access.emergency_role_chosen": _("chose what emergency access opens"),
    }
    webhooks = ("access.invitation_accepted", "access.member_removed")
    audit_details = {
        "permission": _("permission"),
        "permissions": _("permissions"),
        "roles": _("roles"),
        "former": _("roles before"),
        "member": _("member"),
        "fields": _("what was changed"),
        "days": _("days"),
        "code": _("code"),
        "organisation": _("organisation"),
        "gained": _("permissions added"),
        "lost": _("permissions taken away"),
        "until": _("until"),
    }
    audit_details_anywhere = {"emergency": _("under emergency access")}
    notices = {
        "access.member_changed": _("%(who)s changed what you may do in “%(where)s”."),
        "access.member_removed": _("%(who)s ended your access to “%(where)s”."),
        "access.nobody_manages": _("Nobody is left to manage the members of “%(where)s”: name somebody."),
        "access.own_access_given": _("%(who)s gave himself access to patients' data in “%(where)s”."),
        "access.role_delegated": _("%(who)s passed roles in “%(where)s” on to %(to)s until %(until)s."),
        "access.delegation_ended": _("What was passed on to you in “%(where)s” has ended."),
        "access.emergency_opened": _("%(who)s has opened emergency access in “%(where)s”."),
        "access.join_asked": _("%(who)s asks to join “%(where)s”."),
        "access.join_accepted": _("You are now a member of “%(where)s”."),
        "access.join_declined": _("Your request to join “%(where)s” was declined: the answer says why."),
    }
    forget = "core.access.services.invitations.forget"
    upkeep = ("core.access.services.invitations.remind",)
    duties = {"core.access.services.emergencies.close_over": 30}

    def ready(self) -> None:
        from allauth.account.signals import email_changed
        from django.db.models.signals import post_migrate

        from core.access import roles, sockets
        from core.access.services import emergencies, invitations
        from core.audit import journal

        journal.markers["access.emergency"] = emergencies.mark
        email_changed.connect(invitations.on_address_changed, dispatch_uid="access.address_changed")
        sockets.connect()
        post_migrate.connect(roles.write_built_in, sender=self)
