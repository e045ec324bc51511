"""An emulated CPS3, contact face; CPF and CPE are the same card with another content.

Commands as observed with the official middleware (cards §2.3, §2.4): VERIFY, the PIN counter by GET DATA,
INTERNAL AUTHENTICATE with the authentication key, PSO HASH and COMPUTE DIGITAL SIGNATURE with the signature key.
SHA-1 is not offered: the DMP of both generations takes SHA-256.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed

from kiosk.training.cards import command as sw
from kiosk.training.cards import hashing
from kiosk.training.cards.card import FileCard, Reply
from kiosk.training.cards.command import Command, StatusError
from kiosk.training.cards.cps_content import (
    AUTHENTICATION_KEY,
    PIN_LENGTH,
    PIN_PAD,
    PIN_REFERENCE,
    PIN_SIZE,
    RSA_PKCS1,
    SHA256,
    SHA256_RSA_PKCS1,
    SIGNATURE_KEY,
    master_file,
)
from kiosk.training.cards.security_objects import key_objects, pin_objects
from kiosk.training.cards.tlv import read_objects
from kiosk.training.people import Holder
from kiosk.training.pki import CardKeys

ATR = bytes.fromhex("3BAC00402A001225006480000310009000")
"""The only one the official middleware takes for a CPS3."""

_MAX_TRIES = 3
_MAX_DIGEST_INFO = 102
"""Bytes: 40 % of a modulus of 2,048 bits."""

_AUTHENTICATE, _HASH, _SIGN = 0xA4, 0xAA, 0xB6
"""Control reference templates of MANAGE SECURITY ENVIRONMENT."""
_ALGORITHMS = {_AUTHENTICATE: RSA_PKCS1, _HASH: SHA256, _SIGN: SHA256_RSA_PKCS1}
_LOCAL = 0x80
"""Set by OpenSC in a key's number: a key of the current directory (IAS-ECC)."""
_KEYS = {_AUTHENTICATE: AUTHENTICATION_KEY, _HASH: None, _SIGN: SIGNATURE_KEY}


class CpsCard(FileCard):
    """One card. The PIN counter lives as long as this object; the rest of the state until the next reset."""

    def __init__(self, holder: Holder, keys: CardKeys) -> None:
        super().__init__(ATR, master_file(holder, keys))
        self._keys = keys
        self._pin = holder.pin.encode().ljust(PIN_SIZE, bytes([PIN_PAD]))
        self._tries_left = holder.tries_left
        self._key_objects = {
            **key_objects(SIGNATURE_KEY, keys.signature_key.key_size, signs=True),
            **key_objects(AUTHENTICATION_KEY, keys.authentication_key.key_size, signs=False),
        }
        self._handlers |= {
            0x20: self._verify,
            0x22: self._manage_security_environment,
            0x2A: self._perform_security_operation,
            0x88: self._internal_authenticate,
            0xCB: self._get_data,
        }

    def _forget(self) -> None:
        super()._forget()
        self._verified = False
        self._environment: set[int] = set()
        self._digest = b""

    def _may_read_private(self) -> bool:
        return self._verified

    def _verify(self, command: Command) -> Reply:
        """Without data: how things stand, no try spent."""
        if command.p1:
            raise StatusError(sw.WRONG_PARAMETERS)
        if command.p2 != PIN_REFERENCE:
            raise StatusError(sw.REFERENCE_NOT_FOUND)
        if not self._tries_left:
            raise StatusError(sw.BLOCKED)
        if not command.data:
            return b"", sw.OK if self._verified else 0x63C0 | self._tries_left
        if len(command.data) != PIN_SIZE:
            raise StatusError(sw.WRONG_LENGTH)
        self._verified = command.data == self._pin
        self._tries_left = _MAX_TRIES if self._verified else self._tries_left - 1
        return b"", sw.OK if self._verified else 0x63C0 | self._tries_left

    def _get_data(self, command: Command) -> Reply:
        """What the card tells about its PIN and keys: the counter is read so, without spending a try."""
        if command.parameters != 0x3FFF:
            raise StatusError(sw.WRONG_PARAMETERS)
        objects = self._key_objects | pin_objects(PIN_REFERENCE, PIN_LENGTH, self._tries_left)
        if command.data not in objects:
            raise StatusError(sw.REFERENCE_NOT_FOUND)
        return objects[command.data], sw.OK

    def _manage_security_environment(self, command: Command) -> Reply:
        if command.p1 != 0x41 or command.p2 not in _ALGORITHMS:
            raise StatusError(sw.WRONG_PARAMETERS)
        objects = read_objects(command.data)
        if objects.get(0x80) != bytes([_ALGORITHMS[command.p2]]):
            raise StatusError(sw.WRONG_DATA)
        key = _KEYS[command.p2]
        if key is not None and objects.get(0x84) not in (bytes([key]), bytes([_LOCAL | key])):
            raise StatusError(sw.REFERENCE_NOT_FOUND)
        self._environment.add(command.p2)
        return b"", sw.OK

    def _internal_authenticate(self, command: Command) -> Reply:
        """PKCS#1 v1.5 block over whatever DigestInfo the host built."""
        if command.parameters:
            raise StatusError(sw.WRONG_PARAMETERS)
        self._require_key(_AUTHENTICATE)
        if not 0 < len(command.data) <= _MAX_DIGEST_INFO:
            raise StatusError(sw.WRONG_LENGTH)
        return self._keys.authentication_key.sign(command.data, PKCS1v15(), NoDigestInfo()), sw.OK

    def _perform_security_operation(self, command: Command) -> Reply:
        if command.parameters == 0x90A0:
            return self._hash(command)
        if command.parameters != 0x9E9A:
            raise StatusError(sw.WRONG_PARAMETERS)
        self._require_key(_SIGN)
        digest, self._digest = command.data or self._digest, b""
        if not digest:
            raise StatusError(sw.CONDITIONS_NOT_SATISFIED)
        if len(digest) != hashes.SHA256.digest_size:
            raise StatusError(sw.WRONG_LENGTH)
        return self._keys.signature_key.sign(digest, PKCS1v15(), Prehashed(hashes.SHA256())), sw.OK

    def _hash(self, command: Command) -> Reply:
        """The last round in the card: `90 [state, 8 bytes of bit count]`, empty for a short message; `80 rest`."""
        if _HASH not in self._environment:
            raise StatusError(sw.CONDITIONS_NOT_SATISFIED)
        objects = read_objects(command.data)
        so_far, rest = objects.get(0x90, b""), objects.get(0x80, b"")
        if len(so_far) not in (0, 40) or len(rest) > hashing.BLOCK_SIZE:
            raise StatusError(sw.WRONG_DATA)
        state = so_far[:32] or hashing.INITIAL_STATE
        self._digest = hashing.finish_sha256(state, int.from_bytes(so_far[32:], "big"), rest)
        return b"", sw.OK

    def _require_key(self, template: int) -> None:
        if template not in self._environment:
            raise StatusError(sw.CONDITIONS_NOT_SATISFIED)
        if not self._verified:
            raise StatusError(sw.SECURITY_NOT_SATISFIED)
