from django.utils.translation import gettext_lazy as _

from backup import tour
from backup.engine.stores.portal import LARGEST
from backup.permissions import ALL, DEFAULT_ROLES, MANAGE, SEND, VIEW
from core.tool import Act, Page, Place, ToolConfig


class BackupConfig(ToolConfig):
    name = "backup"
    label_ = _("Backups")
    description = _("Encrypted copies that nobody can read, change or erase unseen, and that come back whole.")
    icon = "shield-lock"
    acts = (
        Act(_("New backup plan"), icon="calendar-plus", url="backup:plan-create", needs=MANAGE),
        Act(_("Send a sealed file"), icon="send", url="backup:send-create", needs=SEND),
    )
    pages = (
        Page(
            Place.ORGANISATION,
            "backups",
            _("Backups"),
            icon="shield-lock",
            home="backup_allowances:of_organisation",
        ),
        Page(
            Place.INSTANCE,
            "backup-allowances",
            _("Allowances for backups"),
            icon="shield-lock",
            home="backup_allowances:list",
            order=46,
        ),
    )
    home = "backup:home"
    tour = tour.TOUR
    needs = VIEW
    permissions = ALL
    roles = DEFAULT_ROLES
    dashboard = "backup.web.dashboard.cards"
    search = "backup.queries.search"
    health = ("backup.health.late_backups", "backup.health.places_answer")
    controls = {
        "backup.health.places_answer": "HDS 6; ISO 27001 A.8.13",
        "backup.health.kept_elsewhere": "HDS 6; ISO 27001 A.8.13",
    }
    duties = {
        "backup.services.places.try_aside": 300,
        "backup.services.watching.watch_all": 300,
        "backup.services.runs.fail_silent": 60,
    }
    uploads = {"api:backup:object": LARGEST}
    programs = "backup.services.agents.is_token"
    metrics = ("backup.metrics.measures", "backup.metrics.of_places")
    notices = {
        "backup.alert_failed": _("The last backup of “%(what)s” failed."),
        "backup.alert_stale": _("“%(what)s” was not backed up for too long."),
        "backup.alert_partial": _("The backup of “%(what)s” lacks files that couldn’t be read."),
        "backup.alert_shrunk": _("The backup of “%(what)s” is suspiciously smaller than before."),
        "backup.alert_grown": _("The backup of “%(what)s” is suspiciously larger than before."),
        "backup.alert_dense": _("Many files of “%(what)s” look encrypted, as by ransomware. Look at the machine now."),
        "backup.alert_drill": _("No restore of “%(what)s” was tried for too long."),
        "backup.alert_unreachable": _("The backup repository “%(what)s” can’t be reached."),
        "backup.alert_damaged": _("The backup repository “%(what)s” is damaged or was changed."),
        "backup.alert_taken": _("Backups were taken away from “%(what)s” that nobody had forgotten."),
        "backup.alert_quota": _("The backup repository “%(what)s” is nearly full."),
        "backup.alert_silent": _("The agent that backs up “%(what)s” is silent."),
        "backup.alert_resolved": _("The backups of “%(what)s” are in order again."),
        "backup.file_fetched": _("A sealed file that you sent was fetched."),
        "backup.file_dropped": _("A sealed file came in by your request."),
    }
    upkeep = (
        "backup.services.tidying.erase_archives",
        "backup.services.objects.measure_all",
        "backup.services.ending.end_all",
    )
    demo = "backup.demo.load"
    erased = (
        {"SendFetch": "send__project"},
        {"SendPiece": "send__project"},
        {"Send": "project"},
        {"FileRequest": "project"},
        {"Opening": "project"},
        {"Alert": "project"},
        {"RunLine": "project"},
        {"Run": "project"},
        {"Snapshot": "project"},
        {"Plan": "project"},
        {"Agent": "project"},
        {"Repository": "project"},
    )
    erase = "backup.services.repositories.erase"
    audit_actions = {
        "backup.repository_created": _("founded a backup repository"),
        "backup.repository_changed": _("changed the name, the quota or the parity of a backup repository"),
        "backup.defaults_set": _("set what holds for the plans of a backup repository"),
        "backup.key_confirmed": _("confirmed that the key of a backup repository is kept safe"),
        "backup.repository_discarded": _("discarded a backup repository that was never used"),
        "backup.plan_saved": _("set a backup plan"),
        "backup.plan_ended": _("ended a backup plan"),
        "backup.snapshot_made": _("made a backup"),
        "backup.agent_made": _("expects a backup agent"),
        "backup.agent_code_renewed": _("had another code made for a backup agent"),
        "backup.agent_enrolled": _("enrolled a backup agent"),
        "backup.agent_enrolment_refused": _("tried a code that enrols no backup agent"),
        "backup.agent_key_delivered": _("gave a backup agent its key"),
        "backup.agent_refused": _("went beyond the duty of a backup agent"),
        "backup.agent_removed": _("removed a backup agent"),
        "backup.run_asked": _("asked a backup agent to run a plan now"),
        "backup.run_stop_asked": _("asked a backup agent to stop"),
        "backup.run_ended": _("ended a run of a backup agent"),
        "backup.objects_read": _("read encrypted objects of a backup repository"),
        "backup.objects_deleted": _("deleted encrypted objects of a backup repository"),
        "backup.objects_refused": _("tried to change objects of a backup repository"),
        "backup.alert_raised": _("found something wrong with the backups"),
        "backup.alert_resolved": _("found the backups in order again"),
        "backup.alert_quieted": _("wants to hear no more for a while of an alert of the backups"),
        "backup.opened": _("opened a backup repository with its key"),
        "backup.restored": _("took files out of a backup"),
        "backup.allowance_set": _("set how much the backups of an organisation may take"),
        "backup.list_exported": _("exported a list of backups"),
        "backup.restore_asked": _("asked for a restore from a backup"),
        "backup.restore_done": _("restored from a backup"),
        "backup.restore_downloaded": _("downloaded what was restored from a backup"),
        "backup.restore_erased": _("erased what was restored from a backup"),
        "backup.send_begun": _("began to send a sealed file"),
        "backup.send_made": _("sent a sealed file"),
        "backup.send_received": _("received a sealed file by a request"),
        "backup.send_fetched": _("fetched a sealed file"),
        "backup.send_revoked": _("revoked a sealed file"),
        "backup.send_prolonged": _("prolonged the link of a sealed file"),
        "backup.send_erased": _("erased a sealed file whose link is over"),
        "backup.request_made": _("asked people without account for files"),
        "backup.request_revoked": _("revoked a request for files"),
    }
    webhooks = (
        "backup.snapshot_made",
        "backup.opened",
        "backup.restored",
        "backup.agent_enrolled",
        "backup.agent_removed",
        "backup.run_ended",
        "backup.alert_raised",
        "backup.alert_resolved",
        "backup.send_made",
        "backup.send_received",
        "backup.send_fetched",
        "backup.send_revoked",
        "backup.send_erased",
    )
    audit_details = {
        "protected": _("with a passphrase"),
        "outside": _("outside the suite’s data"),
        "instance": _("the whole instance"),
        "isolated": _("writers share nothing"),
        "saves_here": _("this server saves into it"),
        "quota": _("quota"),
        "parity": _("parity"),
        "options": _("settings"),
        "excludes": _("patterns that are left out"),
        "snapshot": _("backup"),
        "datasets": _("datasets"),
        "files": _("files"),
        "bytes": _("bytes"),
        "unread": _("unread"),
        "every": _("rhythm"),
        "left_out": _("left out"),
        "identical": _("identical files"),
        "problems": _("problems"),
        "duty": _("duty"),
        "key": _("key"),
        "act": _("act"),
        "folder": _("folder"),
        "plan": _("plan"),
        "state": _("state"),
        "kind": _("kind"),
        "until": _("until"),
        "place": _("place, hashed"),
        "limit": _("limit in bytes"),
        "former_limit": _("limit before, in bytes"),
        "list": _("list"),
        "rows": _("rows"),
    }

    def ready(self) -> None:
        from django.core.checks import register

        from backup import health
        from backup.services import places

        places.check_addresses()
        register(health.deployed, deploy=True)
