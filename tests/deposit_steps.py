"""Steps that stories of deposits share, and what a deposit said over the wire — read by the tests' own hand."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deposit_desk import describe, fill, into_lot, scan, sign_and_send
from deposit_files import pdfa
from desk import Desk
from document_steps import turn
from wire import envelope_of

from kiosk.screens.deposit import DepositScreen
from kiosk.screens.deposit_files import FileRows, FilesScreen

DEPOSIT = "Déposer des documents"
FILES = "Choisir un fichier à déposer"


# --- hands ----------------------------------------------------------------------------------------------------


async def choose_file(desk: Desk, name: str = "") -> None:
    """The file of that name in the list, else the newest; the form or a question comes next."""
    await desk.user.see(FILES)
    rows = desk.user.app.screen.query_one(FileRows)
    await desk.user.until(lambda: any(not name or one.name == name for one in rows.items), what="the file")
    if name:
        rows.cursor = next(n for n, one in enumerate(rows.items) if one.name == name)
    await desk.user.press("enter")
    await desk.user.until(
        lambda: not isinstance(desk.user.app.screen, FilesScreen | DepositScreen),
        what="what comes of the file",
    )


async def begin(desk: Desk, name: str = "") -> None:
    """From the hub to the form of one file."""
    await desk.choose(DEPOSIT)
    await choose_file(desk, name)
    await desk.user.see("Document à déposer")


async def send(desk: Desk) -> None:
    """Into the lot, sign, send, « déposé »; back where the deposit was begun."""
    await into_lot(desk)
    await finish(desk)


async def finish(desk: Desk) -> None:
    await sign_and_send(desk)
    await desk.user.see("Déposé dans le DMP")
    await desk.user.press("enter")


async def deposit_through_hub(
    desk: Desk, tmp_path: Path, title: str, *, shown: str = "", content: bytes = b"", kind: str = "11488-4"
) -> None:
    """One document, from the hub and back to it."""
    scan(tmp_path, "scan.pdf", content or pdfa())
    await begin(desk)
    await describe(desk, title, kind)
    if shown:
        await turn(desk, "shown", shown)
    await send(desk)
    await desk.user.see("Dossier du patient")


async def name_author(desk: Desk) -> None:
    """Whom the holder of a CPE deposits for: Dr GIRAUD."""
    await desk.user.see("Le professionnel qui a écrit le document")
    await fill(desk, "rpps", "99700000021")
    await fill(desk, "family", "giraud")
    await fill(desk, "given", "camille")
    await fill(desk, "profession", "médecin")
    await desk.user.press("enter")
    await fill(desk, "speciality", "SM26")
    await desk.user.press("enter", "f10")


# --- the wire -------------------------------------------------------------------------------------------------

_SCHEMES = {
    "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a": "class",
    "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f": "confidentiality",
    "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d": "format",
    "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1": "facility",
    "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead": "practice",
    "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983": "type",
    "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500": "content",
    "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d": "author",
    "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d": "author",
}
_IDENTIFIERS = {
    "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427": "patient",
    "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab": "unique",
    "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446": "patient",
    "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832": "source",
    "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8": "unique",
}


@dataclass(frozen=True)
class Sent:
    """A document entry or a submission set as it came over the wire."""

    id: str
    mime_type: str
    title: str
    description: str
    slots: dict[str, list[str]]
    codes: dict[str, list[str]]
    """By the name of their scheme."""
    authors: list[dict[str, list[str]]]
    """Slots of each author."""
    identifiers: dict[str, str]

    @property
    def author_ids(self) -> list[str]:
        return [person.partition("^")[0] for author in self.authors for person in author["authorPerson"]]


@dataclass(frozen=True)
class SentLot:
    """One ProvideAndRegister."""

    set: Sent
    documents: list[Sent]
    """Without the signature."""
    signature: Sent
    links: list[tuple[str, str, str]]
    """Last part of the type, source, target."""
    contents: dict[str, bytes]
    """What was attached, by the id of its entry."""

    def link(self, kind: str) -> list[tuple[str, str]]:
        return [(source, target) for name, source, target in self.links if name == kind]


def lot_of(request: bytes) -> SentLot:
    envelope = envelope_of(request)
    objects = [_sent(one) for one in _all(envelope, "ExtrinsicObject")]
    [package] = _all(envelope, "RegistryPackage")
    links = [
        (one.get("associationType").rpartition(":")[2], one.get("sourceObject"), one.get("targetObject"))
        for one in _all(envelope, "Association")
    ]
    parts = _parts(request)
    contents = {}
    for document in _all(envelope, "Document"):
        [include] = _all(document, "Include")
        contents[document.get("id")] = parts[include.get("href").removeprefix("cid:")]
    signatures = [one for one in objects if one.codes["type"] == ["E1762"]]
    [signature] = signatures
    return SentLot(
        _sent(package), [one for one in objects if one is not signature], signature, links, contents
    )


def checked(lot: SentLot) -> SentLot:
    """What holds for every lot: each content is what its entry says, all is in the set, the signature signs it."""
    assert all(one.slots["languageCode"] == ["fr-FR"] for one in lot.documents)
    for one in (*lot.documents, lot.signature):
        content = lot.contents[one.id]
        assert one.slots["hash"] == [hashlib.sha1(content, usedforsecurity=False).hexdigest()]
        assert one.slots["size"] == [str(len(content))]
        assert one.identifiers["patient"] == lot.set.identifiers["patient"]
        assert (lot.set.id, one.id) in lot.link("HasMember")
    assert lot.link("signs") == [(lot.signature.id, lot.set.id)]
    assert (
        len({one.identifiers["unique"] for one in (*lot.documents, lot.signature)}) == len(lot.documents) + 1
    )
    return lot


async def last_lot(desk: Desk) -> SentLot:
    return checked(lot_of((await desk.requests("TD2.1"))[-1]))


def _sent(element: Any) -> Sent:
    codes: dict[str, list[str]] = {}
    authors = []
    for one in _children(element, "Classification"):
        name = _SCHEMES.get(one.get("classificationScheme"), "")
        if name == "author":
            authors.append(_slots(one))
        elif name:
            codes.setdefault(name, []).append(one.get("nodeRepresentation"))
    return Sent(
        element.get("id"),
        element.get("mimeType") or "",
        _text(element, "Name"),
        _text(element, "Description"),
        _slots(element),
        codes,
        authors,
        {
            _IDENTIFIERS[one.get("identificationScheme")]: one.get("value")
            for one in _children(element, "ExternalIdentifier")
        },
    )


def _parts(request: bytes) -> dict[str, bytes]:
    """The attachments of a multipart body by their Content-ID."""
    boundary = request.lstrip(b"\r\n").partition(b"\r\n")[0]
    found = {}
    for part in request.split(boundary)[1:-1]:
        head, _, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        for line in head.decode("ascii").split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "content-id":
                found[value.strip(" <>")] = body.removesuffix(b"\r\n")
    return found


def _all(element: Any, name: str) -> list[Any]:
    return list(element.xpath(f".//*[local-name()='{name}']"))


def _children(element: Any, name: str) -> list[Any]:
    return list(element.xpath(f"*[local-name()='{name}']"))


def _slots(element: Any) -> dict[str, list[str]]:
    return {
        slot.get("name"): [value.text or "" for value in _all(slot, "Value")]
        for slot in _children(element, "Slot")
    }


def _text(element: Any, name: str) -> str:
    return "".join(
        str(text.get("value"))
        for one in _children(element, name)
        for text in _children(one, "LocalizedString")
    )
