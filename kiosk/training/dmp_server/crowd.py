"""Patients by the hundred, for long lists: nobody's card, the same ones every time."""

from collections.abc import Iterator
from itertools import cycle, islice, product

from kiosk.training.dmp_server import identifiers
from kiosk.training.dmp_server.records import Address, Person, StoredRecord

LARGEST = 10_000
_FAMILIES = (
    *("ABEILLE", "BOULEAU", "CERISIER", "DUNE", "ÉCUREUIL", "FOUGÈRE", "GENÊT", "HÊTRE", "IRIS", "JONQUILLE"),
    *("LIERRE", "MÉSANGE", "NOISETIER", "ORME", "PEUPLIER", "ROSEAU", "SAULE", "TILLEUL", "VERVEINE"),
)
_GIVEN = (
    *(("2", name) for name in ("ALICE", "BÉRÉNICE", "CORA", "DIANE", "EMMA", "FANNY", "GAËLLE")),
    *(("1", name) for name in ("ARTHUR", "BASILE", "CYRIL", "DAVID", "EDGAR", "FLAVIEN", "GABIN")),
)
_MONTHS = 12
_ORDERS = range(500, 1000)
"""Rank of the birth in its month: the cast has those below."""


def records(count: int) -> Iterator[StoredRecord]:
    """`count` active records, at most `LARGEST`."""
    names = cycle(product(_FAMILIES, _GIVEN))
    for number, (family, (sex, given)) in enumerate(islice(names, count)):
        rank, month = divmod(number, _MONTHS)
        year, order = 30 + rank % 70, _ORDERS[rank // 70 % len(_ORDERS)]
        nir13 = f"{sex}{year:02}{month + 1:02}99999{order}"
        birth_date = f"19{year:02}{month + 1:02}{number % 28 + 1:02}"
        yield StoredRecord(
            identifiers.ins_c(given, birth_date[2:], nir13),
            Person(
                "Mme" if sex == "2" else "M",
                *(family, family, given, birth_date, "F" if sex == "2" else "M"),
                address=Address(f"{number + 1} rue de la Foule", "", "99400", "AFFLUENCE", "France"),
            ),
            nir=nir13 + identifiers.nir_key(nir13),
        )
