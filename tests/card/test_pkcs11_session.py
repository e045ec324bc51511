"""A whole session on a PKCS#11 card: login, Vitale card, existence test, against the training DMP server."""

import base64
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pkcs11_bench import BY_ID, Reader, pin

from kiosk import errors
from kiosk.card import tray as drawers
from kiosk.card.model import CardKind, VitaleCard
from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.card.readers import SlotState
from kiosk.card.tray import TrayReaders
from kiosk.card.vitale import read_vitale
from kiosk.dmp.model import RecordState
from kiosk.dmp.profile import profile
from kiosk.journal import Entry, Journal
from kiosk.memory import memory_in
from kiosk.parameters.file import ParameterFile
from kiosk.printing.printer import IppPrinter
from kiosk.session import Session
from kiosk.station import Sheets, Station, software, utc_now
from kiosk.training.dmp_server import DmpServer
from kiosk.training.pki import TrainingPki

pytest_plugins = ("pkcs11_fixtures",)


class DirectJournal:
    def __init__(self, file: Path) -> None:
        self.journal = Journal(file)

    def write(self, entry: Entry) -> None:
        self.journal.append(entry)


@pytest.fixture
def server(box: Path, pki: TrainingPki) -> Iterator[DmpServer]:
    made = DmpServer(pki, box)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def station(box: Path, server: DmpServer, pki: TrainingPki, token: Reader, tmp_path: Path) -> Station:
    """A post whose Vitale reader is the card tray."""
    readers = TrayReaders(box)

    def vitale_card(slot: SlotState) -> VitaleCard:
        with closing(readers.connect(slot.reader)) as link:
            return read_vitale(link)

    return Station(
        name="Accueil",
        profile=profile("historical"),
        production=False,
        software=software("1.2.250.1.999.1", "TST-000000-0000"),
        dmp_url=server.url,
        dmp_roots=pki.server_ca_file,
        dmp_crl=None,
        readers=readers,
        open_card=lambda slot: Pkcs11Card(token.module),
        read_vitale=vitale_card,
        printer=IppPrinter("ipp://127.0.0.1:9/ipp/print"),
        sheets=Sheets("www.example.org", "", simulation=True),
        journal=DirectJournal(tmp_path / "journal.sqlite"),
        site_key=bytes(32),
        memory=memory_in(tmp_path, bytes(32), utc_now),
        parameters=ParameterFile(tmp_path / "parameters", "", None, utc_now),
    )


@pytest.fixture
def session(station: Station, token: Reader) -> Iterator[Session]:
    token.insert("cps-medecin")
    made = Session(station, station.seat(SlotState("", CardKind.PROFESSIONAL, b"", 1)))
    yield made
    made.close()


def ask(directory: Path, **request: Any) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(directory / "dmp.sock"))
        control.sendall(json.dumps(request).encode() + b"\n")
        with control.makefile("rb") as lines:
            answer: dict[str, Any] = json.loads(lines.readline())
    return answer


def vitale(box: Path, card_id: str) -> SlotState:
    slot = drawers.insert(box, card_id, 1).slots[1]
    return SlotState(slot.name, CardKind.VITALE, b"", slot.count)


def test_login_and_existence(session: Session, box: Path) -> None:
    session.check_card()
    assert session.professional.display_name == "GIRAUD CAMILLE"
    with pytest.raises(errors.PinWrong):
        session.present_pin(pin("9999"))
    assert session.pin_status.tries_left == 2
    session.present_pin(pin())
    (activity,) = session.activities
    session.choose(activity)

    family = session.read_family(vitale(box, "vitale-famille"))
    states = {member.name: session.existence(member) for member in family.members if member.patient}
    assert {name: status.state for name, status in states.items()} == {
        "BERNARD ELODIE": RecordState.NONE,
        "BERNARD JEAN PIERRE": RecordState.ACTIVE,
        "BERNARD CHLOE": RecordState.CLOSED,
    }
    log = ask(box, do="log")["log"]
    assert [row["transaction"] for row in log] == ["TD0.2"] * 3


def test_xmlsec1_accepts_the_vihf_the_card_signed(
    session: Session, box: Path, pki: TrainingPki, tmp_path: Path
) -> None:
    session.present_pin(pin())
    session.choose(session.activities[0])
    session.existence(session.read_family(vitale(box, "vitale-suivi")).members[0])
    request = base64.b64decode(ask(box, do="requests")["requests"][-1])
    (tmp_path / "request.xml").write_bytes(request)
    root, issuer = pki.card_ca_file.read_text().split("-----END CERTIFICATE-----\n")[:2]
    for name, certificate in (("root.pem", root), ("issuer.pem", issuer)):
        (tmp_path / name).write_text(certificate + "-----END CERTIFICATE-----\n")
    command = ["xmlsec1", "--verify", "--trusted-pem", "root.pem", "--untrusted-pem", "issuer.pem"]
    id_attribute = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"
    done = subprocess.run(
        [*command, "--id-attr:ID", id_attribute, "request.xml"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f">{BY_ID['cps-medecin'].national_id}<".encode() in request


def test_a_card_that_left_before_the_first_call_is_told_as_such(
    session: Session, box: Path, token: Reader
) -> None:
    session.present_pin(pin())
    session.choose(session.activities[0])
    token.remove()
    (patient,) = session.read_family(vitale(box, "vitale-suivi")).members
    with pytest.raises(errors.CardRemoved):
        session.existence(patient)
    assert ask(box, do="log")["log"] == []
