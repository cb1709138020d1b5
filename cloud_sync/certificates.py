"""A certificate authority of the organisation's own, so that gateway, broker and headquarters can speak TLS.

Elliptic-curve keys (P-256): a Pi answers a handshake in a few milliseconds. The authority's key stays in the folder
where this ran; only ``ca.pem`` goes to those who have to trust it.
"""

import datetime as dt
import ipaddress
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS: Final = 3650
_CLOCK_SLACK: Final = dt.timedelta(days=1)
"""Certificates are valid from yesterday on: a Pi's clock may be late."""


def make_certificates(directory: Path, names: Sequence[str], *, days: int) -> list[Path]:
    """Make ``ca.pem`` unless it is there, and ``NAME.pem`` with ``NAME.key`` for each of ``names``.

    ``names`` are host names or addresses; certificates are renewed each time, the authority stays. Gives the paths
    of what was written. Key files can be read by their owner only.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    written: list[Path] = []
    authority_path, authority_key_path = directory / "ca.pem", directory / "ca.key"
    if not authority_key_path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        _write(authority_key_path, _private(key))
        _write(authority_path, _pem(_authority(key)), mode=0o644)
        written += [authority_path, authority_key_path]
    authority_key = serialization.load_pem_private_key(authority_key_path.read_bytes(), password=None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)  # noqa: S101 - we wrote it
    authority = x509.load_pem_x509_certificate(authority_path.read_bytes())
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _server(name, key, authority, authority_key, days)
        _write(directory / f"{name}.key", _private(key))
        _write(directory / f"{name}.pem", _pem(certificate), mode=0o644)
        written += [directory / f"{name}.pem", directory / f"{name}.key"]
    return written


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Aisle store authority")])
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _builder(name, name, key, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    days: int,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(subject, authority.subject, key, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        .add_extension(usages, critical=False)
        .add_extension(issuer_id, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
