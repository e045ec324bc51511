"""From the metadata of an entry to what searches and rights need of it."""

from kiosk.training.dmp_server.document_entries import Facts
from kiosk.training.dmp_server.registry_names import (
    AUTHOR,
    CLASS,
    CONFIDENTIALITY,
    EVENT,
    FACILITY,
    FORMAT,
    PRACTICE,
    REFERENCES,
    SET_AUTHOR,
    SET_CONTENT,
    SET_SOURCE,
    TYPE,
)
from kiosk.training.dmp_server.rim import RegistryObject

_CODED = (CLASS, TYPE, PRACTICE, FACILITY, EVENT, CONFIDENTIALITY, FORMAT, SET_CONTENT)


def facts_of(entry: RegistryObject) -> Facts:
    """Facts of a document entry or a submission set."""
    authors = [
        *entry.coded(AUTHOR),
        *entry.coded(SET_AUTHOR),
    ]
    people = [person for author in authors for person in author.values("authorPerson")]
    signers = list(entry.values("legalAuthenticator"))
    return Facts(
        codes={
            scheme: [f"{one.code}^^{one.system}" for one in entry.coded(scheme)]
            for scheme in _CODED
            if entry.coded(scheme)
        },
        created=entry.slot("creationTime"),
        start=entry.slot("serviceStartTime"),
        stop=entry.slot("serviceStopTime"),
        authors=tuple(people),
        owners=tuple(dict.fromkeys(person_id(text) for text in people + signers if person_id(text))),
        institutions=tuple(
            dict.fromkeys(
                institution_id(text)
                for author in authors
                for text in author.values("authorInstitution")
                if institution_id(text)
            )
        ),
        references=entry.values(REFERENCES),
        source=entry.identifier(SET_SOURCE),
        content_hash=entry.slot("hash").lower(),
    )


def person_id(xcn: str) -> str:
    """The identifier of an XCN, its first component."""
    return xcn.partition("^")[0].strip()


def institution_id(xon: str) -> str:
    """The identifier of an XON, its tenth component."""
    parts = xon.split("^")
    return parts[9].strip() if len(parts) > 9 else ""
