"""Tokens that the platform did not issue, or would not issue: made with its own key or with another one."""

import base64
import functools
import hashlib
import hmac
import json
import time

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token):
    """(header, claims, signature) of a token."""
    header, claims, signature = token.split(".")
    return json.loads(decode(header)), json.loads(decode(claims)), decode(signature)


def signing_key(data_dir):
    """The platform's private key: the one PEM file under its data directory that holds one."""
    found = [file for file in data_dir.rglob("*.pem") if b"PRIVATE KEY" in file.read_bytes()]
    assert len(found) == 1, found
    return serialization.load_pem_private_key(found[0].read_bytes(), password=None)


@functools.cache
def other_rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def signed(header, claims, key):
    """A token with exactly this header and these claims, signed as the header's `alg` says (RS, PS, HS, ES256, none)."""
    data = f"{encode(json.dumps(header).encode())}.{encode(json.dumps(claims).encode())}".encode()
    return f"{data.decode()}.{encode(_signature(header.get('alg'), data, key))}"


def _signature(algorithm, data, key):
    if algorithm == "none":
        return b""
    if algorithm == "HS256":
        return hmac.new(key, data, hashlib.sha256).digest()
    if algorithm == "ES256":
        return jwt.algorithms.ECAlgorithm(hashes.SHA256).sign(data, ec.generate_private_key(ec.SECP256R1()))
    if isinstance(algorithm, str) and algorithm.startswith("PS"):
        return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    by_name = {"RS384": hashes.SHA384(), "RS512": hashes.SHA512()}
    return key.sign(data, padding.PKCS1v15(), by_name.get(algorithm, hashes.SHA256()))


class Forger:
    """Variants of a genuine token."""

    def __init__(self, token, data_dir, jwks):
        self.token = token
        self.header, self.claims, _ = parts(token)
        self.key = signing_key(data_dir)
        self.jwks = jwks

    def resigned(self, header=None, key=None, without=(), without_header=(), **claims):
        """With other claims or header fields, signed with the platform's key (or `key`)."""
        new_header = {name: value for name, value in {**self.header, **(header or {})}.items() if name not in without_header}
        new_claims = {name: value for name, value in {**self.claims, **claims}.items() if name not in without}
        return signed(new_header, new_claims, key if key is not None else self.key)

    def variants(self):
        """{what is wrong: token}; none of them may pass."""
        now = int(time.time())
        header, claims, signature = self.token.split(".")
        jwk_bytes = json.dumps(self.jwks["keys"][0]).encode()
        modulus = decode(self.jwks["keys"][0]["n"])
        altered = encode(json.dumps({**self.claims, "sub": str(int(self.claims["sub"]) + 1)}).encode())
        other_jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(other_rsa_key().public_key()))
        return {
            "expired": self.resigned(exp=now - 3600),
            "expired in 1970": self.resigned(exp=1),
            "exp is a text": self.resigned(exp="tomorrow"),
            "exp is negative": self.resigned(exp=-1),
            "exp is null": self.resigned(exp=None),
            "not valid before tomorrow": self.resigned(nbf=now + 86_400),
            "issued by somebody else": self.resigned(iss="somebody"),
            "without issuer": self.resigned(without=["iss"]),
            "without audience": self.resigned(without=["aud"]),
            "without key id": self.resigned(without_header=["kid"]),
            "without subject": self.resigned(without=["sub"]),
            "unknown audience": self.resigned(aud="everybody"),
            "audience is a number": self.resigned(aud=1),
            "unknown subject": self.resigned(sub="987654321"),
            "subject is a word": self.resigned(sub="me"),
            "subject is empty": self.resigned(sub=""),
            "subject out of range": self.resigned(sub="99999999999999999999999"),
            "another key id": self.resigned(header={"kid": "another"}),
            "key id is a path": self.resigned(header={"kid": "../../../../dev/null"}),
            "signed with another key": self.resigned(key=other_rsa_key()),
            "brings its own key": self.resigned(header={"jwk": other_jwk}, key=other_rsa_key()),
            "names its own key's address": self.resigned(header={"jku": "http://127.0.0.1:1/jwks.json"}, key=other_rsa_key()),
            "an extension that must be understood": self.resigned(header={"crit": ["exp2"], "exp2": 1}),
            "alg none": self.resigned(header={"alg": "none"}),
            "alg None": f"{encode(json.dumps({**self.header, 'alg': 'None'}).encode())}.{claims}.",
            "alg none, with the genuine signature": f"{encode(json.dumps({**self.header, 'alg': 'none'}).encode())}.{claims}.{signature}",
            "without alg": self.resigned(without_header=["alg"]),
            "HS256 with the public key's PEM": self.resigned(header={"alg": "HS256"}, key=public_pem(self.key)),
            "HS256 with the key set": self.resigned(header={"alg": "HS256"}, key=json.dumps(self.jwks).encode()),
            "HS256 with the JWK": self.resigned(header={"alg": "HS256"}, key=jwk_bytes),
            "HS256 with the modulus": self.resigned(header={"alg": "HS256"}, key=modulus),
            "HS256 with an empty key": self.resigned(header={"alg": "HS256"}, key=b""),
            "RS384": self.resigned(header={"alg": "RS384"}),
            "RS512": self.resigned(header={"alg": "RS512"}),
            "PS256": self.resigned(header={"alg": "PS256"}),
            "ES256": self.resigned(header={"alg": "ES256"}),
            "signature cut short": f"{header}.{claims}.{signature[:-8]}",
            "signature empty": f"{header}.{claims}.",
            "signature altered": f"{header}.{claims}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
            "subject altered": f"{header}.{altered}.{signature}",
            "two parts": f"{header}.{claims}",
            "four parts": f"{self.token}.{signature}",
            "claims are no JSON": signed_bytes(self.header, b"hello", self.key),
            "claims are an array": signed_bytes(self.header, b"[]", self.key),
            "no base64url": f"{header}.{claims[:-2]}!!.{signature}",
            "a word": "hello",
            "dots": "..",
            "eight kilobytes": "a" * 8192,
        }


def signed_bytes(header, payload, key):
    data = f"{encode(json.dumps(header).encode())}.{encode(payload)}".encode()
    return f"{data.decode()}.{encode(_signature('RS256', data, key))}"
