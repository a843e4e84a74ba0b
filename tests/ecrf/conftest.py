"""A small published form and a subject at each site."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.access.demo import World
from ecrf import services
from ecrf.models import Form, Subject

DICTIONARY = (Path(__file__).parent / "data/visit.csv").read_bytes()


HEAD = DICTIONARY.decode().splitlines()[0]


def dictionary(*rows: str) -> bytes:
    """A dictionary of the subject's number and these rows."""
    return "\n".join([HEAD, "record_id,Visite,,text,Numéro,,,,,,,,,,,,,", *rows, ""]).encode()


@dataclass
class Study:
    """The sepsis study with one form, a subject at site A and one at site B."""

    world: World
    form: Form
    subject: Subject
    elsewhere: Subject


def publish(world: World, content: bytes = DICTIONARY, **options: object) -> Form:
    """Import a dictionary and publish it, as the manager."""
    owner = world.user["owner"]
    asked = {"title": "Visite", "source": "visit.csv", **options}
    return services.publish_draft(owner, services.read_dictionary(owner, world.project, content, **asked)).form


@pytest.fixture
def study(world: World) -> Study:
    return Study(
        world,
        publish(world),
        services.include_subject(world.user["member"], world.site_a),
        services.include_subject(world.user["other_site"], world.site_b),
    )
