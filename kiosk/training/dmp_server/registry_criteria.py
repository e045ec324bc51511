"""Criteria of FindDocuments: codes, dates and authors (IHE ITI TF-2 3.18.4.1.2.3.7.1)."""

from collections.abc import Callable

from kiosk.training.dmp_server.document_entries import Facts
from kiosk.training.dmp_server.query_parameters import Parameters, within
from kiosk.training.dmp_server.registry_names import (
    CLASS,
    CONFIDENTIALITY,
    EVENT,
    FACILITY,
    FORMAT,
    PRACTICE,
    SIGNATURE_TYPE,
    TYPE,
)

_CODES = (
    ("ClassCode", CLASS),
    ("TypeCode", TYPE),
    ("PracticeSettingCode", PRACTICE),
    ("HealthcareFacilityTypeCode", FACILITY),
    ("EventCodeList", EVENT),
    ("ConfidentialityCode", CONFIDENTIALITY),
    ("FormatCode", FORMAT),
)
_DOCUMENT = "$XDSDocumentEntry"


def criteria(parameters: Parameters) -> Callable[[Facts], bool]:
    """Whether an entry answers a query. Raises `Refusal`."""
    codes = [
        (scheme, alternatives)
        for name, scheme in _CODES
        for alternatives in parameters.all_of(f"{_DOCUMENT}{name}")
    ]
    created = parameters.period(f"{_DOCUMENT}CreationTime")
    start = parameters.period(f"{_DOCUMENT}ServiceStartTime")
    stop = parameters.period(f"{_DOCUMENT}ServiceStopTime")
    authors = parameters.any_of(f"{_DOCUMENT}AuthorPerson")
    asked_types = parameters.any_of(f"{_DOCUMENT}TypeCode") + parameters.any_of(f"{_DOCUMENT}ClassCode")

    def matches(facts: Facts) -> bool:
        # [unknown] whether a search finds signatures: they are no documents of anybody, only an explicit one does.
        if SIGNATURE_TYPE in facts.bare(TYPE) and not asked_types:
            return False
        return (
            all(any_code(some, facts.codes.get(scheme, [])) for scheme, some in codes)
            and within(facts.created, created)
            and within(facts.start, start)
            and within(facts.stop, stop)
            and (not authors or any(like(author, person) for author in authors for person in facts.authors))
        )

    return matches


def any_code(wanted: list[str], codes: list[str]) -> bool:
    """Whether one of the codes `code^^scheme` is there; no wish is no filter."""
    return not wanted or any(code in codes for code in wanted)


def like(pattern: str, value: str) -> bool:
    """SQL LIKE: `%` any text, `_` any letter; in time proportional to both, whatever the pattern."""
    at = position = 0
    star, resume = -1, 0
    while position < len(value):
        if at < len(pattern) and pattern[at] == "%":
            star, resume, at = at, position, at + 1
        elif at < len(pattern) and pattern[at] in ("_", value[position]):
            at, position = at + 1, position + 1
        elif star >= 0:
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("%")
