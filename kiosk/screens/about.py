"""« À propos » (EX_GEN-1180): the very strings the VIHF carries, what is homologated, what is integrated."""

from kiosk.dmp.profile import ServiceProfile, Software


def about(software: Software, profile: ServiceProfile) -> str:
    """The text of the dialog. The homologation number stays secret (EX_GEN-1490)."""
    return (
        f"Logiciel : {software.name}\nVersion : {software.version}\n"
        f"Profil du service DMP : {profile.name}\n"
        "Profils homologués : aucun.\n"
        "Intégré : test d'existence (TD0.2), création (TD1.1), compte internet (TD1.5a, TD1.5d).\n"
        "Non intégré : autorisations, consultation, alimentation, gestion des documents, Web-PS."
    )
