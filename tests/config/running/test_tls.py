import stat
from datetime import UTC, datetime, timedelta

from cryptography import x509

from config.running import tls


def names_in(path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(name.value) for name in extension.value}


def test_certificate_covers_names_and_addresses_and_its_key_is_private(tmp_path):
    certificate, key = tls.certificate(tmp_path / "tls", ["localhost", "127.0.0.1", "192.0.2.7", "localhost"])
    assert names_in(certificate) == {"localhost", "127.0.0.1", "192.0.2.7"}
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_certificate_is_kept_until_an_address_is_new(tmp_path):
    certificate, _key = tls.certificate(tmp_path, ["localhost", "192.0.2.7"])
    first = certificate.read_bytes()
    tls.certificate(tmp_path, ["localhost"])
    assert certificate.read_bytes() == first
    tls.certificate(tmp_path, ["localhost", "192.0.2.8"])
    assert certificate.read_bytes() != first


def test_certificate_that_runs_out_soon_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(tls, "LIFE", timedelta(days=29))
    certificate, _key = tls.certificate(tmp_path, ["localhost"])
    monkeypatch.undo()
    tls.certificate(tmp_path, ["localhost"])
    until = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    assert until > datetime.now(UTC) + timedelta(days=300)


def test_broken_certificate_is_made_anew(tmp_path):
    certificate, _key = tls.certificate(tmp_path, ["localhost"])
    certificate.write_text("nothing of use")
    tls.certificate(tmp_path, ["localhost"])
    assert names_in(certificate) == {"localhost"}
