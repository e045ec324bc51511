"""Security data objects of an IAS-ECC card: what GET DATA tells about a PIN or a key, never its value.

A query names the object and the template wanted: `4D{70{BF81 ref{A0 80}}}`; the answer repeats the templates around
the content. The query for the PIN's `A0` is the Cryptolib's [sure]; the others are OpenSC's for this card, and what
they are answered is [likely].
"""

from kiosk.training.cards.tlv import tlv

PIN, PRIVATE_KEY = 0xBF81, 0xBF90
"""Classes of objects; the reference makes the third byte of the tag."""
_CONTROL, _PIN_SIZES, _KEY_CONTENT = 0xA0, 0x7F41, 0x7F48

_MAX_TRIES = 3
_PIN_RULES = bytes.fromhex("210000")
"""Under which condition (00 always, 11 holder authenticated) what is possible: 20 VERIFY, 01 GET DATA."""
_SIGNATURE_RULES = bytes.fromhex("411100")
"""40 COMPUTE DIGITAL SIGNATURE, 01 GET DATA."""
_AUTHENTICATION_RULES = bytes.fromhex("211100")
"""20 INTERNAL AUTHENTICATE, 01 GET DATA."""


def pin_objects(reference: int, length: int, tries_left: int) -> dict[bytes, bytes]:
    """Answers by query: `A0{9A most tries, 9B left, 9D uses left, A1 rules}`, `7F41{80 longest, 81 shortest}`."""
    tries = tlv(0x9A, bytes([_MAX_TRIES])) + tlv(0x9B, bytes([tries_left])) + tlv(0x9D, b"\xff\xff")
    size = bytes([length])
    return {
        _query(PIN, reference, _CONTROL): _answer(PIN, reference, tlv(_CONTROL, tries, _rules(_PIN_RULES))),
        _query(PIN, reference, _PIN_SIZES): _answer(
            PIN, reference, tlv(_PIN_SIZES, tlv(0x80, size), tlv(0x81, size))
        ),
    }


def key_objects(reference: int, modulus_bits: int, *, signs: bool) -> dict[bytes, bytes]:
    """Answers by query: `A0{80 size in bytes, A1 rules}`, `7F48` with no component in it: the key stays inside."""
    rules = _rules(_SIGNATURE_RULES if signs else _AUTHENTICATION_RULES)
    control = tlv(_CONTROL, tlv(0x80, (modulus_bits // 8).to_bytes(2, "big")), rules)
    return {
        _query(PRIVATE_KEY, reference, _CONTROL): _answer(PRIVATE_KEY, reference, control),
        _query(PRIVATE_KEY, reference, _KEY_CONTENT): _answer(
            PRIVATE_KEY, reference, tlv(_KEY_CONTENT, tlv(0x80, b"\x00"))
        ),
    }


def _rules(contact: bytes) -> bytes:
    return tlv(0xA1, tlv(0x8C, contact))


def _query(kind: int, reference: int, template: int) -> bytes:
    wanted = template.to_bytes(1 if template < 0x100 else 2, "big") + b"\x80"  # 80: all there is
    return tlv(0x4D, tlv(0x70, tlv(kind << 8 | reference, wanted)))


def _answer(kind: int, reference: int, content: bytes) -> bytes:
    return tlv(0x70, tlv(kind << 8 | reference, content))
