from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig


class ErasureConfig(RoomConfig):
    """A project or a person is erased for good: asked for by one, confirmed by another, done after a time to think."""

    name = "core.erasure"
    label = "erasure"
    pages = (
        Page(
            Place.PROJECT,
            "erasure",
            _("Erasure"),
            icon="trash-x",
            home="erasure:of_project",
            needs="vault.destroy_key",
            order=95,
            is_rare=True,
        ),
        Page(Place.INSTANCE, "erasures", _("Erasures"), icon="trash-x", home="erasure:list", order=50),
    )
    duties = {"core.erasure.services.start_due": 60}
    audit_actions = {
        "erasure.asked": _("asked for an erasure"),
        "erasure.confirmed": _("confirmed an erasure"),
        "erasure.withdrawn": _("withdrew an erasure"),
        "erasure.done": _("had an erasure done"),
        "erasure.certificate_read": _("read the certificate of an erasure"),
    }
    audit_details = {
        "kind": _("kind"),
        "due": _("due"),
        "files": _("files"),
        "bytes": _("bytes"),
        "rows": _("rows"),
        "form": _("format"),
    }
    notices = {
        "erasure.asked": _("%(who)s asks that “%(what)s” be erased for good."),
        "erasure.confirmed": _("“%(what)s” will be erased for good on %(day)s."),
        "erasure.withdrawn": _("“%(what)s” will not be erased."),
        "erasure.done": _("“%(what)s” was erased for good."),
    }
