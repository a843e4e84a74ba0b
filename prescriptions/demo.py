"""Three fictitious ordonnances in the demo's study: one of them reviewed."""

from __future__ import annotations

from core.access.demo import World
from prescriptions import services
from prescriptions.examples import EXAMPLES
from prescriptions.models import Document, Line


def load(world: World) -> None:
    """Done again, it changes nothing."""
    if Document.objects.filter(project=world.project).exists():
        return
    actor = world.user["researcher"]
    documents = [services.structure_text(actor, world.project, example.text) for example in EXAMPLES]
    reviewed = documents[0]
    for line in Line.objects.filter(document=reviewed).select_related("document__project"):
        services.settle_line(actor, line, Line.State.VALIDATED, line.revision)
    services.validate_document(actor, reviewed)
