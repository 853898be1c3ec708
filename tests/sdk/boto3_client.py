"""boto3_client: asks with boto3 what comes in as JSON lines, and says what came back. Everything but the parameters of a
call comes from the environment, as in anybody's function."""

import base64
import datetime
import json
import sys

import boto3
from botocore.exceptions import ClientError

clients = {}


def client_of(service):
    if service not in clients:
        clients[service] = boto3.client(service)
    return clients[service]


def method_of(client, operation):
    return next(method for method, name in client.meta.method_to_api_mapping.items() if name == operation)


def given(value):
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {name: given(one) for name, one in value.items()}
    return [given(one) for one in value] if isinstance(value, list) else value


def told(value):
    if isinstance(value, dict):
        return {name: told(one) for name, one in value.items()}
    if isinstance(value, list):
        return [told(one) for one in value]
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    return {"$moment": round(value.timestamp() * 1000)} if isinstance(value, datetime.datetime) else value


def outcome(reply):
    about = reply.pop("ResponseMetadata")
    return {"status": about["HTTPStatusCode"], "attempts": about["RetryAttempts"] + 1, "id": about.get("RequestId")}


def ask(call):
    client = client_of(call["service"])
    method = method_of(client, call["operation"])
    try:
        if call.get("pages"):
            pages = client.get_paginator(method).paginate(
                PaginationConfig={"PageSize": call["pages"]}, **given(call["parameters"]))
            pages = list(pages)
            return {"reply": {"SecretList": [told(one) for page in pages for one in page["SecretList"]]},
                    **outcome(pages[0]), "pages": len(pages)}
        reply = getattr(client, method)(**given(call["parameters"]))
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"],
                **outcome(error.response)}
    about = outcome(reply)
    return {"reply": told(reply), **about}


for line in sys.stdin:
    print(json.dumps(ask(json.loads(line))), flush=True)
