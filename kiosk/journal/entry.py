"""One row of the journal: what a session knows of an act, and what the chain adds."""

import hashlib
import json
import re
from dataclasses import dataclass, fields
from typing import Final

from kiosk import __version__

PHASES: Final = {"intent": "demandé", "outcome": "terminé"}
GENESIS: Final = "0" * 64
"""What the first row names as the row before it."""

_MARK: Final = re.compile(r"(?:[0-9a-f]{64})?")


@dataclass(frozen=True)
class Entry:
    """What a session knows of an act. Codes rather than texts; never a name, a title or an identifier."""

    act: str
    """TD code (`TD1.1`) or `LOGIN`, `LOGOUT`, `PRINT`, `CRASH`…"""
    phase: str
    """`intent`, written before the act, or `outcome`."""
    who: str
    """National id of the professional (PS_IdNat); empty before login."""
    structure: str = ""
    """Identifier of the structure."""
    post: str = ""
    """Name of the workstation."""
    patient: str = ""
    """`patient_mark`, or empty when the act is about no patient."""
    result: str = ""
    """`OK` or the code of the error."""
    reason: str = ""
    """Why: consent, reason of a break-glass access."""
    reference: str = ""
    """Nonce of a sheet, id of a message or of a document."""
    version: str = __version__

    def check(self) -> None:
        """Raise `ValueError` when the phase is no phase, or the patient something else than a mark."""
        if self.phase not in PHASES:
            raise ValueError("phase is neither intent nor outcome")
        if not _MARK.fullmatch(self.patient):
            raise ValueError("patient is not a mark")


@dataclass(frozen=True)
class Row:
    """One line of the journal, as it stands in the file."""

    seq: int
    time: str
    """UTC, ISO 8601 with milliseconds."""
    clock: str
    """`synchronised` or `free`: whether the time came from a time server."""
    entry: Entry
    prev: str
    hash: str

    def computed_hash(self) -> str:
        """SHA-256 of the row's canonical JSON: sorted keys, no spaces, ASCII."""
        content = {field.name: getattr(self.entry, field.name) for field in fields(Entry)}
        content |= {"seq": self.seq, "time": self.time, "clock": self.clock, "prev": self.prev}
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


_ACTS: Final = {
    "LOGIN": "Connexion",
    "LOGOUT": "Fin de session",
    "LOCK": "Verrouillage de l'écran",
    "CRASH": "Arrêt sur erreur",
    "SHEET": "Feuille du patient",
    "PRINT": "Impression d'un document",
    "CONSENT": "Accord du patient",
    "OPPOSITION": "Opposition du patient aux dépôts",
    "IDENTITY": "Vérification d'identité",
    "BREAK_GLASS": "Bris de glace",
    "TD0.2": "Test d'existence",
    "TD0.3": "Autorisation",
    "TD0.4": "Liste des DMP autorisés",
    "TD0.5": "Recherche sans carte",
    "TD1.1": "Création du DMP",
    "TD1.2": "Réactivation du DMP",
    "TD1.3a": "Lecture des données administratives",
    "TD1.3b": "Modification des données administratives",
    "TD1.4": "Fermeture du DMP",
    "TD1.5a": "Ouverture du compte internet",
    "TD1.5b": "Canal du compte internet",
    "TD1.5d": "Nouveaux codes du compte internet",
    "TD1.6": "Liste des professionnels autorisés",
    "TD2.1": "Dépôt de documents",
    "SIGN": "Signature d'un dépôt",
    "TD0.9": "Lien vers le Web DMP",
    "TD2.2": "Dépôt de documents par un employé",
    "TD3.1b": "Question sur un document",
    "TD3.1": "Recherche de documents",
    "TD3.2": "Lecture d'un document",
    "TD3.3a": "Masquage d'un document",
    "TD3.3b": "Document rendu visible",
    "TD3.3c": "Suppression d'un document",
    "TD3.3d": "Archivage d'un document",
}
_WORDS: Final = {
    "GIVEN": "donné",
    "WITHDRAWN": "retiré",
    "SAME": "même personne",
    "OTHER": "autre personne",
    "NIA": "numéro d'attente, accès interdit",
    "CLOSED": "dossier refermé",
    "TIMEOUT": "trente minutes écoulées",
    "LOCK": "écran verrouillé",
    "DECLARE": "se déclarer autorisé",
    "GIVE_UP": "renoncer à l'accès",
    "BECOME_TREATING_DOCTOR": "devenir médecin traitant",
    "STOP_TREATING_DOCTOR": "ne plus être médecin traitant",
}


def describe(row: Row) -> str:
    """The row in one line of French, for `dmp-kiosk journal show`."""
    entry = row.entry
    parts = [
        f"{row.seq:>6}",
        row.time.replace("T", " ").replace("+00:00", " UTC")
        + ("" if row.clock == "synchronised" else " (heure libre)"),
        f"{_named(entry.act)} {PHASES.get(entry.phase, entry.phase)}",
        f"par {entry.who}" if entry.who else "",
        f"structure {entry.structure}" if entry.structure else "",
        f"poste {entry.post}" if entry.post else "",
        f"patient {entry.patient[:12]}…" if entry.patient else "",
        f"résultat {_WORDS.get(entry.result, entry.result)}" if entry.result else "",
        f"motif {_WORDS.get(entry.reason, entry.reason)}" if entry.reason else "",
        f"réf. {entry.reference}" if entry.reference else "",
        f"v{entry.version}",
    ]
    return " · ".join(filter(None, parts))


def _named(act: str) -> str:
    """`Bris de glace`, or `Autorisation (TD0.3)`: the transaction is named too."""
    name = _ACTS.get(act)
    if name is None:
        return act
    return f"{name} ({act})" if act.startswith("TD") else name
