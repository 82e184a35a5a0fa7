"""Keeps bytes secret and unforgeable under a list of secrets: the first seals and signs, all of them open and verify.

To rotate, put a secret in front of the list; once nothing is left under the last one, drop it.
An envelope is one byte of version, four of key id, twelve of nonce, then AES-256-GCM ciphertext with its tag. `bound` says
what the sealed thing belongs to: moved to another row, it doesn't open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from audiospective.errors import AudiospectiveError

_VERSION = b"\x01"
_KEY_ID = slice(1, 5)
_HEADER = 5
_NONCE = 12


def key_of(sealed: bytes) -> str:
    """The id of the secret that an envelope was sealed under."""
    return sealed[_KEY_ID].hex()


class BrokenSeal(AudiospectiveError):
    """What was sealed can't be opened: altered, moved, or sealed under a secret that is no longer listed."""


class Sealer:
    """Seals and signs under `secrets`, of which there is at least one."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("a sealer needs at least one secret")
        self._secrets = [secret.encode() for secret in secrets]
        self._ids = [_derive(secret, b"key id", 4) for secret in self._secrets]
        self._keys = {key_id: AESGCM(_derive(secret, b"seal", 32)) for key_id, secret in zip(self._ids, self._secrets, strict=True)}

    def seal(self, plain: bytes, *, bound: bytes) -> bytes:
        """An envelope that only the same secret and the same `bound` open."""
        header = _VERSION + self._ids[0]
        nonce = os.urandom(_NONCE)
        return header + nonce + self._keys[self._ids[0]].encrypt(nonce, plain, header + bound)

    def open(self, sealed: bytes, *, bound: bytes) -> bytes:
        """What was sealed; raises BrokenSeal."""
        header, nonce, text = sealed[:_HEADER], sealed[_HEADER : _HEADER + _NONCE], sealed[_HEADER + _NONCE :]
        key = self._keys.get(header[_KEY_ID])
        if header[:1] != _VERSION or key is None:
            raise BrokenSeal("It was sealed under a secret that isn't listed; put that one back at the end of APP_SECRET.")
        try:
            return key.decrypt(nonce, text, header + bound)
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal("It has been altered, or belongs to something else.") from error

    @property
    def key_ids(self) -> list[str]:
        """The secrets by their ids, the first secret's first; an id gives nothing away."""
        return [key_id.hex() for key_id in self._ids]

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed under the first secret; if not, seal it again before the old secret goes."""
        return sealed[_KEY_ID] == self._ids[0]

    def sign(self, message: bytes, *, purpose: str) -> str:
        """An HMAC-SHA256 in URL-safe letters, good for this purpose alone."""
        return _sign(self._secrets[0], message, purpose)

    def signatures(self, message: bytes, *, purpose: str) -> list[str]:
        """What each listed secret would sign it with, the first secret's first: to look many up at once."""
        return [_sign(secret, message, purpose) for secret in self._secrets]

    def verify(self, message: bytes, signature: str, *, purpose: str) -> bool:
        """Whether any listed secret made this signature of this message for this purpose."""
        given = signature.encode("utf-8", "replace")
        return any(hmac.compare_digest(_sign(secret, message, purpose).encode(), given) for secret in self._secrets)


def _sign(secret: bytes, message: bytes, purpose: str) -> str:
    digest = hmac.digest(_derive(secret, b"sign " + purpose.encode(), 32), message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _derive(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"audiospective " + purpose).derive(secret)
