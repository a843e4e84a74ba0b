"""Pharmaceutical forms as written after a medicine's name, and routes and sites of administration."""

from __future__ import annotations

FORMS = {
    "comprimé": "cp|cps|cpr|cprs|comp|comps|comprime|comprimes|cp secable|comprime secable|comprimes secables"
    "|comprime quadrisecable|cp quadrisecable|cpr secable|cpr quadrisecable|comprime bisecable|cp bisecable",
    "comprimé pelliculé": "comprime pellicule|comprimes pellicules|cp pellicule|cp pell|cpr pellicule|cpr pell"
    "|comprime pellicule secable|cp pellicule secable|cp pell secable|comprime secable pellicule",
    "comprimé enrobé": "comprime enrobe|cp enrobe|cpr enrobe|comprimes enrobes",
    "comprimé gastro-résistant": "cp gr|cpr gr|comprime gastro - resistant|comprime gastroresistant"
    "|comprimes gastro - resistants|cp gastro - resistant|cp gastroresistant",
    "comprimé orodispersible": "cp orodisp|cp oro|cp orodispersible|comprime orodispersible|cpr orodisp|cp orodispers"
    "|comprimes orodispersibles|orodispersible|orodisp",
    "comprimé dispersible": "cp disp|cp dispersible|comprime dispersible|comprimes dispersibles|dispersible",
    "comprimé effervescent": "cp eff|cp efferv|cp effervescent|comprime effervescent|comprimes effervescents|cpr eff"
    "|effervescent",
    "comprimé à libération prolongée": "cp lp|cpr lp|cp l p|comprime lp|comprime a liberation prolongee|cp a lp",
    "comprimé à croquer": "cp a croquer|comprime a croquer",
    "comprimé à sucer": "cp a sucer|comprime a sucer",
    "comprimé sublingual": "cp sl|comprime sublingual|cp sublingual",
    "gélule": "gelule|gelules|gel|gels|gelu",
    "gélule gastro-résistante": "gelule gastro - resistante|gel gr|gelule gr|gelule gastroresistante",
    "gélule à libération prolongée": "gelule lp|gel lp|gelule a liberation prolongee",
    "capsule": "capsule|capsules|caps|capsule molle|caps molle",
    "sachet": "sachet|sachets|sach|sachet - dose|sachet dose|en sachet|en sachets",
    "ampoule": "ampoule|ampoules|amp|ampoule buvable|amp buv",
    "suppositoire": "suppositoire|suppositoires|suppo|supp",
    "ovule": "ovule|ovules",
    "crème": "creme|cr",
    "pommade": "pommade|pom|pommade ophtalmique",
    "gel": "gel|gel moussant",
    "lotion": "lotion",
    "émulsion": "emulsion|emulsion pour application cutanee",
    "mousse": "mousse",
    "shampooing": "shampooing|shampoing",
    "collyre": "collyre|coll|collyre en solution",
    "collutoire": "collutoire",
    "sirop": "sirop|sp",
    "solution buvable": "sol buv|solution buvable|sol buvable",
    "solution buvable en gouttes": "solution buvable en gouttes|sol buv gttes|sol buv gouttes|gouttes buvables",
    "gouttes": "gouttes|gttes|gtts|gouttes orales",
    "vernis": "vernis|vernis a ongles|vernis medicamenteux",
    "suspension buvable": "susp buv|suspension buvable|susp buvable",
    "poudre pour suspension buvable": "poudre pour suspension buvable",
    "poudre pour solution buvable": "poudre pour solution buvable|pdre pour sol buv|poudre pour sol buv",
    "solution injectable": "sol inj|solution injectable|sol injectable",
    "solution pour perfusion": "solution pour perfusion|sol pr perf|sol perf",
    "suspension injectable": "suspension injectable|susp inj",
    "poudre pour solution injectable": "poudre pour solution injectable",
    "stylo": "stylo|stylo prerempli|solution injectable en stylo prerempli",
    "seringue préremplie": "seringue preremplie|ser preremplie|solution injectable en seringue preremplie",
    "suspension pour inhalation": "suspension pour inhalation|susp inh|aerosol|spray|aerosol doseur",
    "poudre pour inhalation": "poudre pour inhalation|pdre inh",
    "solution pour inhalation": "solution pour inhalation|sol pour inhalation|sol pr inhalation",
    "solution pour inhalation par nébuliseur": "solution pour inhalation par nebuliseur|nebuliseur",
    "suspension nasale": "suspension nasale|susp nasale|suspension pour pulverisation nasale",
    "solution nasale": "solution nasale|spray nasal|solution pour pulverisation nasale",
    "solution auriculaire": "solution auriculaire|sol auric|gouttes auriculaires",
    "dispositif transdermique": "dispositif transdermique|dispositifs transdermiques",
    "patch": "patch|patchs|patch transdermique",
    "emplâtre": "emplatre|emplatre medicamenteux",
    "pastille": "pastille|pastilles",
    "granulés": "granules",
    "lyophilisat": "lyophilisat|lyoc|lyophilisat oral",
    "film orodispersible": "film orodispersible",
    "poudre": "poudre|pdre",
    "solution": "solution|sol",
    "suspension": "suspension|susp",
}
"""Form -> the ways to write it, a phrase between bars."""

RELEASE = {"lp": "LP", "l p": "LP", "gr": "GR", "oro": "ORO"}

ROUTES = {
    "orale": "po|vo|per os|p o|voie orale|par voie orale|par la bouche|en voie orale|oral|orale|per - os",
    "sous-cutanée": "sc|s c|s / c|s / cut|sous - cutanee|sous cutanee|sous - cutane|sous cutane|en sous - cutanee"
    "|en sous cutane"
    "|en sous - cutane|en sous cutanee|voie sous - cutanee|par voie sous - cutanee|voie sc|en sc"
    "|par voie sc|sq|sous cut|sous - cut|s cut",
    "intramusculaire": "im|i m|intramusculaire|intra - musculaire|voie intramusculaire|par voie intramusculaire"
    "|en im|voie im",
    "intraveineuse": "iv|i v|intraveineuse|intra - veineuse|voie intraveineuse|par voie intraveineuse|en iv"
    "|voie iv|voie veineuse",
    "sublinguale": "sl|sublinguale|sublingual|sub - lingual|sous la langue|voie sublinguale|par voie sublinguale",
    "rectale": "ir|intra - rectal|intrarectal|intrarectale|voie rectale|par voie rectale|rectal|rectale",
    "vaginale": "intravag|ivag|voie vag|intravaginal|intra - vaginal|intravaginale|voie vaginale|par voie vaginale"
    "|vaginale|vaginal",
    "cutanée": "voie cutanee|par voie cutanee|voie locale|cutanee|en application cutanee|sur la peau",
    "transdermique": "voie transdermique|transdermique",
    "ophtalmique": "voie ophtalmique|ophtalmique|par voie ophtalmique|oculaire|voie oculaire|en instillation oculaire"
    "|dans l' oeil",
    "auriculaire": "voie auriculaire|auriculaire|par voie auriculaire|dans l' oreille",
    "nasale": "voie nasale|nasale|par voie nasale|intranasal|intra - nasal|intranasale|voie intranasale|in"
    "|dans la narine|dans le nez",
    "inhalée": "voie inhalee|par voie inhalee|inhalee|en inhalation|en inhalations|par inhalation|en aerosol"
    "|en nebulisation",
    "buccale": "voie buccale|buccale|par voie buccale",
    "intradermique": "id|intradermique|intra - dermique",
    "intra-articulaire": "intra - articulaire|intraarticulaire",
}
SLOW = {"ivl": "lente", "ivd": "directe", "ivse": "à la seringue électrique"}
"""Ways to give by vein: the route is intravenous, the rest its method."""

SITES = {
    ("œil droit", "ophtalmique"): "od|oeil droit|l' oeil droit|oeil dr|oeil d",
    ("œil gauche", "ophtalmique"): "og|oeil gauche|l' oeil gauche|oeil g",
    (
        "chaque œil",
        "ophtalmique",
    ): "odg|ogd|ods|chaque oeil|les deux yeux|les 2 yeux|2 yeux|deux yeux|od et og|od + og|od / og"
    "|oeil droit et gauche",
    ("œil atteint", "ophtalmique"): "l' oeil atteint|oeil atteint|l' oeil malade",
    ("œil opéré", "ophtalmique"): "l' oeil opere|oeil opere",
    (
        "chaque narine",
        "nasale",
    ): "chaque narine|les deux narines|les 2 narines|chacune des narines|2 narines|/ narine|par narine",
    ("narine droite", "nasale"): "narine droite|la narine droite",
    ("narine gauche", "nasale"): "narine gauche|la narine gauche",
    ("chaque oreille", "auriculaire"): "chaque oreille|les deux oreilles|les 2 oreilles|2 oreilles",
    ("oreille droite", "auriculaire"): "oreille droite|l' oreille droite|oreille d|oreille dte",
    ("oreille gauche", "auriculaire"): "oreille gauche|l' oreille gauche|oreille g",
    ("oreille atteinte", "auriculaire"): "l' oreille atteinte|oreille atteinte|l' oreille malade",
}
"""(site, the route it implies) -> phrases."""
