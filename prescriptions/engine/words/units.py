"""What doses are counted in, and how French prescribers write it."""

from __future__ import annotations

TAKEN = {
    "comprimé": "cp|c p|cps|cpr|cprs|comp|comps|comprime|comprimes|cpe",
    "gélule": "gelule|gelules|gel|gels|gelu|glle",
    "capsule": "capsule|capsules|caps",
    "sachet": "sachet|sachets|sach|sachs|sac",
    "ampoule": "ampoule|ampoules|amp|amps|ampoule buvable|ampoules buvables|amp buv|amp buvable|ampoule injectable"
    "|ampoules injectables|amp inj",
    "goutte": "goutte|gouttes|gtte|gttes|gtt|gte|gtes|gt|gts",
    "suppositoire": "suppositoire|suppositoires|suppo|suppos|supp",
    "ovule": "ovule|ovules|ov",
    "bouffée": "bouffee|bouffees|bouf|bouff|boufs|bouffs|bf|bfs|puff|puffs",
    "inhalation": "inhalation|inhalations|inh",
    "pulvérisation": "pulverisation|pulverisations|pulv|pulvs",
    "application": "application|applications|appl|appli|app",
    "injection": "injection|injections|inj|injs",
    "seringue": "seringue|seringues|ser|seringue preremplie|seringues preremplies",
    "cuillère à café": "cac|cc|c a c|c c|c a cafe|cuillere a cafe|cuilleres a cafe|cuill a cafe|cuil a cafe"
    "|cuiller a cafe|cuilleree a cafe|cuillerees a cafe|cuil . a cafe",
    "cuillère à soupe": "cas|c a s|c a soupe|c s|cuillere a soupe|cuilleres a soupe|cuill a soupe|cuil a soupe"
    "|cuiller a soupe|cuilleree a soupe|cuillerees a soupe",
    "cuillère à dessert": "c a d|cuillere a dessert|cuilleres a dessert",
    "cuillère-mesure": "c mes|c - mes|cuillere mesure|cuillere - mesure|cuilleres mesure|cuilleres - mesure",
    "mesurette": "mesurette|mesurettes|mes|mesure|mesures",
    "dosette": "dosette|dosettes",
    "pipette": "pipette|pipettes",
    "unidose": "unidose|unidoses|recipient unidose|recipients unidoses",
    "dose": "dose|doses",
    "patch": "patch|patchs|patches|timbre|timbres|timbre transdermique|timbres transdermiques|dispositif transdermique"
    "|dispositifs transdermiques",
    "emplâtre": "emplatre|emplatres",
    "pastille": "pastille|pastilles",
    "granule": "granule|granules",
    "lyophilisat": "lyophilisat|lyophilisats|lyoc|lyocs",
    "pression": "pression|pressions",
    "instillation": "instillation|instillations",
    "lavement": "lavement|lavements",
    "canule": "canule|canules",
    "lavage": "lavage|lavages",
    "bain de bouche": "bain de bouche|bains de bouche",
    "gargarisme": "gargarisme|gargarismes",
    "massage": "massage|massages",
    "gomme": "gomme|gommes",
    "film": "film|films",
    "stylo": "stylo|stylos",
    "nébulisation": "nebulisation|nebulisations|aerosol|aerosols",
    "perfusion": "perfusion|perfusions|perf",
    "poche": "poche|poches",
    "compresse": "compresse|compresses",
    "noisette": "noisette|noisettes",
    "shampooing": "shampooing|shampooings|shampoing|shampoings",
    "cartouche": "cartouche|cartouches",
}
"""Unit of administration -> the ways to write it, a phrase between bars."""

MEASURED = {
    "mg": "mg|mgr|milligramme|milligrammes",
    "g": "g|gr|grs|gramme|grammes",
    "µg": "µg|mcg|ug|γ|microgramme|microgrammes|microg",
    "ng": "ng|nanogramme|nanogrammes",
    "mL": "ml|millilitre|millilitres|cc",
    "µL": "µl|microlitre|microlitres",
    "L": "l|litre|litres",
    "UI": "ui|u|unite|unites|iu|u i|unites internationales|ui anti - xa|ui anti xa|ui axa",
    "MUI": "mui|mu|millions d' ui|million d' ui|millions ui|million ui",
    "mmol": "mmol|mmoles",
    "mEq": "meq",
    "%": "%|pour cent",
    "CH": "ch",
    "DH": "dh",
}
"""Unit of measure -> the ways to write it."""

MASSES = frozenset({"mg", "g", "µg", "ng", "UI", "MUI", "mmol", "mEq"})
STRENGTHS = MASSES | {"%", "CH", "DH", "mL"}

PACKS = {
    "boîte": "boite|boites|bte|btes|bt|b",
    "tube": "tube|tubes|tb",
    "flacon": "flacon|flacons|fl|flac",
    "étui": "etui|etuis",
    "conditionnement": "conditionnement|conditionnements",
    "plaquette": "plaquette|plaquettes",
    "pot": "pot|pots",
    "paquet": "paquet|paquets",
}
"""What the pharmacist hands over."""

TIMES = {
    "min": "min|mn|minute|minutes|mins",
    "h": "h|heure|heures|hr|hrs",
    "d": "j|jr|jrs|jour|jours|d",
    "wk": "sem|semaine|semaines|sems",
    "mo": "mois",
    "a": "an|ans|annee|annees",
}

FORMS_OF_UNITS = frozenset(
    {"comprimé", "gélule", "capsule", "sachet", "ampoule", "suppositoire", "ovule", "patch", "emplâtre", "pastille",
     "granule", "lyophilisat", "gomme"}
)  # fmt: skip
"""Units that tell the form of the medicine when its line does not."""

ACTS = frozenset({"application", "bain de bouche", "gargarisme", "massage", "lavage", "lavement",
                  "instillation", "nébulisation", "injection", "perfusion"})  # fmt: skip
"""Units of which several a day are taken one at a time."""
