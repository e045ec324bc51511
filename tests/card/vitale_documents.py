"""Hand-written answers of the « API de lecture Vitale », in the form kiosk/card/vitale_xml.py describes."""

from xml.sax.saxutils import escape

from kiosk.card.nir import nir_key

HEAD = '<?xml version="1.0" encoding="ISO-8859-1"?>'


def certified(nir13: str) -> str:
    """The number and its key, apart as the API writes them."""
    return f"{nir13} {nir_key(nir13)}"


def element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>" if content else ""


def person(
    given: str = "ELODIE",
    *,
    usual: str = "BERNARD",
    birth: str = "BERNARD",
    date: str = "",
    on_card: str = "",
    insured_nir: str = "",
    own_nir: str = "",
    quality: str = "",
    birth_rank: str = "1",
) -> str:
    """One T_AsnBeneficiaire; an empty value leaves its element out."""
    ident = (
        element("nomUsuel", escape(usual))
        + element("nomPatronymique", escape(birth))
        + element("prenomUsuel", escape(given))
        + element("naissance", element("date", date) + element("dateEnCarte", on_card))
        + element("rangDeNaissance", birth_rank)
        + element("nir", insured_nir)
        + element("nirCertifie", own_nir)
        + "<adresse><ligne1>1 RUE DES ESSAIS</ligne1></adresse>"
    )
    amo = element("amo", element("qualBenef", quality))
    return f"<T_AsnBeneficiaire><ident>{ident}</ident>{amo}</T_AsnBeneficiaire>"


def document(*people: str, head: str = HEAD) -> bytes:
    root = "T_AsnDonneesVitale"
    return f"{head}<{root}><listeBenef>{''.join(people)}</listeBenef></{root}>".encode("latin-1")
