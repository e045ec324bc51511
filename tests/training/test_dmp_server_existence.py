"""TD0.2: the states of a record, as CNDA tests 0.2-010 to 0.2-070 name them."""

import pytest
from raw_dmp import (
    ANDRE,
    BY_CARD,
    CHLOE,
    ELODIE,
    EXISTENCE,
    JEAN_PIERRE,
    NS,
    Answer,
    Desk,
    Vihf,
    existence_request,
)

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

PATIENT = "//h:registrationEvent/h:subject1/h:patient"


def attention(answer: Answer, keyword: str, name: str) -> str:
    return answer.get(f"//h:attentionLine[h:keyWordText/@code='{keyword}']/h:value/@{name}")


def observation(answer: Answer, code: str) -> str:
    return answer.get(
        f"{PATIENT}/h:subjectOf/h:administrativeObservation[h:code/@code='{code}']/h:value/@value"
    )


def test_0_2_010_an_active_record(desk: Desk, doctor: Holder) -> None:
    answer = desk.existence(Vihf(doctor, JEAN_PIERRE))
    assert answer.ack == ("AA", "")
    assert answer.get("//h:queryResponseCode/@code") == "OK"
    assert answer.get(f"{PATIENT}/h:statusCode/@code") == "active"
    assert answer.get(f"{PATIENT}/h:id[@root='1.2.250.1.213.1.4.2']/@extension") == JEAN_PIERRE
    # 97 - (1820799999012 mod 97) = 55, by hand
    assert answer.get(f"{PATIENT}/h:id[@root='1.2.250.1.213.1.4.10']/@extension") == "182079999901255"
    person = f"{PATIENT}/h:patientPerson"
    assert answer.get(f"{person}/h:name/h:given") == "JEAN PIERRE"
    assert answer.get(f"{person}/h:name/h:family[@qualifier='BR']") == "BERNARD"
    assert answer.get(f"{person}/h:administrativeGenderCode/@code") == "M"
    assert answer.get(f"{person}/h:birthTime/@value") == "19820725"
    assert observation(answer, "COMPTE_INTERNET_OUVERT") == "false"
    assert observation(answer, "RATTACHEMENT_ENS") == "false"


def test_the_answer_is_correlated_with_the_query(desk: Desk, doctor: Holder) -> None:
    body = existence_request(JEAN_PIERRE).replace('extension="question-1"', 'extension="question-42"')
    answer = desk.call(Vihf(doctor, JEAN_PIERRE), "/patients", EXISTENCE, body)
    sent = body.partition('1.999.1.10" extension="')[2].partition('"')[0]
    target = "//h:acknowledgement/h:targetMessage/h:id"
    assert (answer.get(f"{target}/@root"), answer.get(f"{target}/@extension")) == ("1.2.250.1.999.1.10", sent)
    assert answer.get("//h:queryAck/h:queryId/@extension") == "question-42"
    assert answer.get("//h:queryByParameter/h:queryId/@extension") == "question-42"
    assert answer.get("//h:PRPA_IN201308UV02/h:receiver/h:device/h:id/@root") == "1.2.250.1.999.1"
    assert answer.get("//h:PRPA_IN201308UV02/h:processingCode/@code") == "D"


def test_0_2_030_no_record(desk: Desk, doctor: Holder) -> None:
    answer = desk.existence(Vihf(doctor, ELODIE))
    assert answer.ack == ("AA", "")
    assert answer.get("//h:queryResponseCode/@code") == "NF"
    assert not answer.root.xpath("//h:patient | //h:attentionLine", namespaces=NS)


def test_0_2_020_a_closed_record_with_date_and_reason(desk: Desk, doctor: Holder) -> None:
    answer = desk.existence(Vihf(doctor, CHLOE))
    assert answer.get("//h:queryResponseCode/@code") == "OK"
    assert answer.get(f"{PATIENT}/h:statusCode/@code") == "terminated"
    assert answer.get("//h:registrationEvent/h:effectiveTime/@value") == "20250110093000"
    issue = "//h:controlActProcess/h:reasonOf/h:detectedIssueEvent"
    assert answer.get(f"{issue}/h:code/@code") == "FERMETURE_DEMANDE_PATIENT"
    assert answer.get(f"{issue}/h:text")


@pytest.mark.parametrize(
    ("card", "patient", "authorisation"),
    [
        ("cps-medecin", JEAN_PIERRE, "VALIDE"),
        ("cpe-accueil", JEAN_PIERRE, "VALIDE"),
        ("cps-pharmacien", JEAN_PIERRE, "NON_EXISTE"),
        ("cps-urgentiste", JEAN_PIERRE, "NON_EXISTE"),
        ("cps-pharmacien", ANDRE, "EXPIRE"),
        ("cps-infirmier", ANDRE, "INTERDIT"),
        ("cps-medecin", ANDRE, "VALIDE"),
        ("cpe-accueil", ANDRE, "NON_EXISTE"),
    ],
)
def test_0_2_040_to_070_each_authorisation(desk: Desk, card: str, patient: str, authorisation: str) -> None:
    """A professional's own authorisation; a CPE has that of its structure."""
    answer = desk.existence(Vihf(BY_CARD[card], patient))
    assert attention(answer, "AUTORISATION", "code") == authorisation


@pytest.mark.parametrize(("card", "value"), [("cps-medecin", "true"), ("cps-pharmacien", "false")])
def test_the_treating_doctor_is_told(desk: Desk, card: str, value: str) -> None:
    answer = desk.existence(Vihf(BY_CARD[card], ANDRE))
    assert attention(answer, "STATUT_MT", "value") == value


def test_an_internet_account_and_the_link_to_mes_are_told(desk: Desk, doctor: Holder) -> None:
    assert observation(desk.existence(Vihf(doctor, ANDRE)), "COMPTE_INTERNET_OUVERT") == "true"
    desk.control(do="record", nir13="1820799999012", attached_to_mes=True)
    assert observation(desk.existence(Vihf(doctor, JEAN_PIERRE)), "RATTACHEMENT_ENS") == "true"


def test_the_order_of_the_answer_is_that_of_the_schema(desk: Desk, doctor: Holder) -> None:
    answer = desk.existence(Vihf(doctor, CHLOE))

    def children(path: str) -> list[str]:
        (parent,) = answer.root.xpath(path, namespaces=NS)
        names: list[str] = []
        for child in parent:
            name = child.tag.rpartition("}")[2]
            if not names or names[-1] != name:
                names.append(name)
        return names

    assert children("//h:PRPA_IN201308UV02") == [
        *("id", "creationTime", "interactionId", "processingCode", "processingModeCode", "acceptAckCode"),
        *("receiver", "sender", "attentionLine", "acknowledgement", "controlActProcess"),
    ]
    assert children("//h:controlActProcess") == ["subject", "reasonOf", "queryAck", "queryByParameter"]
    assert children(PATIENT) == ["id", "statusCode", "patientPerson", "subjectOf"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (' ITSVersion="XML_1.0"', ""),
        ('extension="PRPA_IN201307UV02"', 'extension="PRPA_IN201305UV02"'),
        ('<processingCode code="D"/>', ""),
        ('<processingModeCode code="T"/>', ""),
        ('<acceptAckCode code="AL"/>', '<acceptAckCode code="NE"/>'),
        ('<id root="1.2.250.1.213.4.1.1.1"/>', '<id root="1.2.3"/>'),
        ('<id root="1.2.250.1.999.1"/>', ""),
        ('<queryId root="1.2.250.1.999.1.11" extension="question-1"/>', ""),
        ('<statusCode code="new"/>', ""),
        ("<semanticsText>Patient.id</semanticsText>", "<semanticsText>Patient</semanticsText>"),
        (
            '<processingCode code="D"/><processingModeCode code="T"/>',
            '<processingModeCode code="T"/><processingCode code="D"/>',
        ),
        ('<statusCode code="new"/><parameterList>', '<parameterList x="y">'),
        ("</patientIdentifier>", "</patientIdentifier><patientIdentifier/>"),
    ],
)
def test_a_message_that_breaks_the_schema(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    body = existence_request(JEAN_PIERRE)
    assert before in body
    answer = desk.call(Vihf(doctor, JEAN_PIERRE), "/patients", EXISTENCE, body.replace(before, after))
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")


def test_a_message_with_prefixes_is_the_same_message(desk: Desk, doctor: Holder) -> None:
    body = existence_request(JEAN_PIERRE).replace("xmlns=", "xmlns:m=").replace("</", "</m:")
    prefixed = body.replace("<", "<m:").replace("<m:/m:", "</m:")
    answer = desk.call(Vihf(doctor, JEAN_PIERRE), "/patients", EXISTENCE, prefixed)
    assert answer.get("//h:queryResponseCode/@code") == "OK"


def test_accesses_are_in_the_history_of_the_record(desk: Desk, doctor: Holder) -> None:
    desk.existence(Vihf(doctor, JEAN_PIERRE))
    desk.existence(Vihf(doctor, ELODIE))
    (line,) = desk.control(do="history")["history"]
    assert line.pop("at")
    assert line == {
        "transaction": "TD0.2",
        "mode": "normal",
        "actor": "899700000021",
        "structure": "499700000001001",
        "ins_c": JEAN_PIERRE,
    }
