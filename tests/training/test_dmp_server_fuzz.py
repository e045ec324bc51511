"""Whatever is sent, the service answers HTTP 4xx or a SOAP fault that it meant, and lives on."""

import copy
import http.client
import ssl
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from raw_dmp import (
    BASE,
    BY_CARD,
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
from test_dmp_server_creation import request

pytest_plugins = ("dmp_desk",)

DOCTOR = BY_CARD["cps-medecin"]
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ACCESS = (
    f'<createPatientAccess xmlns="{NS["p"]}"><type>SMS</type><canal>0639980012</canal></createPatientAccess>'
)


class Line:
    """One connection, made again when the server closed it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.connection = desk.connect(desk.context(DOCTOR))

    def post(self, data: bytes, path: str = "/patients") -> tuple[int, bytes]:
        self.connection.request("POST", BASE + path, data, {"Content-Type": "application/soap+xml"})
        response = self.connection.getresponse()
        return response.status, response.read()


@pytest.fixture
def line(desk: Desk) -> Iterator[Line]:
    line = Line(desk)
    yield line
    line.connection.close()


def meant(status: int, body: bytes) -> bool:
    """A SOAP answer, and not the fault of a defect."""
    root = etree.fromstring(body)
    code = str(root.xpath("string(//s:Fault/s:Code/s:Value)", namespaces=NS))
    return (status, bool(code)) in {(200, False), (500, True)} and code != "soap:Receiver"


@quick
@given(data=st.binary(max_size=2000))
def test_any_bytes_as_a_body(line: Line, data: bytes) -> None:
    status, body = line.post(data)
    assert status == 500
    assert meant(status, body)


@quick
@given(data=st.binary(min_size=1, max_size=400))
def test_any_bytes_as_a_request(desk: Desk, data: bytes) -> None:
    """Straight into the TLS channel: refused or dropped, never answered 200."""
    connection = desk.connect(desk.context(DOCTOR))
    try:
        connection.sock.sendall(data + b"\r\n\r\n")
        connection.sock.settimeout(10)
        assert not connection.sock.recv(20).startswith(b"HTTP/1.1 2")
    except (ssl.SSLError, ConnectionError, TimeoutError):
        pass
    finally:
        connection.close()


@quick
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_one_byte_of_a_good_request_changed(line: Line, place: int, byte: int) -> None:
    assertion = sign(Vihf(DOCTOR, JEAN_PIERRE), line.desk.keys(DOCTOR))
    data = bytearray(envelope(headers(EXISTENCE), assertion, existence_request(JEAN_PIERRE)))
    data[place % len(data)] = byte
    assert meant(*line.post(bytes(data)))


def spoil(body: str, place: int, how: str, word: str) -> str:
    """A payload with one element removed, doubled, moved to the end, emptied or rewritten."""
    root = etree.fromstring(body)
    chosen = list(root.iter())[1:]
    victim = chosen[place % len(chosen)]
    parent = victim.getparent()
    assert parent is not None
    if how == "remove":
        parent.remove(victim)
    elif how == "double":
        parent.append(copy.deepcopy(victim))
    elif how == "last":
        parent.append(victim)
    elif how == "empty":
        for name in list(victim.attrib):
            del victim.attrib[name]
        victim.text = None
    else:
        for name in list(victim.attrib):
            victim.set(name, word)
        victim.text = word
    return etree.tostring(root, encoding="unicode")


@pytest.mark.parametrize(
    ("path", "action", "patient", "body"),
    [
        ("/patients", EXISTENCE, JEAN_PIERRE, existence_request(JEAN_PIERRE)),
        ("/patients", CREATION, ELODIE, request(DOCTOR)),
        ("/patientsSpecific", CREATE_ACCESS, JEAN_PIERRE, ACCESS),
    ],
)
@quick
@given(
    place=st.integers(0, 200),
    how=st.sampled_from(["remove", "double", "last", "empty", "rewrite"]),
    word=st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc", "Cn")), max_size=20),
)
def test_a_spoilt_payload(
    line: Line, path: str, action: str, patient: str, body: str, place: int, how: str, word: str
) -> None:
    """The body is signed by nobody: its readers see what a careless or hostile client writes."""
    assertion = sign(Vihf(DOCTOR, patient), line.desk.keys(DOCTOR))
    data = envelope(headers(action), assertion, spoil(body, place, how, word))
    try:
        assert meant(*line.post(data, path))
    except http.client.RemoteDisconnected:
        pytest.fail("the server closed the connection")


def test_after_all_that_the_service_lives(desk: Desk) -> None:
    assert desk.existence(Vihf(DOCTOR, JEAN_PIERRE)).ack == ("AA", "")
