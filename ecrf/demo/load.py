"""Load the form and the subjects through the services, as people would. Done again, it finds what it made."""

from __future__ import annotations

from pathlib import Path

from core.access.demo import SEED, World
from ecrf import services
from ecrf.demo.patients import Patient
from ecrf.models import Form, Subject

HERE = Path(__file__).parent
SUBJECTS = (("site_a", "member", 24), ("site_b", "other_site", 16))
"""Site, who includes there, how many."""


def load(world: World) -> None:
    form = form_of(world)
    for place, who, count in SUBJECTS:
        site = getattr(world, place)
        for number in range(Subject.objects.filter(site=site).count(), count):
            subject = services.include_subject(world.user[who], site)
            patient = Patient(f"{SEED}-{subject.number}", number / count)
            revision = 0
            for page, values in patient.pages():
                complete = {page: True} if page in patient.complete else {}
                saved = services.save_entry(world.user[who], subject, form, revision, values, complete=complete)
                revision = saved.entry.revision
            if patient.is_locked:
                services.lock_entry(world.user["owner"], saved.entry, "Visite de monitorage")


def form_of(world: World) -> Form:
    found = Form.objects.filter(project=world.project, key="cahier-sepsis").select_related("current").first()
    if found is not None:
        return found
    draft = services.read_dictionary(
        world.user["owner"],
        world.project,
        (HERE / "sepsis.csv").read_bytes(),
        title="Cahier sepsis",
        source="sepsis.csv",
        language="fr",
        translations={"en": (HERE / "sepsis.en.csv").read_bytes()},
    )
    return services.publish_draft(world.user["owner"], draft).form
