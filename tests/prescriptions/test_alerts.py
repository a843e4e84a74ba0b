"""Safety alerts in words, on the card of the line that they are about."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from core.access.demo import World
from prescriptions import engine, services
from prescriptions.engine import safety
from prescriptions.web.alerts import WORDS, shown
from tests.prescriptions.test_safety import IN_A_LINE, product
from tests.queries import queries_of

ClientOf = Callable[[str], Client]

SAID = [
    ("DOLIPRANE 1000 mg : 2 cp x4/j", ["2 comprimés × 1000 mg × 4 a day = 8000 mg.", "paracétamol: 4000 mg a day."]),
    ("DOLIPRANE 1000 : 2 cp x4/j", ["the strength being taken in mg, since its unit isn’t written."]),
    ("LEVOTHYROX 75 mg : 1 cp le matin", ["Read: 75 mg in one unit."]),
    ("LEVOTHYROX 75 µg : 1 g x3/j", ["= 3,000,000 µg"]),
    ("METHOTREXATE 2,5 mg : 6 cp par jour", ["on 7 days a week"]),
    ("LANTUS : 20 mL le soir", ["“mL”"]),
]


@pytest.mark.parametrize(("text", "parts"), SAID, ids=[text for text, _parts in SAID])
def test_what_was_computed_is_said(text: str, parts: list[str]) -> None:
    """The sentence holds the dose, the strength, the times, the sum and the usual maximum."""
    with override("en"):
        said = " ".join(shown(alert).text for alert in safety.check_line(engine.read_line(text)))
    for part in parts:
        assert part in said.replace("\N{NO-BREAK SPACE}", " ")


def test_every_alert_has_words() -> None:
    """Each code that a check gives has a title and a sentence, and none is left over."""
    source = "".join(path.read_text() for path in Path(safety.__file__).parent.glob("*.py"))
    assert set(re.findall(r'Alert\(\s*"(\w+)"', source)) | {"above_usual", "above_single", "dose_per_kg"} == set(WORDS)
    lines = [engine.read_line(text) for text, _codes in IN_A_LINE]
    alerts = [alert for line in lines for alert in safety.check_line(line)]
    child = engine.read_line("DOLIPRANE 500 mg : 1 cp x4/j")
    alerts += safety.check_line(child, safety.Patient(weight_kg=12))
    alerts += safety.check_line(child, products=product((1000, "mg")))
    alerts += [alert for each in safety.check([child, child]) for alert in each]
    for language in ("fr", "en"):
        with override(language):
            for alert in alerts:
                assert shown(alert).text
                assert shown(alert).state in ("failed", "warning", "waiting")


def test_on_the_card(world: World, client_of: ClientOf) -> None:
    """The workbench shows the alerts of a line on its card, what two lines say together, and asks once for all."""
    text = "DOLIPRANE 1000 mg : 2 cp x4/j\nLAMALINE : 1 gélule le soir"
    document = services.structure_text(world.user["owner"], world.project, text)
    client = client_of("owner")
    page = client.get(document.get_absolute_url()).content.decode()
    assert page.count('class="rx-alert is-warning"') == 1
    assert page.count('class="rx-alert is-note"') == 1
    few = queries_of(client, document.get_absolute_url())
    longer = services.structure_text(world.user["owner"], world.project, text + "\nSERESTA 50 : 1 cp le soir" * 6)
    assert queries_of(client, longer.get_absolute_url()) == few


def test_a_misreading_is_to_be_checked(world: World) -> None:
    """A line whose dose can't be is kept with its doubt, whoever wrote it."""
    document = services.structure_text(world.user["owner"], world.project, "AMLODIPINE 5 mg : 10 cp le matin")
    line = document.lines.get()
    assert line.uncertain >= 1
    assert "implausible dose or strength" in {item.why for item in line.read.evidence}
