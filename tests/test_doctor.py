"""`dmp-kiosk doctor` as an administrator runs it: each layer broken for real, and a report that names nobody."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pluggable import PluggableReaders

from kiosk.box import Box, training_box
from kiosk.card.cps import ApduCard
from kiosk.card.model import CardKind, Professional
from kiosk.card.pcsc import PcscReaders
from kiosk.card.readers import SlotState, Snapshot
from kiosk.layers import (
    CARD,
    CERTIFICATE,
    DISK,
    DMP,
    LAYERS,
    PRINTER,
    READER,
    SERVICE,
    Health,
    certificate_and_clock,
)
from kiosk.settings import state_directory
from kiosk.training.people import HOLDERS, VITALES

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with training_box() as process:
        yield process.ready()


@pytest.fixture(scope="module")
def peer(box: Box) -> Iterator[PluggableReaders]:
    with PluggableReaders(state_directory() / "training" / "authority") as made:
        yield made


Findings = dict[str, dict[str, str]]


def examined(config: Path, *arguments: str, within: tuple[str, ...] = (), **environment: str) -> Findings:
    """The findings by layer; `config` is where `dmp-kiosk/settings.toml` would be."""
    done = subprocess.run(
        [*within, sys.executable, "-m", "kiosk", "doctor", "--json", *arguments],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "LANG": "C.UTF-8", "XDG_CONFIG_HOME": str(config), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    found = {finding["layer"]: finding for finding in json.loads(done.stdout)}
    assert tuple(found) == LAYERS
    assert done.returncode == max(Health[finding["health"].upper()] for finding in found.values())
    return found


def settings(directory: Path, box: Box, **changed: str) -> Path:
    """A settings directory for the box's DMP and printer, but for what is `changed`."""
    values = {
        "url": box.dmp_url,
        "roots": str(box.server_roots),
        "crl": "",
        "printer": box.printer_uri,
        "module": "",
        **changed,
    }
    (directory / "dmp-kiosk").mkdir()
    (directory / "dmp-kiosk" / "settings.toml").write_text(
        f"""
        [station]
        name = "Accueil 1"
        post = "accueil"
        [dmp]
        profile = "historical"
        environment = "test"
        url = "{values["url"]}"
        roots = "{values["roots"]}"
        crl = "{values["crl"]}"
        installation_oid = "1.2.250.1.999.1"
        homologation = "X"
        [card]
        pkcs11_module = "{values["module"]}"
        [printer]
        uri = "{values["printer"]}"
        """
    )
    return directory


def told(finding: dict[str, str]) -> str:
    return f"{finding['health']} {finding['code']} {finding['sentence']}"


# --- 1 to 4: readers, card, clock -----------------------------------------------------------------------------


def test_readers_and_cards_from_nothing_to_everything(peer: PluggableReaders, tmp_path: Path) -> None:
    peer.stop_daemon()
    found = examined(tmp_path)
    assert told(found[SERVICE]) == "fault CARTE-010 pcscd ne répond pas."
    assert told(found[READER]) == "fault CARTE-011 Aucun lecteur n'est vu."

    peer.offer()
    peer.start_daemon()
    found = examined(tmp_path)
    assert told(found[SERVICE]) == "ok  pcscd répond."
    assert told(found[READER]) == "fault CARTE-011 Aucun lecteur n'est vu."

    peer.stop_daemon()
    peer.offer(0, 1)
    peer.start_daemon()
    found = examined(tmp_path)
    assert told(found[READER]) == "ok  2 lecteurs vus."
    assert told(found[CARD]) == "attention  Aucune carte n'est insérée."

    peer.insert(0, "vitale-seule")
    assert told(examined(tmp_path)[CARD]) == "attention  Vu : une carte Vitale."
    peer.insert(1, "cpe-accueil")
    found = examined(tmp_path)
    assert told(found[CARD]) == "ok  Vu : une carte Vitale, une carte professionnelle."
    assert found[CERTIFICATE]["health"] != "fault"


def test_a_card_past_its_date(peer: PluggableReaders, tmp_path: Path) -> None:
    peer.insert(1, "cps-expiree")
    finding = examined(tmp_path)[CERTIFICATE]
    assert told(finding) == "fault CARTE-040 Le certificat de la carte n'est pas en cours de validité."
    peer.remove(1)


def test_a_frozen_service_does_not_freeze_the_doctor(peer: PluggableReaders, tmp_path: Path) -> None:
    with peer.frozen():
        assert examined(tmp_path)[SERVICE]["code"] == "CARTE-010"


def test_a_card_another_program_holds_on_to(peer: PluggableReaders, tmp_path: Path) -> None:
    peer.insert(1, "cpe-accueil")
    other = PcscReaders().connect(peer.readers[1])
    with other.exclusive():
        finding = examined(tmp_path)[CERTIFICATE]
    assert told(finding) == "fault  Pas de réponse à temps."
    other.close()
    peer.remove(1)


@pytest.mark.parametrize(
    ("synchronised", "days", "health", "words"),
    [
        (True, 300, Health.OK, "valable encore 300 jours, heure synchronisée"),
        (True, 30, Health.ATTENTION, "valable encore 30 jours"),
        (False, 300, Health.ATTENTION, "L'heure du poste n'est pas synchronisée (NTP)."),
        (False, -1, Health.FAULT, "n'est pas en cours de validité"),
        (True, None, Health.ATTENTION, "pas de carte pour lire un certificat"),
    ],
)
def test_the_card_s_dates_and_the_clock(
    synchronised: bool, days: int | None, health: Health, words: str, holder: Professional
) -> None:
    ends = NOW + timedelta(days=days or 0)
    dated = replace(holder, valid_from=NOW - timedelta(days=400), valid_until=ends)
    slots = () if days is None else (SlotState("L", CardKind.PROFESSIONAL, b"", 1),)
    found = certificate_and_clock(Snapshot(True, slots), lambda reader: dated, NOW, synchronised)
    assert found.health is health
    assert words in found.sentence


@pytest.fixture(scope="module")
def holder(peer: PluggableReaders) -> Professional:
    """Read on a card."""
    peer.insert(1, "cps-medecin")
    card = ApduCard(PcscReaders().connect(peer.readers[1]))
    found = card.professional()
    card.close()
    peer.remove(1)
    return found


# --- 5: network and DMP ---------------------------------------------------------------------------------------


def test_the_dmp_answers(box: Box, tmp_path: Path) -> None:
    finding = examined(settings(tmp_path, box))[DMP]
    assert told(finding) == "ok  Le serveur DMP répond et prouve son nom."


@pytest.fixture(scope="module")
def foreign_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority that has nothing to do with the DMP."""
    directory = tmp_path_factory.mktemp("foreign")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c.pem"]
    subprocess.run([*command, "-subj", "/CN=AC"], cwd=directory, check=True, capture_output=True)
    return directory / "c.pem"


def test_a_server_of_another_authority(box: Box, foreign_root: Path, tmp_path: Path) -> None:
    finding = examined(settings(tmp_path, box, roots=str(foreign_root)))[DMP]
    assert finding["code"] == "DMP-014"
    assert "ne prouve pas qu'il est le DMP" in finding["sentence"]
    assert "autorité inconnue de ce poste" in finding["sentence"]


def test_a_server_of_another_name(box: Box, tmp_path: Path) -> None:
    url = box.dmp_url.replace("localhost", "127.1")
    finding = examined(settings(tmp_path, box, url=url))[DMP]
    assert finding["code"] == "DMP-014"
    assert "autre nom" in finding["sentence"]


@pytest.mark.parametrize("setting", ["roots", "crl"])
def test_authorities_that_cannot_be_used(setting: str, box: Box, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN NOTHING-----\n")
    finding = examined(settings(tmp_path, box, **{setting: str(bad)}))[DMP]
    assert finding["code"] == "BORNE-100"
    assert "inutilisable" in finding["sentence"]


def test_a_name_nobody_knows(box: Box, tmp_path: Path) -> None:
    finding = examined(settings(tmp_path, box, url="https://dmp.invalid/services"))[DMP]
    assert finding["code"] == "DMP-011"
    assert "Le nom du serveur est introuvable" in finding["sentence"]


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A server that is none of ours: `answer` to whoever connects, then hangs up; None says nothing for ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                if answer is None:
                    kept.append(connection)
                else:
                    connection.sendall(answer)
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in kept:
                connection.close()


def closed_port() -> int:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize("server", ["nobody", "silent", "not TLS"])
def test_a_dmp_that_cannot_be_reached(server: str, box: Box, tmp_path: Path) -> None:
    if server == "nobody":
        found = examined(settings(tmp_path, box, url=f"https://localhost:{closed_port()}/"))
    else:
        with listening(None if server == "silent" else b"HTTP/1.0 400 Bad Request\r\n\r\n") as port:
            found = examined(settings(tmp_path, box, url=f"https://localhost:{port}/"))
    assert found[DMP]["code"] == "DMP-011"
    assert found[DMP]["advice"]


# --- 6: printer -----------------------------------------------------------------------------------------------


def test_the_printer_is_ready_off_or_not_set(box: Box, tmp_path: Path) -> None:
    assert told(examined(settings(tmp_path, box))[PRINTER]) == "ok  Prête à imprimer."
    for number, (uri, code, words) in enumerate(
        [
            (f"ipp://127.0.0.1:{closed_port()}/ipp/print", "IMPR-010", "éteinte ou débranchée"),
            ("", "", "Aucune imprimante n'est réglée."),
        ]
    ):
        (tmp_path / str(number)).mkdir()
        finding = examined(settings(tmp_path / str(number), box, printer=uri))[PRINTER]
        assert finding["code"] == code
        assert words in finding["sentence"]


# --- 7: disk --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "before", "sentence"),
    [
        ("ro", "true", "Le dossier du journal est plein ou en lecture seule."),
        ("size=64k", "dd if=/dev/zero of={state}/fill 2>/dev/null; true", "Le dossier du journal est plein"),
        ("size=1m", "true", "Le disque du journal est presque plein."),
    ],
)
def test_a_journal_that_cannot_be_written(options: str, before: str, sentence: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    script = f'mount -t tmpfs -o {options} tmpfs {state} && {{ {before.format(state=state)}; }} && exec "$@"'
    within = ("unshare", "-rm", "sh", "-c", script, "sh")
    finding = examined(tmp_path, within=within, XDG_STATE_HOME=str(state))[DISK]
    assert finding["code"] == "BORNE-200"
    assert sentence in finding["sentence"]


# --- the report -----------------------------------------------------------------------------------------------


def test_the_report_names_nobody(peer: PluggableReaders, box: Box, tmp_path: Path) -> None:
    """While somebody is logged in with a card that is known, and a family's card lies beside it."""
    home = tmp_path / "home" / "dupont-canari"
    home.mkdir(parents=True)
    peer.insert(0, "cps-medecin")
    peer.insert(1, "vitale-famille")
    card = ApduCard(PcscReaders().connect(peer.readers[0]))
    card.verify_pin(bytearray(b"1234"))
    assert card.activities()
    everything = ""
    for number, config in enumerate((home, settings(tmp_path, box, module=_opensc()))):
        report = tmp_path / f"report-{number}.txt"
        found = examined(config, f"--report={report}", HOME=str(home))
        assert "professionnelle" in found[CARD]["sentence"]
        assert "Vitale" in found[CARD]["sentence"]
        assert all(finding["sentence"] in report.read_text() for finding in found.values())
        everything += json.dumps(found, ensure_ascii=False) + report.read_text()
    card.close()
    assert "7. Disque et mémoire" in everything
    who = next(holder for holder in HOLDERS if holder.card_id == "cps-medecin")
    family = next(vitale for vitale in VITALES if vitale.card_id == "vitale-famille")
    canaries = [
        *(who.family_name, who.given_name, who.national_id, who.serial, who.employer, family.serial),
        *(practice.structure_id for practice in who.practices),
        *(text for one in family.people for text in (one.usual_name, one.given_name, one.nir13)),
        *(home.name, *peer.readers),
    ]
    assert not [canary for canary in canaries if canary and canary.lower() in everything.lower()]
    for slot in (0, 1):
        peer.remove(slot)


def _opensc() -> str:
    """The PKCS#11 module that reads the emulated cards as the Cryptolib reads real ones."""
    (found, *_) = sorted(Path("/usr/lib").glob("*/opensc-pkcs11.so"))
    return str(found)


def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "doctor", "--report", str(tmp_path)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "Le rapport ne peut pas être écrit" in done.stderr
    assert "Traceback" not in done.stderr
