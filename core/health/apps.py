from django.utils.translation import gettext_lazy as _

from core.tool import Page, Place, RoomConfig


class HealthConfig(RoomConfig):
    name = "core.health"
    label = "health"
    pages = (
        Page(
            Place.INSTANCE,
            "health",
            _("Health of the instance"),
            icon="heartbeat",
            home="health:overview",
            order=20,
        ),
    )
    health = (
        "core.health.services.database",
        "core.health.services.valkey",
        "core.health.services.migrations",
        "core.health.machine.disk",
        "core.health.machine.clock",
    )
    metrics = ("core.health.certificate.measures",)
    controls = {
        "core.health.controls.https": "PGSSI-S; ISO 27001 A.8.24",
        "core.health.certificate.certificate": "ISO 27001 A.8.24; ASVS 12.2.2",
        "core.health.controls.time": "ISO 27001 A.8.17; ASVS 16.2.2",
        "core.health.controls.proxies": "CNIL 2021-122; ISO 27001 A.8.15",
        "core.health.controls.for_real": "ISO 27001 A.8.31",
        "core.health.controls.own_database": "HDS 5, 6; ISO 27001 A.8.13",
        "core.health.controls.database_by_tls": "ISO 27001 A.8.24",
        "core.health.controls.valkey_by_tls": "ISO 27001 A.8.24",
        "core.health.controls.mail_by_tls": "ISO 27001 A.8.24",
        "core.health.controls.second_factor": "PGSSI-S; CNIL EDS SEC-AUT",
        "core.health.controls.secrets_in_files": "ISO 27001 A.8.24",
        "core.health.controls.swap": "ISO 27001 A.8.24",
        "core.health.controls.logs": "CNIL 2021-122; EHDS art. 73(1)(e)",
    }

    def ready(self) -> None:
        from core.health import telemetry

        telemetry.start()
