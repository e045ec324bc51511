"""Deposits: the lot the client signs, the training server takes, verifies and gives back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meeting import (
    PRESCRIPTION,
    Meeting,
    access,
    actor,
    colleague,
    deposit_patient,
    found,
    lot,
    note,
    refused,
    titled,
)

from kiosk.code import Code
from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import (
    BodyFormat,
    LocalId,
    PreparedSubmission,
    ReadyCda,
    Rules,
    writer,
)
from kiosk.dmp.deposit_rules import is_offered
from kiosk.dmp.document import DocumentQuery, Visibility
from kiosk.dmp.habilitations import may_read
from kiosk.dmp.listing import ListedBy
from kiosk.dmp.model import Address
from kiosk.dmp.nomenclature import CodeSet, codes
from kiosk.dmp.vihf import Purpose
from kiosk.errors import (
    DocumentInvalid,
    Refused,
)
from kiosk.text import clean

pytest_plugins = ("meeting_day",)


PROFESSIONALS = (
    "cps-medecin",
    "cps-multi",
    "cps-pharmacien",
    "cps-urgentiste",
    "cps-infirmier",
    "cps-regulateur",
    "cps-biologiste",
    "cps-sage-femme",
    "cps-dentiste",
    "cps-remplacant",
    "cpf-interne",
)


@pytest.mark.parametrize("card_id", PROFESSIONALS)
def test_2_1_010_a_deposit_by_each_card(meeting: Meeting, card_id: str) -> None:
    """Without any authorisation of the patient; another doctor then reads the bytes that were sent."""
    client, me = meeting.login(card_id), actor(card_id)
    document = note(me, f"Note : « {card_id} » & <co>")
    prepared = meeting.deposit(client, "BRUNO", me, document)
    unique_id = prepared.documents[0].unique_id
    assert client.knows_document(access("BRUNO"), unique_id)
    reader = meeting.login("cps-multi")
    meeting.record("BRUNO", authorizations=[["899700000022", "VALIDE"]])
    entry = found(reader, access("BRUNO"))[unique_id]
    assert entry.title == document.title
    assert entry.authors[0].national_id == me.national_id
    assert entry.authors[0].institutions[0].id == me.structure_id
    assert entry.facility_type.code == me.sector.code
    assert (entry.created, entry.service_start) == (document.created, document.service_start)
    (read,) = reader.retrieve(access("BRUNO"), [entry])
    assert read.content == b"".join(prepared.documents[0].content)
    assert read.verified


@pytest.mark.parametrize("practice", range(5))
def test_2_1_in_each_situation_of_one_card(meeting: Meeting, practice: int) -> None:
    client, me = meeting.login("cps-multi", practice=practice), actor("cps-multi", practice)
    prepared = meeting.deposit(client, "BRUNO", me)
    assert client.knows_document(access("BRUNO"), prepared.documents[0].unique_id)


FILES = {
    BodyFormat.TEXT: "Température 39,2 °C.\r\n".encode(),
    BodyFormat.RTF: b"{\\rtf1\\ansi Vu ce jour.\\par}\r\n",
    BodyFormat.PDF: b"%PDF-1.4\r\nanything\r\n%%EOF\n",
    BodyFormat.JPEG: b"\xff\xd8\xff\xe0 anything \xff\xd9",
    BodyFormat.TIFF: b"II*\0 anything",
}


@pytest.mark.parametrize("body", BodyFormat)
def test_2_1_011_each_format(meeting: Meeting, body: BodyFormat) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    prepared = meeting.deposit(client, "ANDRE", me, note(me, format=body, content=FILES[body]))
    entry = found(client, access("ANDRE"))[prepared.documents[0].unique_id]
    assert entry.format_code.code == body.value[1]
    (read,) = client.retrieve(access("ANDRE"), [entry])
    assert read.content == b"".join(prepared.documents[0].content)


def test_2_1_020_several_documents_in_one_lot(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    documents = [
        note(me, "Ordonnance", type_code=PRESCRIPTION),
        note(me, "Compte rendu", visibility=Visibility(hidden_from_professionals=True)),
        note(me, "Annonce", visibility=Visibility(invisible_to_patient=True)),
    ]
    prepared = meeting.deposit(client, "ANDRE", me, *documents)
    entries = found(client, access("ANDRE"))
    mine = [entries[one.unique_id] for one in prepared.documents]
    assert [one.title for one in mine] == ["Ordonnance", "Compte rendu", "Annonce"]
    assert [one.visibility for one in mine] == [one.visibility for one in documents]
    assert [one.class_code.code for one in mine] == ["42", "10", "10"]
    assert len(client.retrieve(access("ANDRE"), mine)) == 3


def test_2_1_a_large_document(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    content = b"%PDF-1.4\n" + bytes(range(256)) * 32_768
    prepared = meeting.deposit(client, "ANDRE", me, note(me, format=BodyFormat.PDF, content=content))
    entry = found(client, access("ANDRE"))[prepared.documents[0].unique_id]
    (read,) = client.retrieve(access("ANDRE"), [entry])
    assert read.content == b"".join(prepared.documents[0].content)


@pytest.mark.parametrize("given_name", ["MARIE-AÏCHA-ÉLÉONORE-ANNE", "AMINATA", "BERTHE", "TOM", "DENISE"])
def test_2_1_for_patients_of_every_name_and_age(meeting: Meeting, given_name: str) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    prepared = meeting.deposit(client, given_name, me)
    assert prepared.documents[0].unique_id in found(client, access(given_name))


def test_2_1_in_an_emergency(meeting: Meeting) -> None:
    client, me = meeting.login("cps-urgentiste"), actor("cps-urgentiste")
    where = access("BRUNO", Purpose.BREAK_GLASS)
    prepared = meeting.deposit(client, "BRUNO", me, where=where)
    assert prepared.documents[0].unique_id in found(client, where)


@pytest.mark.parametrize("card_id", ["cpe-accueil", "cpe-cabinet", "cpe-anonyme"])
def test_2_2_010_the_holder_of_a_cpe(meeting: Meeting, card_id: str) -> None:
    """2.1-950: A writes, the secretary sends; both are authors, the secretary the author of the lot."""
    clerk, me = meeting.login(card_id), actor(card_id)
    doctor = replace(colleague("cps-medecin"), structure_id=me.structure_id, structure_name=me.structure_name)
    document = note(me, authors=(doctor, writer(me)), legal_authenticator=doctor)
    prepared = meeting.deposit(clerk, "ANDRE", me, document)
    assert prepared.transaction == "TD2.2"
    assert meeting.transactions()[-1] == "TD2.2"
    reader = meeting.login()
    entry = found(reader, access("ANDRE"))[prepared.documents[0].unique_id]
    assert [one.national_id for one in entry.authors] == [doctor.national_id, me.national_id]
    (read,) = reader.retrieve(access("ANDRE"), [entry])
    assert read.verified
    assert clerk.knows_document(access("ANDRE"), prepared.documents[0].unique_id)


def test_2_1_refused_by_the_record(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    for given_name, code in (("HENRI", "DMPClosed"), ("ELODIE", None)):
        with pytest.raises(Refused) as raised:
            meeting.deposit(client, given_name, me)
        assert code is None or refused(raised) == code


def test_2_1_twice(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    prepared = meeting.deposit(client, "ANDRE", me)
    with pytest.raises(Refused) as raised:
        client.provide(access("ANDRE"), prepared)
    assert refused(raised) == "XDSDuplicateUniqueIdInRegistry"
    assert [key for key in found(client, access("ANDRE")) if key == prepared.documents[0].unique_id]


@pytest.mark.parametrize("allowed", [False, True])
def test_ex_2_1_1050_hidden_twice(meeting: Meeting, allowed: bool) -> None:
    """The rule of the service's parameters, whatever the kiosk believes of them."""
    meeting.order(do="parameters", cumulative=allowed)
    client, me = meeting.login(), actor("cps-medecin")
    both = Visibility(hidden_from_professionals=True, invisible_to_patient=True)
    document = note(me, visibility=both)
    lax = Rules(hidden_and_invisible=True)
    if allowed:
        prepared = meeting.deposit(client, "ANDRE", me, document, rules=lax)
        assert found(client, access("ANDRE"))[prepared.documents[0].unique_id].visibility == both
        return
    with pytest.raises(Refused) as raised:
        meeting.deposit(client, "ANDRE", me, document, rules=lax)
    assert refused(raised) == "XDSRegistryMetadataError"
    with pytest.raises(DocumentInvalid):
        client.prepare(lot(access("ANDRE"), "ANDRE", me, document))


def test_2_1_in_the_name_of_somebody_else(meeting: Meeting) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    other = colleague("cps-urgentiste")
    with pytest.raises(DocumentInvalid):
        client.prepare(
            lot(access("ANDRE"), "ANDRE", me, note(me, authors=(other,), legal_authenticator=other))
        )
    document = note(me, authors=(other,))  # who answers for a document is one of its authors to the rule
    prepared = meeting.deposit(client, "ANDRE", me, document)
    assert prepared.documents[0].unique_id in found(client, access("ANDRE"))


def test_0_4_a_deposit_puts_the_record_on_the_list_of_new_documents(meeting: Meeting) -> None:
    client = meeting.login()
    before = datetime.now(UTC).replace(microsecond=0)
    meeting.deposit(meeting.login("cps-urgentiste"), "ANDRE", actor("cps-urgentiste"))
    (listed,) = client.list_records(before, ListedBy.DOCUMENT)
    assert listed.given_name == "ANDRE"
    assert listed.last_document is not None
    assert listed.last_document >= before


def test_2_1_with_everything_known_of_the_patient(meeting: Meeting) -> None:
    """2.1-010: every field, the optional ones too."""
    client, me = meeting.login(), actor("cps-medecin")
    whole = replace(
        deposit_patient("ANDRE"),
        given_names="ANDRÉ LUC",
        birth_place="99999",
        used_first_name="DÉDÉ",
        address=Address("3 RUE DE L'ÎLE", "BÂT. B", "99100", "FICTION", "FRANCE"),
        phone="0639980031",
        local_id=LocalId("1.2.250.1.999.7.2", "IPP^42&3"),
    )
    document = note(
        me,
        "Complet",
        description="Tout est rempli",
        events=(Code("R50", "2.16.840.1.113883.6.3", "Fièvre"),),
        authors=(writer(me, prefix="MME", suffix="DR"), colleague("cps-infirmier")),
    )
    meeting.deposit(client, "ANDRE", me, document, patient=whole, title="Un lot")
    entry = titled(client, access("ANDRE"), "Complet")
    assert entry.description == "Tout est rempli"
    assert [one.family_name for one in entry.authors] == ["GIRAUD", "LEFÈVRE"]
    client.hide(access("ANDRE"), entry)


# --- documents other programs made ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "encoding"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>\r\n', "utf-8"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- un commentaire -->\n', "iso-8859-1"),
        ('<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#style"?>\n', "utf-8"),
        ("\ufeff", "utf-8"),
    ],
)
def test_2_1_014_a_document_goes_out_byte_for_byte(meeting: Meeting, opening: str, encoding: str) -> None:
    """Its digest in the manifest is that of its canonical form, whatever it looks like."""
    client, me = meeting.login(), actor("cps-medecin")
    wrapped = note(me, "Fait ailleurs")
    made = client.prepare(lot(access("ANDRE"), "ANDRE", me, wrapped)).documents[0]
    body = b"".join(made.content).decode().replace("><", ">\r\n<!-- & -->\r\n<", 1)
    ready = ReadyCda(
        content=(opening + body + "\n<!-- après -->\n").encode(encoding),
        unique_id=made.unique_id,
        title=wrapped.title,
        type_code=wrapped.type_code,
        format_code=wrapped.format.code,
        created=wrapped.created,
        service_start=wrapped.service_start,
        authors=wrapped.authors,
        legal_authenticator=wrapped.legal_authenticator,
        practice_setting=wrapped.practice_setting,
        facility=me.sector,
    )
    meeting.deposit(client, "ANDRE", me, ready)
    entry = titled(client, access("ANDRE"), "Fait ailleurs")
    (read,) = client.retrieve(access("ANDRE"), [entry])
    assert read.content == ready.content


# --- what professions read, type by type ------------------------------------------------------------------


def offered_types() -> list[Code]:
    return [code for code in codes(CodeSet.TYPE) if is_offered(code) and code.code != "87273-9"]


def test_every_type_the_kiosk_offers_is_taken_and_read_by_whom_the_matrix_says(meeting: Meeting) -> None:
    """The two sides hold their own copies of the published matrix: here they meet, type by type, class by class."""
    client, me = meeting.login(), actor("cps-medecin")
    types = offered_types()
    assert len(types) > 80
    for start in range(0, len(types), 20):
        documents = [note(me, one.code, type_code=one) for one in types[start : start + 20]]
        meeting.deposit(client, "BRUNO", me, *documents)
    readers = (
        "cps-multi",
        "cps-pharmacien",
        "cps-infirmier",
        "cps-sage-femme",
        "cps-dentiste",
        "cps-biologiste",
    )
    ids = [[actor(card).national_id, "VALIDE"] for card in readers]
    meeting.record("BRUNO", authorizations=ids)
    mine = DocumentQuery(author=me.national_id)
    for card in readers:
        who = actor(card)
        seen = {entry.type_code.code for entry in found(meeting.login(card), access("BRUNO"), mine).values()}
        expected = {one.code for one in types if may_read(one, who.profession, who.speciality) is not False}
        assert seen & {one.code for one in types} == expected, card


# --- any text ---------------------------------------------------------------------------------------------

LEGAL = st.characters(
    codec="utf-8",
    exclude_categories=("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp"),
    exclude_characters="\ufffe\uffff",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(LEGAL | st.sampled_from("^&~|\\'\"<>%_()"), min_size=1, max_size=128).filter(str.strip),
    family=st.text(LEGAL | st.sampled_from("^&~|\\'"), min_size=1, max_size=40).filter(str.strip),
    description=st.text(LEGAL, max_size=60),
)
def test_any_title_and_any_name_come_back(
    meeting: Meeting, title: str, family: str, description: str
) -> None:
    client, me = meeting.login(), actor("cps-medecin")
    odd = replace(writer(me), family_name=clean(family), structure_name=clean(family))
    document = note(me, title, authors=(odd,), legal_authenticator=odd, description=description)
    prepared = meeting.deposit(client, "ANDRE", me, document)
    entry = found(client, access("ANDRE"), DocumentQuery(author=me.national_id))[
        prepared.documents[0].unique_id
    ]
    assert entry.title == clean(title)
    assert entry.description == clean(description)
    assert entry.authors[0].family_name == clean(family)
    assert entry.authors[0].institutions[0].name == clean(family)
    client.hide(access("ANDRE"), entry)
    meeting.close()


def test_four_posts_deposit_at_once(meeting: Meeting) -> None:
    cards = ("cps-medecin", "cps-urgentiste", "cps-pharmacien", "cps-infirmier")
    lots = [
        (client, [meeting.prepare(client, lot(access("BRUNO"), "BRUNO", actor(card))) for _ in range(4)])
        for card in cards
        for client in [meeting.login(card)]
    ]

    def send(client: DmpClient, prepared: list[PreparedSubmission]) -> None:
        for one in prepared:
            client.provide(access("BRUNO"), one)

    with ThreadPoolExecutor(len(lots)) as posts:
        for done in [posts.submit(send, *one) for one in lots]:
            done.result(60)
    sent = {one.documents[0].unique_id for _, prepared in lots for one in prepared}
    emergency = meeting.login("cps-multi")
    assert sent <= found(emergency, access("BRUNO", Purpose.BREAK_GLASS)).keys()
