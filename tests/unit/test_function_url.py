"""The URL of a function: whom it lets in, and what Lambda's runtime for Python cannot do."""

from typing import Any

import pulumi
import pytest

from components.api.function_url import FunctionUrl, FunctionUrlArgs, UrlCors
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.core.checks import ArgumentsError
from components.core.links import Link
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.contracts.examples.compute import IMAGE
from tests.recording import Deployment, deploy


def url(function: Function | None = None, **settings: Any) -> FunctionUrl:
    return FunctionUrl("guess", FunctionUrlArgs(function=function or plain_function(), **settings))


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: url(**settings))


def test_it_is_of_the_alias_and_for_callers_that_iam_knows() -> None:
    inputs = deployed().inputs("functionUrl:FunctionUrl")
    assert inputs["functionName"] == "work-function-1234567"
    assert inputs["qualifier"] == "live"
    assert inputs["authorizationType"] == "AWS_IAM"
    assert inputs["invokeMode"] == "BUFFERED"
    assert "cors" not in inputs


def test_a_caller_may_call_the_url_and_the_function_by_nothing_else() -> None:
    made: list[Link] = []

    def program() -> None:
        made.append(url().caller())
        plain_function("ask", links=made)

    deployment = deploy(program)
    call, invoke = deployment.document("RolePolicy", "ask-policy")["Statement"][-2:]
    assert call["Action"] == ["lambda:InvokeFunctionUrl"]
    assert call["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
    assert invoke["Action"] == ["lambda:InvokeFunction"]
    assert invoke["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    for each in (call, invoke):
        assert all(resource.endswith(":live") for resource in each["Resource"])
    variables = deployment.inputs("function:Function", "ask-function")["environment"]["variables"]
    assert variables["GUESS_URL"] == "https://a1b2c3.lambda-url.eu-central-1.on.aws/"


def test_another_account_is_given_both_permissions() -> None:
    deployment = deployed(caller_accounts=("210987654321",))
    by_url, invoke = (each.inputs for each in deployment.all("permission:Permission"))
    assert (by_url["action"], by_url["functionUrlAuthType"]) == (
        "lambda:InvokeFunctionUrl",
        "AWS_IAM",
    )
    assert (invoke["action"], invoke["invokedViaFunctionUrl"]) == ("lambda:InvokeFunction", True)
    for each in (by_url, invoke):
        assert (each["principal"], each["qualifier"]) == ("210987654321", "live")


def test_within_the_account_roles_suffice() -> None:
    assert not deployed().all("permission:Permission")


def test_pages_of_named_origins_may_call() -> None:
    cors = UrlCors(origins=("https://example.com",), methods=("GET",), credentials=True)
    assert deployed(cors=cors).inputs("functionUrl:FunctionUrl")["cors"] == {
        "allowOrigins": ["https://example.com"],
        "allowMethods": ["GET"],
        "allowHeaders": [
            *("authorization", "content-type", "x-amz-date", "x-amz-security-token"),
        ],
        "exposeHeaders": [],
        "allowCredentials": True,
        "maxAge": 3_600,
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"origins": ("*",), "credentials": True}, "origins has '*' with credentials"),
        ({"origins": ("o",) * 101}, "origins has 101 entries: allowed is 100"),
        ({"headers": ("h",) * 101}, "headers has 101 entries: allowed is 100"),
        ({"exposed_headers": ("h",) * 101}, "exposed_headers has 101 entries: allowed is 100"),
        ({"methods": ("GET",) * 7}, "methods has 7 entries: allowed is 6"),
        ({"methods": ("OPTIONS",)}, "method is 'OPTIONS': allowed is 'DELETE'"),
        ({"origins": ("",)}, "origin is '': allowed is 1 to 253 characters"),
        ({"origins": ("o" * 254,)}, "allowed is 1 to 253 characters"),
        ({"headers": ("h" * 1_025,)}, "allowed is up to 1,024 characters"),
        ({"exposed_headers": ("h" * 1_025,)}, "allowed is up to 1,024 characters"),
    ],
)
def test_cors_that_lambda_refuses_is_refused_before(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        UrlCors(**{"origins": ("https://example.com",), **settings})
    assert message in str(caught.value)


def test_the_limits_themselves_are_allowed() -> None:
    UrlCors(
        origins=("o" * 253,) * 100,
        headers=("h" * 1_024,) * 100,
        exposed_headers=("h",) * 100,
        methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
    )


def test_lambdas_own_runtime_for_python_does_not_stream() -> None:
    with pytest.raises(ArgumentsError, match="invoke_mode is 'RESPONSE_STREAM' for work, which"):
        deployed(invoke_mode="RESPONSE_STREAM")
    streaming = deploy(
        lambda: url(Function("work", FunctionArgs(image=IMAGE)), invoke_mode="RESPONSE_STREAM")
    )
    assert streaming.inputs("functionUrl:FunctionUrl")["invokeMode"] == "RESPONSE_STREAM"


@pytest.mark.parametrize("account", ["21098765432", "2109876543210", "root"])
def test_an_account_has_twelve_digits(account: str) -> None:
    with pytest.raises(ArgumentsError, match="allowed is 12 digits"):
        deployed(caller_accounts=(account,))


def test_executions_that_outlast_a_caller_are_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: said.append(message))
    settings = DurableExecution(execution_timeout_seconds=901)
    deploy(lambda: url(Function("r", FunctionArgs(code=CODE, handler=HANDLER, durable=settings))))
    assert "function URL guess waits for the result" in said[0]
