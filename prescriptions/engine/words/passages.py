"""What parts of an ordonnance are recognised by: the people, the date, what is stopped, what is no medicine."""

from __future__ import annotations

from prescriptions.engine.words import listed

PEOPLE = listed(
    "docteur dr dre rpps finess adeli am tel telephone fax rue avenue boulevard place chemin service centre",
    "hopital chu ch chr clinique cabinet hospitalier hospitaliere medecine medecin generaliste interne ordonnance",
    "identification prescripteur signature maison ehpad pole departement unite cedex conventionne mail",
)
PATIENT = listed(
    "mme m mr monsieur madame mlle melle enfant bebe ne nee ddn ipp poids age ans nir patient patiente nom prenom",
    "sexe pese taille kg resident residente naissance nss secu chambre",
)
STOPPED = ("arret", "arreter", "stop", "arret de", "ne plus prendre", "suspendre", "interrompre", "arret du",
    "arret :", "arrete", "arretes",
           "medicaments arretes", "traitements arretes", "traitement arrete", "a arreter", "arrets", "arret de l '",
           "arret d '", "medicament arrete", "medicaments a arreter", "traitements a arreter", "traitement a arreter",
           "traitements suspendus", "traitement suspendu", "traitements interrompus", "traitements stoppes", "stopper",
           "a suspendre", "ne plus prendre :", "arret des traitements suivants", "traitements habituels arretes",
           "traitements personnels arretes", "arret traitement", "arret traitements")  # fmt: skip
ENDED = listed("arret arrete arretee stop stoppe stoppee suspendu suspendue arreter suspendre interrompu interrompre")
"""What may stand last in a row that ends a treatment: `Ramipril 5 mg : arrêt`."""
COLUMNS = listed(
    "medicament medicaments posologie duree dci produit traitement voie quantite forme dosage frequence remarques",
    "commentaire rythme",
)
OTHER = listed(
    "controle controler bilan nfs crp kine kinesitherapie kinesitherapeute pansement pansements ide infirmiere",
    "infirmier seances seance radiographie radio bandelettes bandelette lancettes lancette aiguilles aiguille",
    "lecteur autopiqueur semelles contention bas regime consultation rdv prise sang inr echographie surveillance",
    "glycemie hba1c ionogramme creatinine scanner irm holter prelevement ecbu tsh ecg repos arthrose attelle",
    "orthese collier bequilles cannes collecteur collecteurs dasri deambulateur electrodes oxygene tensiometre",
    "semaine revoir reevaluation compression arret hydratation autosurveillance capteur capteurs chambre",
    "inhalation",
)
"""Words of what an ordonnance asks for besides medicines. `arrêt de travail` is one, `arrêt : ramipril` is not."""
OTHER_STARTS = listed(
    "controle controler bilan kine kinesitherapie pansement pansements ide infirmiere infirmier seances",
    "radiographie radio bandelettes bandelette lancettes lancette aiguilles aiguille lecteur autopiqueur semelles",
    "contention bas regime consultation rdv surveillance scanner irm holter prelevement ecbu nfs crp inr hba1c",
    "attelle orthese collier cannes collecteur echographie reevaluation revoir capteur tensiometre oxygene",
    "autosurveillance soins dosage bio biologie compresses prise kit set chambre complements complement capteurs",
    "freestyle dexcom frottis",
)
MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8, "septembre": 9,
    "octobre": 10, "novembre": 11, "decembre": 12,
}  # fmt: skip
ALD_ZONE = "affection de longue duree"
WITHOUT = ("sans rapport", "maladies intercurrentes", "autres prescriptions")
