"""The patients of the cast: their Vitale cards, and their records at the start of a training day. Nobody exists.

Every NIR is of somebody born « 99 » (abroad) in the invented commune 999; telephone numbers begin with 06 39 98,
kept for fiction.
"""

from datetime import date, timedelta

from kiosk.training.characters import Insured, Record, Vitale


def _minor(given_name: str, sex: str, order: str, years: int, days: int = 0, name: str = "VALLON") -> Insured:
    """A child who is `years` old today and was so `days` ago: a fixed date of birth would come of age."""
    today = date.today()
    day = min(today.day, 28)
    born = today.replace(year=today.year - years, day=day) - timedelta(days=days)
    return Insured(name, "", given_name, f"{born:%Y%m%d}", f"{sex}{born:%y%m}99999{order}")


_LACOTE = Insured("BERNARD", "LACÔTE", "ELODIE", "19840312", "2840399999011", insured=True)

VITALES: tuple[Vitale, ...] = (
    Vitale("vitale-famille", "Élodie BERNARD et sa famille : sans DMP, DMP ouvert, fermé, INS-C impossible",
           "1000000000000000001", (
               _LACOTE,
               Insured("BERNARD", "", "JEAN PIERRE", "19820725", "1820799999012"),
               Insured("BERNARD", "", "CHLOE", "20080229", "2080299999013"),
               Insured("BERNARD", "", "HUGO", "20150915", ""),
           )),
    Vitale("vitale-seule", "Simone ŒUVRARD, sans DMP", "1000000000000000002",
           (Insured("ŒUVRARD", "D'ÉTRÉVILLE", "SIMONE", "19470214", "2470299999021", insured=True),)),
    Vitale("vitale-suivi", "André PETIT, DMP ouvert, Dr GIRAUD médecin traitant", "1000000000000000003",
           (Insured("PETIT", "", "ANDRE", "19551130", "1551199999031", insured=True),)),
    Vitale("vitale-corse", "Maria SANTONI, née en Corse, date lunaire, sans DMP", "1000000000000000004",
           (Insured("SANTONI", "", "MARIA", "19620000", "262002A999041", insured=True),)),
    Vitale("vitale-refus", "Luc REFUS, création refusée par le service", "1000000000000000005",
           (Insured("REFUS", "", "LUC", "19700101", "1700199999051", insured=True),)),
    Vitale("vitale-anomalies", "Six cartes-pièges : chaque cause d'INS-C impossible", "1000000000000000006", (
        Insured("ANOMALIE", "", "ABSENT", "19900101", "", insured=True),
        Insured("ANOMALIE", "", "CLEFAUSSE", "19900202", "1900299999062", wrong_key=True),
        Insured("ANOMALIE", "", "PROVISOIRE", "19900303", "7900399999063"),
        Insured("ANOMALIE", "", "AGRICOLE", "19900404", "5555559999064"),
        Insured("ANOMALIE", "", "SANSDATE", "", "1900599999065"),
        Insured("ANOMALIE", "", "MALFORME", "19900606", "19006999X9066"),
        Insured("ANOMALIE", "", "DISCORDE", "20120707", "1900799999067"),
    )),
    Vitale("vitale-reelle", "Carte de nature réelle, refusée à l'entraînement", "1000000000000000007",
           (Insured("VRAI", "", "ROSE", "19800808", "2800899999071", insured=True),), nature="R"),
    Vitale("vitale-glace", "Rémi BRISEFER, opposé au bris de glace", "1000000000000000008",
           (Insured("BRISEFER", "", "REMI", "19710509", "1710599999081", insured=True),)),
    Vitale("vitale-centre15", "Odette QUINZE, opposée au centre 15", "1000000000000000009",
           (Insured("QUINZE", "TREIZE", "ODETTE", "19530618", "2530699999091", insured=True),)),
    Vitale("vitale-oppositions", "Gaston REFUSTOUT, opposé au bris de glace et au centre 15", "1000000000000000010",
           (Insured("REFUSTOUT", "", "GASTON", "19660103", "1660199999101", insured=True),)),
    Vitale("vitale-expiree", "Irène PASSÉ, autorisation du Dr GIRAUD expirée", "1000000000000000011",
           (Insured("PASSÉ", "COMPOSÉ", "IRENE", "19590921", "2590999999111", insured=True),)),
    Vitale("vitale-bloquee", "Victor BARRIÈRE, accès du Dr GIRAUD bloqué", "1000000000000000012",
           (Insured("BARRIÈRE", "", "VICTOR", "19770724", "1770799999121", insured=True),)),
    Vitale("vitale-attente", "Paule ATTENTE, autorisation d'un code inconnu", "1000000000000000013",
           (Insured("ATTENTE", "", "PAULE", "19880211", "2880299999131", insured=True),)),
    Vitale("vitale-fermee", "Henri CLOS, DMP fermé le 14/03/2025", "1000000000000000014",
           (Insured("CLOS", "", "HENRI", "19490430", "1490499999141", insured=True),)),
    Vitale("vitale-motif", "Solange MYSTÈRE, DMP fermé, motif inconnu", "1000000000000000015",
           (Insured("MYSTÈRE", "", "SOLANGE", "19610815", "2610899999151", insured=True),)),
    Vitale("vitale-mineurs", "Anne VALLON : 10 ans, presque 18 ans, bébé", "1000000000000000016", (
        Insured("VALLON", "PRAIRIE", "ANNE", "19860620", "2860699999161", insured=True),
        _minor("TOM", "1", "162", 10, 40),
        _minor("LISON", "2", "163", 17, 357),
        _minor("NINO", "1", "164", 0, 90),
    )),
    Vitale("vitale-tutelle", "Fernand APPUI, majeur sous tutelle", "1000000000000000017",
           (Insured("APPUI", "", "FERNAND", "19690312", "1690399999171", insured=True),)),
    Vitale("vitale-lunaire", "Aminata SAISON, date de naissance lunaire", "1000000000000000018",
           (Insured("SAISON", "", "AMINATA", "19581300", "2581399999181", insured=True),)),
    Vitale("vitale-sans-nom", "Denise VIDE, noms non renseignés au DMP", "1000000000000000019",
           (Insured("VIDE", "", "DENISE", "19720928", "2720999999191", insured=True),)),
    Vitale("vitale-mes", "Julie ESPACE, DMP rattaché à Mon espace santé", "1000000000000000020",
           (Insured("ESPACE", "", "JULIE", "19950505", "2950599999201", insured=True),)),
    Vitale("vitale-traitant", "Roger FIDÈLE, deux médecins traitants", "1000000000000000021",
           (Insured("FIDÈLE", "", "ROGER", "19450122", "1450199999211", insured=True),)),
    Vitale("vitale-urgence", "Bruno COMA, inconscient, aucune autorisation", "1000000000000000022",
           (Insured("COMA", "", "BRUNO", "19810817", "1810899999221", insured=True),)),
    Vitale("vitale-traits", "Claire DUPOND, DUPONT au DMP : identité à vérifier", "1000000000000000023",
           (Insured("DUPOND", "", "CLAIRE", "19900714", "2900799999231", insured=True),)),
    Vitale("vitale-jumelles", "Eva et Eve MIROIR, jumelles de même date", "1000000000000000024", (
        Insured("MIROIR", "", "EVA", "20010203", "2010299999241", insured=True),
        Insured("MIROIR", "", "EVE", "20010203", "2010299999242"),
    )),
    Vitale("vitale-longue", "Noms très longs et accentués", "1000000000000000025",
           (Insured("DE LA ROCHEFOUÇAULT-MONTBÉL", "SAINT-GERMAIN-DES-PRÉS-ÉGLI", "MARIE-AÏCHA-ÉLÉONORE-ANNE",
                    "19680229", "2680299999251", insured=True),)),
    Vitale("vitale-decede", "Marcel ADIEU, décédé", "1000000000000000026",
           (Insured("ADIEU", "", "MARCEL", "19300111", "1300199999261", insured=True),)),
    Vitale("vitale-v1", "Berthe ARCHIVE, DMP de la première version, INS-C seul", "1000000000000000027",
           (Insured("ARCHIVE", "", "BERTHE", "19520404", "2520499999271", insured=True),)),
    Vitale("vitale-compte", "Karim LIEN, compte internet ouvert, coordonnées connues", "1000000000000000028",
           (Insured("LIEN", "", "KARIM", "19850930", "1850999999281", insured=True),)),
    Vitale("vitale-hopital", "Yvonne SERVICE, autorise l'hôpital et le Dr O'BRIEN", "1000000000000000029",
           (Insured("SERVICE", "", "YVONNE", "19420707", "2420799999291", insured=True),)),
    Vitale("vitale-pharmacie", "Louise REMÈDE, autorise la pharmacienne", "1000000000000000030",
           (Insured("REMÈDE", "", "LOUISE", "19640216", "2640299999301", insured=True),)),
    Vitale("vitale-grossesse", "Inaya BERCEAU, suivie par la sage-femme", "1000000000000000031",
           (Insured("BERCEAU", "", "INAYA", "19970519", "2970599999311", insured=True),)),
    Vitale("vitale-dents", "Oscar MORDANT, suivi par le dentiste et le biologiste", "1000000000000000032",
           (Insured("MORDANT", "", "OSCAR", "19791212", "1791299999321", insured=True),)),
    Vitale("vitale-martin", "Jeanne MARTIN, douze voisins de même nom", "1000000000000000033",
           (Insured("MARTIN", "", "JEANNE", "19760606", "2760699999331", insured=True),)),
    Vitale("vitale-neuve", "Malo NOUVEAU, sans DMP, création permise", "1000000000000000034",
           (Insured("NOUVEAU", "", "MALO", "20040723", "1040799999341", insured=True),)),
    Vitale("vitale-ecoliere", "Lina CARTABLE, huit ans, sans DMP", "1000000000000000035",
           (_minor("LINA", "2", "371", 8, 100, name="CARTABLE"),)),
)  # fmt: skip

NEIGHBOURS: tuple[Insured, ...] = tuple(
    Insured("MARTIN", "", name, f"19{50 + order}0101", f"1{50 + order}0199999{340 + order}")
    for order, name in enumerate(
        (
            "PAUL",
            "LÉON",
            "ÉMILE",
            "JULES",
            "GEORGES",
            "ALBERT",
            "LUCIEN",
            "ÉTIENNE",
            "FÉLIX",
            "GUY",
            "YVES",
            "ALAIN",
        )
    )
)
"""Patients without a card in the tray: enough of one name for a search to say that there are too many."""

_CHILDREN = next(vitale for vitale in VITALES if vitale.card_id == "vitale-mineurs").people[1:]
_GIRAUD, _BOEUF_LEROY, _DA_COSTA = "899700000021", "899700000022", "899700000031"
_O_BRIEN, _LEFEVRE, _DOSAGE = "899700000041", "899700000051", "899700000071"
_AURORE, _MOLAIRE = "899700000072", "899700000073"
_CABINET, _HOSPITAL = "499700000001001", "10B0099991"

RECORDS: tuple[Record, ...] = (
    Record("1820799999012", authorizations=(("899700000021", "VALIDE"), ("10B0099991", "VALIDE"))),
    Record("2080299999013", state="terminated", closed_at="20250110093000", closing_reason="FERMETURE_DEMANDE_PATIENT"),
    Record("1551199999031", authorizations=(("899700000021", "VALIDE"), ("899700000031", "EXPIRE"),
                                            ("899700000051", "INTERDIT")),
           treating_doctors=("899700000021",), internet_account=True),
    Record("1700199999051", state="none", refuses_creation="DMPAccessDeniedByRightsService"),
    Record("1710599999081", opposed_to_break_glass=True),
    Record("2530699999091", opposed_to_regulation=True),
    Record("1660199999101", opposed_to_break_glass=True, opposed_to_regulation=True),
    Record("2590999999111", authorizations=((_GIRAUD, "EXPIRE"),)),
    Record("1770799999121", authorizations=((_GIRAUD, "INTERDIT"), (_DA_COSTA, "VALIDE"))),
    Record("2880299999131", authorizations=((_GIRAUD, "EN_ATTENTE"),)),
    Record("1490499999141", state="terminated", closed_at="20250314101500", closing_reason="FERMETURE_DEMANDE_PATIENT"),
    Record("2610899999151", state="terminated", closed_at="20240902080000", closing_reason="FERMETURE_INCONNUE_99"),
    Record("2860699999161", authorizations=((_GIRAUD, "VALIDE"),)),
    *(Record(child.nir13, authorizations=((_GIRAUD, "VALIDE"), (_HOSPITAL, "VALIDE")),
             representative=("MTH", "VALLON", "ANNE"), last_document="20260105080000")
      for child in _CHILDREN),
    Record("1690399999171", authorizations=((_GIRAUD, "VALIDE"),), representative=("RESPRSN", "TUTEUR", "CHANTAL"),
           address=("3 allée des Mandats", "99100", "FICTION")),
    Record("2581399999181", authorizations=((_GIRAUD, "VALIDE"),)),
    Record("2720999999191", authorizations=((_GIRAUD, "VALIDE"),),
           traits=(("usual_name", ""), ("birth_name", ""), ("given_name", ""))),
    Record("2950599999201", authorizations=((_GIRAUD, "VALIDE"),), attached_to_mes=True),
    Record("1450199999211", authorizations=((_GIRAUD, "VALIDE"), (_BOEUF_LEROY, "VALIDE")),
           treating_doctors=(_GIRAUD, _BOEUF_LEROY), last_document="20260302143000"),
    Record("1810899999221"),
    Record("2900799999231", authorizations=((_GIRAUD, "VALIDE"),),
           traits=(("usual_name", "DUPONT"), ("birth_name", "DUPONT"), ("birth_date", "19900717"))),
    Record("2010299999241", authorizations=((_GIRAUD, "VALIDE"),)),
    Record("2010299999242", authorizations=((_GIRAUD, "VALIDE"),)),
    Record("2680299999251", authorizations=((_GIRAUD, "VALIDE"),), traits=(
        ("usual_name", "DE LA ROCHEFOUÇAULT-MONTBÉLIARD D'ÉTRÉVILLE-SUR-L'ŒIL DES TROIS-CHÂTEAUX-NEUFS-Ÿ"),
        ("given_name", "MARIE-AÏCHA-ÉLÉONORE-ANNE-NOËLLE-FRANÇOISE-CHLOË-ZÉLIE-INÈS"))),
    Record("1300199999261", authorizations=((_GIRAUD, "VALIDE"),), deceased=True),
    Record("2520499999271", authorizations=((_GIRAUD, "VALIDE"),), ins_c_only=True),
    Record("1850999999281", authorizations=((_GIRAUD, "VALIDE"), (_CABINET, "VALIDE")), internet_account=True,
           telecoms=(("MC", "tel:0639980281"), ("", "mailto:karim.lien@example.org")),
           address=("28 rue des Essais", "99200", "SIMULACRE"), last_document="20260911063000"),
    Record("2420799999291", authorizations=((_HOSPITAL, "VALIDE"), (_O_BRIEN, "VALIDE"))),
    Record("2640299999301", authorizations=((_DA_COSTA, "VALIDE"), (_LEFEVRE, "VALIDE"))),
    Record("2970599999311", authorizations=((_AURORE, "VALIDE"),)),
    Record("1791299999321", authorizations=((_MOLAIRE, "VALIDE"), (_DOSAGE, "VALIDE"))),
    Record("2760699999331", authorizations=((_GIRAUD, "VALIDE"),),
           address=("1 rue des Martin", "99300", "ESSAI-LES-BAINS")),
    *(Record(one.nir13, address=("2 rue des Martin", "99300", "ESSAI-LES-BAINS")) for one in NEIGHBOURS),
)  # fmt: skip
