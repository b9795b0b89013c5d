# SPDX-License-Identifier: MIT
"""Certificate authorities for the tests, by the openssl command."""
import datetime
import pathlib
import subprocess
from typing import NamedTuple

CURVES = {"p256": "prime256v1", "p384": "secp384r1", "p521": "secp521r1"}


class Pair(NamedTuple):
    cert: str
    key: str


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


def make_key(path, kind):
    """kind: p256, p384, p521, ed25519, or rsa with a number of bits: rsa2048"""
    if kind.startswith("rsa"):
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind[3:]}", "-out", path)
    elif kind in CURVES:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{CURVES[kind]}", "-out", path)
    else:
        openssl("genpkey", "-algorithm", kind, "-out", path)
    pathlib.Path(path).chmod(0o644)  # the server may have become another user


def lasting(days):
    """The options of `openssl x509` for a validity of so many days; OpenSSL from 3.4 on wants a past one as dates."""
    if days >= 0 or b"-not_after" not in subprocess.run(["openssl", "x509", "-help"], capture_output=True).stderr:
        return ["-days", days]
    ended = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return ["-not_before", (ended - datetime.timedelta(days=1)).strftime("%Y%m%d%H%M%SZ"),
            "-not_after", ended.strftime("%Y%m%d%H%M%SZ")]


class Authority:
    def __init__(self, folder, name="Test CA"):
        self.folder = pathlib.Path(folder)
        self.name = name.replace(" ", "-").lower()
        self.cert, self.key = str(self.folder / f"{self.name}.pem"), str(self.folder / f"{self.name}-key.pem")
        self.n = 0
        make_key(self.key, "p256")
        openssl("req", "-x509", "-new", "-key", self.key, "-sha256", "-days", 3650, "-subj", f"/CN={name}", "-addext",
                "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", self.cert)

    def leaf(self, *names, key="p256", usage="serverAuth", subject=None, days=30):
        """A pair for these DNS names. A negative number of days: it has ended so long ago."""
        self.n += 1
        at = self.folder / f"{self.name}-{self.n}"
        pair = Pair(f"{at}.pem", f"{at}-key.pem")
        extensions = f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\n"
        if names:
            extensions += "subjectAltName=" + ",".join(
                f"IP:{name}" if name[0].isdigit() or ":" in name else f"DNS:{name}" for name in names) + "\n"
        pathlib.Path(f"{at}.ext").write_text(extensions)
        make_key(pair.key, key)
        openssl("req", "-new", "-key", pair.key, "-subj", subject or f"/CN={names[0] if names else 'leaf'}", "-utf8",
                "-out", f"{at}.csr")
        openssl("x509", "-req", "-in", f"{at}.csr", "-CA", self.cert, "-CAkey", self.key, "-CAcreateserial", "-sha256",
                *lasting(days), "-extfile", f"{at}.ext", "-out", pair.cert)
        return pair
