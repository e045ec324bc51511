"""Who was in which record, when, how and why: what the patient reads on the web."""

import re
from dataclasses import dataclass
from datetime import datetime

from kiosk.training.dmp_server.database import Database
from kiosk.training.people import HOLDERS

_NAMES = ("at", "ins_c", "transaction", "mode", "actor", "structure", "reason", "secret")
_COLUMNS = "SELECT at, ins_c, task, mode, actor, structure, reason, secret FROM access"
_ACTIONS = {
    "TD0.2": "a vérifié l'existence du DMP et son autorisation",
    "TD0.3": "a modifié son autorisation d'accès",
    "TD1.1": "a créé le DMP",
    "TD1.2": "a réactivé le DMP",
    "TD1.3a": "a consulté les données administratives",
    "TD1.3b": "a modifié les données administratives",
    "TD1.4": "a fermé le DMP",
    "TD1.5a": "a créé le compte internet",
    "TD1.5b": "a modifié un canal de code à usage unique",
    "TD1.5d": "a renouvelé le compte internet",
    "TD1.6": "a consulté la liste des professionnels autorisés",
    "TD2.1": "a ajouté un document",
    "TD2.2": "a ajouté un document",
    "TD3.1": "a recherché des documents",
    "TD3.2": "a consulté un document",
    "TD3.3a": "a changé la visibilité d'un document pour les professionnels",
    "TD3.3b": "a rendu un document visible au patient",
    "TD3.3c": "a supprimé un document",
    "TD3.3d": "a archivé ou désarchivé un document",
}
_MODES = {"normal": "Normal", "bris_de_glace": "Bris de glace", "centre_15": "Centre 15"}
_AUTHORS = {
    holder.national_id: f"{holder.given_name} {holder.family_name}".strip() or holder.employer
    for holder in HOLDERS
}


@dataclass(frozen=True)
class Access:
    """One access to one record."""

    at: datetime
    """UTC."""
    ins_c: str
    transaction: str
    mode: str
    actor: str
    structure: str
    reason: str = ""
    """Why the glass was broken."""
    secret: bool = False
    """Not for the legal representatives of the patient."""


class History(Database):
    def trace(self, access: Access) -> None:
        """Remember one access."""
        self.change(
            "INSERT INTO access (at, ins_c, task, mode, actor, structure, reason, secret) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(access.at.isoformat(timespec="seconds"), access.ins_c, access.transaction, access.mode),
            *(access.actor, access.structure, access.reason, int(access.secret)),
        )

    def history(self, *, to_representative: bool = False) -> list[dict[str, str | bool]]:
        """Every access, oldest first; `reason` and `secret` where there is something to say."""
        rows = self.rows(f"{_COLUMNS} {'WHERE NOT secret' if to_representative else ''} ORDER BY id")
        lines = []
        for row in rows:
            line = dict(zip(_NAMES, (*row[:7], bool(row[7])), strict=True))
            lines.append({name: value for name, value in line.items() if value or name in _NAMES[:6]})
        return lines

    def last_access(self, ins_c: str, actor: str) -> str:
        """UTC, YYYYMMDDhhmmss; empty when there was none."""
        at = self.text("SELECT coalesce(max(at), '') FROM access WHERE ins_c = ? AND actor = ?", ins_c, actor)
        return re.sub("[^0-9]", "", at)[:14]


def in_words(line: dict[str, str | bool]) -> dict[str, str]:
    """One line as the page of the patient puts it."""
    mode, reason = str(line["mode"]), str(line.get("reason", ""))
    context = _MODES.get(mode, mode) + (f" : {reason}" if reason else "")
    return {
        "Date": str(line["at"]),
        "Auteur": _AUTHORS.get(str(line["actor"]), str(line["actor"])),
        "Action": _ACTIONS.get(str(line["transaction"]), str(line["transaction"])),
        "Contexte": context + (", connexion secrète" if line.get("secret") else ""),
    }
