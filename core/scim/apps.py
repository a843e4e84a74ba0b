from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig, Tracked


class ScimConfig(RoomConfig):
    name = "core.scim"
    label = "scim"
    erased = ({"Given": "mapping__project"}, {"Mapping": "project"})
    personal = {"Entry": "user"}
    pages = (Page(Place.ORGANISATION, "directory", _("Directory"), icon="address-book", home="scim:overview"),)
    notices = {"scim.rule_made": _("%(who)s gives roles in %(where)s to the group %(group)s of the directory")}
    tracked = (
        Tracked("scim.Directory", secret=("secret_hash", "key"), passing=("last_used_at",)),
        Tracked("scim.Mapping"),
    )
    audit_actions = {
        "scim.token_created": _("made a token for a directory"),
        "scim.token_revoked": _("revoked the token of a directory"),
        "scim.account_made": _("made an account (directory)"),
        "scim.account_changed": _("changed what it knows of a person (directory)"),
        "scim.address_changed": _("changed the address of an account (directory)"),
        "scim.account_closed": _("closed an account (directory)"),
        "scim.account_opened": _("opened an account again (directory)"),
        "scim.account_removed": _("removed a person (directory)"),
        "scim.group_made": _("made a group (directory)"),
        "scim.group_changed": _("changed a group (directory)"),
        "scim.group_removed": _("removed a group (directory)"),
        "scim.members_changed": _("changed who is in a group (directory)"),
        "scim.membership_given": _("gave a membership by a group (directory)"),
        "scim.membership_ended": _("ended a membership (directory)"),
        "scim.rule_made": _("made a rule for a group of the directory"),
        "scim.rule_removed": _("removed a rule of a group of the directory"),
    }
    audit_details = {
        "directory": _("directory"),
        "organisation": _("organisation"),
        "group": _("group"),
        "member": _("member"),
        "roles": _("roles"),
        "rule": _("rule"),
        "joined": _("people who joined"),
        "left": _("people who left"),
    }

    def ready(self) -> None:
        from core.access.signals import membership_ended, membership_followed
        from core.scim import listeners

        membership_ended.connect(listeners.on_account_closed, dispatch_uid="scim.account_closed")
        membership_followed.connect(listeners.on_membership_followed, dispatch_uid="scim.membership_followed")
