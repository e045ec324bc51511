"""CDA documents written for these tests, about people who do not exist."""

import base64

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="1.2.250.1.999.77.1"/>
<code code="{code}" displayName="{label}" codeSystem="2.16.840.1.113883.6.1"/>
<title>{title}</title><effectiveTime value="{date}"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>
<languageCode code="fr-FR"/><versionNumber value="2"/>
<recordTarget><patientRole>
 <id extension="299999999900112" root="1.2.250.1.213.1.4.10"/><id extension="LOCAL-7" root="1.2.250.1.999.8"/>
 <patient classCode="PSN"><name><family qualifier="BR">SPECIMEN</family><family qualifier="CL">EXEMPLE</family>
  <given>ALICE ROSE</given><given qualifier="BR">ALICE</given></name>
  <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19990423"/>
  <birthplace><place><addr><county>99999</county></addr></place></birthplace></patient>
</patientRole></recordTarget>
{author}
<custodian><assignedCustodian><representedCustodianOrganization><name>Hôpital des Essais</name>
</representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time value="{date}"/><signatureCode code="S"/><assignedEntity><assignedPerson><name>
<given>Basile</given><family>FICTIF</family><suffix>DR</suffix></name></assignedPerson></assignedEntity>
</legalAuthenticator>
<documentationOf><serviceEvent><code code="34117-2" displayName="Historique et clinique"/>
<effectiveTime><low value="{date}"/></effectiveTime></serviceEvent></documentationOf>
"""

BY_PROFESSIONAL = """<author><time value="20260321"/><assignedAuthor>
<id root="1.2.250.1.71.4.2.1" extension="899700000017"/>
<code code="G15_10/SM26" displayName="Médecin - Médecine générale (SM)"/><assignedPerson><name>
<given>Basile</given><family>FICTIF</family><suffix>DR</suffix></name></assignedPerson>
<representedOrganization><name>Cabinet des Essais</name></representedOrganization></assignedAuthor></author>"""

BY_PATIENT = """<author><time value="20260321"/><assignedAuthor>
<id root="1.2.250.1.213.1.4.10" extension="299999999900112"/>
<code code="EXP_PATIENT" displayName="Expression personnelle du patient"/>
<assignedPerson><name><given>Alice</given><family>SPECIMEN</family></name></assignedPerson>
</assignedAuthor></author>"""


def cda(
    body: str,
    *,
    code: str = "11488-4",
    label: str = "CR de consultation",
    title: str = "Consultation",
    date: str = "20260321091500+0100",
    author: str = BY_PROFESSIONAL,
) -> bytes:
    """A whole document around the content of its `component`; no `component` at all when the body is empty."""
    head = HEAD.format(code=code, label=label, title=title, date=date, author=author)
    component = f"<component>{body}</component>" if body else ""
    return f"{head}{component}</ClinicalDocument>".encode()


def carrying(document: bytes, media_type: str, **header: str) -> bytes:
    """Level 1: any file as the body, in base64 cut in lines."""
    body = base64.encodebytes(document).decode()
    text = f'<text mediaType="{media_type}" representation="B64">{body}</text>'
    return cda(f"<nonXMLBody>{text}</nonXMLBody>", **header)


def structured(*sections: str, **header: str) -> bytes:
    inside = "".join(f"<component>{section}</component>" for section in sections)
    return cda(f"<structuredBody>{inside}</structuredBody>", **header)


def section(title: str, text: str = "", *, code: str = "", inside: str = "", entries: str = "") -> str:
    coded = f'<code code="{code}" codeSystem="2.16.840.1.113883.6.1"/>' if code else ""
    narrative = f"<text>{text}</text>" if text else ""
    inner = f"<component>{inside}</component>" if inside else ""
    return f"<section>{coded}<title>{title}</title>{narrative}{entries}{inner}</section>"


def table(titles: list[str], *rows: list[str]) -> str:
    head = "".join(f"<th>{title}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


# --- summary (VSM) ----------------------------------------------------------------------------------------


def summary() -> bytes:
    """A VSM whose three vital sections come last and nested, as real ones have them."""
    problems = section(
        "Pathologie en cours", table(["Date", "Pathologie"], ["2019", "Asthme persistant"]), code="11450-4"
    )
    allergies = section(
        "Allergies et intolérances",
        table(["Date", "Allergie", "Réaction"], ["2008", "Pénicilline", "Choc anaphylactique"]),
        code="48765-2",
    )
    clinical = section(
        "Pathologies, antécédents et allergies",
        code="34117-2",
        inside=f"{problems}</component><component>{allergies}",
    )
    vigilance = section(
        "Points de vigilance", table([""], ["Souffle cardiaque à surveiller"]), code="30954-2"
    )
    drugs = section(
        "Traitements",
        table(
            ["Date de début", "Date de fin", "Médicament", "Posologie", "Motif"],
            ["11/08/2019", "-", "FICTIVAX 75 mg comprimé", "1 cp/j", "Asthme"],
            ["11/08/2020", "-", "PLACEBO 5 mg", "2 cp/j", "-"],
        ),
        code="10160-0",
    )
    plan = section("Traitement au long cours", code="18776-5", inside=drugs)
    return structured(
        section("Synthèse", code="46612-8", inside=clinical),
        vigilance,
        plan,
        code="60591-5",
        label="Volet de synthèse médicale",
        title="Volet de synthèse médicale",
    )


# --- biology ----------------------------------------------------------------------------------------------


def result(
    code: str,
    name: str,
    value: str,
    unit: str = "g/L",
    *,
    low: str = "",
    high: str = "",
    flag: str = "",
    date: str = "20260321091500+0100",
    value_element: str = "",
) -> str:
    """One laboratory observation."""
    ends = (f'<low value="{low}" unit="{unit}"/>' if low else "") + (
        f'<high value="{high}" unit="{unit}"/>' if high else ""
    )
    bounds = (
        f'<referenceRange><observationRange><value xsi:type="IVL_PQ">{ends}</value></observationRange></referenceRange>'
        if ends
        else ""
    )
    flagged = f'<interpretationCode code="{flag}" codeSystem="2.16.840.1.113883.5.83"/>' if flag else ""
    measured = value_element or f'<value xsi:type="PQ" value="{value}" unit="{unit}"/>'
    return (
        '<component><observation classCode="OBS" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>'
        f'<code code="{code}" displayName="{name}" codeSystem="2.16.840.1.113883.6.1"/>'
        f'<effectiveTime value="{date}"/>{measured}{flagged}{bounds}</observation></component>'
    )


def biology(*results: str, text: str = "", date: str = "20260321091500+0100") -> bytes:
    entry = (
        f'<entry typeCode="DRIV"><act><entryRelationship><organizer classCode="BATTERY">{"".join(results)}'
        "</organizer></entryRelationship></act></entry>"
    )
    chapter = section(
        "BIOCHIMIE",
        code="18719-5",
        inside=section("Ionogramme", text, code="24326-1", entries=entry),
    )
    return structured(
        chapter, code="11502-2", label="CR d'examens biologiques", title="Examens du 21 mars", date=date
    )


# --- vaccinations, prescriptions --------------------------------------------------------------------------


def administration(
    drug: str,
    date: str,
    *,
    lot: str = "",
    dose: str = "",
    rank: str = "",
    negated: bool = False,
    end: str = "",
) -> str:
    ranked = (
        f'<entryRelationship><observation><code code="30973-2"/><value xsi:type="INT" value="{rank}"/></observation>'
        "</entryRelationship>"
        if rank
        else ""
    )
    time = f'<low value="{date}"/><high value="{end}"/>' if end else ""
    attribute = "" if end else f' value="{date}"'
    return (
        f'<entry><substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="{str(negated).lower()}">'
        f'<effectiveTime xsi:type="IVL_TS"{attribute}>{time}</effectiveTime>'
        '<effectiveTime xsi:type="PIVL_TS"><period value="8" unit="h"/></effectiveTime>'
        f'<routeCode code="IM" displayName="voie intramusculaire"/><doseQuantity value="{dose}" unit="{{tbl}}"/>'
        f'<consumable><manufacturedProduct><manufacturedMaterial><code code="1" displayName="{drug}"/>'
        f"<lotNumberText>{lot}</lotNumberText></manufacturedMaterial></manufacturedProduct></consumable>"
        "<performer><assignedEntity><assignedPerson><name><given>Basile</given><family>FICTIF</family></name>"
        f"</assignedPerson></assignedEntity></performer>{ranked}</substanceAdministration></entry>"
    )


def self_presenting(document: bytes) -> bytes:
    """The document inside a style sheet of its own, which would read a file and fetch an address."""
    inner = document.partition(b"?>")[2].decode()
    return (
        '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#"?>'
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:data="urn:data">'
        f"<data:Contenu>{inner}</data:Contenu>"
        '<xsl:template match="/"><html><xsl:value-of select="document(\'file:///etc/hostname\')"/>'
        "<p>FABRIQUÉ PAR LA FEUILLE DE STYLE</p></html></xsl:template></xsl:stylesheet>"
    ).encode()
