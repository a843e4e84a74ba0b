from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _

from core.tool import Permission, RoomConfig


class VaultConfig(RoomConfig):
    name = "core.vault"
    label = "vault"
    permissions = (
        Permission("vault.rotate_key", _("Renew the project's encryption key"), whole_project=True),
        Permission("vault.destroy_key", _("Destroy the project's encryption key"), whole_project=True, in_person=True),
    )
    duties = {"core.vault.resealing.finish_renewals": 300}
    audit_actions = {
        "vault.key_rotated": _("renewed the encryption key"),
        "vault.values_resealed": _("sealed the values anew under the new key"),
        "vault.key_retired": _("destroyed the former encryption key, which sealed nothing any more"),
        "vault.key_destroyed": _("destroyed the encryption key"),
        "vault.keys_rewrapped": _("wrapped the encryption keys anew"),
    }
    audit_details = {
        "version": _("version"),
        "versions": _("versions"),
        "instance_key": _("instance key"),
        "count": _("count"),
        "unopenable": _("that can’t be opened"),
    }
    roles = {"controller": ("vault.rotate_key", "vault.destroy_key")}

    def ready(self) -> None:
        from core.access.models import Project
        from core.vault import keys

        keys.instance_keys(), keys.token()  # a key that can't be used stops the start, not the first save
        post_save.connect(keys.give_key, sender=Project, dispatch_uid="vault.give_key")
        post_migrate.connect(keys.give_instance_key, sender=self, dispatch_uid="vault.give_instance_key")
