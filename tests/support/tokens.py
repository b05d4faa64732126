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

    @staticmethod
    def text(header, claims, signature):
        """A token of three parts, each a text already."""
        return f"{header}.{claims}.{signature}"

    @property
    def parts(self):
        return self.token.split(".")

    def with_header(self, signature=None, **header):
        """Another header over the genuine claims, with the genuine signature or the one given."""
        _, claims, genuine = self.parts
        new_header = encode(json.dumps({**self.header, **header}).encode())
        return self.text(new_header, claims, genuine if signature is None else signature)


def now():
    return int(time.time())


def other_jwk():
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(other_rsa_key().public_key()))


def altered_subject(forger):
    header, _, signature = forger.parts
    return forger.text(header, encode(json.dumps({**forger.claims, "sub": str(int(forger.claims["sub"]) + 1)}).encode()), signature)


# What is wrong: the token, made from a genuine one. None of them may pass.
FORGERIES = {
    "expired": lambda forger: forger.resigned(exp=now() - 3600),
    "expired in 1970": lambda forger: forger.resigned(exp=1),
    "exp is a text": lambda forger: forger.resigned(exp="tomorrow"),
    "exp is negative": lambda forger: forger.resigned(exp=-1),
    "exp is null": lambda forger: forger.resigned(exp=None),
    "not valid before tomorrow": lambda forger: forger.resigned(nbf=now() + 86_400),
    "issued by somebody else": lambda forger: forger.resigned(iss="somebody"),
    "without issuer": lambda forger: forger.resigned(without=["iss"]),
    "without audience": lambda forger: forger.resigned(without=["aud"]),
    "without key id": lambda forger: forger.resigned(without_header=["kid"]),
    "without subject": lambda forger: forger.resigned(without=["sub"]),
    "unknown audience": lambda forger: forger.resigned(aud="everybody"),
    "audience is a number": lambda forger: forger.resigned(aud=1),
    "unknown subject": lambda forger: forger.resigned(sub="987654321"),
    "subject is a word": lambda forger: forger.resigned(sub="me"),
    "subject is empty": lambda forger: forger.resigned(sub=""),
    "subject out of range": lambda forger: forger.resigned(sub="99999999999999999999999"),
    "another key id": lambda forger: forger.resigned(header={"kid": "another"}),
    "key id is a path": lambda forger: forger.resigned(header={"kid": "../../../../dev/null"}),
    "signed with another key": lambda forger: forger.resigned(key=other_rsa_key()),
    "brings its own key": lambda forger: forger.resigned(header={"jwk": other_jwk()}, key=other_rsa_key()),
    "names the address of its own key":
        lambda forger: forger.resigned(header={"jku": "http://127.0.0.1:1/jwks.json"}, key=other_rsa_key()),
    "an extension that must be understood": lambda forger: forger.resigned(header={"crit": ["exp2"], "exp2": 1}),
    "alg none": lambda forger: forger.resigned(header={"alg": "none"}),
    "alg None": lambda forger: forger.with_header(alg="None", signature=""),
    "alg none with the genuine signature": lambda forger: forger.with_header(alg="none"),
    "without alg": lambda forger: forger.resigned(without_header=["alg"]),
    "HS256 with the public key's PEM": lambda forger: forger.resigned(header={"alg": "HS256"}, key=public_pem(forger.key)),
    "HS256 with the key set": lambda forger: forger.resigned(header={"alg": "HS256"}, key=json.dumps(forger.jwks).encode()),
    "HS256 with the JWK": lambda forger: forger.resigned(header={"alg": "HS256"}, key=json.dumps(forger.jwks["keys"][0]).encode()),
    "HS256 with the modulus": lambda forger: forger.resigned(header={"alg": "HS256"}, key=decode(forger.jwks["keys"][0]["n"])),
    "HS256 with an empty key": lambda forger: forger.resigned(header={"alg": "HS256"}, key=b""),
    "RS384": lambda forger: forger.resigned(header={"alg": "RS384"}),
    "RS512": lambda forger: forger.resigned(header={"alg": "RS512"}),
    "PS256": lambda forger: forger.resigned(header={"alg": "PS256"}),
    "ES256": lambda forger: forger.resigned(header={"alg": "ES256"}),
    "signature cut short": lambda forger: forger.token[:-8],
    "signature empty": lambda forger: forger.text(*forger.parts[:2], ""),
    "signature altered": lambda forger: forger.text(*forger.parts[:2], encode(bytes([decode(forger.parts[2])[0] ^ 1]) + decode(forger.parts[2])[1:])),
    "subject altered": altered_subject,
    "two parts": lambda forger: ".".join(forger.parts[:2]),
    "four parts": lambda forger: forger.token + "." + forger.parts[2],
    "claims are no JSON": lambda forger: signed_bytes(forger.header, b"hello", forger.key),
    "claims are an array": lambda forger: signed_bytes(forger.header, b"[]", forger.key),
    "no base64url": lambda forger: forger.text(forger.parts[0], forger.parts[1][:-2] + "!!", forger.parts[2]),
    "a word": lambda forger: "hello",
    "dots": lambda forger: "..",
    "eight kilobytes": lambda forger: "a" * 8192,
}


def signed_bytes(header, payload, key):
    data = f"{encode(json.dumps(header).encode())}.{encode(payload)}".encode()
    return f"{data.decode()}.{encode(_signature('RS256', data, key))}"
