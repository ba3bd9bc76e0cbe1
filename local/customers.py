"""Customers of a stage: sign-up, sign-in, and requests through the front door."""

import base64
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from local.aws import client
from local.errors import LocalError

POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Somebody who has signed in."""

    token: str
    http: httpx.Client

    @property
    def customer_id(self) -> str:
        """The id that the user pool gave, `sub`."""
        payload = self.token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])

    def place(self, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Place an order; raises `LocalError` when it is refused."""
        return self.call("POST", "/orders", json=body, headers={"idempotency-key": key})

    def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Send a request and return the answer's document.

        Raises:
            LocalError: for an answer that is an error.
        """
        answer = self.http.request(method, path, **options)
        if answer.is_error:
            raise LocalError(f"{method} {path} answered {answer.status_code}: {answer.text}")
        document: dict[str, Any] = answer.json()
        return document

    def ended(self, order_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """Return an order once it has ended.

        Raises:
            LocalError: when it has not after so many seconds.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            order = self.call("GET", f"/orders/{order_id}")
            if order["status"] != "PLACED":
                return order
            time.sleep(POLL_SECONDS)
        raise LocalError(f"order {order_id} has not ended after {seconds:g} s: see `make logs`")


def sign_in(endpoint: str, outputs: Mapping[str, Any], *groups: str) -> Customer:
    """Make a user, in groups if any are named, and sign in."""
    cognito, pool = client(endpoint, "cognito-idp"), outputs["user_pool_id"]
    name, password = f"{uuid.uuid4()}@example.com", f"Aa1!{secrets.token_urlsafe(16)}"
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=name, Password=password, Permanent=True
    )
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=outputs["user_pool_client_id"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    token = answer["AuthenticationResult"]["AccessToken"]
    http = httpx.Client(
        base_url=outputs["api_url"],
        headers={"authorization": f"Bearer {token}"},
        timeout=60,
        # Whatever proxy the user has: this never leaves the machine.
        trust_env=False,
    )
    return Customer(token=token, http=http)
