"""Which pods of a cluster a Fargate profile takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi_aws as aws

from components.core.checks import between, check, matches

# https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html
MOST_LABELS = 5
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
LABEL_KEY = r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?"


@dataclass(frozen=True, kw_only=True)
class PodSelector:
    """Pods of a namespace that have all these labels; `*` and `?` stand for any characters."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(*self._mistakes())

    def inputs(self) -> aws.eks.FargateProfileSelectorArgs:
        """Return the inputs of the selector."""
        return aws.eks.FargateProfileSelectorArgs(
            namespace=self.namespace, labels=dict(self.labels) or None
        )

    def _mistakes(self) -> Iterator[str | None]:
        yield matches(
            "namespace",
            self.namespace,
            r"(?=.{1,63}$)[a-z0-9*?]([a-z0-9*?-]*[a-z0-9*?])?",
            "1 to 63 lower-case letters, digits, -, * and ?",
        )
        yield between("number of labels", len(self.labels), 0, MOST_LABELS)
        for key, value in self.labels.items():
            yield matches("label", key, LABEL_KEY, "63 letters, digits and -_. after a prefix")
            yield matches(f"label {key}", value, r"[\w.*?-]{0,63}", "63 letters, digits, -_.*?")


# The pods of CoreDNS, by which those of the cluster find each other.
DNS = PodSelector(namespace="kube-system", labels={"k8s-app": "kube-dns"})
