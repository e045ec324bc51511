"""« À propos » (EX_GEN-1180): the very strings the VIHF carries, what is homologated, what is integrated."""

from collections.abc import Mapping

from kiosk.dmp.profile import ServiceProfile, Software
from kiosk.parameters.templates import State

_FUNCTIONS = (
    ("test d'existence", ("TD0.2",)),
    ("autorisations", ("TD0.3", "TD1.6")),
    ("DMP autorisés", ("TD0.4",)),
    ("création", ("TD1.1",)),
    ("réactivation", ("TD1.2",)),
    ("données administratives", ("TD1.3a", "TD1.3b")),
    ("fermeture", ("TD1.4",)),
    ("compte internet", ("TD1.5a", "TD1.5b", "TD1.5d")),
    ("recherche et consultation de documents", ("TD3.1", "TD3.2")),
    ("dépôt de documents", ("TD2.1", "TD2.2")),
    ("gestion de documents", ("TD3.3a", "TD3.3b", "TD3.3c", "TD3.3d")),
    ("lien vers le Web DMP", ("TD0.9",)),
)
_NEVER = "Pro Santé Connect, authentification indirecte et AIR, INSi, imagerie, note de vaccination"


def about(
    software: Software, profile: ServiceProfile, models: Mapping[str, State], *, regulation: bool
) -> str:
    """The text of the dialog. The homologation number stays secret (EX_GEN-1490).

    `models`: what is known of the forms the service publishes for the sheets the kiosk prints.
    """
    functions = (*_FUNCTIONS, ("recherche sans carte", ("TD0.5",))) if regulation else _FUNCTIONS
    here, closed = [], []
    for name, transactions in functions:
        offered = [transaction for transaction in transactions if profile.offers(transaction)]
        if offered:
            here.append(f"{name} ({', '.join(offered)})")
        else:
            closed.append(name)
    lines = [
        f"Logiciel : {software.name}",
        f"Version : {software.version}",
        f"Profil du service DMP : {profile.name}",
        "Profils homologués : aucun.",
        f"Intégré : {', '.join(here)}.",
        f"Fermé par le service de ce profil : {', '.join(closed)}." if closed else "",
        f"Non intégré : {_NEVER}.",
        _sheets(models) if profile.offers("TD1.5a") else "",
    ]
    return "\n".join(filter(None, lines))


def _sheets(models: Mapping[str, State]) -> str:
    states = ", ".join(f"{label} {state.value}" for label, state in models.items())
    return (
        f"Feuilles du patient : mise en page de la borne ; modèles du service : {states or 'non annoncés'}."
    )
