"""The last round of SHA-256, done in the card on the state the host computed (FIPS 180-4 §6.2).

`hashlib` takes no state from outside, so the compression function stands here.
"""

import struct

_WORD = 0xFFFFFFFF
BLOCK_SIZE = 64
"""Bytes."""
INITIAL_STATE = bytes.fromhex("6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19")


def _round_constants() -> tuple[int, ...]:
    """First 32 bits of the fractional parts of the cube roots of the first 64 primes."""
    primes = [n for n in range(2, 312) if all(n % d for d in range(2, n))]
    return tuple(_cube_root(prime << 96) & _WORD for prime in primes)


def _cube_root(number: int) -> int:
    """Integer part, by bisection: floating point has too few digits."""
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


_CONSTANTS = _round_constants()


def finish_sha256(state: bytes, hashed_bits: int, tail: bytes) -> bytes:
    """The digest of a message of which `hashed_bits` are in `state` (32 bytes) and `tail` (0 to 64 bytes) is left."""
    length = (hashed_bits + 8 * len(tail)) % (1 << 64)
    padded = tail + b"\x80" + bytes(-(len(tail) + 9) % BLOCK_SIZE) + length.to_bytes(8, "big")
    for at in range(0, len(padded), BLOCK_SIZE):
        state = compress(state, padded[at : at + BLOCK_SIZE])
    return state


def compress(state: bytes, block: bytes) -> bytes:
    """One block of 64 bytes into a state of 32."""
    words = list(struct.unpack(">16I", block))
    for t in range(16, 64):
        s0 = _rotated(words[t - 15], 7) ^ _rotated(words[t - 15], 18) ^ words[t - 15] >> 3
        s1 = _rotated(words[t - 2], 17) ^ _rotated(words[t - 2], 19) ^ words[t - 2] >> 10
        words.append((words[t - 16] + s0 + words[t - 7] + s1) & _WORD)
    start = struct.unpack(">8I", state)
    a, b, c, d, e, f, g, h = start
    for constant, word in zip(_CONSTANTS, words, strict=True):
        choice = e & f ^ ~e & g
        first = h + (_rotated(e, 6) ^ _rotated(e, 11) ^ _rotated(e, 25)) + choice + constant + word
        majority = a & b ^ a & c ^ b & c
        second = (_rotated(a, 2) ^ _rotated(a, 13) ^ _rotated(a, 22)) + majority
        a, b, c, d, e, f, g, h = (first + second) & _WORD, a, b, c, (d + first) & _WORD, e, f, g
    end = (a, b, c, d, e, f, g, h)
    return struct.pack(">8I", *((old + new) & _WORD for old, new in zip(start, end, strict=True)))


def _rotated(word: int, places: int) -> int:
    return (word >> places | word << (32 - places)) & _WORD
