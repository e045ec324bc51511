"""The documents of all records, as the transactions find them: a store that fills itself, and a search threshold."""

import threading
from collections import Counter
from pathlib import Path

from kiosk.training.dmp_server import records
from kiosk.training.dmp_server.documents import DocumentStore
from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.store import Store
from kiosk.training.people import VITALES, Insured

OVER_SOLICITED = "DMPAccessDeniedByExcededThreshold"


class Threshold:
    """How many searches a professional may make; without a limit until a trainer orders one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Counter[str] = Counter()
        self._most: int | None = None

    def order(self, most: int | None) -> None:
        with self._lock:
            self._most = most
            self._made.clear()

    def take(self, actor: str) -> None:
        """Count one search. Raises `Refusal`."""
        with self._lock:
            self._made[actor] += 1
            if self._most is not None and self._made[actor] > self._most:
                raise Refusal(
                    OVER_SOLICITED, "Le nombre de recherches admises est dépassé : réessayez plus tard."
                )


class Shelf:
    """Documents by patient."""

    def __init__(self, path: Path, known: Store) -> None:
        """`path`: the database file; `known`: the records."""
        self.threshold = Threshold()
        self._store = DocumentStore(path)
        self._records = known

    def close(self) -> None:
        self._store.close()

    def reset(self) -> None:
        self._store.reset()
        self.threshold.order(None)

    def open(self, ins_c: str) -> DocumentStore:
        """The store, the patient's synthetic documents in it if he has a record of the cast."""
        self._store.fill_once(ins_c, lambda: self._fill(ins_c))
        return self._store

    def add_bulk(self, nir13: str, count: int) -> None:
        """`count` more entries in the record of a member of the cast. Raises `ValueError`."""
        from kiosk.training.dmp_server import seeding  # the makers of documents are heavy

        insured = records.insured_with(nir13)
        ins_c = records.ins_c_of(insured)
        seeding.seed_bulk(self.open(ins_c), ins_c, insured, count)

    def _fill(self, ins_c: str) -> None:
        record = self._records.find(ins_c)
        insured = _insured(ins_c)
        # A record that a professional made today holds what professionals put there.
        if record is None or record.consent_at or insured is None:
            return
        from kiosk.training.dmp_server import seeding

        seeding.seed(self._store, ins_c, insured)


def _insured(ins_c: str) -> Insured | None:
    for vitale in VITALES:
        for one in vitale.people:
            try:
                if one.nir13 and records.ins_c_of(one) == ins_c:
                    return one
            except ValueError:  # a trap of the cast: no INS-C can be computed
                continue
    return None
