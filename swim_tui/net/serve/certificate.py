"""The certificate of the HTTPS side: self-signed, made once, kept with its key."""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_DAYS = 3650


def certificate(folder: Path, address: str) -> tuple[str, str]:
    """Paths of certificate and key for this address."""
    name = "".join(c if c.isalnum() else "_" for c in address) or "server"
    cert_path, key_path = folder / f"{name}.crt", folder / f"{name}.key"
    if not (cert_path.exists() and key_path.exists()):
        _make(cert_path, key_path, address)
    return str(cert_path), str(key_path)


def _make(cert_path: Path, key_path: Path, address: str) -> None:
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address[:64])])
    now = datetime.now(UTC)
    try:
        other: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        other = x509.DNSName(address)
    cert = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a device's clock may be behind
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key_path, private)
    _write(cert_path, cert.public_bytes(serialization.Encoding.PEM))


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(path.suffix + ".new")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.replace(path)
