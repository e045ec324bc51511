"""The PIN lengths in CK_TOKEN_INFO, the one thing the kiosk needs that python-pkcs11 does not pass on."""

import ctypes
from pathlib import Path

from pkcs11 import PKCS11Error, Token


def pin_lengths(module: Path, token: Token) -> tuple[int, int]:
    """Shortest and longest PIN of `token`, asked of the `module` it came from (the system loads a file once).

    Raises `PKCS11Error`, and `ValueError` for lengths that cannot be.
    """
    functions = ctypes.POINTER(_FunctionList)()
    info = _TokenInfo()
    result = ctypes.CDLL(str(module)).C_GetFunctionList(
        ctypes.byref(functions)
    ) or functions.contents.get_token_info(token.slot.slot_id, ctypes.byref(info))
    if result:
        raise PKCS11Error(f"C_GetTokenInfo={result:08X}")
    shortest, longest = info.min_pin_length, info.max_pin_length
    if not 0 < shortest <= longest:
        raise ValueError("PIN lengths")
    return shortest, longest


class _TokenInfo(ctypes.Structure):
    """CK_TOKEN_INFO (PKCS#11 v2.20 §9.2)."""

    _fields_ = (
        ("texts", ctypes.c_char * (32 + 32 + 16 + 16)),
        ("flags", ctypes.c_ulong),
        ("sessions", ctypes.c_ulong * 4),
        ("max_pin_length", ctypes.c_ulong),
        ("min_pin_length", ctypes.c_ulong),
        ("memory", ctypes.c_ulong * 4),
        ("versions", ctypes.c_ubyte * 4),
        ("time", ctypes.c_char * 16),
    )


class _FunctionList(ctypes.Structure):
    """CK_FUNCTION_LIST (§9.6) as far as C_GetTokenInfo: its order is fixed, and a module exports nothing else
    for certain."""

    _fields_ = (
        ("version", ctypes.c_ubyte * 2),
        ("before", ctypes.c_void_p * 6),
        ("get_token_info", ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p)),
    )
