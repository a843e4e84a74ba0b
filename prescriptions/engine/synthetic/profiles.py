"""The kinds of ordonnances: who writes them, how many medicines, in which body, and what stands there besides."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Profile:
    """`bodies`: how the medicines are set out -> how often; shares are of the documents."""

    name: str
    heading: str
    specialties: tuple[str, ...]
    least: int
    most: int
    bodies: dict[str, float]
    others: tuple[str, ...] = ()
    other_share: float = 0.2
    stopped_share: float = 0.0
    for_all_share: float = 0.15
    weight_share: float = 0.1
    titles: tuple[str, ...] = field(default=("", "", "ORDONNANCE"))


BODIES = ("numbered", "below", "plain", "dashes", "table", "run-on", "bizone", "secure")

PROFILES = {
    one.name: one
    for one in (
        Profile(
            "general", "practice", ("Médecine générale", "Médecin généraliste"), 2, 6,
            {"numbered": 4, "below": 4, "plain": 2, "dashes": 2, "run-on": 0.7},
            ("Bilan sanguin : NFS, CRP, ionogramme", "10 séances de kinésithérapie",
             "Consultation de contrôle dans 1 mois",
             "Radiographie du genou droit"),
        ),
        Profile(
            "paediatrics", "practice", ("Pédiatre", "Pédiatrie"), 1, 4,
            {"numbered": 3, "below": 4, "plain": 2, "dashes": 1},
            ("Chambre d'inhalation avec masque", "Consultation de contrôle dans 2 jours"), weight_share=1.0,
        ),
        Profile(
            "cardiology", "practice", ("Cardiologue", "Cardiologie", "Maladies du coeur et des vaisseaux"), 4, 9,
            {"bizone": 4, "dashes": 3, "numbered": 2, "plain": 2},
            ("Contrôle ionogramme et créatinine dans 15 jours", "INR toutes les semaines",
             "Bas de contention classe 2"),
            other_share=0.35, for_all_share=0.4,
        ),
        Profile(
            "diabetes", "practice", ("Diabétologue", "Endocrinologie - Diabétologie"), 3, 7,
            {"bizone": 4, "plain": 3, "below": 2, "numbered": 2},
            ("Bandelettes et lancettes : 3 contrôles par jour", "Aiguilles 4 mm pour stylo : 1 boîte de 100",
             "Lecteur de glycémie : 1", "Contrôle HbA1c dans 3 mois", "Collecteur DASRI"),
            other_share=0.8, for_all_share=0.4,
        ),
        Profile(
            "palliative", "hospital", ("Soins palliatifs", "Equipe mobile de soins palliatifs"), 3, 7,
            {"plain": 3, "dashes": 3, "below": 2}, ("Soins infirmiers à domicile matin et soir",), weight_share=0.3,
        ),
        Profile(
            "discharge", "hospital", ("Médecine Interne", "Chirurgie digestive", "Cardiologie", "Gériatrie",
            "Pneumologie"), 4, 9, {"table": 6, "numbered": 2, "plain": 2},
            ("Contrôle NFS, CRP dans 7 jours", "Pansement par IDE tous les 2 jours",
             "Consultation de contrôle dans 1 mois"),
            other_share=0.6, stopped_share=0.7, for_all_share=0.3, weight_share=0.4,
            titles=("ORDONNANCE DE SORTIE", "ORDONNANCE DE SORTIE", "Traitement de sortie"),
        ),
        Profile(
            "narcotics", "practice", ("Médecine générale", "Médecine de la douleur"), 1, 2, {"secure": 1},
            titles=("ORDONNANCE SECURISEE",), for_all_share=0.0,
        ),
        Profile(
            "care-home", "home", ("Médecin coordonnateur", "Médecin traitant"), 7, 12,
            {"dashes": 5, "plain": 4, "table": 2}, ("Bilan : NFS, créatinine, TSH",), stopped_share=0.1,
            for_all_share=0.6, weight_share=0.4,
        ),
        Profile(
            "ophthalmology", "practice", ("Ophtalmologue", "Ophtalmologiste"), 1, 3,
            {"numbered": 2, "below": 2, "plain": 3}, ("Compresses stériles : 1 boîte",),
        ),
        Profile(
            "dermatology", "practice", ("Dermatologue", "Dermatologie - Vénéréologie"), 2, 4,
            {"numbered": 2, "below": 3, "plain": 3}, ("Bilan hépatique dans 1 mois",),
        ),
    )
}  # fmt: skip
MIX = {"general": 35, "paediatrics": 10, "cardiology": 10, "diabetes": 10, "palliative": 5, "discharge": 10,
       "narcotics": 5, "care-home": 8, "ophthalmology": 3, "dermatology": 4}  # fmt: skip
"""How many of a hundred documents are of each profile, unless told otherwise."""
