"""The cast: synthetic professionals and patients. Nobody here exists.

Numbers lie in ranges kept for tests: RPPS beginning with 99700, FINESS and SIRET with letters or nines, NIR of
people born « 99 » (abroad) in the invented commune 999, e-mail under `example.org`, telephone 06 39 98 …
(reserved for fiction). The trainee picks a card by its `card_id`; the DMP server knows the same people by
their records.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Practice:
    """One activity written on a professional card."""

    index: int
    structure_name: str
    structure_id: str
    sector: str


@dataclass(frozen=True)
class Holder:
    """A professional card and its holder."""

    card_id: str
    purpose: str
    """One French line for the card tray: who, and what this card is good for."""
    card_type: str
    """Dictionary G02: 00 CPS, 01 CPF, 02 CPE."""
    national_id: str
    family_name: str
    given_name: str
    title: str
    """Profession label as the certificate's `title` attribute writes it; empty for a CPE."""
    profession: str
    """G15 code, G16 for a CPF; empty for a CPE."""
    speciality: str
    """R01 / G05 code, last four characters of CPS_INFO_PS; empty when there is none."""
    practices: tuple[Practice, ...]
    """None on the card of somebody in training or of a substitute."""
    serial: str
    """Ten digits, EF.SN."""
    category: str = "80"
    """Dictionary G01: 80 test CPS, 00 real."""
    pin: str = "1234"
    tries_left: int = 3
    validity: str = "valid"
    """`valid`, `expired`, `future` or `revoked`."""

    @property
    def employer(self) -> str:
        return self.practices[0].structure_name if self.practices else ""


@dataclass(frozen=True)
class Insured:
    """One person on a Vitale card."""

    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """AAAAMMJJ on the card; may be lunar (month 00 or past 12, day 00) or empty."""
    nir13: str
    """The person's own NIR without key; empty when the card holds none."""
    insured: bool = False
    wrong_key: bool = False
    """The card carries a NIR whose key is false: a card that was written badly."""


@dataclass(frozen=True)
class Vitale:
    card_id: str
    purpose: str
    serial: str
    people: tuple[Insured, ...]
    nature: str = "T"
    """R real, T test, D demonstration."""


@dataclass(frozen=True)
class Record:
    """The DMP of one person at the start of a training day; people not listed here have none."""

    nir13: str
    state: str = "active"
    """`active` or `terminated`."""
    authorizations: tuple[tuple[str, str], ...] = ()
    """(national id of a professional or structure id, VALIDE | EXPIRE | INTERDIT)."""
    treating_doctors: tuple[str, ...] = ()
    closed_at: str = ""
    """UTC, YYYYMMDDhhmmss."""
    closing_reason: str = ""
    internet_account: bool = False
    attached_to_mes: bool = False
    refuses_creation: str = field(default="")
    """A DMP error code the server answers to TD1.1 for this person (a training trap), record or not."""


_CABINET = Practice(1, "CABINET MEDICAL DES ACACIAS", "499700000001001", "SA07")
_HOSPITAL = Practice(2, "CENTRE HOSPITALIER DE FICTION", "10B0099991", "SA01")
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
           "MARC", "Médecin", "10", "SM24", (_HOSPITAL,), "0000000041"),
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
)  # fmt: skip

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
)  # fmt: skip

RECORDS: tuple[Record, ...] = (
    Record("1820799999012", authorizations=(("899700000021", "VALIDE"), ("10B0099991", "VALIDE"))),
    Record("2080299999013", state="terminated", closed_at="20250110093000", closing_reason="FERMETURE_DEMANDE_PATIENT"),
    Record("1551199999031", authorizations=(("899700000021", "VALIDE"), ("899700000031", "EXPIRE"),
                                            ("899700000051", "INTERDIT")),
           treating_doctors=("899700000021",), internet_account=True),
    Record("1700199999051", state="none", refuses_creation="DMPAccessDeniedByRightsService"),
)  # fmt: skip

UNKNOWN_CARDS: tuple[tuple[str, str], ...] = (
    ("carte-inconnue", "Une carte de fidélité : ni CPS, ni Vitale"),
    ("carte-muette", "Une carte à l'envers : aucune réponse"),
    ("carte-sans-contact", "Une CPS lue sans contact"),
)


def card_ids() -> tuple[str, ...]:
    """Every card of the tray, by the name one inserts it with."""
    return (
        *(holder.card_id for holder in HOLDERS),
        *(vitale.card_id for vitale in VITALES),
        *(card_id for card_id, _ in UNKNOWN_CARDS),
    )
