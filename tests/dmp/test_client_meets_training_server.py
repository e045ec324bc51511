"""The client and the training server, written apart from one reference: do they understand each other?"""

import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
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
from kiosk.dmp.client import DmpClient
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.model import (
    Actor,
    Address,
    Authorization,
    CardTraits,
    Creation,
    OtpChannel,
    PatientId,
    RecordState,
)
from kiosk.dmp.profile import HISTORICAL
from kiosk.dmp.vihf import Access
from kiosk.errors import (
    AnswerCut,
    AnswerUnreadable,
    ClientCertificateRefused,
    ClockWrong,
    Refused,
    ServerTooSlow,
)
from kiosk.training.dmp_server import DmpServer
from kiosk.training.people import HOLDERS, VITALES, Holder, Insured
from kiosk.training.pki import TrainingPki

CAST = {person.given_name: person for vitale in VITALES for person in vitale.people if person.nir13}
CARDS = {holder.card_id: holder for holder in HOLDERS}


class KeyInMemory:
    def __init__(self, certificate: bytes, key: RSAPrivateKey) -> None:
        self.certificate = x509.load_der_x509_certificate(certificate)
        self._key = key

    def sign(self, digest_info: bytes) -> bytes:
        return self._key.sign(digest_info[-32:], PKCS1v15(), Prehashed(hashes.SHA256()))


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrainingPki:
    return TrainingPki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def running(pki: TrainingPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DmpServer, Path]]:
    directory = tmp_path_factory.mktemp("dmp")
    server = DmpServer(pki, directory)
    server.start()
    yield server, directory
    server.stop()


@pytest.fixture
def order(running: tuple[DmpServer, Path]) -> Callable[..., dict[str, object]]:
    """The box's control socket; the day starts anew."""

    def send(**request: object) -> dict[str, object]:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(str(running[1] / "dmp.sock"))
            control.sendall(json.dumps(request).encode() + b"\n")
            with control.makefile() as lines:
                answer: dict[str, object] = json.loads(lines.readline())
        return answer

    send(do="reset")
    return send


@pytest.fixture
def login(running, pki, order) -> Iterator[Callable[..., DmpClient]]:
    """A client for one card of the cast, in its first situation d'exercice."""
    opened: list[DmpClient] = []

    def make(
        card_id: str = "cps-medecin", *, seconds: float = 20.0, signs_with: str = "signature"
    ) -> DmpClient:
        holder = CARDS[card_id]
        keys = pki.card(holder)
        authentication = KeyInMemory(keys.authentication_certificate, keys.authentication_key)
        signature = KeyInMemory(keys.signature_certificate, keys.signature_key)
        tls = tls_context(keys.authentication_certificate, authentication.sign, pki.server_ca_file)
        signer = signature if signs_with == "signature" else authentication
        channel = HttpsChannel(running[0].url, tls, call_seconds=seconds)
        client = DmpClient(
            HISTORICAL, SOFTWARE, actor(holder), signer, channel, lambda: datetime.now(UTC), uuid4
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


def actor(holder: Holder) -> Actor:
    practice = holder.practices[0]
    role = nomenclature.profession(holder.profession or "SECRETARIAT_MEDICAL")
    if not holder.profession:
        role = nomenclature.profession("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6")
    return Actor(
        national_id=holder.national_id,
        family_name=holder.family_name,
        given_name=holder.given_name,
        profession=role,
        speciality=nomenclature.speciality(holder.speciality, holder.profession)
        if holder.speciality
        else None,
        structure_id=practice.structure_id,
        structure_name=practice.structure_name,
        sector=nomenclature.sector(practice.sector),
    )


def patient(given_name: str) -> PatientId:
    person = CAST[given_name]
    return PatientId(INS_C, str(insc.compute(person.given_name, person.birth_date[2:], person.nir13)))


def form(given_name: str, **changes: object) -> Creation:
    person: Insured = CAST[given_name]
    card = CardTraits(person.usual_name, person.birth_name, person.given_name, person.birth_date[2:])
    usual: dict[str, object] = {
        "patient": patient(given_name),
        "card": card,
        "civility": "Mme",
        "usual_name": person.usual_name,
        "birth_name": person.birth_name,
        "given_name": person.given_name,
        "birth_date": person.birth_date,
        "sex": "F",
        "birth_country": "FRANCE",
        "address": Address("12 RUE DE L'ÉGLISE", "", "75012", "PARIS", "FRANCE"),
        "email": "",
        "phone": "",
        "mobile": "0639980012",
        "consent_at": datetime.now(UTC),
        "opposed_to_break_glass": False,
        "opposed_to_regulation": True,
    }
    return Creation(**(usual | changes))  # type: ignore[arg-type]


def test_0_2_010_to_0_2_050(login):
    client = login()
    assert client.test_existence(Access(patient("ELODIE"))).state is RecordState.NONE
    closed = client.test_existence(Access(patient("CHLOE")))
    assert closed.state is RecordState.CLOSED
    assert closed.closed_at == datetime(2025, 1, 10, 9, 30, tzinfo=UTC)
    assert closed.closing_reason
    followed = client.test_existence(Access(patient("ANDRE")))
    assert (followed.state, followed.authorization) == (RecordState.ACTIVE, Authorization.VALID)
    assert followed.treating_doctor
    assert followed.internet_account
    known = client.test_existence(Access(patient("JEAN PIERRE")))
    assert known.authorization is Authorization.VALID
    assert not known.treating_doctor


@pytest.mark.parametrize(
    ("card_id", "expected"),
    [("cps-pharmacien", Authorization.EXPIRED), ("cps-infirmier", Authorization.FORBIDDEN)],
)
def test_0_2_060_and_0_2_070(login, card_id, expected):
    assert login(card_id).test_existence(Access(patient("ANDRE"))).authorization is expected


@pytest.mark.parametrize("card_id", ["cps-medecin", "cpe-accueil"])
@pytest.mark.parametrize("given_name", ["ELODIE", "SIMONE", "MARIA"])
def test_a_creation_from_test_to_codes(login, card_id, given_name):
    client = login(card_id)
    client.create_record(form(given_name))
    assert client.test_existence(Access(patient(given_name))).state is RecordState.ACTIVE
    opened = client.create_internet_access(patient(given_name), OtpChannel.SMS, "0639980012")
    renewed = client.renew_internet_access(patient(given_name))
    assert opened.password.reveal() != renewed.password.reveal()
    with pytest.raises(Refused) as raised:
        client.create_internet_access(patient(given_name), OtpChannel.SMS, "0639980012")
    assert raised.value.server_code == "DMPPatientAccessAlreadyExists"


def test_dmp_found(login):
    with pytest.raises(Refused) as raised:
        login().create_record(form("ANDRE"))
    assert raised.value.server_code == "DMPFound"


def test_a_refused_creation(login):
    with pytest.raises(Refused) as raised:
        login().create_record(form("LUC"))
    assert raised.value.server_code == "DMPAccessDeniedByRightsService"


def test_dmp_invalid_certificate(login):
    with pytest.raises(Refused) as raised:
        login(signs_with="authentication").test_existence(Access(patient("ELODIE")))
    assert raised.value.server_code == "DMPInvalidCertificate"


def test_a_card_the_service_does_not_admit(login):
    with pytest.raises(ClientCertificateRefused):
        login("cps-expiree").test_existence(Access(patient("ELODIE")))


def test_a_wrong_clock(login, order):
    order(do="fault", kind="clock", seconds=1800)
    with pytest.raises(ClockWrong):
        login().test_existence(Access(patient("ELODIE")))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("cut", AnswerCut),
        ("cut-before", AnswerCut),
        ("commit-then-cut", AnswerCut),
        ("garbage", AnswerUnreadable),
        ("html-503", AnswerUnreadable),
        ("soap-fault", Refused),
        ("ack-error", Refused),
        ("huge", AnswerUnreadable),
    ],
)
def test_misbehaviours_of_the_service(login, order, kind, error):
    client = login()
    order(do="fault", kind=kind)
    with pytest.raises(error):
        client.create_record(form("ELODIE"))
    done = {"cut", "commit-then-cut"}
    expected = RecordState.ACTIVE if kind in done else RecordState.NONE
    assert client.test_existence(Access(patient("ELODIE"))).state is expected


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_a_service_too_slow(login, order, kind):
    client = login(seconds=2.0)
    client.test_existence(Access(patient("ELODIE")))
    order(do="fault", kind=kind)
    with pytest.raises(ServerTooSlow):
        client.create_record(form("ELODIE"))
