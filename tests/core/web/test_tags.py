"""What templates can say without loading anything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from core.web import states

MOMENT = dt.datetime(2026, 11, 23, 13, 5, 9, tzinfo=dt.UTC)


def show(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("fr", "{{ at|when }}", "23 nov. 2026, 14:05"),
        ("en", "{{ at|when }}", "23 Nov 2026, 14:05"),
        ("fr", '{{ at|when:"day" }}', "23 nov. 2026"),
        ("fr", '{{ at|when:"second" }}', "23 nov. 2026, 14:05:09"),
        ("fr", "{{ day|when }}", "1 fév. 2026"),
        ("fr", "{{ nothing|when }}", ""),
        ("fr", "{{ amount|number }}", "12 345,6"),
        ("en", "{{ amount|number }}", "12,345.6"),
        ("fr", "{{ amount|number:0 }}", "12 346"),
        ("fr", "{{ bytes|size }}", "1,5 Mo"),
        ("en", "{{ bytes|size }}", "1.5 MB"),
        ("fr", "{{ share|percent:1 }}", "45,3 %"),
        ("en", "{{ share|percent:1 }}", "45.3%"),
    ],
)
def test_dates_and_numbers_follow_the_language(language: str, source: str, expected: str) -> None:
    """Dates, numbers, sizes and shares are written as the reader's language writes them."""
    values = {"at": MOMENT, "day": dt.date(2026, 2, 1), "amount": 12345.6, "bytes": 1_468_006, "share": 0.453}
    with translation.override(language), timezone.override("Europe/Paris"):
        shown = show(source, **values, nothing=None)
    assert shown.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") == expected


def test_units_never_break_from_their_number() -> None:
    """The space before a unit, and in a date, is a no-break space."""
    with translation.override("fr"):
        assert show("{{ 1468006|size }}") == "1,5\N{NO-BREAK SPACE}Mo"
        assert " " not in show('{{ at|when:"day" }}', at=MOMENT)


@pytest.mark.parametrize(
    ("past", "expected"),
    [(5, "à l’instant"), (60, "il y a 1 minute"), (7200, "il y a 2 heures"), (3 * 86400, "il y a 3 jours")],
)
def test_recent_moments_are_told_as_time_ago(past: int, expected: str) -> None:
    """What happened within a week is told by how long ago it was."""
    with translation.override("fr"):
        shown = show("{{ at|ago }}", at=timezone.now() - dt.timedelta(seconds=past))
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize("name", sorted(states.STATES))
def test_a_state_is_icon_and_word_and_colour(name: str) -> None:
    """No state is colour alone."""
    shown = show("{% state name %}", name=name)
    state = states.STATES[name]
    assert f"state-{state.look}" in shown
    assert f"#{state.icon}" in shown
    assert str(state.word) in shown


def test_a_state_speaks_the_tool_s_words() -> None:
    """A tool may say a state in its own words without changing its look."""
    assert "Relue" in show('{% state "done" "Relue" %}')
    assert "state-locked" in show('{% state "signed" "Signée" look="locked" %}')


def test_an_unknown_state_is_an_error() -> None:
    """A state that has no look is not shown as something else."""
    with pytest.raises(KeyError):
        show('{% state "sleeping" %}')


def test_an_icon_is_mute_or_named() -> None:
    """An icon says nothing to a screen reader unless it has a name."""
    assert 'aria-hidden="true"' in show('{% icon "lock" %}')
    named = show("{% icon 'lock' label=name %}", name='Locked "now"')
    assert 'role="img"' in named
    assert "Locked &quot;now&quot;" in named


def test_the_query_string_keeps_what_it_does_not_change() -> None:
    """A link to another page keeps the search; an empty value takes a parameter out."""
    request = RequestFactory().get("/list/?q=sepsis&page=3")
    assert show("{% query page=4 %}", request=request) == "?q=sepsis&amp;page=4"
    assert show('{% query page="" %}', request=request) == "?q=sepsis"


def test_people_have_initials() -> None:
    """Two letters stand for a person, also for one known by the address only."""
    assert show("{{ 'Camille Le Goff'|initials }}") == "CG"
    assert show("{{ 'nolwenn.kerbrat@demo.example'|initials }}") == "NK"
