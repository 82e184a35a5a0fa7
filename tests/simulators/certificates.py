"""Certificates as a test wants them: of an authority of its own, for a host, from and until."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs for whoever asks."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    def trust(self) -> ssl.SSLContext:
        """What a client that knows this authority, and no other, believes."""
        return ssl.create_default_context(cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode())

    def server(self, host: str, begins: datetime, ends: datetime) -> ssl.SSLContext:
        """What a server of that name shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(host, begins, ends).issuer_name(self.certificate.subject).public_key(key.public_key())
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        file = self.folder / "server.pem"
        pair = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(pair + made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def authority(folder: Path, now: datetime) -> Authority:
    """A new one."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _builder("an authority", now - timedelta(days=9_000), now + timedelta(days=9_000)).public_key(key.public_key())
    made = made.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority")]))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return Authority(key, made.add_extension(usage, critical=True).sign(key, hashes.SHA256()), folder)


def _builder(name: str, begins: datetime, ends: datetime) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).serial_number(x509.random_serial_number())
    return builder.not_valid_before(begins).not_valid_after(ends)
