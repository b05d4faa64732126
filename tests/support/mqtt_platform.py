"""A platform whose MQTT listeners are open, over TCP, TLS and WebSocket, and devices that talk to it."""

import datetime
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support import mqtt
from support.program import setting_names


def own_certificate(directory):
    """Files of a self-signed certificate for localhost: (certificate, key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.utcnow()
    alternatives = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=30))
                   .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    files = directory / "certificate.pem", directory / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].touch(mode=0o600)
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files


def settings(directory=None, **more):
    """Flags that open the MQTT listener; with a directory for a certificate also those over TLS and WebSocket. `more` are flags by
    their names."""
    if "mqtt.port" not in setting_names():
        pytest.skip("this program has no MQTT listener")
    wanted = {"mqtt.port": "0"}
    if directory is not None:
        certificate, key = own_certificate(directory)
        wanted.update({"mqtt.tls_port": "0", "websocket.ports": "0,0", "tls.certificate": certificate, "tls.key": key})
    return {**wanted, **more}


def connect(platform, token, client_id, version=5, **options):
    """A client that is let in with a token."""
    return mqtt.Client(platform.address("mqtt"), client_id, version, user="JWT", password=token, **options)
