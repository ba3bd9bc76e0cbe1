from tests.contracts.examples.base import key
from tests.recording import deploy


def test_a_key_rotates_and_waits_before_it_is_deleted() -> None:
    inputs = deploy(key).inputs("key:Key")
    assert inputs["enableKeyRotation"] is True
    assert inputs["deletionWindowInDays"] == 30


def test_only_this_account_and_its_services_use_it() -> None:
    account, events, logs = deploy(key).document("key:Key")["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert events["Principal"] == {"Service": "events.amazonaws.com"}
    assert events["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert logs["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    groups = "arn:aws:logs:*:123456789012:log-group:*"
    assert logs["Condition"] == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}


def test_its_alias_names_it() -> None:
    assert deploy(key).inputs("alias:Alias")["namePrefix"] == "alias/data-"
