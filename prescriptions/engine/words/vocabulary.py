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

ALIASES = {
    "ds": "dans", "dns": "dans", "chq": "chaque", "chaq": "chaque", "rps": "repas", "pdant": "pendant",
    "pdts": "pendant", "dlr": "douleur", "dlrs": "douleurs", "tte": "toutes", "ttes": "toutes", "ts": "tous",
    "cuil": "cuill", "tou": "tous", "tt": "tous", "prdre": "prendre", "avt": "avant", "apr": "apres",
    "qqs": "quelques", "ss": "sans",
}  # fmt: skip
"""Short forms that stand for one word wherever they are."""

OTHERS = listed(
    "traitements arretes arretee arrete medicaments medicament stopper suspendu suspendus modifie modifies poursuivi",
    "poursuivis allergique allergiques symptome symptomes visage zone zones corps peau tete cuir chevelu mains pieds",
    "jambe jambes bras dos ventre ongles bouche gorge nez yeux plaie plaies plaque plaques atteintes atteinte traiter",
    "lesion doucher rincage toilette lavage propre sec seche humide solaire soleil lumiere prudence attention conduite",
    "conduire alcool pamplemousse jus lait compote yaourt aliment aliments nourriture boire manger diete regime sport",
    "effort grossesse allaitement age poids taille kg enfant adulte nourrisson bebe biberon tetee change changes",
    "controle controler bilan sang prise prises dosage creatinine kaliemie glycemie glycemies tension pouls poussee",
    "poussees urinaire urinaires infection infections virus grippe angine otite sinusite bronchite asthme eczema",
    "acne psoriasis mycose herpes zona verrue verrues brulure coup coups piqure piqures bouton boutons rougeur",
    "rougeurs gonflement oedeme oedemes lourdes lourde crampe crampes vertige vertiges malaise fatigue sommeil stress",
    "angoisses panique tristesse irritation irritations secheresse larmes pollens saison printemps hiver voyage avion",
    "train ajouter ajuster adapter adaptation selon suivant schema protocole glycemique objectif cible inr avis",
    "medical medecin infirmiere pharmacien hopital consultation rendez vous revoir reevaluer evolution amelioration",
    "guerison reprise reprendre poursuite continuer debuter commencer demarrer aujourd hui demain hier veille",
    "intervention operation chirurgie examen radiologie anesthesie postoperatoire cicatrisation cicatrice fils",
    "voie orale locale lors cours bien agiter conserver refrigerateur secouer entier entiers ecraser ouvrir couper",
    "macher fondre sucer debout assis assise allonge allonger position heure suivant suivante precedent meme memes",
    "laver mettre enlever retirer oter etaler rincer nettoyer poser coller decoller tirer verser melanger prelever",
    "toujours jamais parfois souvent seulement uniquement surtout sinon afin donc car mais pas rien tout autre",
    "soins soin soif voir noir tour tours cour foie mots mot main demain four hors jouer soie mardi dialyse pansement",
    "nombre specialite specialites prescrites prescrits prescrite lignes ligne total totale",
    "date nom prenom patient patiente page suite fin signature cachet duree posologie frequence quantite",
)
"""Words in their own right that rules leave alone: they are not mended into others."""

ABBREVIATIONS = listed(
    "cp cps cpr comp gel caps sach amp gtte gttes gtes gte suppo bouf pulv appl inj ser cuill cuil mes sol buv",
    "susp mat m mi s c n sem j jr h min max maxi pdt pd av ap subst renouv bte btes fl eff disp orodisp hebdo vit",
    "ac chlor sod lun mar mer jeu ven sam dim mg g ml ui env dr pr mme mlle tel a r l p k o i u v vo po sc im iv",
    "sl bes qsp x f fs tt ts tte ttes dlr rps chq ds",
)
"""Words whose full stop is not the end of anything."""

GLUED = listed(
    "cp cps cpr gel gels gelule sach sachet amp gtte gttes gouttes suppo bouf bouffees puff inj x j jr jour jours pdt",
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
