"""The self-made certificate of `up --https`, so that a phone in the same network gives a page its camera.

Browsers warn about it once, as nobody vouches for it; it is for trying things out, not for the internet. It is kept
under the data directory and made anew when it runs out or when this machine's addresses have changed.
"""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFE = timedelta(days=397)  # the longest that browsers accept
RENEW_BEFORE = timedelta(days=30)


def certificate(directory: Path, hosts: list[str]) -> tuple[Path, Path]:
    """The paths of a certificate for `hosts` (names and addresses) and of its private key."""
    certificate_path, key_path = directory / "certificate.pem", directory / "certificate.key"
    names = [_name(host) for host in dict.fromkeys(hosts)]
    if not (key_path.exists() and certificate_path.exists() and _still_good(certificate_path, names)):
        directory.mkdir(parents=True, exist_ok=True)
        _make(certificate_path, key_path, names)
    return certificate_path, key_path


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _still_good(path: Path, names: list[x509.GeneralName]) -> bool:
    try:
        known = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        return False
    covered = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names) <= set(covered) and known.not_valid_after_utc - RENEW_BEFORE > datetime.now(UTC)


def _make(certificate_path: Path, key_path: Path, names: list[x509.GeneralName]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Convivio on this machine")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    with os.fdopen(os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    certificate_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
