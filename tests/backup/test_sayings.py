"""What agents and the engine say in English, their readers read in their own language."""

from __future__ import annotations

import pytest
from django.utils import translation

from backup.engine import sayings
from backup.models import Alert, Run
from backup.templatetags.agents import doing, said
from backup.templatetags.backup import advice


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("not read: /srv/a: Permission denied", "non lu\u00a0: /srv/a: permission refusée"),
        ("nothing has changed: no snapshot was made", "rien n’a changé\u00a0: aucun instantané n’a été fait"),
        ("3 snapshots stay, 12 are forgotten", "3 instantanés restent, 12 sont oubliés"),
        ("packs/ab: is gone. nothing reads it", "packs/ab: a disparu. rien ne le lit"),
        ("said by a later version", "said by a later version"),
    ],
)
def test_lines_of_a_run(english: str, french: str) -> None:
    """As far as it is known; names stay as they are."""
    with translation.override("fr"):
        assert said(english) == french
    with translation.override("en"):
        assert said(english) == english


def test_what_a_run_does() -> None:
    """The work is told, how far it is stays; so does the path of a save."""
    with translation.override("fr"):
        assert doing(Run(doing="reading trees 3/10")) == "lecture des arborescences 3/10"
        assert doing(Run(doing="counting snapshots")) == "décompte des instantanés"
        assert doing(Run(doing="/srv/reading trees/x 3/10")) == "/srv/reading trees/x 3/10"
        assert doing(Run()) == ""


def test_what_an_alert_advises() -> None:
    """The first problem of a check is told with its advice."""
    alert = Alert(kind=Alert.Kind.DAMAGED, details={"count": 2, "why": "packs/ab: is gone"})
    with translation.override("fr"):
        assert "packs/ab: a disparu" in advice(alert)


def test_every_saying_is_translated() -> None:
    """None is left in English where the two languages differ."""
    with translation.override("fr"):
        same = [one for one in sayings.ALL if translation.gettext(one) == one]
    assert same == []
