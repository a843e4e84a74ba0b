"""Fictitious ordonnances in the demo's study: three texts, one of them reviewed; pages and a run, read by jobs."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from core.access.demo import World
from core.accounts.models import User
from prescriptions import making, services
from prescriptions.engine.synthetic.rendering import images
from prescriptions.examples import EXAMPLES
from prescriptions.models import Document, Line

PAGES = (("general", "scan"), ("cardiology", "fax"), ("care-home", "photo"))
"""Who prescribes, and what the page went through before it came in."""
SEED = "demo"


def load(world: World) -> None:
    """Done again, it changes nothing."""
    if Document.objects.filter(project=world.project).exists():
        return
    actor = world.user["researcher"]
    documents = [services.structure_text(actor, world.project, example.text) for example in EXAMPLES]
    review(actor, documents[0])
    batch = services.start_batch(actor, world.project)
    services.add_files(actor, batch, [(name, io.BytesIO(content)) for name, content in pages()])
    services.read_batch(actor, batch)
    services.start_run(actor, services.add_own_set(actor, world.project, "own-noisy"), "grammar")


def review(actor: User, document: Document) -> None:
    """A prescription as a person leaves it: each line validated."""
    for line in Line.objects.filter(document=document).select_related("document__project"):
        services.settle_line(actor, line, Line.State.VALIDATED, line.revision)
    services.validate_document(actor, document)


@lru_cache(maxsize=1)
def pages() -> tuple[tuple[str, bytes], ...]:
    """(name, content) of invented pages, the same on each machine."""
    found = []
    with TemporaryDirectory(prefix="fonts-") as folder:
        for profile, wear in PAGES:
            for _document, _pdf, shown in making.printer(Path(folder), wear).pages(making.preview(SEED, [profile], 1)):
                suffix, content = images.encoded(shown[0].image, clean=False)
                found.append((f"{profile}-{wear}.{suffix}", content))
    return tuple(found)
