"""A domain of one's own for an API."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.core.checks import check, matches

NAME = r"(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"


@dataclass(frozen=True, kw_only=True)
class CustomDomain:
    """A domain name and its certificate, in the Region of the API.

    With `truststore_uri`, an object in S3 such as `s3://trust/certificates.pem`, clients must show
    a certificate that it signs (mutual TLS).
    """

    name: str
    certificate_arn: pulumi.Input[str]
    truststore_uri: str | None = None

    def __post_init__(self) -> None:
        check(
            matches("name", self.name, NAME, "a domain name in lower case"),
            matches(
                "truststore_uri",
                self.truststore_uri or "s3://a/b",
                r"s3://[^/\s]+/\S+",
                "an object in S3, s3://bucket/key",
            ),
        )


def map_domain(
    name: str,
    domain: CustomDomain,
    api: aws.apigatewayv2.Api,
    stage: aws.apigatewayv2.Stage,
    opts: pulumi.ResourceOptions,
) -> aws.apigatewayv2.DomainName:
    """Serve a stage under a domain, with TLS 1.2 at least."""
    made = aws.apigatewayv2.DomainName(
        f"{name}-domain",
        domain_name=domain.name,
        domain_name_configuration={
            "certificate_arn": domain.certificate_arn,
            "endpoint_type": "REGIONAL",
            "security_policy": "TLS_1_2",
        },
        mutual_tls_authentication=(
            aws.apigatewayv2.DomainNameMutualTlsAuthenticationArgs(
                truststore_uri=domain.truststore_uri
            )
            if domain.truststore_uri
            else None
        ),
        opts=opts,
    )
    aws.apigatewayv2.ApiMapping(
        f"{name}-mapping",
        api_id=api.id,
        domain_name=made.id,
        stage=stage.id,
        opts=opts,
    )
    return made
