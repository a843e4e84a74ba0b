"""The words that posologies are made of besides units, moments and forms: kept so that misspellings can be mended."""

from __future__ import annotations

from prescriptions.engine.words import listed, numbers

LINKS = (
    "a au aux avec avant apres av ap de des du d en et ou par pour sur sans le la les l un une chaque "
    "tous toutes tout toute ts ttes tts pendant pdt pd pdnt durant puis ensuite relais suivi dans entre "
    "vers si sb bes besoin cas x fois f prise prises jusqu que qsp qs soit dont environ deja"
)
LIMITS = (
    "max maxi maximum maximal maximale depasser pas ne plus dose doses espacer espacees espaces espacee "
    "espace intervalle intervalles minimum minimal minimale minimales mini min moins delai delais "
    "respecter respectant attendre administration journaliere quotidienne"
)
RHYTHM = (
    "quotidien quotidienne quotidiennement journalier journaliere hebdomadaire hebdo mensuel mensuelle "
    "bihebdomadaire matin soir premier premiere dernier jours semaine unique seule continu continue "
    "changer laisser poser remplacer sauf lendemain autre alternance alternant alternativement paliers "
    "palier charge entretien chacun demande long cours traitement duree cure arret arreter stop"
)
DISPENSING = (
    "renouveler renouvelable renouvelables renouvellement renouv repeter ar nr ns substituable substituer "
    "substitution subst ald non quantite mte efg cif rapport affection longue"
)
ACTS = (
    "prendre appliquer injecter instiller mettre inhaler avaler sucer croquer dissoudre diluer "
    "administrer masser nettoyer rincer faire passer diminuer augmenter poursuivre"
)
COMPLAINTS = (
    "douleur douleurs fievre temperature nausee nausees vomissement vomissements diarrhee diarrhees "
    "constipation crise crises migraine cephalee cephalees maux toux insomnie anxiete angoisse agitation "
    "demangeaison demangeaisons prurit allergie dyspnee essoufflement gene oppression spasme spasmes "
    "brulures reflux hypertension hypoglycemie selle selles liquide liquides encombrement rhinite fort "
    "forte intense importante persistance persistante thoracique abdominale"
)
REMARKS = "jeun distance dehors repas eau verre milieu debut fin mince couche lesions brossage cheveux coucher lever"

APART = "autre autres reste restant restants pair pairs impair impairs moins plus double triple dizaine"
COUNTING = (frozenset(numbers.WORDS) | frozenset(numbers.FRACTIONS)) - {"un", "une"} | frozenset(APART.split())
"""Words that change how much is taken, or when: left unread, they are a doubt as a number is."""

ALL = frozenset(f"{LINKS} {LIMITS} {RHYTHM} {DISPENSING} {ACTS} {COMPLAINTS} {REMARKS} {APART}".split())

ABBREVIATIONS = listed(
    "cp cps cpr comp gel caps sach amp gtte gttes gtes gte suppo bouf pulv appl inj ser cuill cuil mes sol buv",
    "susp mat m mi s c n sem j jr h min max maxi pdt pd av ap subst renouv bte btes fl eff disp orodisp hebdo vit",
    "ac chlor sod lun mar mer jeu ven sam dim mg g ml ui env dr pr mme mlle tel a r l p k o i u v vo po sc im iv",
    "sl bes qsp x",
)
"""Words whose full stop is not the end of anything."""

GLUED = listed(
    "cp cps cpr gel gels gelule sach sachet amp gtte gttes gouttes suppo bouf bouffees puff inj x j jr jours pdt",
    "pd pendant mg g ml ui h fois f par matin midi soir et le puis sem semaines mois max si sb qsp ar ns a toutes",
    "ttes les sc im iv",
)
"""What is found in words typed without spaces."""

CONTENTLESS = listed(
    "a au aux de des du d en et ou par pour le la les l un une prendre ce cet cette ces il est soit se s y qui",
    "que x fois prise prises prescrire prescription traitement posologie dose faire mettre administrer lui puis",
    "ensuite donner voie environ pendant chaque jour matin jours tous toutes raison appliquer",
)
"""Words that say nothing by themselves when nothing around them could be read."""
