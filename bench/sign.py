"""sign: makes the file of requests that bench/load replays, signed as boto3 signs them."""

import hashlib
import hmac
import json
import time
import uuid

SIGNED = "content-type;host;x-amz-date;x-amz-target"
KIND = "application/x-amz-json-1.1"
AGENT = "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux md/arch#x86_64 lang/python#3.11.2"


class Key:
    """An access key, with its signing key for today."""

    def __init__(self, identity, secret, region="us-east-1", service="secretsmanager"):
        self.date = time.strftime("%Y%m%d", time.gmtime())
        self.scope = f"{self.date}/{region}/{service}/aws4_request"
        self.credential = f"{identity}/{self.scope}"
        key = ("AWS4" + secret).encode()
        for part in self.scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self.key = key


def request(key, host, operation, body):
    """One POST of the AWS JSON protocol as it goes over the wire; a body of bytes goes as it is."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    target = f"secretsmanager.{operation}"
    canonical = (f"POST\n/\n\ncontent-type:{KIND}\nhost:{host}\nx-amz-date:{now}\nx-amz-target:{target}\n\n"
                 f"{SIGNED}\n{hashlib.sha256(body).hexdigest()}")
    to_sign = f"AWS4-HMAC-SHA256\n{now}\n{key.scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(key.key, to_sign.encode(), "sha256").hex()
    head = (f"POST / HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\nX-Amz-Target: {target}\r\n"
            f"Content-Type: {KIND}\r\nUser-Agent: {AGENT}\r\nX-Amz-Date: {now}\r\n"
            f"Authorization: AWS4-HMAC-SHA256 Credential={key.credential}, SignedHeaders={SIGNED}, "
            f"Signature={signature}\r\namz-sdk-invocation-id: {uuid.uuid4()}\r\n"
            f"amz-sdk-request: attempt=1\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def write(path, requests):
    """The form that bench/load reads: each request behind its length."""
    with open(path, "wb") as out:
        for one in requests:
            out.write(len(one).to_bytes(4, "big") + one)
