"""Where a redirection of the DMP may lead (EX_0.X-1055): to the service's own domain, by https."""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from kiosk.errors import AnswerUnreadable, ServerNotTrusted

# SOAP 1.2 part 2, 7.5.1.2: the request is retried as it is at the new address. A 303 asks for a GET, which
# would bring a page and no SOAP answer: it is read as an answer, and refused as unreadable.
STATUSES: Final = frozenset({301, 302, 307, 308})
MOST: Final = 3

# Suffixes under which the registered domain has three labels.
_SECOND_LEVEL: Final = frozenset({"gouv.fr", "asso.fr", "com.fr"})
_PRINTABLE: Final = re.compile("[!-~]+")


def follow(url: str, location: str, base_url: str) -> str:
    """The new address of a request to `url`, for a service settled at `base_url`.

    Raises `AnswerUnreadable` for a location that is none, `ServerNotTrusted` for a strange host or plain
    http: an assertion would leave the service.
    """
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        host, port, home = parts.hostname, parts.port, urlsplit(base_url).hostname
    except ValueError:
        raise AnswerUnreadable(detail="redirection to no address") from None
    if not location or not host or port == 0 or not _PRINTABLE.fullmatch(target):
        raise AnswerUnreadable(detail="redirection to no address")
    if parts.scheme != "https" or registered_domain(host) != registered_domain(home or ""):
        raise ServerNotTrusted(
            what="Le service renvoie vers une adresse étrangère au DMP.",
            cause="Le service a déménagé, ou quelqu'un s'est glissé entre ce poste et lui.",
            detail="redirection refused",
        )
    return target


def registered_domain(host: str) -> str:
    """`'lps2.dmp.gouv.fr'` → `'dmp.gouv.fr'`; an IP address or a bare name stands for itself."""
    labels = host.lower().split(".")
    if ":" in host or labels[-1].isdigit():
        return host
    return ".".join(labels[-3:] if ".".join(labels[-2:]) in _SECOND_LEVEL else labels[-2:])
