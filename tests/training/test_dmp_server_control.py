"""The control socket and the memory of the service."""

import base64
import csv
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from raw_dmp import (
    CREATION,
    ELODIE,
    EXISTENCE,
    JEAN_PIERRE,
    Desk,
    Vihf,
    envelope,
    existence_request,
    headers,
    sign,
)
from test_dmp_server_creation import exists, request

from kiosk.training.dmp_server import identifiers
from kiosk.training.people import Holder
from kiosk.training.pki import TrainingPki

pytest_plugins = ("dmp_desk",)

VECTORS = Path(__file__).parents[1] / "data" / "insc.csv"


def test_the_log_tells_what_happened(desk: Desk, doctor: Holder, clerk: Holder) -> None:
    blocks = headers(EXISTENCE)
    data = envelope(
        blocks, sign(Vihf(doctor, JEAN_PIERRE), desk.keys(doctor)), existence_request(JEAN_PIERRE)
    )
    desk.post(doctor, "/patients", data)
    desk.call(Vihf(clerk, JEAN_PIERRE), "/patients", CREATION, request(clerk, JEAN_PIERRE))
    desk.existence(Vihf(doctor, JEAN_PIERRE, name_id="1"))
    first, second, third = desk.control(do="log")["log"]
    assert first["message_id"] in blocks["MessageID"]
    assert first["message_id"].startswith("urn:uuid:")
    assert (first["transaction"], first["action"], first["path"]) == (
        "TD0.2",
        EXISTENCE,
        "/si-dmp-server/v2/services/patients",
    )
    assert (first["holder"], first["outcome"]) == ("cps-medecin", "ok")
    assert (second["holder"], second["transaction"], second["outcome"]) == (
        "cpe-accueil",
        "TD1.1",
        "DMPFound",
    )
    assert (third["action"], third["outcome"]) == (EXISTENCE, "DMPInvalidVIHF")


def test_the_log_names_no_patient(desk: Desk, doctor: Holder) -> None:
    desk.call(Vihf(doctor, ELODIE), "/patients", CREATION, request(doctor))
    desk.existence(Vihf(doctor, JEAN_PIERRE))
    told = str(desk.control(do="log"))
    for secret in ("BERNARD", "LACÔTE", "lodie", "ELODIE", "JEAN", ELODIE, JEAN_PIERRE):
        assert secret not in told


def test_the_bytes_of_the_last_requests(desk: Desk, doctor: Holder) -> None:
    data = envelope(
        headers(EXISTENCE), sign(Vihf(doctor, JEAN_PIERRE), desk.keys(doctor)), existence_request(JEAN_PIERRE)
    )
    desk.post(doctor, "/patients", data)
    (kept,) = desk.control(do="requests")["requests"]
    assert base64.b64decode(kept) == data
    assert data not in b"".join(path.read_bytes() for path in desk.directory.glob("dmp.sqlite3*"))


def test_a_record_changes_under_the_hands_of_the_client(desk: Desk, doctor: Holder) -> None:
    state = "//h:patient/h:statusCode/@code"
    authorisation = "//h:attentionLine[h:keyWordText/@code='AUTORISATION']/h:value/@code"
    assert desk.existence(Vihf(doctor, JEAN_PIERRE)).get(authorisation) == "VALIDE"
    desk.control(do="record", nir13="1820799999012", authorizations=[["899700000021", "INTERDIT"]])
    assert desk.existence(Vihf(doctor, JEAN_PIERRE)).get(authorisation) == "INTERDIT"
    desk.control(do="record", nir13="1820799999012", state="terminated", closing_reason="AUTRE")
    assert desk.existence(Vihf(doctor, JEAN_PIERRE)).get(state) == "terminated"
    desk.control(do="record", nir13="1820799999012", state="none")
    assert not exists(desk, doctor, JEAN_PIERRE)
    desk.control(do="record", nir13="2840399999011", treating_doctors=["899700000021"])
    assert desk.existence(Vihf(doctor, ELODIE)).get(authorisation) == "VALIDE"
    desk.control(do="reset")
    assert exists(desk, doctor, JEAN_PIERRE)
    assert not exists(desk, doctor, ELODIE)


@pytest.mark.parametrize(
    "command",
    [
        {"do": "record", "nir13": "1000000000000"},
        {"do": "record"},
        {"do": "record", "nir13": "1820799999012", "colour": "red"},
        {"do": "record", "nir13": "1820799999012", "authorizations": ["VALIDE"]},
        {"do": "dance"},
        {},
    ],
)
def test_what_is_not_understood_is_said(desk: Desk, doctor: Holder, command: dict[str, object]) -> None:
    assert list(desk.control(**command)) == ["error"]
    assert exists(desk, doctor, JEAN_PIERRE)


def test_the_control_socket_is_the_owner_s(desk: Desk) -> None:
    assert stat.S_IMODE((desk.directory / "dmp.sock").stat().st_mode) == 0o600


def test_records_outlive_the_server(dmp_pki: TrainingPki, tmp_path: Path, doctor: Holder) -> None:
    first = Desk(dmp_pki, tmp_path)
    first.call(Vihf(doctor, ELODIE), "/patients", CREATION, request(doctor))
    first.server.stop()
    assert not (tmp_path / "dmp.sock").exists()
    second = Desk(dmp_pki, tmp_path)
    try:
        assert exists(second, doctor)
    finally:
        second.server.stop()


def test_records_of_another_version_are_made_anew(
    dmp_pki: TrainingPki, tmp_path: Path, doctor: Holder
) -> None:
    with closing(sqlite3.connect(tmp_path / "dmp.sqlite3")) as old:
        old.executescript("CREATE TABLE record (other TEXT); PRAGMA user_version = 99;")
    desk = Desk(dmp_pki, tmp_path)
    try:
        assert exists(desk, doctor, JEAN_PIERRE)
    finally:
        desk.server.stop()


def rows() -> list[dict[str, str]]:
    with VECTORS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["insc"])
def test_ins_c_vectors(row: dict[str, str]) -> None:
    """The ASIP sample, and accents, hyphens and apostrophes."""
    computed = identifiers.ins_c(row["first_name"], row["birth_yymmdd"], row["nir13"])
    assert computed == row["insc"] + row["insc_key"]
    assert identifiers.is_ins_c(computed)
    assert identifiers.nir_key(row["nir13"]) == row["nir_key"]


@pytest.mark.parametrize(
    "value", ["", "0833910461279517589859", "083391046127951758985", "08339104612795175898 8"]
)
def test_what_is_not_an_ins_c(value: str) -> None:
    assert not identifiers.is_ins_c(value)
