"""What one may do with forms and records, and which built-in role may."""

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

READ = "ecrf.read_records"
SAVE = "ecrf.save_records"
LOCK = "ecrf.lock_records"
SIGN = "ecrf.sign_records"
REMOVE = "ecrf.remove_records"
FREEZE = "ecrf.freeze_records"
DESIGN = "ecrf.design_forms"
EXPORT = "ecrf.export_records"
RANDOMISE = "ecrf.randomise_subjects"
MANAGE_RANDOMISATION = "ecrf.manage_randomisation"
UNBLIND = "ecrf.unblind_subjects"
SEE_ALLOCATIONS = "ecrf.see_allocations"
OPEN = "ecrf.open_queries"
ANSWER = "ecrf.answer_queries"
CLOSE = "ecrf.close_queries"
ASSIGN = "ecrf.assign_queries"
VERIFY = "ecrf.verify_source"
QUALITY = "ecrf.check_quality"
IMPORT = "ecrf.import_records"
SET_ARM = "ecrf.set_arms"
CONSENTS = "ecrf.manage_consents"
MANAGE_STUDY = "ecrf.manage_study"
PARTICIPANTS = "ecrf.manage_participants"
CONTACTS = "ecrf.read_contacts"
MANAGE_RIGHTS = "ecrf.manage_rights"
RECONCILE = "ecrf.reconcile_entries"
CODE = "ecrf.code_records"
MANAGE_DICTIONARIES = "ecrf.manage_dictionaries"
TAKE_OFFLINE = "ecrf.take_offline"
EXPORT_IDENTIFIERS = "ecrf.export_identifiers"
EXPORT_DEIDENTIFIED = "ecrf.export_deidentified"
EXPORTS = (EXPORT_IDENTIFIERS, EXPORT, EXPORT_DEIDENTIFIED)
"""From everything to what tells least of persons."""

ALL = (
    Permission(READ, _("Read the records"), health_data=True),
    Permission(SAVE, _("Include subjects and fill in their records"), health_data=True),
    Permission(LOCK, _("Lock and unlock records"), health_data=True),
    Permission(SIGN, _("Sign pages of records"), in_person=True, health_data=True),
    Permission(REMOVE, _("Remove and restore records"), health_data=True),
    Permission(FREEZE, _("Freeze and unfreeze the records of the study"), whole_project=True, health_data=True),
    Permission(DESIGN, _("Import and publish forms"), whole_project=True),
    Permission(EXPORT, _("Export the records without what identifies persons"), health_data=True),
    Permission(RANDOMISE, _("Randomise subjects"), health_data=True),
    Permission(
        MANAGE_RANDOMISATION, _("Set up randomisation, open and close it"), whole_project=True, health_data=True
    ),
    Permission(UNBLIND, _("Unblind a subject, with a reason"), health_data=True, in_person=True),
    Permission(
        SEE_ALLOCATIONS, _("See the arms of subjects in a blinded trial"), health_data=True, kept_in_archive=True
    ),
    Permission(OPEN, _("Open queries on records"), health_data=True, kept_in_archive=False),
    Permission(ANSWER, _("Answer queries"), health_data=True),
    Permission(CLOSE, _("Close queries"), health_data=True),
    Permission(ASSIGN, _("Assign queries"), health_data=True),
    Permission(VERIFY, _("Verify records against the source"), health_data=True, kept_in_archive=False),
    Permission(QUALITY, _("Run quality rules over all records"), whole_project=True, health_data=True),
    Permission(IMPORT, _("Import data into the records"), whole_project=True, health_data=True),
    Permission(SET_ARM, _("Set the arm of a subject by hand"), health_data=True),
    Permission(CONSENTS, _("Download consents, ask for them again, record their withdrawal"), health_data=True),
    Permission(MANAGE_STUDY, _("Set targets and how the study is followed"), whole_project=True, health_data=True),
    Permission(
        PARTICIPANTS,
        _("Invite participants to fill in questionnaires themselves"),
        health_data=True,
        kept_in_archive=False,
    ),
    Permission(CONTACTS, _("Read and change the contacts of participants"), health_data=True),
    Permission(MANAGE_RIGHTS, _("Say who reads and fills in which pages"), whole_project=True, health_data=True),
    Permission(RECONCILE, _("Reconcile two entries of the same page"), health_data=True),
    Permission(CODE, _("Code free text with dictionaries"), health_data=True),
    Permission(MANAGE_DICTIONARIES, _("Load dictionaries to code with"), whole_project=True),
    Permission(TAKE_OFFLINE, _("Take records offline"), health_data=True, kept_in_archive=False),
    Permission(EXPORT_IDENTIFIERS, _("Export the records with what identifies persons"), health_data=True),
    Permission(EXPORT_DEIDENTIFIED, _("Export de-identified records only"), health_data=True),
)

DEFAULT_ROLES = {
    "controller": (READ, EXPORT, EXPORT_IDENTIFIERS, FREEZE, MANAGE_RANDOMISATION, MANAGE_STUDY),
    "manager": (
        *(READ, SAVE, LOCK, SIGN, REMOVE, FREEZE, DESIGN, EXPORT, EXPORT_IDENTIFIERS),
        *(RANDOMISE, MANAGE_RANDOMISATION, UNBLIND),
        *(OPEN, ANSWER, CLOSE, ASSIGN, VERIFY, QUALITY),
        *(IMPORT, SET_ARM, MANAGE_STUDY, MANAGE_RIGHTS, TAKE_OFFLINE),
        *(CONSENTS, PARTICIPANTS, CONTACTS),
        *(RECONCILE, CODE, MANAGE_DICTIONARIES),
    ),
    "clinician": (
        *(READ, SAVE, SIGN, RANDOMISE, UNBLIND, ANSWER),
        *(CONSENTS, PARTICIPANTS, CONTACTS, TAKE_OFFLINE),
    ),
    "monitor": (READ, OPEN, CLOSE, VERIFY, QUALITY),
}
"""Nobody sees the arms of a blinded trial by his role alone: that is given to a named person, such as a pharmacist."""
