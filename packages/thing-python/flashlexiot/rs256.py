"""RS256 with the standard library alone: RSASSA-PKCS1-v1_5 with SHA-256, RFC 8017 section 8.2."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import List, NamedTuple, Tuple

from .problem import ConfigProblem

_PEM = re.compile(r'-----BEGIN (RSA PRIVATE KEY|PRIVATE KEY)-----(.*?)-----END \1-----', re.DOTALL)
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_RSA_OID = bytes.fromhex('2a864886f70d010101')
# DigestInfo of SHA-256 before the hash itself (RFC 8017 section 9.2, note 1).
_SHA256_INFO = bytes.fromhex('3031300d060960864801650304020105000420')


class PrivateKey(NamedTuple):
    """The numbers of an RSA private key (RFC 8017 section 3.2)."""

    n: int
    e: int
    d: int
    p: int
    q: int
    dp: int
    dq: int
    qinv: int


def read_private_key(pem: str) -> PrivateKey:
    """Reads a PEM: PKCS#1 (RFC 8017 appendix A.1.2) or PKCS#8 (RFC 5208). Raises ConfigProblem."""
    found = _PEM.search(pem)
    if found is None:
        raise ConfigProblem('The private key is no RSA key in PEM without a password. Rotate the keys and download again.')
    try:
        der = base64.b64decode(''.join(found[2].split()), validate=True)
        return _pkcs1(der if found[1].startswith('RSA') else _pkcs8(der))
    except (ValueError, IndexError, binascii.Error) as error:
        raise ConfigProblem(f'The private key is damaged ({error}). Rotate the keys and download again.') from error


def sign(key: PrivateKey, message: bytes) -> bytes:
    """The signature, as long as the modulus."""
    size = (key.n.bit_length() + 7) // 8
    info = _SHA256_INFO + hashlib.sha256(message).digest()
    padding = size - len(info) - 3
    if padding < 8:
        raise ConfigProblem('The private key is too short for RS256. Rotate the keys and download again.')
    represented = int.from_bytes(b'\x00\x01' + b'\xff' * padding + b'\x00' + info, 'big')
    # By the Chinese remainder theorem: three times as quick (RFC 8017 section 5.2.1).
    first, second = pow(represented, key.dp, key.p), pow(represented, key.dq, key.q)
    signature = second + key.q * (((first - second) * key.qinv) % key.p)
    # A miscalculated one would give the key away.
    if pow(signature, key.e, key.n) != represented:
        raise ConfigProblem('The numbers of the private key do not fit each other. Rotate the keys and download again.')
    return signature.to_bytes(size, 'big')


def _pkcs8(der: bytes) -> bytes:
    _, algorithm, octets, *_ = _children(_whole(der), (_INTEGER, _SEQUENCE, _OCTETS))
    if _children(algorithm, (_OID,))[0] != _RSA_OID:
        raise ValueError('it is not for RSA')
    return octets


def _pkcs1(der: bytes) -> PrivateKey:
    version, *numbers = _children(_whole(der), (_INTEGER,) * 9)
    if int.from_bytes(version, 'big') != 0:
        raise ValueError('it has more than two primes')
    return PrivateKey(*(int.from_bytes(number, 'big') for number in numbers[:8]))


def _whole(der: bytes) -> bytes:
    tag, content, end = _element(der, 0)
    if tag != _SEQUENCE or end != len(der):
        raise ValueError('no sequence')
    return content


def _children(content: bytes, tags: Tuple[int, ...]) -> List[bytes]:
    """Contents of the elements, which begin with these tags."""
    found: List[bytes] = []
    at = 0
    while at < len(content):
        tag, inner, at = _element(content, at)
        if len(found) < len(tags) and tag != tags[len(found)]:
            raise ValueError(f'tag {tag:#x} at {at}')
        found.append(inner)
    if len(found) < len(tags):
        raise ValueError('too short')
    return found


def _element(data: bytes, at: int) -> Tuple[int, bytes, int]:
    """Tag, content, and where the next one begins (X.690, definite lengths)."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length > 0x84 or length == 0x80:
        raise ValueError('a length that DER does not have')
    if length > 0x80:
        octets = length & 0x7F
        length = int.from_bytes(data[at : at + octets], 'big')
        at += octets
    if at + length > len(data):
        raise ValueError('it ends too early')
    return tag, data[at : at + length], at + length
