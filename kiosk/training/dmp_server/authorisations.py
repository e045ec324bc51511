"""Who may open which record: authorisations with their dates, and treating doctors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.training.dmp_server.database import Database

VALID, EXPIRED, BLOCKED = "VALIDE", "EXPIRE", "INTERDIT"
VALIDITY = timedelta(days=365)  # [unknown]: no public text says how long an authorisation lasts
_COLUMNS = (
    "SELECT a.ins_c, a.actor, a.value, a.since, a.until, t.actor IS NOT NULL FROM authorisation a "
    "LEFT JOIN treating_doctor t ON t.ins_c = a.ins_c AND t.actor = a.actor"
)


@dataclass(frozen=True)
class Authorisation:
    """What one patient granted to one professional or structure."""

    ins_c: str
    actor: str
    value: str
    """As it was granted: `VALIDE`, `INTERDIT`, or a value of the cast."""
    since: str
    """UTC, YYYYMMDDhhmmss."""
    until: str
    """The same; what was granted as valid is expired afterwards."""
    treating_doctor: bool

    def state(self, now: datetime) -> str:
        """A treating doctor's does not expire."""
        over = self.value == VALID and not self.treating_doctor and self.until <= stamp(now)
        return EXPIRED if over else self.value


def stamp(moment: datetime) -> str:
    """A UTC moment as the wire writes it."""
    return f"{moment:%Y%m%d%H%M%S}"


class Authorisations(Database):
    def authorisation(self, ins_c: str, actor: str, now: datetime) -> str:
        """Its state now; empty when the actor never had one."""
        found = self._read(f"{_COLUMNS} WHERE a.ins_c = ? AND a.actor = ?", ins_c, actor)
        return found[0].state(now) if found else ""

    def authorisations_of(self, actor: str) -> list[Authorisation]:
        """Of every record, the newest first."""
        return self._read(f"{_COLUMNS} WHERE a.actor = ? ORDER BY a.since DESC, a.ins_c", actor)

    def authorisations_for(self, ins_c: str) -> list[Authorisation]:
        """Of one record, the newest first."""
        return self._read(f"{_COLUMNS} WHERE a.ins_c = ? ORDER BY a.since DESC, a.actor", ins_c)

    def authorise(self, ins_c: str, actor: str, since: datetime, value: str = VALID) -> None:
        """Grant, or grant again."""
        until = since + VALIDITY
        if value == EXPIRED:
            value, since, until = VALID, since - 2 * VALIDITY, since - VALIDITY
        values = (ins_c, actor, value, stamp(since), stamp(until))
        self.change("INSERT OR REPLACE INTO authorisation VALUES (?, ?, ?, ?, ?)", *values)

    def withdraw(self, ins_c: str, actor: str) -> bool:
        """False when there was none."""
        return self.change("DELETE FROM authorisation WHERE ins_c = ? AND actor = ?", ins_c, actor)

    def expire(self, ins_c: str, actor: str, now: datetime) -> bool:
        """Let an authorisation be over since now; False when there is none."""
        query = "UPDATE authorisation SET until = ? WHERE ins_c = ? AND actor = ?"
        return self.change(query, stamp(now), ins_c, actor)

    def is_treating_doctor(self, ins_c: str, actor: str) -> bool:
        query = "SELECT actor FROM treating_doctor WHERE ins_c = ? AND actor = ?"
        return bool(self.text(query, ins_c, actor))

    def add_treating_doctor(self, ins_c: str, actor: str) -> bool:
        """False when he is one."""
        return self.change("INSERT OR IGNORE INTO treating_doctor VALUES (?, ?)", ins_c, actor)

    def drop_treating_doctor(self, ins_c: str, actor: str) -> bool:
        """False when he is none."""
        return self.change("DELETE FROM treating_doctor WHERE ins_c = ? AND actor = ?", ins_c, actor)

    def _read(self, query: str, *values: str) -> list[Authorisation]:
        return [
            Authorisation(ins_c, actor, value, since, until, bool(treating))
            for ins_c, actor, value, since, until, treating in self.rows(query, *values)
        ]
