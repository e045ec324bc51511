"""The two sheets of the patient, laid out for one A4 page each.

The official layout (annex of the DMP interface guide) is not public: this one is ours, and says only what the
public requirements ask. The caller wipes the returned bytes. Importing this module costs about 0.3 s
(fpdf2): a session has it composed elsewhere (`kiosk.printing.composer`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from kiosk.errors import SheetNotComposed
from kiosk.printing.model import CreationReceipt, Issuer, SecretsSheet, SheetPatient
from kiosk.printing.page import Page
from kiosk.printing.spelling import spelled
from kiosk.text import card_birth_date, clean, grouped

CUT = 196.0
"""Where the sheet is cut, in millimetres from the top: login above, password below."""

_LEFT, _WIDTH = 15.0, 180.0
_SIMULATION = "SIMULATION"
_Content = TypeVar("_Content", SecretsSheet, CreationReceipt)


def secrets_sheet(sheet: SecretsSheet, page: Page | None = None) -> bytearray:
    """The "document des secrets" as PDF/A-1b, in two parts to be cut: half a sheet opens nothing.

    Part 1: identity, INS-C, login, what to do. Part 2: the password alone, and the patient's initials.
    `page`: a blank one, when it is ready. Raises `SheetNotComposed`, which quotes nothing, when a code cannot be
    printed.
    """
    return _drawn(_draw_secrets, sheet, page)


def creation_receipt(receipt: CreationReceipt, page: Page | None = None) -> bytearray:
    """The "accusé de création du DMP" as PDF/A-1b."""
    return _drawn(_draw_receipt, receipt, page)


def _drawn(draw: Callable[[Page, _Content], None], content: _Content, page: Page | None) -> bytearray:
    # The exceptions of the PDF and font libraries quote the text they could not draw, which may be a secret.
    try:
        with page or Page() as drawn:
            draw(drawn, content)
            return drawn.finish()
    except Exception as error:
        failure = type(error).__name__
    raise SheetNotComposed(detail=f"sheet: {failure}")


def _draw_secrets(page: Page, sheet: SecretsSheet) -> None:
    page.name("Document des secrets du patient", sheet.number)
    if sheet.simulation:
        page.across(100, _SIMULATION)
        page.across(248, _SIMULATION)
    _draw_login(page, sheet)
    page.cut(CUT)
    page.text(_LEFT, CUT - 1.5, "✂ Coupez ici. Gardez les deux parties à deux endroits différents.", 9)
    _draw_password(page, sheet)


def _draw_login(page: Page, sheet: SecretsSheet) -> None:
    site = clean(sheet.site_address, 80)
    page.text(_LEFT, 20, "Votre accès à votre DMP", 20, bold=True)
    page.text(_LEFT, 28, "Partie 1 : votre identifiant, à garder précieusement", 13)
    if sheet.simulation:
        page.text(_LEFT, 34, "Exercice : ces codes n’ouvrent aucun DMP.", 11, bold=True)
    if sheet.renewed:
        page.text(_LEFT, 39, "Nouveaux codes : les anciens ne marchent plus.", 11, bold=True)
    _draw_site(page, site)
    _draw_identity(page, sheet.patient, 46)

    page.frame(_LEFT, 97, _WIDTH, 33)
    page.text(_LEFT + 4, 104, "Votre identifiant de connexion (sans espace) :", 12)
    login = sheet.login.reveal()
    page.code(_LEFT + 4, 117, login, 30, _WIDTH - 8)
    page.fitted(_LEFT + 4, 124, spelled(login), 10, _WIDTH - 8)

    y = page.fitted(_LEFT, 140, f"1. Allez sur le site {site}.", 14, _WIDTH)
    y = page.fitted(
        _LEFT, y + 1, "2. Tapez votre identifiant, puis le mot de passe de la partie 2.", 14, _WIDTH
    )
    page.fitted(
        _LEFT,
        y + 1,
        "3. Vous recevez un code par SMS ou par e-mail : tapez-le. Choisissez ensuite votre mot de passe.",
        14,
        _WIDTH,
    )
    _draw_footer(page, 176, "Remis", sheet.issuer, sheet.issued_at, clean(sheet.support, 300), sheet.number)


def _draw_password(page: Page, sheet: SecretsSheet) -> None:
    page.text(_LEFT, CUT + 14, "Partie 2 : votre mot de passe provisoire", 16, bold=True)
    page.text(_LEFT, CUT + 23, "À changer à la première connexion : il ne sert qu’une fois.", 14)
    page.frame(_LEFT, CUT + 31, _WIDTH, 35)
    page.text(_LEFT + 4, CUT + 38, "Votre mot de passe (sans espace) :", 12)
    password = sheet.password.reveal()
    page.code(_LEFT + 4, CUT + 52, password, 30, _WIDTH - 8)
    page.fitted(_LEFT + 4, CUT + 59, spelled(password), 10, _WIDTH - 8)
    page.text(_LEFT, CUT + 75, f"Patient : {sheet.patient.initials}", 12)
    page.text(_LEFT, CUT + 82, "Ne montrez ce papier à personne.", 12, bold=True)
    page.text(_LEFT, CUT + 88, f"Feuille n° {clean(sheet.number, 40)}", 9)


def _draw_receipt(page: Page, receipt: CreationReceipt) -> None:
    act = "réouverture" if receipt.reactivated else "création"
    page.name(f"Accusé de {act} du DMP", receipt.number)
    if receipt.simulation:
        page.across(150, _SIMULATION)
    page.text(_LEFT, 20, f"Accusé de {act} de votre DMP", 20, bold=True)
    if receipt.simulation:
        page.text(_LEFT, 28, "Exercice : aucun DMP réel n’a été touché.", 11, bold=True)
    site = clean(receipt.site_address, 80)
    _draw_site(page, site)
    _draw_identity(page, receipt.patient, 46)

    done = "rouvert" if receipt.reactivated else "créé"
    y = page.fitted(
        _LEFT, 106, f"Votre DMP a été {done} avec votre accord {_when(receipt.issued_at)}.", 14, _WIDTH
    )
    for question, opposed in (
        ("Ouverture en cas d’urgence par un médecin", receipt.opposed_to_break_glass),
        ("Ouverture par le SAMU quand on l’appelle pour vous", receipt.opposed_to_regulation),
    ):
        answer = "non, vous avez refusé" if opposed else "oui"
        y = page.fitted(_LEFT, y + 4, f"{question} : {answer}.", 14, _WIDTH)
    y = page.fitted(
        _LEFT, y + 4, "Vous pouvez changer d’avis, ou fermer votre DMP, à tout moment.", 14, _WIDTH
    )
    page.fitted(_LEFT, y + 4, f"Plus d’informations : {site}", 14, _WIDTH)
    _draw_footer(
        page,
        262,
        "Établi",
        receipt.issuer,
        receipt.issued_at,
        clean(receipt.support, 300),
        receipt.number,
    )


def _draw_site(page: Page, site: str) -> None:
    page.qr_code(167, 10, site if "://" in site else f"https://{site}", 28)
    page.text(172, 41, "le site du DMP", 8)


def _draw_identity(page: Page, patient: SheetPatient, y: float) -> None:
    """Usual and given name, birth name when there is one, birth date, INS-C in clear and as a bar code."""
    name = f"{clean(patient.usual_name, 100)} {clean(patient.given_name, 100)}".strip()
    y = page.fitted(_LEFT, y, name, 15, _WIDTH, bold=True)
    birth_name = clean(patient.birth_name, 100)
    if birth_name and birth_name != clean(patient.usual_name, 100):
        y = page.fitted(_LEFT, y, f"Nom de naissance : {birth_name}", 12, _WIDTH)
    page.text(_LEFT, y, f"Date de naissance : {card_birth_date(clean(patient.birth_date))}", 12)
    page.text(_LEFT, y + 9, "INS-C :", 12)
    page.text(_LEFT + 18, y + 9, grouped(patient.insc), 13, mono=True)
    page.bar_code(_LEFT, y + 12, patient.insc, 9)
    page.text(_LEFT + 58, y + 16, "L’INS-C est votre numéro de santé.", 10)
    page.text(_LEFT + 58, y + 20.5, "Ce n’est pas votre numéro de sécurité sociale.", 10)


def _draw_footer(
    page: Page, y: float, verb: str, issuer: Issuer, at: datetime, support: str, number: str
) -> None:
    who = f"{verb} {_when(at)} par {clean(issuer.professional, 100)}, {clean(issuer.structure, 100)}."
    y = page.fitted(_LEFT, y, who, 10, _WIDTH)
    if support:
        y = page.fitted(_LEFT, y, support, 10, _WIDTH)
    page.text(_LEFT, y, f"Feuille n° {clean(number, 40)}", 9)


def _when(at: datetime) -> str:
    return f"le {at:%d/%m/%Y} à {at:%H} h {at:%M}"
