"""The organisation's key: names and phone numbers are sealed with it, and a phone is found again by its keyed hash.

One secret of 32 bytes lies in a file that only its owner may read; from it come a key to seal and a key to hash
(HKDF-SHA256). All stores of an organisation share the file, so that a member of one is a member of all.
"""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION: Final = "v1."
_NONCE: Final = 12
_KEY: Final = 32


class BadKeyFile(Exception):
    """The key file cannot be used; the text says why and what to do."""


class Unsealable(Exception):
    """A sealed text was made with another key, for another member, or was changed."""


class Seal:
    """Seals, opens and hashes with the organisation's key."""

    def __init__(self, secret: bytes) -> None:
        """``secret`` has 32 random bytes."""
        self._aead = AESGCM(_derived(secret, b"aisle/member/seal"))
        self._hash_key = _derived(secret, b"aisle/member/hash")

    def close(self, text: str, member: str, field: str) -> str:
        """Seal ``text`` with AES-256-GCM, bound to this field of this member: moved elsewhere it does not open."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._aead.encrypt(nonce, text.encode(), _context(member, field))
        return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, member: str, field: str) -> str:
        """Open what ``close`` gave. Raises ``Unsealable``."""
        if not sealed.startswith(_VERSION):
            raise Unsealable("sealed by a version that this build does not know")
        try:
            data = base64.urlsafe_b64decode(sealed[len(_VERSION) :])
            return self._aead.decrypt(data[:_NONCE], data[_NONCE:], _context(member, field)).decode()
        except (InvalidTag, ValueError) as error:
            raise Unsealable("it was sealed with another key, or was changed") from error

    def hash_phone(self, phone: str) -> str:
        """The keyed hash (HMAC-SHA256, hexadecimal) by which a normalised phone number is found."""
        return hmac.new(self._hash_key, phone.encode(), hashlib.sha256).hexdigest()


def load_or_create(path: Path) -> Seal:
    """Read the key file, or make one at the first start.

    Raises:
        BadKeyFile: others may read it, or it does not hold 64 hexadecimal digits.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return Seal(_read(path))
    except OSError as error:
        raise BadKeyFile(f"{path}: cannot be made: {error}") from error
    secret = secrets.token_bytes(_KEY)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Seal(secret)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise BadKeyFile(f"{path}: others may read the members' key; run: chmod 600 {path}")
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise BadKeyFile(f"{path}: not a members' key: 64 hexadecimal digits are expected") from error
    if len(secret) != _KEY:
        raise BadKeyFile(f"{path}: a members' key has 64 hexadecimal digits")
    return secret


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=purpose).derive(secret)


def _context(member: str, field: str) -> bytes:
    return f"aisle/member/{member}/{field}".encode()
