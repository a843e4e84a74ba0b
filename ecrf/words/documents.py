"""What is said of consents, and of what an export has no place for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

CONSENTS = {
    "no_consent": _("The consent was withdrawn: what stands here may be corrected, and nothing be added."),
    "consent_wrong_item": _("“%(name)s” isn’t a question of this page that can stand here."),
    "consent_untranslated": _("This part of the information sheet isn’t there in the language “%(name)s”."),
    "consent_other_language": _("“%(name)s” isn’t a language of the form."),
    "consent_on_script": _("A page that is a script can’t be a consent."),
    "unknown_consent": _("There is no page “%(name)s” that is a consent."),
    "consent_asks_itself": _("This visit holds the consent “%(name)s”, so it can’t need it."),
}
EXPORTS = {
    "export_without_labels": _("This format holds codes: the labels of choices stay in the form."),
    "export_without_statuses": _("This format has no place for statuses: they are left out."),
    "export_without_comments": _(
        "This format has no place for comments, nor for statuses other than the study’s own: they are left out."
    ),
    "export_without_codes": _(
        "This format holds the form’s own questions alone: what texts were coded as is left out."
    ),
    "export_without_files": _("This format has no place for files: they are left out."),
    "export_without_history": _("This format has no place for the history of values: it is left out."),
}
WORDS = {**CONSENTS, **EXPORTS}
