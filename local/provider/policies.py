"""Resource policies as the emulator can take them."""

import json

# What a request over plain HTTP cannot have.
ABOUT_TLS = ("aws:SecureTransport", "s3:TlsVersion")


def without_tls(policy: str) -> str:
    """Return a policy without the statements that are about TLS; empty, where none is left."""
    document = json.loads(policy)
    document["Statement"] = [
        each
        for each in document["Statement"]
        if not any(key in json.dumps(each.get("Condition", {})) for key in ABOUT_TLS)
    ]
    return json.dumps(document) if document["Statement"] else ""
