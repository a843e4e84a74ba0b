"""The grammar, line by line: what prescribers write, and the same said plainly."""

from __future__ import annotations

import pytest

from prescriptions import engine
from prescriptions.engine import wording

POSOLOGY = """
le soir : 1 cp ; le matin : 2 cp                     | 1 comprimé le soir ; 2 comprimés le matin
Matin : 2 - Midi : 0 - Soir : 1                      | 2 le matin ; 1 le soir
1 cp au lever                                        | 1 comprimé au lever
1 cp le soir au coucher                              | 1 comprimé au coucher
1 cp matin, soir et coucher                          | 1 comprimé le matin, le soir et au coucher
1-0-0-1                                              | 1 le matin et au coucher
1/2-0-1/2                                            | 1/2 matin et soir
10-8-12 UI                                           | 10 UI le matin ; 8 UI à midi ; 12 UI le soir
0/0/1 gél                                            | 1 gélule le soir
1 – 0 – 0                                            | 1 le matin
1 cp et demi le matin                                | 1 1/2 comprimé le matin
1 comprimé 1/2 le soir                               | 1 1/2 comprimé le soir
trois quarts de comprimé le soir                     | 3/4 comprimé le soir
3 cp par jour en 3 prises                            | 1 comprimé 3 fois par jour
6 cp/j en 3 prises                                   | 2 comprimés 3 fois par jour
4 g/j en 4 prises                                    | 1 g 4 fois par jour
1 cp par 24h                                         | 1 comprimé 1 fois par jour
ttes les 6h 1 gélule                                 | 1 gélule toutes les 6 heures
1 g /6h                                              | 1 g toutes les 6 heures
1 cp toutes les 4 à 6 heures                         | 1 comprimé toutes les 4 à 6 heures
1 cp toutes les 48 h                                 | 1 comprimé toutes les 48 heures
1 cp si besoin 3 fois/j max                          | 1 comprimé, si besoin, maximum 3 comprimés par jour
1 cp si douleur, max 4/j, espacées d'au moins 4 h    | 1 comprimé, si douleur, maximum 4 comprimés par jour, espacer les prises de 4 heures
1 cp si douleur, 2 cpr max par prise, 4h délais min entre deux prises | 1 comprimé, si douleur, maximum 2 comprimés par prise, espacer les prises de 4 heures
1 cp 30 min avant le repas du matin                  | 1 comprimé 30 min avant le petit déjeuner
1 cp matin et soir avant les repas                   | 1 comprimé avant le petit déjeuner et le dîner
1 cp au dîner                                        | 1 comprimé au dîner
1 sachet en dehors des repas                         | 1 sachet, en dehors des repas
1 cp 1 jour sur 2                                    | 1 comprimé tous les 2 jours
1 cp tous les jours sauf le dimanche                 | 1 comprimé le lundi, le mardi, le mercredi, le jeudi, le vendredi, le samedi
1 cp du lundi au vendredi                            | 1 comprimé le lundi, le mardi, le mercredi, le jeudi, le vendredi
1 inj tous les 3 mois                                | 1 injection tous les 3 mois
1 cp hebdomadaire le jeudi                           | 1 comprimé 1 fois par semaine, le jeudi
1 ampoule le premier jour de chaque mois             | 1 ampoule 1 fois par mois
1 cp 1 soir sur 2                                    | 1 comprimé tous les 2 jours, le soir
50 mg J1 J8 J15                                      | 50 mg J1, J8, J15
1 cp 21 jours sur 28                                 | 1 comprimé 21 jours sur 28
4-3-2-1 cp par paliers de 3 jours                    | 4 comprimés 1 fois par jour, pendant 3 jours, puis 3 comprimés 1 fois par jour, pendant 3 jours, puis 2 comprimés 1 fois par jour, pendant 3 jours, puis 1 comprimé 1 fois par jour, pendant 3 jours
500 mg J1 puis 250 mg/j 4 j                          | 500 mg 1 fois par jour, pendant 1 jour, puis 250 mg 1 fois par jour, pendant 4 jours
dose de charge 600 mg puis 300 mg/j                  | 600 mg en dose unique, puis 300 mg 1 fois par jour
1/2 cp et 3/4 cp en alternance un jour sur 2         | 1/2 comprimé tous les 2 jours ; 3/4 comprimé tous les 2 jours
1 cp le matin puis 1 cp le soir                      | 1 comprimé le matin ; 1 comprimé le soir
20 mg/j pendant 5 j puis diminuer de 5 mg tous les 3 jours | 20 mg 1 fois par jour, pendant 5 jours, puis diminuer de 5 mg tous les 3 jours
10 à 15 gttes le soir                                | 10 à 15 gouttes le soir
1 cp 1 à 2 fois/j pendant 5 à 7 j                    | 1 comprimé 1 à 2 fois par jour, pendant 5 à 7 jours
2-3 bouffées si crise                                | 2 à 3 bouffées, si crise
1 dose de 12 kg toutes les 6 h                       | 1 dose de 12 kg toutes les 6 heures
15 mg/kg toutes les 6 heures                         | 15 mg/kg toutes les 6 heures
90 mg/kg/j en 3 prises pendant 10 j                  | 30 mg/kg 3 fois par jour, pendant 10 jours
1 goutte dans l'œil droit 3 fois par jour            | 1 goutte 3 fois par jour, voie ophtalmique, œil droit
2 pulv dans chaque narine matin et soir              | 2 pulvérisations matin et soir, voie nasale, chaque narine
1 g IV sur 30 min x 3/j                              | 1 g 3 fois par jour, en 30 minutes, voie intraveineuse
1 patch le matin, à laisser 12 h                     | 1 patch le matin, à laisser 12 heures
1 patch 16h sur 24                                   | 1 patch 1 fois par jour, à laisser 16 heures
2 cp m. et s.                                        | 2 comprimés matin et soir
1CPX2/J PDT 8J                                       | 1 comprimé 2 fois par jour, pendant 8 jours
1 gelule x 2 par jur si doulerus                     | 1 gélule 2 fois par jour, si douleurs
l cp le rnatin                                       | 1 comprimé le matin
1 cp pendant 3 jours maximum                         | 1 comprimé, pendant 3 jours maximum
1 cp matin et soir, STOP si nausées                  | 1 comprimé matin et soir, STOP si nausées
"""
MEDICINES = """
SERESTA 50 : 1/2 cp matin              | SERESTA  | 50             | comprimé | 1/2 comprimé le matin                    |
OGAST 15 1 gél le soir                 | OGAST    | 15             | gélule   | 1 gélule le soir                         |
LANTUS 20 UI SC le soir à 22h          | LANTUS   |                |          | 20 UI à 22 h, voie sous-cutanée          |
paracétamol, 1 g à 7h et 500 mg à 18h  | PARACETAMOL |             |          | 1 g à 7 h ; 500 mg à 18 h                |
EFFERALGAN® 1 000 mg, cpr, 1 à 7h, 12h | EFFERALGAN | 1000 mg      | comprimé | 1 comprimé à 7 h et 12 h                 |
ENOXAPARINE 4 000 UI (40 mg)/0,4 mL, sol inj : 1 seringue/j | ENOXAPARINE | 4000 UI/0,4 mL | solution injectable | 1 seringue 1 fois par jour |
XARELTO 20 mg 1 cp/j le soir au cours du repas, AR x 5, NS (MTE) | XARELTO | 20 mg | comprimé | 1 comprimé 1 fois par jour, au dîner | à renouveler 5 fois, non substituable (MTE)
SUBUTEX 8 mg SL 1 cp/j, 28 comprimés   | SUBUTEX  | 8 mg           | comprimé | 1 comprimé 1 fois par jour, voie sublinguale | quantité : 28 comprimés
parcetamol 1g 1cp x3/j                 | PARACETAMOL | 1 g         | comprimé | 1 comprimé 3 fois par jour               |
Amoxiciline 1 g 1 cp x 2/j 6 j         | AMOXICILLINE | 1 g        | comprimé | 1 comprimé 2 fois par jour, pendant 6 jours |
SYMBICORT 200/6 µg : 2 bouffées matin et soir QSP 3 mois | SYMBICORT | 200 µg/6 µg | | 2 bouffées matin et soir          | QSP 3 mois
DIPROSONE 0,05 % crème : 1 appl/j      | DIPROSONE | 0,05 %        | crème    | 1 application 1 fois par jour            |
ZYXOVALIN 10 mg : 1 cp le soir         | ZYXOVALIN | 10 mg         | comprimé | 1 comprimé le soir                       |
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" | ")] for line in table.strip().splitlines()]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


@pytest.mark.parametrize(("written", "meant"), rows(POSOLOGY))
def test_posology(written: str, meant: str) -> None:
    """What is written means this."""
    assert wording.posology(engine.read_line(written).medication) == meant


@pytest.mark.parametrize("line", MEDICINES.strip().splitlines())
def test_medicine(line: str) -> None:
    """Name, strength, form, posology and dispensing of a line."""
    written, name, strength, form, posology, supply = [*cells(line), ""][:6]
    found = engine.read_line(written).medication
    assert (found.name, wording.strengths(found.strength), found.form or "") == (name, strength, form)
    assert wording.posology(found) == posology
    assert wording.supply(found.dispense, found.substitution, found.ald) == supply


AMBIGUOUS = [
    "1 cp par jour matin et soir", "2 cp par jour matin et soir", "1 cp x 3", "LEVOTHYROX 75 µg le matin", "SERESTA 50 : 1 cp le soir",
    "ZYXOVALIN 10 mg : 1 cp le soir", "1 cp 3 fois par jour matin et soir", "LEVOTHYROX 75 µg l cp le matin", "1 cp matin et 7 soleils",
]  # fmt: skip


@pytest.mark.parametrize("written", AMBIGUOUS)
def test_doubt_is_said(written: str) -> None:
    """What can be read in two ways, or was mended, is marked to be checked, with a reason."""
    weakest = min(engine.read_line(written).evidence, key=lambda item: item.confidence)
    assert weakest.confidence < 0.8
    assert weakest.why


@pytest.mark.parametrize("written", ["1 cp matin et soir pendant 7 jours", "DOLIPRANE 1000 mg cp : 1 cp x3/j pdt 5 j"])
def test_plain_lines_raise_no_doubt(written: str) -> None:
    """What is said plainly is not marked: a page full of warnings warns of nothing."""
    assert min(item.confidence for item in engine.read_line(written).evidence) >= 0.8


@pytest.mark.parametrize(
    ("written", "daily"),
    [
        ("1 cp matin et soir", {"1|comprimé": (2, 2)}),
        ("1 à 2 cp 3 fois par jour", {"1|comprimé": (3, 6)}),
        ("1 g toutes les 4 à 6 heures", {"1|g": (4, 6)}),
        ("6 cp le lundi", {"1|comprimé": (0.8571, 0.8571)}),
        ("1 cp un jour sur 2", {"1|comprimé": (0.5, 0.5)}),
        ("3 cp/j pdt 3 j puis 2 cp/j", {"1|comprimé": (3, 3), "2|comprimé": (2, 2)}),
        ("1 patch toutes les 72 h", {"1|patch": (0.3333, 0.3333)}),
        ("1 cp si douleur", {}),
    ],
)
def test_daily_dose(written: str, daily: dict[str, tuple[float, float]]) -> None:
    """The daily dose follows from doses and rhythm; where the text gives no rhythm there is none."""
    assert engine.read_line(written).medication.daily_dose == daily
