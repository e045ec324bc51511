"""What must not break a reader: documents that are wrong, hostile or merely strange."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.training.documents import cda, files, kinds
from kiosk.training.documents.authors import GIRAUD, NOVAK, O_BRIEN
from kiosk.training.documents.desk import Desk, day, drafted
from kiosk.training.documents.draft import Draft

_LONGEST = (
    "Éléments échographiques œsophagiens évocateurs d'une hétérogénéité à réévaluer, "
    "où l'échogénicité gêne l'évaluation"
)
"""A title of the 128 letters that are allowed, ligature and accents among them."""
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "rire rire rire ">'
    + "".join(
        f'<!ENTITY {name} "{("&" + before + ";") * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + ']><ClinicalDocument xmlns="urn:hl7-org:v3"><title>&i;</title></ClinicalDocument>'
).encode()
_FOREIGN_ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    b'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>&f;</title></ClinicalDocument>'
)
_STYLED = b'<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet type="text/xsl" href="http://192.0.2.1/style.xsl"?>'


def documents(desk: Desk) -> Iterator[Draft]:
    """Each is a valid entry of the registry; what is wrong is in the title, the metadata or the content."""
    plain = ["Contenu lisible malgré son étiquette."]

    def letter(name: str, title: str) -> Draft:
        return desk.letter(f"laid-{name}", title, kinds.CONSULTATION, NOVAK, day("2021-01-04"), plain)

    yield letter("sans-titre", "")
    yield letter("long", _LONGEST.ljust(128, "!"))
    # ESC itself cannot travel in XML 1.0; its one-character cousin can, and terminals obey it too.
    yield letter("echappement", "Bilan \x9b31m\x9b2J rouge \x9d0;titre\x9c fin")
    yield letter("balises", "[red]Bilan[/red] [@click=app.quit]ici[/] {fin} \\n")
    yield letter("retourne", "Radio \u202etxet\u202c de face, e\u0301te\u0301 \u200bcache\u0301")
    yield letter("lignes", "Première ligne\nseconde ligne\tet tabulation")
    yield letter("large", "検査結果 👩‍⚕️ Ωμέγα наблюдение")
    yield replace(letter("type", "Document d'un type inconnu"), kind=kinds.UNHEARD_OF)
    yield replace(letter("format", "Document d'un format inconnu"), format_code="urn:exemple:inconnu:1999")
    yield replace(letter("empreinte", "Document d'une autre empreinte"), content_hash="0" * 40)
    yield replace(letter("vide", "Document vide"), content=b"")
    yield replace(letter("bombe", "Bombe XML"), content=_BOMB)
    yield replace(letter("entite", "Entité externe"), content=_FOREIGN_ENTITY)
    yield replace(
        letter("tronque", "Document tronqué"), content=letter("tronque", "Document tronqué").content[:900]
    )
    yield replace(letter("pas-xml", "Ceci n'est pas un CDA"), content=bytes(range(256)) * 8)
    yield replace(
        letter("html", "Page HTML"), content=b"<html><body><script>alert(1)</script>Bonjour</body></html>"
    )
    styled = letter("feuille", "Document avec sa feuille de style")
    yield replace(styled, content=_STYLED + styled.content.partition(b"?>")[2])
    broken = files.pdf(plain)
    cover = desk.cover("laid-pdf", "PDF abîmé", kinds.DISCHARGE, O_BRIEN, day("2021-01-05"))
    yield drafted(cover, kinds.PDF, cda.wrap(cover, "application/pdf", broken[: len(broken) // 2]))
    cover = desk.cover("laid-jpeg", "Photographie abîmée", kinds.PICTURE, O_BRIEN, day("2021-01-05"))
    yield drafted(cover, kinds.JPEG, cda.wrap(cover, "image/jpeg", files.jpeg("abimee")[:2000]))
    cover = desk.cover("laid-menteur", "PDF qui n'en est pas un", kinds.DISCHARGE, O_BRIEN, day("2021-01-05"))
    yield drafted(cover, kinds.PDF, cda.wrap(cover, "application/pdf", files.text(plain)))
    cover = desk.cover("laid-sans-corps", "CDA sans corps", kinds.CONSULTATION, GIRAUD, day("2021-01-06"))
    yield drafted(cover, kinds.TEXT, cda.without_body(cover))
    yield desk.letter("laid-futur", "Document du futur", kinds.CONSULTATION, NOVAK, day("2099-12-31"), plain)
    yield desk.letter(
        "laid-ancien", "Document très ancien", kinds.CONSULTATION, NOVAK, day("1901-01-01"), plain
    )
