"""The box's certificates, judged by openssl; and the directory they are kept in."""

import dataclasses
import multiprocessing
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.training.people import HOLDERS, Holder
from kiosk.training.pki import CardKeys, TrainingPki

BY_ID = {holder.card_id: holder for holder in HOLDERS}
DOCTOR = BY_ID["cps-medecin"]


def verify(pki: TrainingPki, certificate: bytes, directory: Path) -> str:
    """What `openssl verify` says, revocation checked: `OK`, or the number of the error."""
    (directory / "c.der").write_bytes(certificate)
    command = ["openssl", "verify", "-x509_strict", "-crl_check", "-CRLfile", str(pki.crl_file)]
    done = subprocess.run(
        [*command, "-CAfile", str(pki.card_ca_file), "c.der"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return "OK"
    return next(line.split()[1] for line in done.stderr.splitlines() if line.startswith("error "))


@pytest.mark.parametrize(
    ("card_id", "validity", "verdict"),
    [
        ("cps-medecin", "valid", "OK"),
        ("cpe-accueil", "valid", "OK"),
        ("cps-expiree", "expired", "10"),
        ("cps-infirmier", "future", "9"),
        ("cps-urgentiste", "revoked", "23"),
        ("cps-reelle", "valid", "20"),
    ],
)
def test_verdict_of_openssl(
    pki: TrainingPki, card_id: str, validity: str, verdict: str, tmp_path: Path
) -> None:
    """10 expired, 9 not yet valid, 23 revoked, 20 issuer not trusted: a real card has no place here."""
    keys = pki.card(dataclasses.replace(BY_ID[card_id], validity=validity))
    for certificate in (keys.authentication_certificate, keys.signature_certificate):
        assert verify(pki, certificate, tmp_path) == verdict


def test_server_certificate_for_both_of_its_names(pki: TrainingPki, tmp_path: Path) -> None:
    certificate, _ = pki.server()
    command = [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-CAfile",
        str(pki.server_ca_file),
    ]
    for name in (["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"]):
        assert (
            subprocess.run([*command, *name, certificate], capture_output=True, check=False).returncode == 0
        )
    other = [*command, "-verify_hostname", "example.org", certificate]
    assert subprocess.run(other, capture_output=True, check=False).returncode != 0


def test_the_two_trees_do_not_trust_each_other(pki: TrainingPki, tmp_path: Path) -> None:
    certificate, _ = pki.server()
    command = ["openssl", "verify", "-CAfile", str(pki.card_ca_file), str(certificate)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_keys_are_their_owner_s_only(tmp_path: Path) -> None:
    pki = TrainingPki(tmp_path / "pki")
    pki.server()
    pki.card(DOCTOR)
    kept = [path for path in (tmp_path / "pki").rglob("*") if path.is_file()]
    assert len([path for path in kept if path.suffix == ".key"]) == 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_reprs_show_no_key(pki: TrainingPki) -> None:
    assert "RSAPrivateKey" not in repr(pki.card(DOCTOR))


def test_next_start_finds_the_same_cards(tmp_path: Path) -> None:
    first = TrainingPki(tmp_path).card(DOCTOR)
    second = TrainingPki(tmp_path).card(DOCTOR)
    assert public_parts(first) == public_parts(second)


def test_what_is_damaged_is_made_anew_and_still_holds_together(tmp_path: Path) -> None:
    TrainingPki(tmp_path).card(DOCTOR)
    (tmp_path / "card-issuer.key").write_text("half a ke")
    (tmp_path / "cards" / "cps-medecin-valid-signature.pem").unlink()
    pki = TrainingPki(tmp_path)
    keys = pki.card(DOCTOR)
    for certificate in (keys.authentication_certificate, keys.signature_certificate):
        assert verify(pki, certificate, tmp_path) == "OK"


def test_a_card_that_ran_out_is_renewed(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    old = TrainingPki(tmp_path, clock=lambda: start).card(DOCTOR)
    soon = TrainingPki(tmp_path, clock=lambda: start + timedelta(days=365)).card(DOCTOR)
    later = TrainingPki(tmp_path, clock=lambda: start + timedelta(days=1500)).card(DOCTOR)
    assert public_parts(old) == public_parts(soon) != public_parts(later)


def test_revocations_add_up(tmp_path: Path) -> None:
    pki = TrainingPki(tmp_path)
    revoked = [dataclasses.replace(BY_ID[name], validity="revoked") for name in ("cps-medecin", "cps-multi")]
    certificates = [pki.card(holder).signature_certificate for holder in revoked]
    for certificate in certificates:
        assert verify(TrainingPki(tmp_path), certificate, tmp_path) == "23"


def test_several_processes_may_start_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        made = pool.starmap(make_card, [(tmp_path, DOCTOR)] * 3)
    assert len(set(made)) == 1


def make_card(directory: Path, holder: Holder) -> tuple[bytes, ...]:
    return public_parts(TrainingPki(directory).card(holder))


def public_parts(keys: CardKeys) -> tuple[bytes, ...]:
    """Certificates, and the public halves of the keys that come with them."""
    halves = (key.public_key() for key in (keys.authentication_key, keys.signature_key))
    encoded = (half.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for half in halves)
    return (keys.authentication_certificate, keys.signature_certificate, *encoded)
