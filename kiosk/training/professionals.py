"""The professionals of the cast, one card each. Nobody here exists.

RPPS numbers begin with 99700, FINESS numbers hold a letter.
"""

from kiosk.training.characters import Holder, Practice

_CABINET = Practice(1, "CABINET MEDICAL DES ACACIAS", "499700000001001", "SA07")
_HOSPITAL = Practice(2, "CENTRE HOSPITALIER DE FICTION", "10B0099991", "SA01")
_SAMU = Practice(1, "SAMU 99, CENTRE 15 DE FICTION", "10B0099996", "SA01")
_PHARMACY = Practice(1, "PHARMACIE DE LA PLACE", "10B0099992", "SA33")

HOLDERS: tuple[Holder, ...] = (
    Holder("cpe-accueil", "Léa MARCHAND, accueil, CPE nominative", "02", "30B0099991/CPET00011", "MARCHAND",
           "LEA", "", "", "", (Practice(1, "CENTRE HOSPITALIER DE FICTION", "10B0099991", "SA01"),), "0000000011"),
    Holder("cps-medecin", "Dr Camille GIRAUD, médecin généraliste, CPS", "00", "899700000021", "GIRAUD",
           "CAMILLE", "Médecin", "10", "SM26", (_CABINET,), "0000000021"),
    Holder("cps-multi", "Dr Noël BŒUF-LEROY, médecin, cinq situations d'exercice", "00", "899700000022", "BŒUF-LEROY",
           "NOEL", "Médecin", "10", "SM26",
           (_CABINET, _HOSPITAL, Practice(4, "MAISON DE SANTE DU PORT", "10B0099993", "SA52"),
            Practice(5, "EHPAD LES TILLEULS", "10B0099994", "SA17"),
            Practice(9, "SOCIETE DE TELECONSULTATION FICTIVE", "10B0099995", "SA64")), "0000000022"),
    Holder("cps-pharmacien", "Inès DA COSTA, pharmacienne d'officine, CPS", "00", "899700000031", "DA COSTA",
           "INES", "Pharmacien", "21", "A", (_PHARMACY,), "0000000031"),
    Holder("cps-urgentiste", "Dr Marc O'BRIEN, urgentiste, CPS", "00", "899700000041", "O'BRIEN",
           "MARC", "Médecin", "10", "SM59", (_HOSPITAL,), "0000000041"),
    Holder("cps-infirmier", "Zoé LEFÈVRE, infirmière, CPS", "00", "899700000051", "LEFÈVRE",
           "ZOE", "Infirmier", "60", "", (Practice(1, "CABINET INFIRMIER DU MARCHE", "499700000051001", "SA08"),),
           "0000000051"),
    Holder("cps-dernier-essai", "Dr Paul ESSAI, un seul essai restant", "00", "899700000061", "ESSAI",
           "PAUL", "Médecin", "10", "SM26", (_CABINET,), "0000000061", tries_left=1),
    Holder("cps-bloquee", "Dr Anna BLOC, carte bloquée", "00", "899700000062", "BLOC",
           "ANNA", "Médecin", "10", "SM26", (_CABINET,), "0000000062", tries_left=0),
    Holder("cps-expiree", "Dr Yves ANCIEN, carte expirée", "00", "899700000063", "ANCIEN",
           "YVES", "Médecin", "10", "SM26", (_CABINET,), "0000000063", validity="expired"),
    Holder("cps-reelle", "Dr Rita VRAI, carte de catégorie réelle", "00", "810000000064", "VRAI",
           "RITA", "Médecin", "10", "SM26", (_CABINET,), "0000000064", category="00"),
    Holder("cps-future", "Dr Jules BIENTÔT, carte pas encore valable", "00", "899700000065", "BIENTÔT",
           "JULES", "Médecin", "10", "SM26", (_CABINET,), "0000000065", validity="future"),
    Holder("cps-revoquee", "Dr Odile PERDUE, carte révoquée", "00", "899700000066", "PERDUE",
           "ODILE", "Médecin", "10", "SM26", (_CABINET,), "0000000066", validity="revoked"),
    Holder("cpf-interne", "Sacha INTERNE, médecin en formation, CPF", "01", "899700000081",
           "INTERNE", "SACHA", "Médecin en formation", "10", "", (), "0000000081"),
    Holder("cps-remplacant", "Dr Aya RELÈVE, remplaçante, CPS sans activité", "00", "899700000082",
           "RELÈVE", "AYA", "Médecin", "10", "SM26", (), "0000000082"),
    Holder("cpe-anonyme", "Accueil de l'hôpital, CPE sans nom", "02", "30B0099991/CPET00012", "", "", "", "", "",
           (Practice(1, "CENTRE HOSPITALIER DE FICTION", "10B0099991", "SA01"),), "0000000012"),
    Holder("cps-regulateur", "Dr Alix VEILLE, médecin régulateur du SAMU, CPS", "00", "899700000042", "VEILLE",
           "ALIX", "Médecin", "10", "SM59", (_SAMU,), "0000000042"),
    Holder("cps-biologiste", "Dr Ivan DOSAGE, médecin biologiste, CPS", "00", "899700000071", "DOSAGE",
           "IVAN", "Médecin", "10", "SM03",
           (Practice(1, "LABORATOIRE DES ESSAIS", "10B0099997", "SA25"),), "0000000071"),
    Holder("cpe-cabinet", "Nadia AGENDA, secrétaire du Dr GIRAUD, CPE nominative", "02", "30B0099981/CPET00013",
           "AGENDA", "NADIA", "", "", "", (_CABINET,), "0000000013"),
    Holder("cps-sage-femme", "Maud AURORE, sage-femme, CPS", "00", "899700000072", "AURORE",
           "MAUD", "Sage-Femme", "50", "",
           (Practice(1, "CABINET DE MAIEUTIQUE", "499700000072001", "SA07"),), "0000000072"),
    Holder("cps-dentiste", "Dr Éric MOLAIRE, chirurgien-dentiste, CPS", "00", "899700000073", "MOLAIRE",
           "ERIC", "Chirurgien-Dentiste", "40", "",
           (Practice(1, "CABINET DENTAIRE DU PARC", "499700000073001", "SA07"),), "0000000073"),
)  # fmt: skip

REGULATION_CENTRES = frozenset({_SAMU.structure_id})
"""Structures whose professionals may call in the mode of a regulation centre. [unknown]: the sector of such a
centre; here it is that of its hospital."""
