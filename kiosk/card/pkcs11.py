"""A CPS, CPF or CPE through a PKCS#11 module, on a site the Cryptolib CPS of the ANS (`ProfessionalCard`).

The module knows the card's files; what is left to find out is which certificate and which key are which: labels
and usages tell, identifiers differ between cards (cards §2.6). Only CKM_RSA_PKCS over a DigestInfo built here is
asked for: the one mechanism both keys have.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pkcs11 import (
    PROTECTED_AUTH,
    Attribute,
    AttributeSensitive,
    AttributeTypeInvalid,
    FunctionCancelled,
    Mechanism,
    ObjectClass,
    PinIncorrect,
    PinLenRange,
    PKCS11Error,
    Session,
    Token,
    TokenFlag,
)
from pkcs11.attributes import AttributeMapper
from pkcs11.types import Object, SignMixin

from kiosk.card import pin
from kiosk.card.certificates import load_certificate, use_by_label, use_of
from kiosk.card.holder import INFO, activities_of, activity_index, professional_of
from kiosk.card.model import Activity, KeyUse, PinStatus, Professional
from kiosk.card.pkcs11_module import CardModule, card_errors, search
from kiosk.card.pkcs11_token import pin_lengths
from kiosk.card.signing import check_signature, digest_of
from kiosk.errors import (
    CardAnswerInvalid,
    CardError,
    CardRemoved,
    CertificateUnusable,
    PinBlocked,
    PinNotEntered,
    PinRequired,
    PinWrong,
)
from kiosk.text import clean

_MAX_TRIES = 3
"""[sure: documented] PKCS#11 has no counter, only the flags below; they tell each of the three tries apart."""
_TRIES_BY_FLAG = (
    (TokenFlag.USER_PIN_LOCKED, 0),
    (TokenFlag.USER_PIN_FINAL_TRY, 1),
    (TokenFlag.USER_PIN_COUNT_LOW, 2),
)

_SERIAL = re.compile(r"CPS\w*-([0-9]{10})\b")
"""In the token's label. [sure: observed]"""


@dataclass(frozen=True)
class _Pair:
    """A certificate, and what its key is known by."""

    object_id: bytes
    certificate: x509.Certificate = field(repr=False)

    @property
    def modulus(self) -> int:
        public = self.certificate.public_key()
        assert isinstance(public, RSAPublicKey)
        return public.public_numbers().n


class Pkcs11Card:
    """The one professional card the module sees.

    One public session from the start, a second one logged in from `verify_pin` on. `close` finalizes the
    module, so a process holds one such card at a time.
    """

    def __init__(self, module: Path) -> None:
        """Open the card. Raises `CardModuleUnusable`, `CardUnknown`, `TwoProfessionalCards`, `CardError`."""
        self._public: Session | None = None
        self._private: Session | None = None
        self._pairs: dict[KeyUse, _Pair] = {}
        self._module = CardModule(module)
        try:
            self._token = self._module.professional_token()
            with card_errors():
                self._pin_lengths = pin_lengths(module, self._token)
                self._public = self._token.open(attribute_mapper=_mapper())
        except CardError:
            self._module.close()
            raise

    def professional(self) -> Professional:
        with card_errors():
            certificates = {use: pair.certificate for use, pair in self._read().items()}
            info = next((_value(item) for label, item in _data(self._open()) if label == INFO), b"")
        return professional_of(certificates, info, _serial(self._token))

    def pin_status(self) -> PinStatus:
        with card_errors():
            flags = self._same_token().flags
        left = next((tries for flag, tries in _TRIES_BY_FLAG if flags & flag), _MAX_TRIES)
        return PinStatus(left, _MAX_TRIES, *self._pin_lengths)

    def verify_pin(self, value: bytearray) -> None:
        """See `ProfessionalCard.verify_pin`. An earlier login is given up first: a module that is logged in
        does not look at a PIN."""
        try:
            pin.check_form(value, *self._pin_lengths)
            with card_errors():
                token = self._same_token()
                self._log_out()
                self._log_in(token, _Lent(value))
        finally:
            pin.wipe(value)

    def has_pin_pad(self) -> bool:
        with card_errors():
            return bool(self._same_token().flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH)

    def verify_pin_on_pad(self) -> None:
        """See `PadCard`. The module itself drives the pad; whether the Cryptolib does is [unknown]."""
        with card_errors():
            token = self._same_token()
            self._log_out()
            try:
                self._log_in(token, PROTECTED_AUTH)
            except (FunctionCancelled, PinLenRange) as error:
                raise PinNotEntered(detail=f"pkcs11={type(error).__name__}") from None

    def activities(self) -> tuple[Activity, ...]:
        with card_errors():
            indexed = [(activity_index(label), item) for label, item in _data(self._opened_by_pin())]
            contents = {index: _value(item) for index, item in indexed if index is not None}
        return activities_of(contents)

    def certificate(self, use: KeyUse) -> x509.Certificate:
        with card_errors():
            return self._read()[use].certificate

    def sign(self, use: KeyUse, digest_info: bytes) -> bytes:
        """See `ProfessionalCard.sign`. What comes back is checked with the public key of the certificate read at
        the start."""
        digest = digest_of(digest_info)
        with card_errors():
            pair = self._read()[use]
            key = _paired(pair, _private_keys(self._opened_by_pin()))
            signature = key.sign(digest_info, mechanism=Mechanism.RSA_PKCS)
        check_signature(pair.certificate, digest, signature)
        return signature

    def close(self) -> None:
        with suppress(PKCS11Error):
            self._log_out()
        self._public = None
        self._module.close()

    def _open(self) -> Session:
        if self._public is None:
            raise CardRemoved(detail="card closed")
        return self._public

    def _opened_by_pin(self) -> Session:
        """The session that sees private objects. They are invisible without a login, even one that was lost to
        another program's reset: no private key means no login."""
        self._same_token()
        if self._private is None or not _private_keys(self._private):
            raise PinRequired(detail="pkcs11: no login")
        return self._private

    def _same_token(self) -> Token:
        """What the module says of the slot now, if the card is the one opened: neither swapped nor reinserted.

        A reinserted card is told by its sessions, which died when it left: a search that finds nothing tells.
        """
        session = self._open()
        token = self._module.token_now(self._token.slot.slot_id)
        if (token.label, token.serial) != (self._token.label, self._token.serial):
            raise CardRemoved(
                cause="Une autre carte a pris sa place dans le lecteur.", detail="token changed"
            )
        search(session, {Attribute.CLASS: ObjectClass.HW_FEATURE})
        return token

    def _log_in(self, token: Token, lent: object) -> None:
        """C_Login, once."""
        try:
            self._private = token.open(user_pin=lent, attribute_mapper=_mapper())
        except PinIncorrect:
            left = self.pin_status().tries_left
            raise (PinWrong(left) if left else PinBlocked()) from None

    def _log_out(self) -> None:
        session, self._private = self._private, None
        if session is not None:
            session.close()

    def _read(self) -> dict[KeyUse, _Pair]:
        """Both certificates: by label, where a label tells, before key usage."""
        session = self._open()
        if not self._pairs:
            found = [
                (_label(item), item) for item in search(session, {Attribute.CLASS: ObjectClass.CERTIFICATE})
            ]
            pairs: dict[KeyUse, _Pair] = {}
            for label, item in sorted(found, key=lambda each: use_by_label(each[0]) is None):
                # One that cannot be read is of no use to the kiosk, whatever it is.
                with suppress(CertificateUnusable, CardAnswerInvalid):
                    pair = _Pair(_bytes(item, Attribute.ID), load_certificate(_value(item)))
                    use = use_of(label, pair.certificate)
                    if use is not None:
                        pairs.setdefault(use, pair)
            for use in KeyUse:
                if use not in pairs:
                    raise CertificateUnusable(detail=f"no {use.value} certificate")
            self._pairs = pairs
        return self._pairs


class _Lent:
    """The PIN as python-pkcs11 takes one: it calls `encode` and hands the bytes' address to C_Login.

    A text would leave copies that cannot be wiped; lending it the buffer leaves none.
    """

    def __init__(self, buffer: bytearray) -> None:
        self._buffer = buffer

    def encode(self, _encoding: str) -> bytearray:
        return self._buffer


def _mapper() -> AttributeMapper:
    """Labels stay bytes: a card may write one that is not UTF-8."""
    mapper = AttributeMapper()
    mapper.register_handler(Attribute.LABEL, bytes, bytes)
    return mapper


def _serial(token: Token) -> str:
    found = _SERIAL.match(token.label)
    return found.group(1) if found else clean(token.serial.decode("latin-1"), 32)


def _data(session: Session) -> Iterator[tuple[str, Object]]:
    """Labels and data objects; private ones among them once logged in."""
    for item in search(session, {Attribute.CLASS: ObjectClass.DATA}):
        yield _label(item), item


def _private_keys(session: Session) -> list[Object]:
    return search(session, {Attribute.CLASS: ObjectClass.PRIVATE_KEY})


def _paired(pair: _Pair, keys: list[Object]) -> SignMixin:
    """The certificate's key: the one with its identifier, else the one with its modulus."""
    by_identifier = [key for key in keys if pair.object_id and _bytes(key, Attribute.ID) == pair.object_id]
    by_modulus = [
        key for key in keys if int.from_bytes(_bytes(key, Attribute.MODULUS), "big") == pair.modulus
    ]
    for key in (*by_identifier, *by_modulus):
        if isinstance(key, SignMixin):
            return key
    raise CertificateUnusable(detail="no key for a certificate")


def _label(item: Object) -> str:
    return _bytes(item, Attribute.LABEL).decode("utf-8", "replace")


def _value(item: Object) -> bytes:
    return _bytes(item, Attribute.VALUE)


def _bytes(item: Object, attribute: Attribute) -> bytes:
    """An attribute the object need not have."""
    try:
        return bytes(item[attribute])
    except (AttributeTypeInvalid, AttributeSensitive):
        return b""
