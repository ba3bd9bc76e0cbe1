"""What a function is made of: a package within Lambda's limits, or an image; and file systems."""

from typing import Any

import pulumi_aws as aws
import pytest

from components.compute import function_inputs
from components.compute.function import Function, FunctionArgs, VpcPlacement
from components.compute.function_size import FunctionSize
from components.compute.layer import Layer, LayerArgs
from components.compute.placement import FileSystemMount
from components.core.checks import ArgumentsError
from components.core.packaging import UNZIPPED_BYTES, package_folder
from tests.contracts.examples.base import CODE, HANDLER
from tests.contracts.examples.compute import IMAGE
from tests.recording import Deployment, deploy

VPC = VpcPlacement(subnet_ids=("subnet-a", "subnet-b"), security_group_ids=("sg-a",))


def layered(layers: int) -> Deployment:
    def program() -> None:
        made = [
            Layer(f"layer-{number}", LayerArgs(requirements="requirements/functions.txt"))
            for number in range(layers)
        ]
        Function("work", FunctionArgs(code=CODE, handler=HANDLER, layers=made))

    return deploy(program)


def unzipped(layers: int) -> int:
    sizes: list[int] = []

    def program() -> None:
        layer = Layer("one", LayerArgs(requirements="requirements/functions.txt"))
        sizes.append(layer.unzipped_bytes)

    deploy(program)
    return package_folder(CODE, python="3.14").unzipped_bytes + layers * sizes[0]


def test_code_and_layers_fit_lambda_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    used = unzipped(layers=2)
    monkeypatch.setattr(function_inputs, "UNZIPPED_BYTES", used)
    assert len(layered(2).inputs("function:Function")["layers"]) == 2
    monkeypatch.setattr(function_inputs, "UNZIPPED_BYTES", used - 1)
    with pytest.raises(ArgumentsError) as caught:
        layered(2)
    assert f"and its layers have {used:,} bytes unzipped: allowed is {used - 1:,}" in str(
        caught.value
    )


def test_lambda_takes_250_megabytes_in_five_layers() -> None:
    assert UNZIPPED_BYTES == 262_144_000
    assert len(layered(5).inputs("function:Function")["layers"]) == 5


def imaged(**settings: Any) -> Deployment:
    given = {"image": IMAGE, **settings}
    return deploy(lambda: Function("work", FunctionArgs(**given)))


def test_an_image_stands_in_place_of_code_and_runtime() -> None:
    inputs = imaged().inputs("function:Function")
    assert (inputs["packageType"], inputs["imageUri"]) == ("Image", IMAGE)
    assert not {"code", "handler", "layers", "runtime", "snapStart"} & inputs.keys()
    assert inputs["publish"] is True


def test_an_image_may_come_from_another_resource() -> None:
    def program() -> None:
        repository = aws.ecr.Repository("images")
        uri = repository.repository_url.apply(lambda url: f"{url}@sha256:{'0' * 64}")
        Function("work", FunctionArgs(image=uri))

    assert deploy(program).inputs("function:Function")["packageType"] == "Image"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image": IMAGE.replace("@sha256:", ":")}, "allowed is repository@sha256:digest"),
        ({"image": IMAGE[:-1]}, "allowed is repository@sha256:digest"),
        ({"image": IMAGE + "0"}, "allowed is repository@sha256:digest"),
        ({"code": CODE}, "code is given with an image: allowed is none"),
        ({"handler": HANDLER}, "handler is given with an image"),
        ({"layers": [None]}, "layers is given with an image"),
        ({"size": FunctionSize(snap_start=True)}, "snap_start is given with an image"),
        ({"code_signing_config_arn": "arn"}, "code_signing_config_arn is given with an image"),
        ({"image": None, "handler": HANDLER}, "code is '': allowed is a folder, or an image"),
    ],
)
def test_what_does_not_go_with_an_image_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        imaged(**settings)
    assert message in str(caught.value)


def mounted(path: str = "/mnt/models", read_only: bool = False, **settings: Any) -> Deployment:
    def program() -> None:
        system = aws.efs.FileSystem("models")
        mount = FileSystemMount(
            access_point=aws.efs.AccessPoint("models", file_system_id=system.id),
            mount_targets=(
                aws.efs.MountTarget("a", file_system_id=system.id, subnet_id="subnet-a"),
            ),
            path=path,
            read_only=read_only,
        )
        given = {"vpc": VPC, **settings}
        Function("work", FunctionArgs(code=CODE, handler=HANDLER, file_system=mount, **given))

    return deploy(program)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_system_is_mounted_by_its_access_point(read_only: bool) -> None:
    deployment = mounted(read_only=read_only)
    function = deployment.one("function:Function")
    point = deployment.arn("efs/accessPoint:AccessPoint")
    assert function.inputs["fileSystemConfig"] == {"arn": point, "localMountPath": "/mnt/models"}
    assert "a" in function.depends_on
    last = deployment.document("RolePolicy", "work-policy")["Statement"][-1]
    actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert last["Action"] == actions[: 1 if read_only else 2]
    assert last["Condition"] == {"ArnEquals": {"elasticfilesystem:AccessPointArn": point}}
    assert last["Resource"] == [
        "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1"
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"path": "/data"}, "path is '/data': allowed is /mnt/ and letters"),
        ({"path": "/mnt/a/b"}, "path is '/mnt/a/b'"),
        ({"path": "/mnt/" + "a" * 156}, "path is '/mnt/aaa"),
        ({"vpc": None}, "file_system is given without vpc: allowed is with one"),
        ({"size": FunctionSize(snap_start=True)}, "snap_start is given with file_system"),
    ],
)
def test_mounts_that_lambda_refuses_are_refused_before(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        mounted(**settings)
    assert message in str(caught.value)


def test_the_longest_path_is_allowed() -> None:
    mounted(path="/mnt/" + "a" * 155)
