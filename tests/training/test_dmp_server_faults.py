"""Every way the service can be told to misbehave, and that it recovers."""

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from lxml import etree
from raw_dmp import (
    BASE,
    CREATE_ACCESS,
    CREATION,
    ELODIE,
    EXISTENCE,
    JEAN_PIERRE,
    NS,
    Desk,
    Vihf,
    envelope,
    existence_request,
    headers,
    sign,
)
from test_dmp_server_creation import exists, request

from kiosk.training.people import Holder
from kiosk.training.pki import TrainingPki

pytest_plugins = ("dmp_desk",)

SOAP_TYPE = {"Content-Type": "application/soap+xml"}


def order(desk: Desk, kind: str, **details: Any) -> None:
    assert desk.control(do="fault", kind=kind, **details) == {"ok": True}


def existence(desk: Desk, holder: Holder) -> bytes:
    vihf = Vihf(holder, JEAN_PIERRE)
    return envelope(headers(EXISTENCE), sign(vihf, desk.keys(holder)), existence_request(JEAN_PIERRE))


def creation(desk: Desk, holder: Holder) -> bytes:
    vihf = Vihf(holder, ELODIE)
    return envelope(headers(CREATION), sign(vihf, desk.keys(holder)), request(holder))


@contextmanager
def begun(desk: Desk, holder: Holder, data: bytes) -> Iterator[http.client.HTTPSConnection]:
    """A connection that has sent its request and waits for the answer."""
    with closing(desk.connect(desk.context(holder))) as connection:
        connection.request("POST", f"{BASE}/patients", data, SOAP_TYPE)
        yield connection


def works(desk: Desk, holder: Holder) -> bool:
    return desk.existence(Vihf(holder, JEAN_PIERRE)).ack == ("AA", "")


def test_slow_answers_after_its_time(desk: Desk, doctor: Holder) -> None:
    order(desk, "slow", seconds=0.05)
    assert works(desk, doctor)


def test_slow_outlasts_an_impatient_client(desk: Desk, doctor: Holder) -> None:
    order(desk, "slow", seconds=300)
    with begun(desk, doctor, existence(desk, doctor)) as connection:
        connection.sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.getresponse()
    assert works(desk, doctor)


def test_drip_is_a_whole_answer_in_the_end(desk: Desk, doctor: Holder) -> None:
    order(desk, "drip", seconds=0)
    assert works(desk, doctor)


def test_drip_comes_byte_by_byte(desk: Desk, doctor: Holder) -> None:
    order(desk, "drip", seconds=300)
    with begun(desk, doctor, existence(desk, doctor)) as connection:
        response = connection.getresponse()
        connection.sock.settimeout(0.3)
        assert response.read(1) == b"<"
        with pytest.raises(TimeoutError):
            response.read(1)


def test_cut_sends_half_of_the_answer(desk: Desk, doctor: Holder) -> None:
    order(desk, "cut")
    with begun(desk, doctor, creation(desk, doctor)) as connection:
        response = connection.getresponse()
        announced = int(response.headers["Content-Length"])
        with pytest.raises(http.client.IncompleteRead) as error:
            response.read()
        assert len(error.value.partial) == announced // 2
    assert exists(desk, doctor)


def test_cut_before_does_nothing(desk: Desk, doctor: Holder) -> None:
    order(desk, "cut-before")
    with (
        begun(desk, doctor, creation(desk, doctor)) as connection,
        pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)),
    ):
        connection.getresponse()
    assert not exists(desk, doctor)


def test_commit_then_cut_does_the_work(desk: Desk, doctor: Holder) -> None:
    order(desk, "commit-then-cut")
    with (
        begun(desk, doctor, creation(desk, doctor)) as connection,
        pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)),
    ):
        connection.getresponse()
    assert exists(desk, doctor)


def test_garbage_is_not_xml(desk: Desk, doctor: Holder) -> None:
    order(desk, "garbage")
    with begun(desk, doctor, creation(desk, doctor)) as connection:
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers.get_content_type() == "application/soap+xml"
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(response.read())
    assert not exists(desk, doctor)


def test_html_503(desk: Desk, doctor: Holder) -> None:
    order(desk, "html-503")
    with begun(desk, doctor, existence(desk, doctor)) as connection:
        response = connection.getresponse()
        assert (response.status, response.headers.get_content_type()) == (503, "text/html")
        assert b"Service indisponible" in response.read()


def test_soap_fault_with_a_code_and_a_text(desk: Desk, doctor: Holder) -> None:
    order(desk, "soap-fault", code="DMPEtrange", text="Motif étrange")
    answer = desk.existence(Vihf(doctor, JEAN_PIERRE))
    assert (answer.status, answer.subcode, answer.reason) == (500, "soap:DMPEtrange", "Motif étrange")
    assert answer.get("//a:RelatesTo")


def test_ack_error_in_each_kind_of_answer(desk: Desk, doctor: Holder) -> None:
    order(desk, "ack-error", code="DMPEtrange", text="Motif étrange", times=3)
    first = desk.existence(Vihf(doctor, JEAN_PIERRE))
    assert first.ack == ("AE", "DMPEtrange")
    assert first.get("//h:acknowledgementDetail/h:text") == "Motif étrange"
    assert first.get("//h:queryResponseCode/@code") == "AE"
    second = desk.call(Vihf(doctor, ELODIE), "/patients", CREATION, request(doctor))
    assert second.ack == ("AE", "DMPEtrange")
    payload = f'<createPatientAccess xmlns="{NS["p"]}"><type>SMS</type><canal>0639980012</canal></createPatientAccess>'
    third = desk.call(Vihf(doctor, JEAN_PIERRE), "/patientsSpecific", CREATE_ACCESS, payload)
    assert (third.status_code, third.get("//p:context")) == ("DMPEtrange", "Motif étrange")
    assert not exists(desk, doctor)


def test_ack_error_still_checks_the_caller(desk: Desk, doctor: Holder) -> None:
    order(desk, "ack-error")
    answer = desk.existence(Vihf(doctor, JEAN_PIERRE, name_id="899700000031"))
    assert answer.subcode == "soap:DMPInvalidVIHF"


def test_clock_makes_every_vihf_expire(desk: Desk, doctor: Holder) -> None:
    order(desk, "clock", times=2)
    for _ in range(2):
        assert desk.existence(Vihf(doctor, JEAN_PIERRE)).reason == "VIHF expiré"
    assert works(desk, doctor)


def test_huge_sends_the_megabytes_asked(desk: Desk, doctor: Holder) -> None:
    order(desk, "huge", megabytes=2)
    with begun(desk, doctor, existence(desk, doctor)) as connection:
        response = connection.getresponse()
        body = response.read()
        assert len(body) > 2 * 1024 * 1024
        assert etree.fromstring(body).tag == f"{{{NS['s']}}}Envelope"


def test_huge_survives_a_client_that_leaves(desk: Desk, doctor: Holder) -> None:
    order(desk, "huge", megabytes=1000)
    with begun(desk, doctor, existence(desk, doctor)) as connection:
        connection.getresponse().read(100)
    assert works(desk, doctor)


def test_orders_are_taken_in_turn(desk: Desk, doctor: Holder) -> None:
    order(desk, "soap-fault", code="DMPUn", times=2)
    order(desk, "soap-fault", code="DMPDeux")
    seen = [desk.existence(Vihf(doctor, JEAN_PIERRE)).subcode for _ in range(4)]
    assert seen == ["soap:DMPUn", "soap:DMPUn", "soap:DMPDeux", ""]


def test_reset_forgets_the_orders(desk: Desk, doctor: Holder) -> None:
    order(desk, "garbage", times=100)
    desk.control(do="reset")
    assert works(desk, doctor)


@pytest.mark.parametrize(
    "details",
    [{"kind": "explode"}, {}, {"kind": "slow", "speed": 3}, {"kind": "slow", "seconds": "long"}],
)
def test_an_unknown_order_is_refused(desk: Desk, doctor: Holder, details: dict[str, Any]) -> None:
    assert "error" in desk.control(do="fault", **details)
    assert works(desk, doctor)


def test_stop_does_not_wait_for_a_slow_answer(dmp_pki: TrainingPki, tmp_path: Any, doctor: Holder) -> None:
    own = Desk(dmp_pki, tmp_path)
    order(own, "slow", seconds=3600)
    with begun(own, doctor, existence(own, doctor)):
        own.server.stop()
