"""Address and contact fields: the same rows in every form that asks for them."""

from collections.abc import Callable, Iterator

from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.dmp.model import Address
from kiosk.record import form
from kiosk.screens.base import KioskScreen, Result
from kiosk.screens.widgets import Field

NAMES = ("street", "complement", "postcode", "city", "country", "email", "phone", "mobile")
"""Of the fields, in the order in which they are typed."""


def shown(address: Address, email: str, phone: str, mobile: str) -> dict[str, str]:
    """What the fields show first, by name; a street of several lines stands on one."""
    values = (
        ", ".join(address.lines.splitlines()),
        address.complement,
        address.postal_code,
        address.city,
        address.country,
        email,
        phone,
        mobile,
    )
    return dict(zip(NAMES, values, strict=True))


def address_rows(first: dict[str, str]) -> Iterator[Widget]:
    """Three rows; `first` as `shown` gives it."""
    yield _field("Adresse", first, "street", 58)
    yield _field("Complément", first, "complement", 58)
    yield Horizontal(
        _field("Code postal", first, "postcode", 12, longest=10),
        _field("Ville", first, "city", 19, 6),
        _field("Pays", first, "country", 14, 5),
        classes="row",
    )


def contact_rows(first: dict[str, str]) -> Iterator[Widget]:
    """Two rows."""
    yield _field("E-mail", first, "email", 58, longest=254)
    yield Horizontal(
        _field("Tél. fixe", first, "phone", 22, longest=20),
        _field("Portable", first, "mobile", 22, 10, longest=20),
        classes="row",
    )


def checks(value: Callable[[str], str]) -> dict[str, Callable[[str], form.Check]]:
    """The rule of each field; `value` gives what another field holds."""

    def free(text: str) -> form.Check:
        return form.check_length(text, form.MAX_NAME)

    return {
        "street": free,
        "complement": free,
        "postcode": lambda text: form.check_postal_code(text, value("country")),
        "city": free,
        "country": free,
        "email": form.check_email,
        "phone": form.check_phone,
        "mobile": form.check_mobile,
    }


def address_of(value: Callable[[str], str]) -> Address:
    """The address as typed."""
    return Address(
        lines=value("street"),
        complement=value("complement"),
        postal_code=value("postcode"),
        city=value("city"),
        country=value("country"),
    )


def mark(screen: KioskScreen[Result], name: str, check: form.Check) -> None:
    """Show a verdict beside its field and on the message line."""
    screen.query_one(f"#{name}-field").set_class(bool(check.problem), "-wrong")
    screen.say(check.problem or check.hint, error=bool(check.problem))


def _field(
    label: str, first: dict[str, str], name: str, width: int, label_width: int = 14, *, longest: int = 80
) -> Field:
    # What the service holds may be longer than what is typed here: it must stay as it is.
    value = first[name]
    return Field(
        label, value, id=name, width=width, label_width=label_width, max_length=max(longest, len(value))
    )
