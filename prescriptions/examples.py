"""Fictitious ordonnances to try the tool with: no such people, invalid identifiers on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Example:
    name: _StrPromise | str
    text: str


EXAMPLES = (
    Example(
        _("General practice"),
        """Docteur Armelle EXEMPLE
Médecine générale
3 place du Modèle, 35000 RENNES - Tél. 01 99 00 12 34
RPPS 99900000028

Rennes, le 12/11/2026
M. FICTIF Loïc, né le 04/05/1961

1) AMOXICILLINE 1 g, comprimé dispersible
   1 cp matin, midi et soir pendant 7 jours
2) DOLIPRANE 1000 mg, comprimé
   1 cp toutes les 6 heures si douleur ou fièvre, maximum 3 par jour
3) RHINOCORT : 2 pulvérisations dans chaque narine le matin pdt 10 j
4) SERESTA 10 : 1/2 cp matin, 1/2 midi, 1 cp coucher, puis arrêt

Dr A. Exemple""",
    ),
    Example(
        _("Hospital discharge"),
        """CENTRE HOSPITALIER IMAGINAIRE
Service de cardiologie - ORDONNANCE DE SORTIE
Patiente : MODELE Anne   DDN 11/02/1944   Poids : 58 kg
Date : 20/11/2026

Médicament | Posologie | Durée
Bisoprolol 2,5 mg cp | 1 cp le matin | 1 mois
Furosémide 40 mg cp | 1 cp à 8h et 1/2 cp à 14h | 1 mois
Apixaban 5 mg cp | 1-0-1 | 3 mois
Atorvastatine 40 mg cp | 1 cp le soir | 3 mois
Enoxaparine 4000 UI/0,4 mL | 1 injection SC/j | 10 jours
Paracétamol 1 g cp | 1 cp x 3/j si besoin, espacer de 6 h | 10 jours

Arrêt : Ramipril
Contrôle ionogramme et créatinine dans 7 jours
QSP 3 mois, à renouveler 1 fois""",
    ),
    Example(
        _("Diabetes and tapering"),
        """Dr Y. PARADIGME - Diabétologue
Le 18 novembre 2026
Mme SPECIMEN Odile, 72 ans

METFORMINE 1000 mg : 1 cp matin et soir au cours des repas, AR 5 fois
NOVORAPID : 6-4-8 UI avant les repas
LANTUS 20 UI SC le soir à 22h
Bandelettes et lancettes : 3 contrôles par jour
CORTANCYL 20 mg : 3 cp le matin pendant 5 jours, puis 2 cp pdt 5 j, puis 1 cp pdt 5 j
METHOTREXATE 2,5 mg : 6 cp en 1 prise le LUNDI (1 fois par SEMAINE)
SPECIAFOLDINE 5 mg 2 cp le mercredi
LEVOTHYR0X 75 ug  l cp le matin a jeun  NS
KETODERM gel moussant : 1 application 2 fois par semaine pendant 4 semaines, laisser poser 5 minutes""",
    ),
)
