"""What is generated from the code is kept with it, and is what the code says now."""

from __future__ import annotations

import pytest

from core.config.artefacts import Artefact, all_artefacts


@pytest.mark.parametrize("artefact", all_artefacts(), ids=lambda artefact: artefact.path.name)
def test_artefact_is_current(artefact: Artefact) -> None:
    """`manage.py generate` has been run and its output committed."""
    assert artefact.path.read_text() == artefact.render()
