"""What is said of work done offline that can't go into the records as it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

OFFLINE = {
    "offline_revoked": _("This device was revoked. What it sends is kept for the study’s managers."),
    "offline_forbidden": _(
        "Its author may not enter data here any more. What was sent is kept for the study’s managers."
    ),
    "offline_locked": _("The record was locked meanwhile. What was sent is kept until somebody unlocks it."),
    "offline_removed": _("The record was removed meanwhile. What was sent is kept until somebody restores it."),
    "offline_subject_aside": _("The subject’s inclusion is still to be decided on. What was sent is kept until then."),
    "offline_not_taken": _("This subject’s records weren’t taken on this device: nothing was saved."),
    "offline_unknown_form": _("The study has no such form: nothing was saved."),
    "offline_unknown_version": _("The form never had this version: nothing was saved."),
    "offline_unknown_sheet": _("The form has no such sheet any more. What was sent is kept for the study’s managers."),
    "offline_unknown_site": _("The study has no such site: nothing was saved."),
    "offline_number": _(
        "In this study somebody gives the subjects’ numbers or arms: include the subject on his page, then enter there "
        "what was sent. It is kept for the study’s managers."
    ),
    "offline_bad_order": _("What came before it belongs elsewhere: nothing was saved."),
    "offline_faults": _("Not all of it can be saved as it is. What is left is kept for the study’s managers."),
}
