"""User pools, their clients, groups and resource servers."""

from local.provider.clients import Clients
from local.provider.handler import Api, handles
from local.provider.wire import Properties


@handles("aws:cognito/userPool:UserPool")
class UserPool(Api):
    """A user pool."""

    service = "cognito-idp"
    replace = frozenset({"usernameAttributes", "aliasAttributes", "usernameConfiguration"})
    noun = "user_pool"
    key = {"UserPoolId": "id"}
    renames = {
        "name": "PoolName",
        "tags": "UserPoolTags",
        "schemas": "Schema",
    }
    answer = "UserPool"
    resets = {
        "accountRecoverySetting": {},
        "adminCreateUserConfig": {},
        "emailConfiguration": {},
        "autoVerifiedAttributes": [],
        "deletionProtection": "INACTIVE",
        "lambdaConfig": {},
        "passwordPolicy": {
            "minimumLength": 8,
            "requireLowercase": True,
            "requireNumbers": True,
            "requireSymbols": True,
            "requireUppercase": True,
            "temporaryPasswordValidityDays": 7,
        },
    }

    def create(self, aws: Clients, properties: Properties) -> str:
        return str(self._call(aws, "create", properties, {})["UserPool"]["Id"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live = super().read(aws, id_, state) or {}
        return {
            **live,
            "name": live.get("name"),
            **live.get("policies", {}),
            "tags": live.get("tags", {}),
        }

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        return {
            "arn": aws.arn("cognito-idp", f"userpool/{id_}"),
            "endpoint": f"cognito-idp.{aws.region}.amazonaws.com/{id_}",
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        super().update(aws, id_, old, new)
        self.finish(aws, id_, new)

    def prepare(self, properties: Properties) -> Properties:
        kinds = ("passwordPolicy", "signInPolicy")
        policies = {kind: properties[kind] for kind in kinds if kind in properties}
        # The kind of MFA has an operation of its own, without which the pool cannot ask for it.
        others = {k: v for k, v in properties.items() if k != "mfaConfiguration"}
        return {**others, "policies": policies} if policies else others

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        token = properties.get("softwareTokenMfaConfiguration", {}).get("enabled", False)
        aws(self.service).set_user_pool_mfa_config(
            UserPoolId=id_,
            SoftwareTokenMfaConfiguration={"Enabled": token},
            MfaConfiguration=properties.get("mfaConfiguration", "OFF"),
        )


@handles("aws:cognito/userPoolClient:UserPoolClient")
class UserPoolClient(Api):
    """An app that signs users in."""

    service = "cognito-idp"
    replace = frozenset({"userPoolId", "generateSecret"})
    noun = "user_pool_client"
    key = {"UserPoolId": "userPoolId", "ClientId": "id"}
    renames = {"name": "ClientName", "callbackUrls": "CallbackURLs", "logoutUrls": "LogoutURLs"}
    answer = "UserPoolClient"
    resets = {
        "allowedOauthFlows": [],
        "allowedOauthFlowsUserPoolClient": False,
        "allowedOauthScopes": [],
        "callbackUrls": [],
        "explicitAuthFlows": [],
        "logoutUrls": [],
        "supportedIdentityProviders": [],
        # An hour, an hour and thirty days.
        "accessTokenValidity": 1,
        "idTokenValidity": 1,
        "refreshTokenValidity": 30,
        "tokenValidityUnits": {},
    }

    def create(self, aws: Clients, properties: Properties) -> str:
        made = self._call(aws, "create", properties, {})
        return str(made["UserPoolClient"]["ClientId"])


@handles("aws:cognito/resourceServer:ResourceServer")
class ResourceServer(Api):
    """An API and the scopes that clients ask for."""

    service = "cognito-idp"
    replace = frozenset({"userPoolId", "identifier"})
    noun = "resource_server"
    key = {"UserPoolId": "userPoolId", "Identifier": "identifier"}
    answer = "ResourceServer"
    resets = {"scopes": []}

    def create(self, aws: Clients, properties: Properties) -> str:
        self._call(aws, "create", properties, {})
        return f"{properties['userPoolId']}|{properties['identifier']}"

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        scopes = [f"{state['identifier']}/{s['scopeName']}" for s in state.get("scopes", [])]
        return {"scopeIdentifiers": scopes}


@handles("aws:cognito/userGroup:UserGroup")
class UserGroup(Api):
    """A group of users, which their tokens name; the emulator cannot change one."""

    service = "cognito-idp"
    replace = frozenset({"userPoolId", "name", "description", "precedence", "roleArn"})
    noun = "group"
    read_verb = "get"
    key = {"UserPoolId": "userPoolId", "GroupName": "name"}
    renames = {"name": "GroupName"}
    answer = "Group"

    def create(self, aws: Clients, properties: Properties) -> str:
        self._call(aws, "create", properties, {})
        return f"{properties['userPoolId']}/{properties['name']}"
