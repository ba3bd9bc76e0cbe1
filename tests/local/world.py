"""What the types under test need to exist."""

import json

from local.provider import wire
from tests.local.engine_side import Engine, Properties

ZIP = {wire.SIGNATURE: wire.ARCHIVE, "path": "code.zip", "hash": "1"}
OTHER_ZIP = {wire.SIGNATURE: wire.ARCHIVE, "path": "other.zip", "hash": "2"}
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:a"}],
    }
)


class World:
    """What other types need to exist."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.made: dict[str, tuple[str, Properties]] = {}

    def state(self, token: str, inputs: Properties) -> Properties:
        key = token + json.dumps(inputs, sort_keys=True)
        if key not in self.made:
            checked, failures = self.engine.check(token, inputs)
            assert not failures
            self.made[key] = self.engine.create(token, checked)
        return {**self.made[key][1], "id": self.made[key][0]}

    @property
    def role(self) -> Properties:
        return self.state("aws:iam/role:Role", {"assumeRolePolicy": TRUST})

    @property
    def queue(self) -> Properties:
        return self.state("aws:sqs/queue:Queue", {"name": "world"})

    @property
    def bus(self) -> Properties:
        return self.state("aws:cloudwatch/eventBus:EventBus", {"name": "world"})

    @property
    def rule(self) -> Properties:
        inputs = {"name": "world", "eventBusName": self.bus["name"], "eventPattern": '{"a":["b"]}'}
        return self.state("aws:cloudwatch/eventRule:EventRule", inputs)

    @property
    def function(self) -> Properties:
        inputs = {"name": "world", "role": self.role["arn"], "handler": "app.handle", "code": ZIP}
        return self.state("aws:lambda/function:Function", {**inputs, "publish": True})

    @property
    def api(self) -> Properties:
        return self.state("aws:apigatewayv2/api:Api", {"name": "world", "protocolType": "HTTP"})

    @property
    def pool(self) -> Properties:
        return self.state("aws:cognito/userPool:UserPool", {"name": "world"})

    @property
    def key(self) -> Properties:
        return self.state("aws:kms/key:Key", {"description": "world"})
