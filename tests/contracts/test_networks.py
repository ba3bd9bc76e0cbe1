"""What every network, security group and cluster keeps to."""

from tests.recording import Deployment


def test_every_network_logs_its_flows_and_gives_no_public_address(deployment: Deployment) -> None:
    for each in deployment.all("ec2/vpc:Vpc"):
        name = each.name.removesuffix("-vpc")
        assert deployment.inputs("flowLog:FlowLog", f"{name}-flows")["iamRoleArn"]
        closed = deployment.inputs("DefaultSecurityGroup", f"{name}-default-group")
        assert not closed.keys() & {"ingress", "egress"}
    for each in deployment.all("ec2/subnet:Subnet"):
        assert each.inputs["mapPublicIpOnLaunch"] is False


def test_every_rule_of_a_security_group_is_described_and_names_its_ports(
    deployment: Deployment,
) -> None:
    for each in deployment.all("ec2/securityGroup:SecurityGroup"):
        assert each.inputs["description"]
        assert not each.inputs.keys() & {"ingress", "egress"}
    for kind in ("SecurityGroupIngressRule", "SecurityGroupEgressRule"):
        for each in deployment.all(kind):
            assert each.inputs["description"]
            assert each.inputs["ipProtocol"] in ("tcp", "udp")
            assert each.inputs["fromPort"] <= each.inputs["toPort"]


def test_every_cluster_is_encrypted_and_writes_all_its_logs(deployment: Deployment) -> None:
    for each in deployment.all("eks/cluster:Cluster"):
        assert each.inputs["encryptionConfig"]["resources"] == ["secrets"]
        assert len(each.inputs["enabledClusterLogTypes"]) == 5
        assert each.inputs["vpcConfig"]["endpointPrivateAccess"] is True
        assert "0.0.0.0/0" not in each.inputs["vpcConfig"].get("publicAccessCidrs", ())
