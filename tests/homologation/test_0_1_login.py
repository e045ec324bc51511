"""TD0.1, direct authentication: what the screen says for each kind of card, and what its VIHF says over the wire.

Codes are those of the official test book (chapter « 0.1 »). It plays 0.1-120 and 0.1-121 with a deposit (TD2.2),
which this kiosk does not have yet: they are played here with the existence test and the creation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, play
from lxml import etree

from kiosk.station import utc_now

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "h": "urn:hl7-org:v3",
}
G15, G16 = "1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.8"
R01, G05, A00 = "1.2.250.1.71.4.2.5", "1.2.250.1.71.4.2.6", "1.2.250.1.213.1.1.4.6"
SECTORS = "1.2.250.1.71.4.2.4"
SUBJECT_ID = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
SMARTCARD = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"


@dataclass(frozen=True)
class Vihf:
    """What one request said of its author."""

    root: Any

    def text(self, path: str) -> str:
        return str(self.root.xpath(f"string({path})", namespaces=NS))

    def attribute(self, name: str) -> list[str]:
        """The texts of one attribute; none when it is absent."""
        path = f".//saml:Attribute[@Name='{name}']/saml:AttributeValue"
        return [str(value.text) for value in self.root.xpath(path, namespaces=NS)]

    @property
    def roles(self) -> list[tuple[str, str]]:
        """Code and code system, in order."""
        path = ".//saml:Attribute[@Name='urn:oasis:names:tc:xacml:2.0:subject:role']//h:Role"
        return [(r.get("code"), r.get("codeSystem")) for r in self.root.xpath(path, namespaces=NS)]

    @property
    def place(self) -> tuple[str, str]:
        """Structure and sector."""
        (structure,) = self.attribute("Identifiant_Structure")
        (sector,) = self.attribute("Secteur_Activite")
        return structure, sector


async def sent(desk: Desk) -> Vihf:
    """The assertion of the last request, after checks that hold for every direct authentication."""
    envelope = etree.fromstring(await desk.last_request())
    (assertion,) = envelope.xpath("/s:Envelope/s:Header//saml:Assertion", namespaces=NS)
    vihf = Vihf(assertion)
    assert vihf.attribute("Authentification_mode") == ["DIRECTE"]
    assert vihf.text(".//saml:AuthnContextClassRef") == SMARTCARD
    assert f"CN={vihf.text('saml:Subject/saml:NameID')}" in vihf.text("saml:Issuer").replace(" ", "")
    return vihf


async def accepted(desk: Desk, card: str) -> None:
    """Every request came over a TLS channel of this card, and the service took it."""
    log = (await desk.dmp(do="log"))["log"]
    assert log
    assert {(row["holder"], row["outcome"]) for row in log} == {(card, "ok")}


async def create_record(desk: Desk) -> None:
    await desk.family("vitale-seule")
    await desk.user.press("enter")
    await desk.user.see("CONSENTEMENTS")
    await desk.user.press("space", "f10")
    await desk.user.see("Le DMP du patient a été créé.")


# --- each profession --------------------------------------------------------------------------------------


def test_0_1_110_doctor(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.user.see("GIRAUD CAMILLE", "Médecin · Qualifié en Médecine générale", "Cabinet individuel")
        assert "DMP · autorisé · médecin traitant" in await desk.family("vitale-suivi")
        vihf = await sent(desk)
        assert vihf.text("saml:Subject/saml:NameID") == "899700000021"
        assert vihf.roles == [("10", G15), ("SM26", R01)]
        assert vihf.place == ("499700000001001", f"SA07^{SECTORS}")
        assert vihf.attribute(SUBJECT_ID) == []
        await accepted(desk, "cps-medecin")

    play(story, tmp_path)


def test_0_1_120_cpe_by_name(tmp_path: Path) -> None:
    """Played with TD0.2 and TD1.1: TD2.2 does not exist here yet."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cpe-accueil")
        await desk.user.see("MARCHAND LEA", "Carte CPE", "CENTRE HOSPITALIER DE FICTION")
        await create_record(desk)
        vihf = await sent(desk)
        assert vihf.text("saml:Subject/saml:NameID") == "30B0099991/CPET00011"
        assert vihf.roles == [("SECRETARIAT_MEDICAL", A00)]
        assert vihf.place == ("10B0099991", f"SA01^{SECTORS}")
        assert vihf.attribute(SUBJECT_ID) == []
        assert await desk.transactions() == ["TD0.2", "TD1.1"]
        await accepted(desk, "cpe-accueil")

    play(story, tmp_path)


def test_0_1_121_anonymous_cpe(tmp_path: Path) -> None:
    """PDT-INF-617: employer and card number stand for the names. Played with TD0.2 and TD1.1, as 0.1-120."""

    async def story(desk: Desk) -> None:
        await desk.insert("cpe-anonyme")
        await desk.user.see("Bonjour CENTRE HOSPITALIER DE FICTION B CPET", "carte CPE")
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("Mode d'accès : NORMAL")
        await create_record(desk)
        vihf = await sent(desk)
        assert vihf.text("saml:Subject/saml:NameID") == "30B0099991/CPET00012"
        assert vihf.attribute(SUBJECT_ID) == ["CENTRE HOSPITALIER DE FICTION B CPET"]
        assert vihf.roles == [("SECRETARIAT_MEDICAL", A00)]
        author = Vihf(etree.fromstring(await desk.last_request()))
        assert author.text("//h:author//h:family") == "CENTRE HOSPITALIER DE FICTION"
        assert author.text("//h:author//h:given") == "B CPET"
        await accepted(desk, "cpe-anonyme")

    play(story, tmp_path)


def test_0_1_140_pharmacist(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-pharmacien")
        await desk.user.see("DA COSTA INES", "Pharmacien · Pharmacien titulaire d'officine")
        await desk.family("vitale-seule")
        vihf = await sent(desk)
        assert vihf.text("saml:Subject/saml:NameID") == "899700000031"
        assert vihf.roles == [("21", G15), ("A", G05)]
        assert vihf.place == ("10B0099992", f"SA33^{SECTORS}")
        await accepted(desk, "cps-pharmacien")

    play(story, tmp_path)


def test_0_1_150_neither_doctor_nor_pharmacist(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-infirmier")
        await desk.user.see("LEFÈVRE ZOE", "Infirmier")
        await desk.family("vitale-seule")
        vihf = await sent(desk)
        assert vihf.text("saml:Subject/saml:NameID") == "899700000051"
        assert vihf.roles == [("60", G15)]
        assert vihf.place == ("499700000051001", f"SA08^{SECTORS}")
        await accepted(desk, "cps-infirmier")

    play(story, tmp_path)


# --- cards out of their time ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "told", "support_code"),
    [
        ("cps-expiree", "Votre carte professionnelle a expiré.", "CARTE-040"),
        ("cps-future", "Votre carte professionnelle n'est pas encore valable.", "CARTE-041"),
    ],
)
def test_0_1_160_out_of_its_dates(card: str, told: str, support_code: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert(card)
        screen = await desk.user.see(told, support_code, "Retirez la carte")
        assert "Saisissez votre code porteur" not in screen
        assert await desk.transactions() == []

    play(story, tmp_path)


def test_0_1_160_a_revoked_card_is_refused_by_the_service_and_nobody_is_asked_about_twice(
    tmp_path: Path,
) -> None:
    """Only the service knows: the card itself says nothing of it, and the TLS channel never opens."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-revoquee")
        await desk.insert("vitale-famille")
        await desk.user.see("Le DMP refuse le certificat de votre carte.", "La carte est révoquée", "DMP-015")
        await desk.user.press("enter")
        await desk.user.see("BERNARD ELODIE")
        assert desk.user.screen().count("DMP : refus (DMP-015)") == 3
        assert await desk.transactions() == []

    play(story, tmp_path)


# --- cards that do not say where their holder works -------------------------------------------------------

END = date.today() + timedelta(days=30)
LATER = timedelta(days=31)


async def declare(
    desk: Desk,
    number: str,
    name: str,
    sector: str,
    *,
    speciality: str = "",
    kind_steps: int = 0,
    end: date = END,
) -> None:
    """Fill the form from its first field to its last; the last Enter sends it."""
    await desk.user.see("Rattachement à une structure", "Identifiant", "Jusqu'au *")
    await desk.user.press(*["right"] * kind_steps, "tab")
    for text in (number, name, sector, *([speciality] if speciality else []), f"{end:%d%m%Y}"):
        await desk.user.type(text)
        await desk.user.press("enter")


async def declare_hospital(desk: Desk, number: str = "0B0099991") -> None:
    await declare(desk, number, "HOPITAL DE FICTION", "public sante", speciality="medecine generale")
    await desk.user.see("Mode d'accès : NORMAL", f"Rattachement déclaré jusqu'au {END:%d/%m/%Y}")


def test_0_1_170_cpf_declares_its_structure_and_its_speciality(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.present_pin("cpf-interne")
        await declare_hospital(desk)
        await desk.user.see(
            "INTERNE SACHA", "Médecin en formation · Qualifié en Médecine générale", "Carte CPF"
        )
        await create_record(desk)
        vihf = await sent(desk)
        assert vihf.text("saml:Subject/saml:NameID") == "899700000081"
        assert vihf.roles == [("10", G16), ("SM26", R01)]
        assert vihf.place == ("10B0099991", f"SA01^{SECTORS}")
        author = Vihf(etree.fromstring(await desk.last_request()))
        assert author.text("//h:author/h:assignedEntity/h:code/@code") == "G16_10"
        await accepted(desk, "cpf-interne")

    play(story, tmp_path)


def test_0_1_170_the_next_login_offers_the_attachment_until_its_end_date(tmp_path: Path) -> None:
    async def first(desk: Desk) -> None:
        await desk.present_pin("cpf-interne")
        await declare_hospital(desk)

    async def next_day(desk: Desk) -> None:
        await desk.present_pin("cpf-interne")
        await desk.user.see(
            "Où travaillez-vous maintenant ?", "HOPITAL DE FICTION", f"jusqu'au {END:%d/%m/%Y}"
        )
        keys = desk.user.keys_pressed
        await desk.user.press("enter")
        await desk.user.see("Mode d'accès : NORMAL", f"Rattachement déclaré jusqu'au {END:%d/%m/%Y}")
        assert desk.user.keys_pressed - keys == 1
        assert "Pas de DMP" in await desk.family("vitale-seule")
        vihf = await sent(desk)
        assert (vihf.roles[1], vihf.place[0]) == (("SM26", R01), "10B0099991")

    async def after_its_end(desk: Desk) -> None:
        await desk.present_pin("cpf-interne")
        await desk.user.see("Rattachement à une structure", "Jusqu'au *")
        assert "HOPITAL DE FICTION" not in desk.user.screen()

    async def somebody_else(desk: Desk) -> None:
        await desk.present_pin("cps-remplacant")
        await desk.user.see("Rattachement à une structure", "Jusqu'au *")

    play(first, tmp_path)
    play(next_day, tmp_path)
    play(after_its_end, tmp_path, clock=shifted(LATER))
    play(somebody_else, tmp_path)


def shifted(by: timedelta) -> Callable[[], Any]:
    return lambda: utc_now() + by


def test_0_1_170_an_unknown_structure_is_told_and_can_be_corrected(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.present_pin("cpf-interne")
        await declare_hospital(desk, "0B0099999")
        await desk.insert("vitale-famille")
        await desk.user.see(
            "Le DMP ne connaît pas votre structure.",
            "Vérifiez le numéro de la structure, son type et son secteur",
            "DMPUnknownStructure — Structure introuvable",
            "DMP-101",
            "O : corriger le rattachement",
        )
        assert await desk.transactions() == ["TD0.2"]
        await desk.user.press("o")
        await desk.user.see(
            "Rattachement à une structure", "0B0099999", "HOPITAL DE FICTION", f"{END:%d/%m/%Y}"
        )
        await desk.user.press("tab", "end", "backspace", "1", "f10")
        await desk.user.see("Personne(s) présente(s)", "Pas de DMP")
        assert (await sent(desk)).place == ("10B0099991", f"SA01^{SECTORS}")
        await desk.user.press("f10")
        await desk.choose("Changer de rattachement")
        await desk.user.see("Où travaillez-vous maintenant ?", "Corriger le rattachement en cours")
        assert desk.user.screen().count("HOPITAL DE FICTION\n") == 1  # the wrong one is forgotten

    play(story, tmp_path)


def test_0_1_170_a_known_structure_in_another_sector_is_refused(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.present_pin("cpf-interne")
        await declare(desk, "0B0099991", "HOPITAL", "officine", speciality="SM26")
        await desk.user.see("Mode d'accès : NORMAL")
        await desk.insert("vitale-seule")
        await desk.user.see("Le DMP ne connaît pas votre structure.")
        await desk.user.press("n")
        await desk.user.see("DMP : refus (DMP-101)")

    play(story, tmp_path)


def test_0_1_170_a_disk_that_refuses_to_remember_keeps_nobody_from_working(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        (tmp_path / "attachments.json.new").mkdir()  # where the draft would be written
        await desk.present_pin("cpf-interne")
        await declare(desk, "0B0099991", "HOPITAL", "SA01", speciality="SM26")
        await desk.user.see("Mode d'accès : NORMAL", "non mémorisé : le poste n'a pas pu l'écrire")
        assert "Pas de DMP" in await desk.family("vitale-seule")

    play(story, tmp_path)


def test_0_1_180_substitute(tmp_path: Path) -> None:
    """The speciality is on the card; the structure is the practice of whom he stands in for."""

    async def story(desk: Desk) -> None:
        await desk.present_pin("cps-remplacant")
        await desk.user.see("Rattachement à une structure", "Qualifié en Médecine générale (SM)")
        await declare(desk, "997 0000 0001 001", "CABINET DES ACACIAS", "individuel", kind_steps=2)
        await desk.user.see("RELÈVE AYA", "CABINET DES ACACIAS · Cabinet individuel", f"{END:%d/%m/%Y}")
        assert "Pas de DMP" in await desk.family("vitale-seule")
        vihf = await sent(desk)
        assert vihf.text("saml:Subject/saml:NameID") == "899700000082"
        assert vihf.roles == [("10", G15), ("SM26", R01)]
        assert vihf.place == ("499700000001001", f"SA07^{SECTORS}")
        await accepted(desk, "cps-remplacant")

    play(story, tmp_path)


def test_0_1_180_a_substitute_s_second_place_stands_beside_the_first(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.present_pin("cps-remplacant")
        await declare(desk, "99700000001001", "CABINET UN", "SA07", kind_steps=2)
        await desk.choose("Changer de rattachement")
        await desk.user.see("Déclarer une autre structure")
        await desk.user.press("2")
        await declare(desk, "0B0099993", "MAISON DEUX", "pole de sante")
        await desk.user.see("MAISON DEUX · Maison de santé ou Pôle de santé")
        await desk.choose("Changer de rattachement")
        screen = await desk.user.see("1 MAISON DEUX", "2 CABINET UN")
        assert screen.index("MAISON DEUX") < screen.index("CABINET UN")
        await desk.user.press("2")
        await desk.user.see("CABINET UN · Cabinet individuel", "Mode d'accès")
        await desk.family("vitale-seule")
        assert (await sent(desk)).place == ("499700000001001", f"SA07^{SECTORS}")

    play(story, tmp_path)


def test_0_1_180_nothing_incomplete_is_taken(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        user = desk.user
        await desk.present_pin("cps-remplacant")
        await user.see("Rattachement à une structure")
        await user.press("f10")
        await user.see("! Le numéro de la structure est obligatoire.")
        await user.type("10B0099991")
        await user.see("! Sans le premier 1 : la borne ajoute elle-même le chiffre du type.")
        await user.press("home", "delete", "f10")
        await user.see("! Le nom de la structure est obligatoire.")
        await user.type("HOPITAL")
        await user.press("f10")
        await user.see("! Choisissez dans la liste : tapez quelques lettres, puis Entrée.")
        await user.type("zzz")
        await user.see("rien ne correspond")
        await user.press("backspace", "backspace", "backspace")
        await user.type("prive")
        await user.see("> SA03", "1 sur 4")
        await user.press("down")
        await user.see("> SA04", "2 sur 4")
        await user.press("enter", "f10")
        await user.see("! La date de fin est obligatoire")
        await user.type(f"{date.today() - timedelta(days=1):%d%m%Y}")
        await user.see("! Cette date est passée.")
        await user.press("escape")
        await user.see("Retirez la carte pour renoncer.")
        assert await desk.transactions() == []
        await desk.remove("cps-remplacant")
        await user.gone()

    play(story, tmp_path)


# --- several situations d'exercice, worlds that never mix -------------------------------------------------


def test_gen_1370_five_activities_with_holes_and_each_goes_into_the_vihf(tmp_path: Path) -> None:
    """Numbers 1, 2, 4, 5 and 9 on the card."""

    async def story(desk: Desk) -> None:
        await desk.present_pin("cps-multi")
        await desk.user.see("CABINET MEDICAL DES ACACIAS", "5 SOCIETE DE TELECONSULTATION FICTIVE")
        await desk.user.press("5")
        await desk.user.see("SOCIETE DE TELECONSULTATION FICTIVE", "Mode d'accès : NORMAL")
        await desk.family("vitale-seule")
        assert (await sent(desk)).place == ("10B0099995", f"SA64^{SECTORS}")
        await desk.user.press("f10")
        await desk.choose("Changer de situation d'exercice")
        await desk.user.see("Où travaillez-vous maintenant ?")
        await desk.user.press("4")
        await desk.user.see("Personne(s) présente(s)", "Pas de DMP")
        assert (await sent(desk)).place == ("10B0099994", f"SA17^{SECTORS}")
        await accepted(desk, "cps-multi")

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("card", "production", "told", "support_code"),
    [
        ("cps-medecin", True, "CARTE DE TEST refusée.", "CARTE-032"),
        ("cpf-interne", True, "CARTE DE TEST refusée.", "CARTE-032"),
        ("cps-reelle", False, "Carte réelle refusée.", "CARTE-033"),
    ],
)
def test_gen_1430_a_professional_card_of_the_other_world(
    card: str, production: bool, told: str, support_code: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert(card)
        screen = await desk.user.see(told, support_code, "Retirez la carte")
        assert "Saisissez votre code porteur" not in screen
        assert await desk.transactions() == []

    play(story, tmp_path, production=production)


@pytest.mark.parametrize(
    ("professional", "vitale", "production", "told"),
    [
        ("cps-reelle", "vitale-seule", True, "CARTE DE TEST refusée."),
        ("cps-medecin", "vitale-reelle", False, "Carte réelle refusée."),
    ],
)
def test_gen_1430_a_vitale_card_of_the_other_world(
    professional: str, vitale: str, production: bool, told: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in(professional)
        await desk.insert(vitale)
        await desk.user.see(told, "Code d'assistance")
        assert await desk.transactions() == []

    play(story, tmp_path, production=production)
