"""asker: asks a server what it holds, signed, over one kept connection; for the crash test, which looks at everything
after each kill, and has no time for an SDK."""

import hashlib
import hmac
import http.client
import json
import ssl
import time

KIND = "application/x-amz-json-1.1"
SIGNED = "content-type;host;x-amz-date;x-amz-target"


class Asker:
    """One connection as one principal."""

    def __init__(self, house, key, region):
        self.id, self.secret, self.region = *key, region
        self.host = f"localhost:{house.port}"
        self.connection = http.client.HTTPSConnection("localhost", house.port, timeout=30,
                                                      context=ssl.create_default_context(cafile=house.ca))
        self.day, self.key = None, None

    def signing_key(self, day):
        if day != self.day:
            key = ("AWS4" + self.secret).encode()
            for part in (day, self.region, "secretsmanager", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self.day, self.key = day, key
        return self.key

    def head(self, target, body):
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope = f"{now[:8]}/{self.region}/secretsmanager/aws4_request"
        canonical = (f"POST\n/\n\ncontent-type:{KIND}\nhost:{self.host}\nx-amz-date:{now}\nx-amz-target:{target}\n\n"
                     f"{SIGNED}\n{hashlib.sha256(body).hexdigest()}")
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self.signing_key(now[:8]), to_sign.encode(), "sha256").hex()
        return {"Host": self.host, "Content-Type": KIND, "X-Amz-Target": target, "X-Amz-Date": now,
                "Authorization": f"AWS4-HMAC-SHA256 Credential={self.id}/{scope}, SignedHeaders={SIGNED}, Signature={signature}"}

    def ask(self, operation, **parameters):
        """(status, reply)"""
        body = json.dumps(parameters).encode()
        self.connection.request("POST", "/", body, self.head(f"secretsmanager.{operation}", body))
        reply = self.connection.getresponse()
        return reply.status, json.loads(reply.read())

    def close(self):
        self.connection.close()
