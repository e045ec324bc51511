"""The emulated cards in real readers: pcscd, vsmartcard's driver, and OpenSC as a reader nobody here wrote.

OpenSC's driver « IAS/ECC CPx » was written for the real CPS3: it finds the card by its ATR, reads its PKCS#15
directories, presents the PIN and signs with the authentication key.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from peers import Pcscd
from raw_card import read_path, send, status
from smartcard import scard

from kiosk.training.people import HOLDERS
from kiosk.training.pki import TrainingPki

OPENSC = "opensc-pkcs11.so"
RIGHT_PIN = "0020000108 31323334FFFFFFFF"
AUTHENTICATION_ID = "e828bd080f8025000001ff001020"
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
NURSE = next(holder for holder in HOLDERS if holder.card_id == "cps-infirmier")


class Connection:
    """A shared connection through PC/SC."""

    def __init__(self, reader: str) -> None:
        result, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        assert result == scard.SCARD_S_SUCCESS
        both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, self._card, self.protocol = scard.SCardConnect(
            self._context, reader, scard.SCARD_SHARE_SHARED, both
        )
        assert result == scard.SCARD_S_SUCCESS, scard.SCardGetErrorMessage(result)

    def atr(self) -> bytes:
        result, _, _, _, atr = scard.SCardStatus(self._card)
        assert result == scard.SCARD_S_SUCCESS
        return bytes(atr)

    def transmit(self, apdu: bytes) -> bytes:
        header = scard.SCARD_PCI_T0 if self.protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        result, answer = scard.SCardTransmit(self._card, header, list(apdu))
        assert result == scard.SCARD_S_SUCCESS, scard.SCardGetErrorMessage(result)
        return bytes(answer)

    def close(self, disposition: int = scard.SCARD_LEAVE_CARD) -> None:
        assert scard.SCardDisconnect(self._card, disposition) == scard.SCARD_S_SUCCESS
        scard.SCardReleaseContext(self._context)


@pytest.fixture(scope="module")
def pki_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rack-pki")


@pytest.fixture(scope="module")
def pcscd(pki_directory: Path) -> Iterator[Pcscd]:
    with Pcscd(pki_directory) as peer:
        yield peer


@pytest.fixture(scope="module")
def nurse(pcscd: Pcscd) -> Iterator[str]:
    """The reader with the nurse's card."""
    pcscd.insert(0, NURSE.card_id)
    yield pcscd.readers[0]
    pcscd.remove(0)


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)


def opensc_module() -> str:
    found = sorted(Path("/usr/lib").glob(f"*/{OPENSC}"))
    assert found
    return str(found[0])


def test_card_through_the_real_stack(nurse: str) -> None:
    connection = Connection(nurse)
    assert connection.atr().hex().upper() == "3BAC00402A001225006480000310009000"
    assert connection.protocol == scard.SCARD_PROTOCOL_T0
    assert read_path(connection, "3F00D003").hex().upper().endswith(NURSE.serial)
    connection.close()


def test_verified_pin_outlives_a_client_that_leaves_the_card_and_not_one_that_resets_it(nurse: str) -> None:
    for disposition, left in (
        (scard.SCARD_LEAVE_CARD, "9000"),
        (scard.SCARD_RESET_CARD, "63C3"),
        (scard.SCARD_UNPOWER_CARD, "63C3"),
    ):
        connection = Connection(nurse)
        assert status(connection, RIGHT_PIN) == "9000"
        connection.close(disposition)
        connection = Connection(nurse)
        assert status(connection, "00200001") == left
        connection.close(scard.SCARD_RESET_CARD)


def test_long_answer_of_an_extended_command(nurse: str, pki_directory: Path) -> None:
    connection = Connection(nurse)
    assert status(connection, "00A4090C063F0000017010") == "9000"
    content, end = send(connection, "00B00000000000")
    assert end == "9000"
    assert content == TrainingPki(pki_directory).card(NURSE).authentication_certificate
    connection.close()


@pytest.mark.parametrize(
    ("card_id", "atr"),
    [
        ("vitale-famille", "3B751300004509EA9000"),
        ("carte-inconnue", "3B6400004649444C"),
        ("carte-sans-contact", "3B8F80010031B86404B0ECC1739401808290000E"),
    ],
)
def test_other_cards_power_up(pcscd: Pcscd, card_id: str, atr: str) -> None:
    pcscd.insert(1, card_id)
    connection = Connection(pcscd.readers[1])
    assert connection.atr().hex().upper() == atr
    connection.close()
    pcscd.remove(1)


def test_mute_card_is_there_and_cannot_be_powered(pcscd: Pcscd) -> None:
    pcscd.insert(1, "carte-muette")
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    _, states = scard.SCardGetStatusChange(context, 0, [(pcscd.readers[1], scard.SCARD_STATE_UNAWARE)])
    assert states[0][1] & scard.SCARD_STATE_PRESENT
    assert states[0][1] & scard.SCARD_STATE_MUTE
    scard.SCardReleaseContext(context)
    pcscd.remove(1)


def test_rack_says_what_it_cannot_do(pcscd: Pcscd) -> None:
    for slot, card_id in ((0, "cps-de-personne"), (7, "cps-medecin")):
        with pytest.raises(AssertionError, match="error"):
            pcscd.insert(slot, card_id)


def test_opensc_reads_the_table_of_contents(nurse: str) -> None:
    shown = run("pkcs15-tool", "--reader", nurse, "--dump")
    assert shown.returncode == 0, shown.stderr
    for expected in (
        "PKCS#15 Card [CPS3v3-0000000051]",
        "PIN [Code porteur]",
        "min_len:4, max_len:4, stored_len:8",
        "Private RSA Key [CPS_PRIV_SIG]",
        "Private RSA Key [CPS_PRIV_AUT]",
        "X.509 Certificate [Certificat d'Authentification CPS]",
        "X.509 Certificate [Certificat de Signature CPS]",
        "Data object 'CPS_INFO_PS'",
        "Data object 'CPS_ACTIVITY_01_PS'",
    ):
        assert expected in shown.stdout


@pytest.mark.parametrize("use", ["authentication", "signature"])
def test_opensc_finds_each_certificate_beside_its_key(nurse: str, pki_directory: Path, use: str) -> None:
    object_id = AUTHENTICATION_ID if use == "authentication" else AUTHENTICATION_ID[:-2] + "10"
    shown = run("pkcs15-tool", "--reader", nurse, "--read-certificate", object_id)
    kept = pki_directory / "cards" / f"{NURSE.card_id}-valid-{use}.pem"
    assert shown.stdout.strip() == kept.read_text().strip()


def test_opensc_reads_an_activity_after_the_pin_only(nurse: str) -> None:
    reading = ["pkcs15-tool", "--reader", nurse, "--read-data-object", "CPS_ACTIVITY_01_PS"]
    assert "EE" not in run(*reading).stdout
    shown = run(*reading, "--verify-pin", "--pin", "1234").stdout
    assert bytes.fromhex(shown.partition("<")[2].partition(">")[0])[-4:] == b"SA08"


def test_opensc_counts_wrong_pins_with_the_card(nurse: str) -> None:
    wrong = run("pkcs15-tool", "--reader", nurse, "--verify-pin", "--pin", "4321")
    assert wrong.returncode != 0
    connection = Connection(nurse)
    assert status(connection, "00200001") == "63C2"
    assert status(connection, RIGHT_PIN) == "9000"
    connection.close(scard.SCARD_RESET_CARD)


def test_opensc_signs_with_the_authentication_key(nurse: str, pki_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"message")
    (tmp_path / "di").write_bytes(DIGEST_INFO + hashlib.sha256(b"message").digest())
    done = run(
        "pkcs11-tool", "--module", opensc_module(), "--login", "--pin", "1234", "--sign", "--mechanism", "RSA-PKCS",
        "--id", AUTHENTICATION_ID, "--input-file", str(tmp_path / "di"), "--output-file", str(tmp_path / "s"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    certificate = pki_directory / "cards" / f"{NURSE.card_id}-valid-authentication.pem"
    (tmp_path / "k.pem").write_text(
        run("openssl", "x509", "-in", str(certificate), "-pubkey", "-noout").stdout
    )
    verify = ["openssl", "dgst", "-sha256", "-verify", "k.pem", "-signature", "s", "m"]
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).stdout == b"Verified OK\n"


def test_nothing_of_the_readers_is_seen_outside(pcscd: Pcscd) -> None:
    """The driver listens on every interface: of its own network namespace only."""
    assert shutil.which("ss")
    listening = run("ss", "-Htln").stdout
    assert ":35963" not in listening
    assert ":35964" not in listening
