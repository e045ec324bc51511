"""One description of a document: what is read of it, and that nothing in it can break the reader."""

import datetime
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from registry_bench import (
    APPROVED,
    ARCHIVED,
    AUTHOR,
    CLASS,
    CONFIDENTIALITY,
    DEPRECATED,
    EVENT,
    RIM,
    TYPE,
    UNIQUE_ID,
    author,
    coded,
    confidentiality,
    entry,
    external,
    localized,
    read,
    slot,
)

from kiosk.code import Code
from kiosk.dmp.document import DocumentStatus
from kiosk.dmp.metadata import read_entry, read_time

UTC = datetime.UTC


def minimal(inside: str = "", **attributes: str) -> str:
    """An ExtrinsicObject that has a unique identifier, and what is given."""
    given_ = "".join(f' {name}="{value}"' for name, value in attributes.items())
    identifier = external("", UNIQUE_ID, "1.2.3", "XDSDocumentEntry.uniqueId")
    return f'<ExtrinsicObject xmlns="{RIM}"{given_}>{inside}{identifier}</ExtrinsicObject>'


def test_a_complete_description():
    it = read(entry(7, content=b"abc", title="Bilan « annuel »", version="3"))
    assert it.entry_uuid == "urn:uuid:00000000-0000-4000-8000-000000000007"
    assert it.logical_id == it.entry_uuid
    assert it.unique_id == "1.2.250.1.999.1.7.7"
    assert it.repository_id == "1.2.250.1.213.4.1.1.1.2"
    assert (it.title, it.description) == ("Bilan « annuel »", "Suivi annuel")
    assert it.class_code == Code("10", "1.2.250.1.213.1.1.4.1", "Compte rendu")
    assert (it.type_code.code, it.type_code.system) == ("11488-4", "2.16.840.1.113883.6.1")
    assert it.format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"
    assert it.practice_setting.code == "AMBULATOIRE"
    assert it.facility_type.code == "SA07"
    assert it.mime_type == "text/xml"
    assert it.created == datetime.datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
    assert it.service_start == datetime.datetime(2026, 1, 12, 9, 15, tzinfo=UTC)
    assert it.service_stop == datetime.datetime(2026, 1, 12, 9, 45, tzinfo=UTC)
    assert it.service_precision == 14
    assert it.submitted is None
    assert it.status is DocumentStatus.CURRENT
    assert it.size == 3
    assert it.hash == "a9993e364706816aba3e25717850c26c9cd0d89d"  # SHA-1 of "abc", FIPS 180
    assert (it.language, it.version) == ("fr-FR", "3")
    assert not it.by_patient
    (writer,) = it.authors
    assert (writer.family_name, writer.given_name, writer.national_id) == (
        "GIRAUD",
        "CAMILLE",
        "899700000021",
    )
    assert [one.code for one in writer.specialities] == ["G15_10/SM26"]
    assert writer.specialities[0].label == "Médecin - Qualifié en Médecine Générale (SM)"
    (structure,) = writer.institutions
    assert (structure.name, structure.id) == ("CABINET MEDICAL DES ACACIAS", "499700000001001")


def test_almost_nothing_is_enough():
    it = read(minimal())
    assert it.unique_id == "1.2.3"
    assert it.status is DocumentStatus.UNKNOWN
    assert it.created is it.service_start is it.service_stop is it.size is None
    assert (it.title, it.authors, it.confidentialities, it.events) == ("", (), (), ())
    assert it.type_code == Code("", "", "")
    assert it.by_date is None


def test_without_identifier_there_is_nothing_to_open():
    assert read_entry(etree.fromstring(f'<ExtrinsicObject xmlns="{RIM}" id="urn:uuid:x"/>')) is None


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (APPROVED, DocumentStatus.CURRENT),
        (DEPRECATED, DocumentStatus.OBSOLETE),
        (ARCHIVED, DocumentStatus.ARCHIVED),
        ("urn:asip:ci-sis:2010:StatusType:Deleted", DocumentStatus.DELETED),
        ("urn:asip:ci-sis:2030:StatusType:Nouveau", DocumentStatus.UNKNOWN),
    ],
)
def test_3_1_1080_every_state(raw: str, status: DocumentStatus):
    it = read(minimal(status=raw))
    assert (it.status, it.raw_status) == (status, raw)


def test_3_1_1080_every_restriction():
    it = read(minimal(confidentiality("", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")))
    assert it.visibility.invisible_to_patient
    assert it.visibility.invisible_to_representatives
    assert not it.visibility.hidden_from_professionals
    assert [code.code for code in it.confidentialities] == [
        "N",
        "INVISIBLE_PATIENT",
        "INVISIBLE_REPRESENTANTS_LEGAUX",
    ]
    assert read(minimal(confidentiality("", "MASQUE_PS"))).visibility.hidden_from_professionals


@pytest.mark.parametrize(
    ("class_code", "type_code", "by_patient"),
    [("90", "EXPPAT_2", True), ("10", "DOCPAT03", True), ("90", "74465-6", True), ("10", "11488-4", False)],
)
def test_ex_3_1_1040_what_the_patient_wrote(class_code: str, type_code: str, by_patient: bool):
    inside = coded("", CLASS, class_code, "1.2.250.1.213.1.1.4.1", "") + coded("", TYPE, type_code, "", "")
    assert read(minimal(inside)).by_patient is by_patient


def test_rec_gen_1370_unknown_codes_are_kept_and_shown():
    inside = coded("", TYPE, "99999-9", "2.16.840.1.113883.6.1", "Nouveau type") + coded(
        "", CLASS, "77", "", ""
    )
    it = read(minimal(inside))
    assert it.type_code == Code("99999-9", "2.16.840.1.113883.6.1", "Nouveau type")
    assert (it.class_code.code, it.class_code.label) == ("77", "77")


def test_a_code_of_another_system_is_not_taken_for_ours():
    it = read(minimal(coded("", TYPE, "SYNTH", "1.2.3.4", "Synthétiseur")))
    assert it.type_code == Code("SYNTH", "1.2.3.4", "Synthétiseur")


def test_several_authors_of_every_kind():
    inside = (
        author(
            "", slot("authorPerson", "30B0099991/CPET00011^MARCHAND^LEA^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^EI")
        )
        + author(
            "",
            slot(
                "authorInstitution",
                "CENTRE HOSPITALIER R\\T\\D^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^10B0099991",
            ),
        )
        + author("", slot("authorInstitution"), slot("authorRole", "Rédacteur", "Relecteur"))
        + author("", slot("authorPerson", "ROUSSEL"))
    )
    secretary, hospital, nobody, bare = read(minimal(inside)).authors
    assert secretary.name == "MARCHAND LEA"
    assert hospital.name == "CENTRE HOSPITALIER R&D"
    assert (nobody.name, nobody.roles) == ("", ("Rédacteur", "Relecteur"))
    assert bare.national_id == "ROUSSEL"


def test_a_patient_who_is_an_author_leaves_no_number():
    person = "277076322082910^LACÔTE^ELODIE^^^^^^&1.2.250.1.213.1.4.8&ISO^D^^^NH"
    (patient,) = read(minimal(author("", slot("authorPerson", person)))).authors
    assert (patient.name, patient.national_id) == ("LACÔTE ELODIE", "")


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        (
            localized("Name", "Letter", "en").replace("</Name>", "")
            + localized("Name", "Lettre", "fr-FR").replace("<Name>", ""),
            "Lettre",
        ),
        (localized("Name", "Letter", "en"), "Letter"),
        ("<Name/>", ""),
        ('<Name><LocalizedString value="  deux   mots "/></Name>', "deux mots"),
        ('<Name><LocalizedString xml:lang="fr"/><LocalizedString value="suite"/></Name>', "suite"),
        (localized("Name", "a\u202eb"), "a\ufffdb"),
    ],
)
def test_titles_in_several_languages_or_none(inside: str, title: str):
    assert read(minimal(inside)).title == title


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2010", datetime.datetime(2010, 1, 1, tzinfo=UTC)),
        ("201006", datetime.datetime(2010, 6, 1, tzinfo=UTC)),
        ("20100615", datetime.datetime(2010, 6, 15, tzinfo=UTC)),
        ("2010061507", datetime.datetime(2010, 6, 15, 7, tzinfo=UTC)),
        ("201006150730", datetime.datetime(2010, 6, 15, 7, 30, tzinfo=UTC)),
        ("20100615073059", datetime.datetime(2010, 6, 15, 7, 30, 59, tzinfo=UTC)),
        ("20100615073059.123", datetime.datetime(2010, 6, 15, 7, 30, 59, tzinfo=UTC)),
        ("20100615073059Z", datetime.datetime(2010, 6, 15, 7, 30, 59, tzinfo=UTC)),
        ("20100615073059+0200", datetime.datetime(2010, 6, 15, 5, 30, 59, tzinfo=UTC)),
        ("20100615233000-0400", datetime.datetime(2010, 6, 16, 3, 30, tzinfo=UTC)),
        ("20161231235960", datetime.datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("20100230", None),
        ("20101", None),
        ("0000", None),
        ("00010101000000+2300", None),
        ("hier", None),
        ("", None),
    ],
)
def test_times_of_every_length(text: str, moment: datetime.datetime | None):
    assert read_time(text) == moment


def test_a_date_without_time_says_so():
    it = read(minimal(slot("serviceStartTime", "20100615")))
    assert it.service_precision == 8
    assert it.by_date == datetime.datetime(2010, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize("text", ["-1", "12a", "٣", "1" * 13, ""])
def test_a_size_that_is_none(text: str):
    assert read(minimal(slot("size", text))).size is None


def test_events_and_references():
    inside = slot("urn:ihe:iti:xds:2013:referenceIdList", "A^^^&1.2&ISO^x", "B") + coded(
        "", EVENT, "ZZLP025", "1.2.250.1.213.2.5", "Acte"
    )
    it = read(minimal(inside))
    assert it.reference_ids == ("A^^^&1.2&ISO^x", "B")
    assert [code.label for code in it.events] == ["Acte"]


def test_no_name_in_a_repr():
    it = read(entry(1, title="Secret"))
    assert "Secret" not in repr(it)
    assert "GIRAUD" not in repr(it.authors)


# --- nothing breaks it ------------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\x0b\x0c")
    | st.sampled_from("^&~|\\'"),
    max_size=40,
).map(lambda text: re.sub("[\x01-\x08\x0e-\x1f\ufffe\uffff]", "", text))
SLOT_NAMES = st.sampled_from(
    [
        "creationTime",
        "hash",
        "size",
        "serviceStartTime",
        "authorPerson",
        "authorInstitution",
        "authorSpecialty",
        "authorRole",
        "codingScheme",
        "repositoryUniqueId",
        "languageCode",
        "",
    ]
)
SCHEMES = st.sampled_from([AUTHOR, CLASS, TYPE, CONFIDENTIALITY, EVENT, UNIQUE_ID, "urn:x", ""])


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> etree._Element:
    """ebRIM elements put together by chance."""
    tags = [
        "Slot",
        "ValueList",
        "Value",
        "Name",
        "LocalizedString",
        "Classification",
        "ExternalIdentifier",
        "VersionInfo",
    ]
    element = etree.Element(f"{{{RIM}}}{draw(st.sampled_from(tags))}")
    for name, values in (
        ("name", SLOT_NAMES),
        ("classificationScheme", SCHEMES),
        ("identificationScheme", SCHEMES),
        ("nodeRepresentation", TEXTS),
        ("value", TEXTS),
        ("versionName", TEXTS),
        ("{http://www.w3.org/XML/1998/namespace}lang", st.sampled_from(["fr", "FR-fr", "x"])),
    ):
        if draw(st.booleans()):
            element.set(name, draw(values))
    element.text = draw(TEXTS)
    if depth:
        element.extend(draw(st.lists(trees(depth - 1), max_size=3)))
    return element


@given(st.lists(trees(), max_size=6), TEXTS)
def test_whatever_stands_in_a_description(children: list[etree._Element], status: str):
    root = etree.fromstring(minimal())
    root.set("status", status)
    root.extend(children)
    made = read_entry(root)
    assert made is not None
    shown = [made.title, made.description, made.raw_status, *(a.name for a in made.authors)]
    shown += [code.label for code in (made.type_code, made.class_code, *made.events)]
    assert not set("".join(shown)) & {chr(c) for c in (*range(32), 127, 0x9B, 0x202E)}


@given(st.text(string.digits + "Z+-.", max_size=24))
def test_whatever_stands_for_a_time(text: str):
    moment = read_time(text)
    assert moment is None or moment.tzinfo is UTC
