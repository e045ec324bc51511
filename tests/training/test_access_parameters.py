"""The public parameter file: no client certificate, and what a trainer can make of it."""

import hashlib
import http.client
import ssl
from datetime import date
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from raw_dmp import Desk

from kiosk.training.dmp_server.parameters import may_be_minor

pytest_plugins = ("dmp_desk",)


def get(desk: Desk, url: str) -> tuple[int, dict[str, str], bytes]:
    place = urlsplit(url)
    context = ssl.create_default_context(cafile=str(desk.pki.server_ca_file))
    connection = http.client.HTTPSConnection("localhost", place.port or 0, context=context, timeout=20)
    try:
        connection.request("GET", place.path)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def values(body: bytes) -> dict[str, str]:
    return {str(child.tag): child.text or "" for child in etree.fromstring(body)}


def test_the_file_is_for_everybody(desk: Desk) -> None:
    status, headers, body = get(desk, desk.server.parameters_url)
    assert (status, headers["Content-Type"]) == (200, "application/xml")
    found = values(body)
    assert found["fonctions-gestion-mineurs"] == "true"
    assert found["age-majorite"] == "18"
    assert found["cumul-invisible_patient-masque_ps"] == "false"


def test_the_models_are_what_their_digest_says(desk: Desk) -> None:
    _, _, body = get(desk, desk.server.parameters_url)
    models = etree.fromstring(body).findall("modeles/modele")
    assert {model.get("nom") for model in models} == {"document-des-secrets", "accuse-de-creation"}
    for model in models:
        status, _, content = get(desk, model.get("url") or "")
        assert status == 200
        assert hashlib.sha256(content).hexdigest() == model.get("sha256")


def test_a_file_that_moved(desk: Desk) -> None:
    status, headers, _ = get(desk, desk.server.parameters_url.replace("/param-lps", "/param-lps-moved"))
    assert (status, headers["Location"]) == (302, desk.server.parameters_url)


def test_a_trainer_changes_it(desk: Desk) -> None:
    desk.control(do="parameters", majority=21, minors=False, cumulative=True, production=True)
    found = values(get(desk, desk.server.parameters_url)[2])
    assert found["fonctions-gestion-mineurs"] == "false"
    assert found["age-majorite"] == "21"
    assert found["cumul-invisible_patient-masque_ps"] == "true"
    assert "PRODUCTION" in found.values()
    desk.control(do="reset")
    assert values(get(desk, desk.server.parameters_url)[2])["age-majorite"] == "18"


def test_a_trainer_breaks_it(desk: Desk) -> None:
    desk.control(do="parameters", trouble="http-400")
    assert get(desk, desk.server.parameters_url)[0] == 400
    desk.control(do="parameters", trouble="garbage")
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(get(desk, desk.server.parameters_url)[2])
    desk.control(do="parameters", trouble="")
    assert get(desk, desk.server.parameters_url)[0] == 200


@pytest.mark.parametrize("order", [{"colour": "red"}, {"trouble": "fire"}, {"minors": "oui"}])
def test_what_is_not_understood_is_said(desk: Desk, order: dict[str, object]) -> None:
    assert "error" in desk.control(do="parameters", **order)
    assert get(desk, desk.server.parameters_url)[0] == 200


def test_there_is_nothing_else(desk: Desk) -> None:
    for path in ("/", "/../param-lps", "/si-dmp-server/v2/services/patients"):
        assert get(desk, desk.server.parameters_url.replace("/param-lps", path))[0] == 404


@pytest.mark.parametrize(
    ("birth_date", "minor"),
    [
        ("20081121", False),
        ("20081122", True),
        ("20081120", False),
        ("20080000", True),
        ("20081300", True),
        ("20081100", True),
        ("20070000", False),
        ("20260101", True),
        ("19300101", False),
    ],
)
def test_who_may_be_a_minor(birth_date: str, minor: bool) -> None:
    """On 21 November 2026, at eighteen; a lunar date counts as its last day."""
    assert may_be_minor(birth_date, 18, date(2026, 11, 21)) is minor


@given(birth_date=st.from_regex(r"\A[0-9]{8}\Z"), majority=st.integers(1, 30))
def test_any_eight_digits_have_an_age(birth_date: str, majority: int) -> None:
    assert may_be_minor(birth_date, majority, date(2026, 11, 21)) in (True, False)
