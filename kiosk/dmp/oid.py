"""Object identifiers: unique in the world without asking anybody (EX_GEN-1350, EX_2.1-1130)."""

import re
from uuid import UUID

MAX_LENGTH = 128
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+", re.ASCII)


def of_uuid(identifier: UUID) -> str:
    """`2.25.<the UUID as a number>` (ITU-T X.667): at most 44 characters."""
    return f"2.25.{identifier.int}"


def is_oid(text: str) -> bool:
    """A bare OID of at most 128 characters, without extension."""
    return len(text) <= MAX_LENGTH and _OID.fullmatch(text) is not None
