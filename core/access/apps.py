from django.utils.translation import gettext_lazy as _

from core.tool import Permission, RoomConfig


class AccessConfig(RoomConfig):
    name = "core.access"
    label = "access"
    permissions = (
        Permission("access.view_project", _("Open the project")),
        Permission("access.view_members", _("See who has access")),
        Permission("access.manage_members", _("Invite and remove members"), whole_project=True),
        Permission("access.manage_project", _("Change the project and its sites"), whole_project=True),
        Permission("access.create_project", _("Create projects in the organisation"), whole_project=True),
    )
    roles = {
        "controller": ("access.view_project", "access.view_members", "access.manage_members"),
        "manager": ("access.view_project", "access.view_members", "access.manage_members", "access.manage_project"),
        "clinician": ("access.view_project", "access.view_members"),
        "researcher": ("access.view_project", "access.view_members"),
        "monitor": ("access.view_project", "access.view_members"),
        "administrator": (
            "access.view_project",
            "access.view_members",
            "access.manage_members",
            "access.manage_project",
            "access.create_project",
        ),
    }
    audit_actions = {
        "access.refused": _("was refused"),
        "access.member_invited": _("invited somebody to the project"),
        "access.account_created": _("created an account from an invitation"),
        "access.invitation_accepted": _("accepted an invitation"),
        "access.invitation_revoked": _("withdrew an invitation"),
        "access.member_removed": _("removed a member"),
        "access.project_created": _("created the project"),
    }
    audit_details = {"permission": _("permission"), "roles": _("roles"), "member": _("member")}

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core.access import roles

        post_migrate.connect(roles.write_built_in, sender=self)
