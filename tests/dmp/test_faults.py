"""Refusals of the DMP in words a professional can act on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.dmp.faults import refusal
from kiosk.errors import ClockWrong, DmpError, Refused, StructureRefused

GENERAL = Refused()

# The codes of the public material (SOAP faults, acknowledgements, services, XDS).
KNOWN = [
    "NF",
    "DMPFound",
    "DMPClosed",
    "DMPAccessForbidden",
    "DMPAccessDeniedByRightsService",
    "DMPAccessDeniedByExcededThreshold",
    "DMPTooManyResult",
    "DMPIdentityCertificationFailure",
    "DMPPatientAccessAlreadyExists",
    "DMPPatientAccessOTPAlreadyExists",
    "DMPInvalidCertificate",
    "DMPFragmentCVAError",
]


@pytest.mark.parametrize("code", KNOWN)
def test_pre_err_every_known_code_has_its_own_words_and_is_shown_verbatim(code):
    error = refusal(code, "Texte du serveur")
    assert isinstance(error, Refused)
    assert GENERAL.what != error.what
    assert GENERAL.cause != error.cause
    assert error.todo
    assert (error.server_code, error.server_text) == (code, "Texte du serveur")


def test_pre_err_known_codes_do_not_share_their_words():
    assert len({refusal(code, "").what for code in KNOWN}) == len(KNOWN)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Structure introuvable ou Inactive", "structure"),
        ("Le PS et la structure ne sont pas liés", "rattache"),
        ("Aucune spécialité dans le VIHF", "spécialité"),
        ("authorInstitution ne correspond pas à l'utilisateur du VIHF", "auteur"),
        ("sourcePatientInfo : PID-5 obligatoire", "nom du patient"),
        ("resource-id mal formé", "identifiant du patient"),
        ("Erreur d'authentification de la personne morale", "établissement"),
        ("DMP rattaché à Mon espace santé : action interdite au professionnel", "Mon espace santé"),
        ("Le dossier est lié à l'ENS du patient", "Mon espace santé"),
        ("Accès bloqué par le patient", "bloqué"),
        ("Le patient a interdit l'accès à ce PS", "bloqué"),
        ("Le PS est déjà médecin traitant", "déjà médecin traitant"),
        ("Le PS n'est pas médecin traitant", "n'êtes pas médecin traitant"),
        ("Aucune autorisation pour ce PS", "pas d'autorisation"),
        ("Autorisation expirée", "pas d'autorisation"),
        ("L'utilisateur n'a pas l'autorisation d'accéder au dossier", "pas d'autorisation"),
        ("Ce professionnel n'est pas autorisé à accéder à ce DMP.", "pas d'autorisation"),
        ("Trop de résultats", "Trop de dossiers"),
        ("Canal OTP inexistant", "n'est pas enregistré"),
        ("Dossier inexistant", "n'a pas de DMP"),
        ("A required header representing a Message Addressing Property is not present", "incomplète"),
    ],
)
def test_pre_err_reasons_of_faults_are_recognised_by_their_text(text, about):
    error = refusal("Sender", text)
    assert isinstance(error, Refused)
    assert about in error.what
    assert error.server_text == text


@pytest.mark.parametrize("text", ["Structure introuvable ou inactive", "STRUCTURE 10B0099991 INACTIVE"])
def test_an_unknown_structure_is_told_apart_since_no_call_can_succeed(text):
    error = refusal("DMPQuelconque", text)
    assert isinstance(error, StructureRefused)
    assert (error.code, error.server_code, error.server_text) == ("DMP-101", "DMPQuelconque", text)
    assert not isinstance(refusal("DMPFound", text), StructureRefused)


@pytest.mark.parametrize("text", ["VIHF expiré", "Le jeton VIHF est EXPIRE", "expiration : vihf périmé"])
def test_an_expired_vihf_is_a_clock_that_differs(text):
    error = refusal("DMPInvalidVIHF", text)
    assert isinstance(error, ClockWrong)
    assert error.server_code == "DMPInvalidVIHF"


def test_pre_err_an_unknown_refusal_is_still_shown_verbatim():
    error = refusal("DMPSomethingNew", "Motif jamais vu")
    assert (error.what, error.cause, error.todo) == (GENERAL.what, GENERAL.cause, GENERAL.todo)
    assert (error.server_code, error.server_text) == ("DMPSomethingNew", "Motif jamais vu")
    assert "DMPSomethingNew" in str(error)


def test_an_empty_refusal_is_a_refusal():
    assert isinstance(refusal("", ""), Refused)


def test_the_text_is_cleaned_and_never_logged():
    error = refusal("DMPFound", "Mme \x1b[2JLACÔTE \u202eexiste")
    assert "\x1b" not in error.server_text
    assert "\u202e" not in error.server_text
    assert "LACÔTE" not in str(error)


@given(st.text(max_size=200), st.text(max_size=2000))
def test_any_code_and_text_give_one_error_with_bounded_clean_text(code, text):
    error = refusal(code, text)
    assert isinstance(error, DmpError)
    assert len(error.server_code) <= 80
    assert len(error.server_text) <= 500
    assert error.detail == "" or error.detail == error.server_code
    assert error.detail == "" or error.detail.isascii()
