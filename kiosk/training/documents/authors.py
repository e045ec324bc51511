"""Who wrote the synthetic documents: professionals of the cast, and a few who have no card."""

from kiosk.training.documents.draft import Author, Patient

_HOSPITAL = ("10B0099991", "CENTRE HOSPITALIER DE FICTION", "SA01", "ETABLISSEMENT")

GIRAUD = Author(
    "899700000021", "GIRAUD", "CAMILLE", "DR", "G15_10/SM26", "Médecin - Qualifié en Médecine Générale (SM)",
    "499700000001001", "CABINET MEDICAL DES ACACIAS", "SA07", "AMBULATOIRE",
)  # fmt: skip
O_BRIEN = Author(
    "899700000041", "O'BRIEN", "MARC", "DR", "G15_10/SM59", "Médecin - Médecine d'urgence (SM)", *_HOSPITAL
)  # fmt: skip
DA_COSTA = Author(
    "899700000031", "DA COSTA", "INES", "DR", "G15_21/A", "Pharmacien titulaire d'officine",
    "10B0099992", "PHARMACIE DE LA PLACE", "SA33", "AMBULATOIRE",
)  # fmt: skip
LEFEVRE = Author(
    "899700000051", "LEFÈVRE", "ZOE", "MME", "G15_60", "Infirmier",
    "499700000051001", "CABINET INFIRMIER DU MARCHE", "SA08", "AMBULATOIRE",
)  # fmt: skip
SERVAL = Author(
    "899700000901", "SERVAL", "REMI", "DR", "G15_10/SM03", "Médecin - Biologie médicale (SM)",
    "10B0099981", "LABORATOIRE DES DEUX RIVES", "SA25", "AMBULATOIRE",
)  # fmt: skip
NOVAK = Author(
    "899700000902", "NOVAK", "ELENA", "DR", "G15_10/SM04", "Médecin - Cardiologie et maladies vasculaires (SM)",
    *_HOSPITAL,
)  # fmt: skip
CLAIR = Author(
    "899700000903", "CLAIR", "HUGUES", "DR", "G15_10/SM44", "Médecin - Radio-diagnostic (SM)",
    "10B0099982", "IMAGERIE DU PARC", "SA05", "AMBULATOIRE",
)  # fmt: skip
MARLOT = Author(
    "899700000904", "MARLOT", "SONIA", "DR", "G15_10/SM42", "Médecin - Psychiatrie (SM)",
    "499700000904001", "CABINET DU DR MARLOT", "SA07", "AMBULATOIRE",
)  # fmt: skip


def patient_himself(patient: Patient) -> Author:
    """A patient who deposits from his own space."""
    return Author(
        patient.ins_c, patient.usual_name, patient.given_name, "", "PATIENT", "Patient", "", "", "EXP_PATIENT",
        "EXP_PATIENT",
    )  # fmt: skip
