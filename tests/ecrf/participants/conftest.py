"""A questionnaire, and somebody who may be asked it."""

from __future__ import annotations

import pytest

from core.access.demo import World
from ecrf import services
from ecrf.models import Questionnaire, Subject
from tests.ecrf.diary import questionnaire


@pytest.fixture
def asked(world: World) -> Questionnaire:
    return questionnaire(world)


@pytest.fixture
def subject(world: World) -> Subject:
    return services.include_subject(world.user["member"], world.site_a)
