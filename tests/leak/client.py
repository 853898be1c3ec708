"""client: Signature Version 4 and raw HTTPS, small enough to send what no SDK would."""

import datetime
import hashlib
import hmac
import http.client
import json
import socket
import ssl

LONG = 20  # seconds that no answer should ever take


class Key:
    """An access key, read from the file that `coffer` wrote."""

    def __init__(self, path):
        said = dict(line.split(" = ") for line in path.read_text().splitlines() if " = " in line)
        self.id, self.secret = said["aws_access_key_id"], said["aws_secret_access_key"]

    def signing_key(self, day, region, service):
        key = ("AWS4" + self.secret).encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def sign(key, headers, body, query=""):
    """The Authorization header for a POST to / with these headers (lower-case names)."""
    day, region = headers["x-amz-date"][:8], "us-east-1"
    names = sorted(headers)
    canonical = "\n".join(["POST", "/", query, *(f"{n}:{headers[n].strip()}" for n in names), "", ";".join(names),
                           hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{region}/secretsmanager/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(key.signing_key(day, region, "secretsmanager"), text.encode(), "sha256").hexdigest()
    return (f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={';'.join(names)}, "
            f"Signature={signature}")


def letter(key, operation, body, target="/", **more):
    """The bytes of one request. `more`: _ stands for - in names; headers added there are not signed; a None takes one
    away; `signed` holds headers that are signed, too."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"host": "localhost", "content-type": "application/x-amz-json-1.1",
               "x-amz-date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ"),
               "x-amz-target": "secretsmanager." + operation, **more.pop("signed", {})}
    if key is not None:
        headers["authorization"] = sign(key, headers, body, target.partition("?")[2])
    headers["content-length"] = str(len(body))
    headers |= {n.replace("_", "-"): v for n, v in more.items()}
    head = "".join(f"{n}: {v}\r\n" for n, v in headers.items() if v is not None)
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + body


class Client:
    def __init__(self, port, ca):
        self.port, self.context = port, ssl.create_default_context(cafile=ca)
        self.kept = None

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=LONG)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(plain, server_hostname="localhost")

    def send(self, letter):
        """(status, head and body as they came); the connection is kept for the next."""
        self.kept = self.kept or self.connect()
        try:
            self.kept.sendall(letter)
            reply = http.client.HTTPResponse(self.kept)
            reply.begin()
            body = reply.read()
        except (OSError, http.client.HTTPException):
            self.drop()
            return 0, b""
        if reply.will_close:
            self.drop()
        return reply.status, str(reply.headers).encode() + b"\r\n" + body

    def drop(self):
        if self.kept is not None:
            self.kept.close()
        self.kept = None

    def ask(self, key, operation, body, **more):
        return self.send(letter(key, operation, body, **more))
