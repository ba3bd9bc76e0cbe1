from typing import Any

import pulumi_aws as aws
import pytest

from components.compute.container_service import ContainerService
from components.core.account import Account
from components.core.checks import ArgumentsError
from components.network.load_balancer import LoadBalancer, LoadBalancerArgs, Serving
from tests.contracts.examples.containers import GROUPS, SUBNETS
from tests.recording import Deployment, deploy
from tests.unit.serving import service_args

LB = "arn:aws:lb:eu-central-1:123456789012"
ELB = "arn:aws:elasticloadbalancing:eu-central-1:123456789012"


def balancer(name: str = "front", **settings: Any) -> LoadBalancer:
    given: dict[str, Any] = {
        "account": Account.current(aws.Provider("aws")),
        "vpc_id": "vpc-1",
        "subnet_ids": SUBNETS,
        "security_group_ids": GROUPS,
        "certificate_arn": "arn:certificate",
        **settings,
    }
    return LoadBalancer(name, LoadBalancerArgs(**given))


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: balancer(**settings) and None)


def served(name: str = "pages", port: int | None = 8_080, **settings: Any) -> Deployment:
    def program() -> None:
        serving = Serving(load_balancer=balancer(), **settings)
        args = service_args(port=port, serving=serving, min_tasks=2, max_tasks=4)
        ContainerService(name, args).scale_on_requests(1_000)

    return deploy(program)


def test_plain_requests_are_sent_on_to_tls_and_what_nothing_serves_is_not_found() -> None:
    deployment = deployed()
    plain = deployment.inputs("listener:Listener", "front-http")
    assert (plain["port"], plain["protocol"]) == (80, "HTTP")
    (action,) = plain["defaultActions"]
    assert action == {
        "type": "redirect",
        "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
    }
    tls = deployment.inputs("listener:Listener", "front-https")
    assert (tls["port"], tls["protocol"]) == (443, "HTTPS")
    assert tls["certificateArn"] == "arn:certificate"
    assert tls["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert tls["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"


def test_a_load_balancer_drops_invalid_headers_and_logs_requests() -> None:
    deployment = deployed(internal=True, protect=True)
    made = deployment.one("loadBalancer:LoadBalancer")
    assert made.inputs["dropInvalidHeaderFields"] is True
    assert made.inputs["desyncMitigationMode"] == "defensive"
    assert made.inputs["accessLogs"] == {
        "enabled": True,
        "bucket": "front-logs-bucket-1234567",
        "prefix": "access",
    }
    assert "front-logs-policy" in made.depends_on
    assert made.inputs["internal"] is True
    assert made.protect
    assert made.inputs["enableDeletionProtection"] is True


def test_the_log_bucket_lets_in_load_balancers_of_this_account() -> None:
    *_, statement = deployed().document("BucketPolicy", "front-logs-policy")["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::front-logs-bucket-1234567/access/AWSLogs/123456789012/*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"{ELB}:loadbalancer/app/*"}},
    }


def test_a_service_is_sent_the_requests_for_its_paths() -> None:
    deployment = served(paths=("/pages/*",), priority=7)
    group = deployment.inputs("TargetGroup")
    assert (group["targetType"], group["port"], group["protocol"]) == ("ip", 8_080, "HTTP")
    assert group["healthCheck"]["path"] == "/health"
    assert group["deregistrationDelay"] == 30
    rule = deployment.inputs("ListenerRule")
    assert rule["conditions"] == [{"pathPattern": {"values": ["/pages/*"]}}]
    assert rule["priority"] == 7
    assert rule["actions"][0]["targetGroupArn"] == deployment.arn("TargetGroup")
    made = deployment.one("service:Service")
    assert made.inputs["loadBalancers"] == [
        {
            "targetGroupArn": deployment.arn("TargetGroup"),
            "containerName": "main",
            "containerPort": 8_080,
        }
    ]
    assert made.inputs["healthCheckGracePeriodSeconds"] == 60
    # ECS refuses targets that no load balancer leads to.
    assert "pages-rule" in made.depends_on


def test_tasks_follow_the_requests_that_each_is_sent() -> None:
    policy = served().inputs("appautoscaling/policy:Policy", "pages-requests-scaling")
    made = policy["targetTrackingScalingPolicyConfiguration"]
    assert made["targetValue"] == 1_000
    suffix = "0123456789abcdef"
    assert made["predefinedMetricSpecification"] == {
        "predefinedMetricType": "ALBRequestCountPerTarget",
        "resourceLabel": f"app/front-lb/{suffix}/app/pages-tg/{suffix}",
    }


def test_a_service_that_is_sent_no_requests_does_not_follow_them() -> None:
    with pytest.raises(ArgumentsError, match="serving of work is None: allowed is a load bal"):
        deploy(lambda: ContainerService("work", service_args(max_tasks=2)).scale_on_requests(1))


@pytest.mark.parametrize("requests", [0, 1_000_001])
def test_limits_of_requests_hold_on_both_sides(requests: int) -> None:
    def program(number: int) -> None:
        args = service_args(port=1, serving=Serving(load_balancer=balancer()), max_tasks=2)
        ContainerService("work", args).scale_on_requests(number)

    for allowed in (1, 1_000_000):
        deploy(lambda number=allowed: program(number))  # type: ignore[misc]
    with pytest.raises(ArgumentsError, match=f"requests_per_minute is {requests}: allowed is 1"):
        deploy(lambda: program(requests))


@pytest.mark.parametrize("name", ["x" * 21, "x" * 22])
def test_names_leave_room_for_what_makes_them_unique(name: str) -> None:
    if len(name) == 21:
        deployed(name=name)
        served(name=name)
        return
    for make in (deployed, served):
        with pytest.raises(ArgumentsError, match="allowed is up to 21 characters with a load"):
            make(name=name)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subnet_ids": ("a",)}, "number of subnet_ids is 1: allowed is 2 to 16"),
        ({"subnet_ids": ("a",) * 17}, "number of subnet_ids is 17: allowed is 2 to 16"),
        ({"security_group_ids": ()}, "number of security_group_ids is 0: allowed is 1 to 5"),
        ({"security_group_ids": "a" * 6}, "number of security_group_ids is 6: allowed is 1 to 5"),
    ],
)
def test_where_it_is_placed_is_checked(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        deployed(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"paths": ()}, "number of paths is 0: allowed is 1 to 5"),
        ({"paths": ("/",) * 6}, "number of paths is 6: allowed is 1 to 5"),
        ({"paths": ("pages",)}, "path is 'pages': allowed is / and up to 127"),
        ({"paths": ("/" + "a" * 128,)}, "allowed is / and up to 127"),
        ({"health_path": ""}, "health_path is '': allowed is / and up to 1,023"),
        ({"health_path": "/" + "a" * 1_024}, "allowed is / and up to 1,023"),
        ({"port": None}, "port is None with serving: allowed is 1 to 65,535"),
    ],
)
def test_how_a_service_is_served_is_checked(settings: dict[str, Any], message: str) -> None:
    served(paths=("/" + "a" * 127,) * 5, health_path="/" + "a" * 1_023)
    with pytest.raises(ArgumentsError, match=message):
        served(**settings)
