"""Where client and training server meet: the cards of the cast as clients, and the server's control socket.

The fixtures are in `meeting_day`.
"""

import base64
import json
import re
import socket
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from dmp_peers import INS_C, SOFTWARE

from kiosk.card import insc, nomenclature
from kiosk.card.tls import tls_context
from kiosk.code import Code
from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import (
    BodyFormat,
    DepositPatient,
    NewDocument,
    PreparedSubmission,
    ReadyCda,
    Replaced,
    Submission,
    Writer,
    writer,
)
from kiosk.dmp.deposit_rules import content_type_of, settings_of
from kiosk.dmp.document import ANYTHING, DocumentEntry, DocumentQuery
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.model import Actor, PatientId
from kiosk.dmp.profile import HISTORICAL, ServiceProfile
from kiosk.dmp.vihf import Access, Purpose
from kiosk.errors import Refused
from kiosk.training.dmp_server import DmpServer
from kiosk.training.people import HOLDERS, RECORDS, VITALES, Insured
from kiosk.training.pki import TrainingPki

CAST = {person.given_name: person for vitale in VITALES for person in vitale.people if person.nir13}
CARDS = {holder.card_id: holder for holder in HOLDERS}
BY_NIR = {record.nir13: record for record in RECORDS}
CONSULTATION = Code("11488-4", "2.16.840.1.113883.6.1", "CR ou fiche de consultation ou de visite")
PRESCRIPTION = Code("57833-6", "2.16.840.1.113883.6.1", "Prescription de produits de santé")
HIDDEN_NOTE = "Avis demandé au confrère"
"""In ANDRE's record, by the doctor of the cast, hidden from professionals."""
HIDDEN_BY_OTHERS = {"Consultation spécialisée", "Photographie d'une lésion cutanée"}
ALL_STATES = DocumentQuery(include_archived=True, include_obsolete=True)
_DS, _XADES = "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.1.1#"


class KeyInMemory:
    """A card whose key is a file; counts what it signs."""

    def __init__(self, certificate: bytes, key: RSAPrivateKey) -> None:
        self.certificate = x509.load_der_x509_certificate(certificate)
        self.signatures = 0
        self._key = key

    def sign(self, digest_info: bytes) -> bytes:
        self.signatures += 1
        return self._key.sign(digest_info[-32:], PKCS1v15(), Prehashed(hashes.SHA256()))


@dataclass
class Meeting:
    """The server, and everybody who may come to it."""

    server: DmpServer
    directory: Path
    pki: TrainingPki
    opened: list[DmpClient] = field(default_factory=list)
    signed: list[PreparedSubmission] = field(default_factory=list)
    """What was deposited since the start of the day."""

    def login(
        self,
        card_id: str = "cps-medecin",
        *,
        practice: int = 0,
        profile: ServiceProfile = HISTORICAL,
        seconds: float = 30.0,
    ) -> DmpClient:
        """A client for one card of the cast, in one of its situations d'exercice."""
        keys = self.pki.card(CARDS[card_id])
        authentication = KeyInMemory(keys.authentication_certificate, keys.authentication_key)
        tls = tls_context(keys.authentication_certificate, authentication.sign, self.pki.server_ca_file)
        client = DmpClient(
            profile,
            SOFTWARE,
            actor(card_id, practice),
            KeyInMemory(keys.signature_certificate, keys.signature_key),
            HttpsChannel(self.server.url, tls, call_seconds=seconds),
            lambda: datetime.now(UTC),
            uuid4,
            nature="test",
        )
        self.opened.append(client)
        return client

    def deposit(
        self,
        client: DmpClient,
        given_name: str,
        who: Actor,
        *documents: NewDocument | ReadyCda,
        where: Access | None = None,
        **changes: object,
    ) -> PreparedSubmission:
        """Prepared, sent and taken."""
        where = where or access(given_name)
        prepared = self.prepare(client, lot(where, given_name, who, *documents, **changes))
        client.provide(where, prepared)
        return prepared

    def prepare(self, client: DmpClient, submission: Submission) -> PreparedSubmission:
        """Signed; the signature is checked when the test is over."""
        prepared = client.prepare(submission)
        self.signed.append(prepared)
        return prepared

    def order(self, **request: object) -> dict[str, object]:
        """Say something to the control socket of the service."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(60)
            control.connect(str(self.directory / "dmp.sock"))
            control.sendall(json.dumps(request).encode() + b"\n")
            with control.makefile() as lines:
                answer: dict[str, object] = json.loads(lines.readline())
        assert "error" not in answer, answer
        return answer

    def record(self, given_name: str, **fields: object) -> None:
        """What is said of that record holds instead of what the cast says."""
        known = {key: value for key, value in vars(BY_NIR[CAST[given_name].nir13]).items() if value}
        self.order(do="record", **(known | fields))

    def transactions(self) -> list[str]:
        """What the service saw, in order."""
        rows = self.order(do="log")["log"]
        assert isinstance(rows, list)
        return [row["transaction"] for row in rows]

    def requests(self) -> list[bytes]:
        """The last ones as they came over the wire."""
        bodies = self.order(do="requests")["requests"]
        assert isinstance(bodies, list)
        return [base64.b64decode(one) for one in bodies]

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()


def actor(card_id: str, practice: int = 0) -> Actor:
    """What the login makes of a card; who has no practice on it declares the hospital's."""
    holder = CARDS[card_id]
    where = (holder.practices or CARDS["cps-urgentiste"].practices)[practice]
    system = nomenclature.G16 if holder.card_type == "01" else nomenclature.G15
    role = nomenclature.profession("SECRETARIAT_MEDICAL", nomenclature.A00)
    speciality = holder.speciality or ("SM26" if holder.card_type == "01" else "")
    return Actor(
        national_id=holder.national_id,
        family_name=holder.family_name or holder.employer,
        given_name=holder.given_name or "CPET",
        profession=nomenclature.profession(holder.profession, system) if holder.profession else role,
        speciality=nomenclature.speciality(speciality, holder.profession) if speciality else None,
        structure_id=where.structure_id,
        structure_name=where.structure_name,
        sector=nomenclature.sector(where.sector),
        anonymous=not holder.family_name,
    )


def patient(given_name: str) -> PatientId:
    person = CAST[given_name]
    return PatientId(INS_C, str(insc.compute(person.given_name, person.birth_date[2:], person.nir13)))


def access(given_name: str, purpose: Purpose = Purpose.NORMAL, *, secret: bool = False) -> Access:
    """To a record, in a mode; who breaks the glass says why."""
    reason = "Patient inconscient" if purpose is Purpose.BREAK_GLASS else ""
    return Access(patient(given_name), purpose, reason, secret)


def deposit_patient(given_name: str) -> DepositPatient:
    person: Insured = CAST[given_name]
    return DepositPatient(
        patient=patient(given_name),
        birth_name=person.birth_name or person.usual_name,
        usual_name=person.usual_name,
        given_names=person.given_name,
        first_name=person.given_name,
        birth_date=person.birth_date,
        sex="F" if person.nir13[0] == "2" else "M",
    )


def note(who: Actor, title: str = "Compte rendu de consultation", **changes: object) -> NewDocument:
    """A consultation note written by `who`, an hour ago."""
    me = writer(who)
    now = datetime.now(UTC).replace(microsecond=0)
    usual: dict[str, object] = {
        "title": title,
        "type_code": CONSULTATION,
        "format": BodyFormat.TEXT,
        "content": f"Patient vu ce jour. {uuid4()}".encode(),
        "created": now,
        "service_start": now - timedelta(hours=1),
        "authors": (me,),
        "legal_authenticator": me,
        "practice_setting": settings_of(who.sector)[0],
    }
    return NewDocument(**(usual | changes))  # type: ignore[arg-type]


def lot(
    where: Access, given_name: str, who: Actor, *documents: NewDocument | ReadyCda, **changes: object
) -> Submission:
    usual: dict[str, object] = {
        "access": where,
        "patient": deposit_patient(given_name),
        "documents": documents or (note(who),),
        "content_type": content_type_of(who.sector),
    }
    return Submission(**(usual | changes))  # type: ignore[arg-type]


def colleague(card_id: str) -> Writer:
    """Another professional of the cast, as an author."""
    return writer(actor(card_id))


def found(client: DmpClient, where: Access, query: DocumentQuery = ANYTHING) -> dict[str, DocumentEntry]:
    """What a search shows, by unique id."""
    return {entry.unique_id: entry for entry in client.find_documents(where, query).entries}


def titled(client: DmpClient, where: Access, title: str, query: DocumentQuery = ANYTHING) -> DocumentEntry:
    """The one document of that title that a search shows."""
    (entry,) = [one for one in client.find_documents(where, query).entries if one.title == title]
    return entry


def replacement(client: DmpClient, where: Access, old: DocumentEntry, version: int = 1) -> Replaced:
    """What the screens gather of the version to be replaced, its technical identifier right before."""
    return Replaced(
        entry_uuid=client.find_reference(where, old.unique_id),
        unique_id=old.unique_id,
        version=version,
        visibility=old.visibility,
    )


def refused(raised: pytest.ExceptionInfo[Refused]) -> str:
    """The service's own code."""
    return raised.value.server_code


def titles(client: DmpClient, where: Access, query: DocumentQuery = ANYTHING) -> set[str]:
    return {entry.title for entry in client.find_documents(where, query).entries}


def xmlsec1_takes(prepared: PreparedSubmission, pki: TrainingPki, directory: Path) -> None:
    """What xmlsec1 says of the signature of a lot: both references, and the digest of every document.

    The manifest's constant digest of the lot itself cannot hold: one reference of it fails by design.
    """
    file = directory / "signature.xml"
    file.write_bytes(b"".join(prepared.signature.content))
    maps = [f"--url-map:urn:oid:{prepared.unique_id}", str(file)]
    for number, one in enumerate(prepared.documents):
        copy = directory / f"document-{number}.xml"
        copy.write_bytes(b"".join(one.content))
        maps += [f"--url-map:urn:oid:{one.unique_id}", str(copy)]
    trusted: list[str] = []
    authorities = re.findall("-----BEGIN.*?-----END [A-Z ]+-----", pki.card_ca_file.read_text(), re.DOTALL)
    for number, pem in enumerate(authorities):
        (directory / f"ca-{number}.pem").write_text(pem)
        trusted += ["--trusted-pem", str(directory / f"ca-{number}.pem")]
    ids = ["--id-attr:Id", f"{_DS}:Manifest", "--id-attr:Id", f"{_XADES}:SignedProperties"]
    done, said = _xmlsec1("--verify", *trusted, *ids, "--ignore-manifests", str(file))
    assert done, said
    assert "SignedInfo References (ok/all): 2/2" in said
    _, said = _xmlsec1("--verify", *trusted, *ids, *maps, str(file))
    count = len(prepared.documents)
    assert f"Manifests References (ok/all): {count}/{count + 1}" in said, said


def _xmlsec1(*options: str) -> tuple[bool, str]:
    done = subprocess.run(["xmlsec1", *options], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode == 0, done.stdout + done.stderr
