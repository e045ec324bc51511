"""Messages of the access transactions, written by hand from the published interface for these tests alone."""

from raw_dmp import (
    EXISTENCE,
    NS,
    PURPOSE,
    RESOURCE,
    Answer,
    Desk,
    Vihf,
    hl7_message,
    place,
    purpose,
)

from kiosk.training.people import Holder

CHANGE = "urn:hl7-org:v3:PRPA_IN201314UV02"
SEARCH = "urn:hl7-org:v3:PRPA_IN201305UV02"
HABILITATIONS = "urn:si-dmp-habilitations"
SET = f"{HABILITATIONS}:HabilitationsEndPoint:setAuthorization"
LIST = f"{HABILITATIONS}:HabilitationsEndPoint:listAuthorizationByPatient"
PATIENTS = "urn:si-dmp-patients:PatientSpecificEndPoint"
NAMES = {**NS, "b": HABILITATIONS}

# INS-C of the cast: SHA-256 by coreutils, arithmetic by bc; not by the code under test.
REMI = "0063359917523876483212"  # opposed to break-glass
ODETTE = "1395621293022234898076"  # opposed to regulation
IRENE = "0832589855443121566944"  # authorisation expired
VICTOR = "0686286838270193083193"  # Dr GIRAUD blocked
PAULE = "0053422593182750388309"  # a state nobody knows
HENRI = "1495797122119542512123"  # closed
SOLANGE = "0339977176920976132429"  # closed, unknown reason
FERNAND = "1466421420993592676994"  # under guardianship
DENISE = "1576106007269695494252"  # names not filled in
JULIE = "0716188687277305544476"  # attached to Mon espace santé
ROGER = "0099985244457757914258"  # two treating doctors
BRUNO = "0035278075119502425804"  # nobody authorised
CLAIRE = "1836855800960749424371"  # other traits than the card
MARCEL = "0442333455029959919761"  # deceased
BERTHE = "0836916844474309951846"  # INS-C only
KARIM = "1757157340520731438250"  # account, contacts, address
JEANNE = "1242873025085073153927"


def doctor_vihf(holder: Holder, patient: str, mode: str = "normal", **attributes: list[str]) -> Vihf:
    """An assertion in a mode, with a reason where the glass is broken."""
    reason = {"Mode_Acces_Raison": ["Patient inconscient"]} if mode == "bris_de_glace" else {}
    return Vihf(holder, patient, attributes={PURPOSE: [purpose(mode)], **reason, **attributes})


def by_nir(holder: Holder, nir: str, root: str = "1.2.250.1.213.1.4.10", mode: str = "normal") -> Vihf:
    """An assertion that names the patient by his NIR of fifteen characters."""
    return doctor_vihf(holder, nir, mode, **{RESOURCE: [f"{nir}^^^&amp;{root}&amp;ISO^NH"]})


def consultation(patient: str, root: str = "1.2.250.1.213.1.4.2") -> str:
    return hl7_message(
        "PRPA_IN201307UV02",
        '<reasonCode code="CNSLT_DATA" codeSystem="1.2.250.1.213.1.1.4.11"/><queryByParameter>'
        '<queryId root="1.2.250.1.999.1.11" extension="question-2"/><statusCode code="new"/><parameterList>'
        f'<patientIdentifier><value root="{root}" extension="{patient}"/>'
        "<semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter>",
    )


def consult(desk: Desk, vihf: Vihf) -> Answer:
    """TD1.3a."""
    return desk.call(vihf, "/patients", EXISTENCE, consultation(vihf.patient))


def author(holder: Holder) -> str:
    structure, _ = place(holder)
    return (
        '<author typeCode="AUT"><assignedEntity classCode="ASSIGNED">'
        f'<id root="1.2.250.1.71.4.2.1" extension="{holder.national_id}"/>'
        '<code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5" displayName="x"/>'
        '<assignedPerson classCode="PSN" determinerCode="INSTANCE">'
        '<name xsi:type="PN"><family>AUTEUR</family><given>UN</given></name></assignedPerson>'
        '<representedOrganization classCode="ORG" determinerCode="INSTANCE">'
        f'<id root="1.2.250.1.71.4.2.2" extension="{structure}"/><name>x</name>'
        '<contactParty classCode="CON"/></representedOrganization></assignedEntity></author>'
    )


def observation(code: str, value: str, when: str = "") -> str:
    moment = f'<effectiveTime value="{when}"/>' if when else ""
    return (
        '<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" codeSystem="1.2.250.1.213.4.1.2.3"/>{moment}'
        f'<value xsi:type="BL" value="{value}"/></administrativeObservation></subjectOf>'
    )


NAMED = "<name><prefix>M</prefix><family qualifier='SP'>NOM</family><given>PRENOM</given></name>"
ORGANISATION = (
    '<providerOrganization classCode="ORG" determinerCode="INSTANCE"><id nullFlavor="NI"/>'
    '<contactParty classCode="CON"/></providerOrganization>'
)
CONSENT = observation("CONSENTEMENT_REACTIVATION_DMP", "true", "20250102093000")
CLOSING = (
    '<reasonOf typeCode="RSON"><detectedIssueEvent classCode="ALRT" moodCode="EVN">'
    '<code code="FERMETURE_DEMANDE_PATIENT" codeSystem="1.2.250.1.213.4.1.2.4"/>'
    "<text>À sa demande</text></detectedIssueEvent></reasonOf>"
)


def registration(
    holder: Holder,
    patient: str,
    reason: str,
    *,
    state: str = "active",
    person: str = NAMED,
    observations: str = "",
    after: str = "",
) -> str:
    """PRPA_IN201314UV02 for any of its three reasons."""
    return hl7_message(
        "PRPA_IN201314UV02",
        f'<reasonCode code="{reason}" codeSystem="1.2.250.1.213.1.1.4.11"/>'
        '<subject typeCode="SUBJ" contextConductionInd="false">'
        '<registrationRequest classCode="REG" moodCode="RQO"><statusCode code="active"/>'
        '<subject1 typeCode="SBJ"><patient classCode="PAT">'
        f'<id root="1.2.250.1.213.1.4.2" extension="{patient}"/><statusCode code="{state}"/>'
        f'<patientPerson classCode="PSN" determinerCode="INSTANCE">{person}</patientPerson>'
        f"{ORGANISATION}{observations}</patient></subject1>{author(holder)}</registrationRequest></subject>{after}",
    )


def change(desk: Desk, vihf: Vihf, body: str) -> Answer:
    """TD1.2, TD1.3b or TD1.4."""
    return desk.call(vihf, "/patients", CHANGE, body)


def reactivation(holder: Holder, patient: str) -> str:
    return registration(holder, patient, "REAC", observations=CONSENT)


def closing(holder: Holder, patient: str) -> str:
    return registration(holder, patient, "FERM", state="terminated", after=CLOSING)


def set_authorisation(desk: Desk, vihf: Vihf, action: str, role: str = "") -> Answer:
    """TD0.3."""
    inside = f"<action>{action}</action>" + (f"<role>{role}</role>" if role else "")
    return desk.call(
        vihf, "/habilitations", SET, f'<setAuthorization xmlns="{HABILITATIONS}">{inside}</setAuthorization>'
    )


def authorisations(desk: Desk, vihf: Vihf, mode: str = "TOUTE") -> Answer:
    """TD1.6."""
    body = f'<listAuthorizationByPatient xmlns="{HABILITATIONS}"><mode>{mode}</mode></listAuthorizationByPatient>'
    return desk.call(vihf, "/habilitations", LIST, body)


def patient_list(desk: Desk, vihf: Vihf, **parameters: str) -> Answer:
    """TD0.4."""
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in parameters.items())
    body = f'<patientList xmlns="{NS["p"]}">{inside}</patientList>'
    return desk.call(vihf, "/patientsSpecific", f"{PATIENTS}:patientList", body)


def channel(desk: Desk, vihf: Vihf, kind: str, value: str, action: str) -> Answer:
    """TD1.5b."""
    inside = f"<type>{kind}</type><canal>{value}</canal><action>{action}</action>"
    body = f'<patientOTPUpdate xmlns="{NS["p"]}">{inside}</patientOTPUpdate>'
    return desk.call(vihf, "/patientsSpecific", f"{PATIENTS}:patientOTPUpdate", body)


def search_request(
    *,
    sex: str = "",
    born: str = "",
    family: str = "",
    given: str = "",
    about: bool = False,
    city: str = "",
    postal_code: str = "",
    about_city: bool = False,
) -> str:
    """TD0.5; what is empty is not asked."""
    use = ' use="SRCH"' if about else ""
    city_use = ' use="SRCH"' if about_city else ""
    parts = []
    if sex:
        parts.append(
            f'<livingSubjectAdministrativeGender><value code="{sex}"/>'
            "<semanticsText>LivingSubject.administrativeGender</semanticsText></livingSubjectAdministrativeGender>"
        )
    if born:
        parts.append(
            f'<livingSubjectBirthTime><value value="{born}"/>'
            "<semanticsText>LivingSubject.birthTime</semanticsText></livingSubjectBirthTime>"
        )
    if family or given:
        inside = (f"<family>{family}</family>" if family else "") + (
            f"<given>{given}</given>" if given else ""
        )
        parts.append(
            f"<livingSubjectName><value{use}>{inside}</value>"
            "<semanticsText>LivingSubject.name</semanticsText></livingSubjectName>"
        )
    if city or postal_code:
        inside = (f"<postalCode>{postal_code}</postalCode>" if postal_code else "") + (
            f"<city>{city}</city>" if city else ""
        )
        parts.append(
            f"<patientAddress><value{city_use}>{inside}</value>"
            "<semanticsText>LivingSubject.addr</semanticsText></patientAddress>"
        )
    return hl7_message(
        "PRPA_IN201305UV02",
        '<code code="PRPA_TE201305UV02" codeSystem="2.16.840.1.113883.1.6"/><queryByParameter>'
        '<queryId root="1.2.250.1.999.1.11" extension="question-3"/><statusCode code="new"/>'
        f"<parameterList>{''.join(parts)}</parameterList></queryByParameter>",
    )


def search(desk: Desk, vihf: Vihf, body: str) -> Answer:
    return desk.call(vihf, "/patientsPDQ", SEARCH, body)


def state(answer: Answer) -> str:
    """Status of an answer of a specific service, whichever."""
    return str(answer.root.xpath("string(//*[local-name()='output']/*[local-name()='status'])"))


def authorisation(desk: Desk, vihf: Vihf) -> str:
    """What TD0.2 says of the caller's authorisation."""
    return desk.existence(vihf).get("//h:attentionLine[h:keyWordText/@code='AUTORISATION']/h:value/@code")


def is_treating_doctor(desk: Desk, vihf: Vihf) -> str:
    return desk.existence(vihf).get("//h:attentionLine[h:keyWordText/@code='STATUT_MT']/h:value/@value")
