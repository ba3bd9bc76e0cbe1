"""A request through the front door of a local stage, against a ten-line function behind it."""

import statistics
import sys
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

import httpx

from bench.figures import Figure
from local.aws import client
from local.customers import sign_in
from local.demo.orders import KINDS
from local.paths import STATE
from local.provider import wire
from local.provider.runtime import Runtime
from local.stage import LocalStage

REQUESTS = 150
BODY = KINDS[0].body()
TEN_LINES = """
import json, os
from botocore.session import get_session
dynamodb = get_session().create_client("dynamodb", region_name="us-east-1")

def place(event, context):
    order = json.loads(event["body"])
    item = {"order_id": {"S": context.aws_request_id}, "order": {"S": json.dumps(order)}}
    dynamodb.put_item(TableName=os.environ["ORDERS_TABLE_NAME"], Item=item)
    return {"statusCode": 201, "body": json.dumps(order)}
"""


def measure() -> list[Figure]:
    """(e): both behind the same door, with the same token, in turns."""
    stage = LocalStage(state=STATE / "bench", report=lambda _message: None)
    try:
        stage.up()
        outputs = stage.outputs()
        _add_ten_lines(stage, outputs)
        headers = {"authorization": f"Bearer {sign_in(stage.endpoint, outputs).token}"}
        with httpx.Client(base_url=outputs["api_url"], headers=headers, timeout=60) as http:
            for path in ("/orders", "/ten-lines") * 10:
                _request(http, path)
            taken: dict[str, list[float]] = {"/orders": [], "/ten-lines": []}
            for _ in range(REQUESTS):
                for path, times in taken.items():
                    times.append(_request(http, path))
    finally:
        stage.down()
    ratio = statistics.median(taken["/orders"]) / statistics.median(taken["/ten-lines"])
    return [Figure(name="(e) POST /orders, to a ten-line function", value=ratio, most=2.0)]


def _request(http: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    answer = http.post(path, json=BODY, headers={"idempotency-key": str(uuid.uuid4())})
    taken = time.perf_counter() - started
    if answer.status_code != httpx.codes.CREATED:
        raise RuntimeError(f"POST {path} answered {answer.status_code}: {answer.text}")
    return taken


def _add_ten_lines(stage: LocalStage, outputs: dict[str, Any]) -> None:
    """Put the ten lines behind the same API and authorizer, with the role of `place-order`."""
    functions, api = client(stage.endpoint, "lambda"), client(stage.endpoint, "apigatewayv2")
    place = next(
        each
        for each in functions.list_functions()["Functions"]
        if each["FunctionName"].startswith("place-order")
    )
    package = Path(stage.state / "ten-lines.zip")
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", TEN_LINES)
    runtime = Runtime(project=package.parent, python=sys.executable)
    made = functions.create_function(
        FunctionName="ten-lines",
        Runtime="provided.al2023",
        Role=place["Role"],
        Handler="app.place",
        MemorySize=128,
        Timeout=10,
        Environment={"Variables": {"ORDERS_TABLE_NAME": outputs["orders_table_name"]}},
        Code={"ZipFile": runtime.function({wire.SIGNATURE: wire.ARCHIVE, "path": package.name})},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="ten-lines")
    api_id = outputs["api_url"].split("/")[-2]
    integration = api.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=made["FunctionArn"],
        PayloadFormatVersion="2.0",
    )
    api.create_route(
        ApiId=api_id,
        RouteKey="POST /ten-lines",
        AuthorizationType="JWT",
        AuthorizerId=api.get_authorizers(ApiId=api_id)["Items"][0]["AuthorizerId"],
        Target=f"integrations/{integration['IntegrationId']}",
    )
