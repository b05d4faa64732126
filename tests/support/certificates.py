"""Certificates made for a test."""

import dataclasses
import pathlib
import ssl
import subprocess


@dataclasses.dataclass
class Certificate:
    """PEM files of a certificate that signs itself, and of its key."""

    certificate: pathlib.Path
    key: pathlib.Path

    @classmethod
    def make(cls, directory, name):
        made = cls(pathlib.Path(directory) / f"{name}.pem", pathlib.Path(directory) / f"{name}-key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", made.key, "-out", made.certificate], check=True, capture_output=True)
        made.key.chmod(0o600)
        return made

    def replace(self, other):
        """The files now hold what `other` has."""
        self.certificate.write_bytes(other.certificate.read_bytes())
        self.key.write_bytes(other.key.read_bytes())

    def settings(self, listeners):
        return {"tls.certificate": self.certificate, "tls.key": self.key, "tls.listeners": listeners}

    def trusting(self):
        """For a client that takes this certificate and no other."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = True
        return context

    @property
    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())
