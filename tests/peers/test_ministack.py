"""rolecall against ministack with AUTH=true: somebody else's evaluation of trust policies and external IDs.

What ministack gives and what it does not: an access key id of twelve digits is the root of that account,
whatever the secret. Every account that asks has an organization of its own at once (CreateOrganization does
not exist); created accounts are listed with Status but without State, in one page, and hold no
OrganizationAccountAccessRole, so the tests make one. It has no StackSets. AssumeRole judges the trust policy
and its conditions, refuses a missing role, and IAM shows the role as it was made.
"""

import json
import pathlib
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

import servers

HUB = "111111111111"
EXTERNAL_ID = "right-one-7f3a"
# What stands in the trust policy of each account's role.
ROLES = {
    "guarded": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    "unguarded": None,
    "other-id": {"StringEquals": {"sts:ExternalId": "another-id-91c2"}},
    "absent": None,
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    port = servers.free_port()
    hypercorn = str(pathlib.Path(sys.executable).parent / "hypercorn")
    command = [hypercorn, "ministack.app:app", "-b", f"127.0.0.1:{port}"]
    environment = {"AUTH": "true", "GATEWAY_PORT": str(port), "HOME": str(tmp_path_factory.mktemp("home"))}
    with servers.running(command, port, "/_ministack/health", environment):
        yield f"http://127.0.0.1:{port}"


def client(endpoint, service, account, secret="secret", token=None):
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=account,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


def trust(condition=None):
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def accounts(endpoint):
    """One account for each way in which the role may stand there, by name."""
    organizations = client(endpoint, "organizations", HUB)
    ids = {}
    for name, condition in ROLES.items():
        status = organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        ids[name] = status["AccountId"]
        iam = client(endpoint, "iam", ids[name])
        iam.create_role(RoleName="OrganizationAccountAccessRole", AssumeRolePolicyDocument=trust())
        iam.attach_role_policy(
            RoleName="OrganizationAccountAccessRole", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )
        if name != "absent":
            iam.create_role(RoleName="Peered", AssumeRolePolicyDocument=trust(condition))
            iam.attach_role_policy(RoleName="Peered", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    return ids


@pytest.mark.parametrize(
    "name, external_id, enters",
    [
        ("guarded", EXTERNAL_ID, True),
        ("guarded", "wrong", False),
        ("guarded", None, False),
        ("unguarded", EXTERNAL_ID, True),
        ("unguarded", None, True),
        ("other-id", EXTERNAL_ID, False),
        ("absent", EXTERNAL_ID, False),
    ],
)
def test_ministack_judges_external_ids_as_aws_does(endpoint, accounts, name, external_id, enters):
    """The ground on which the next test stands, seen by boto3."""
    arguments = {"ExternalId": external_id} if external_id else {}
    try:
        client(endpoint, "sts", HUB).assume_role(
            RoleArn=f"arn:aws:iam::{accounts[name]}:role/Peered", RoleSessionName="peer", **arguments
        )
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied" and not enters
    else:
        assert enters


CONFIGURATION = """
rollout: peers
home_region: us-east-1
role:
  name: Peered
  trust:
    - account: "{hub}"
      external_id: {{ env: PEER_EXTERNAL_ID }}
  managed_policies: [arn:aws:iam::aws:policy/SecurityAudit]
targets:
  include: [ {accounts} ]
verify:
  mode: direct
  access_role: OrganizationAccountAccessRole
  propagation: 0s
"""


def test_verify_tells_the_guarded_role_from_the_others(endpoint, accounts, tmp_path):
    targets = ", ".join(f'{{ account: "{account}" }}' for account in accounts.values())
    text = CONFIGURATION.format(hub=HUB, accounts=targets)
    (tmp_path / "rollout.yaml").write_text(text)

    def verify():
        # Complete with findings, or some accounts failed: where the line runs is not this peer's matter.
        return servers.rolecall_json(
            *("verify", "rollout.yaml", "--endpoint-url", endpoint),
            expected_statuses=(1, 3),
            access_key=HUB,
            directory=tmp_path,
            environment={"PEER_EXTERNAL_ID": EXTERNAL_ID},
        )

    # Made by hand, the role lacks the tags that a roll-out puts on it.
    tags = servers.missing_rollout_tags(verify(), accounts["guarded"])
    client(endpoint, "iam", accounts["guarded"]).tag_role(RoleName="Peered", Tags=tags)
    report = verify()
    found = {name: servers.conclusions(report)[account] for name, account in accounts.items()}
    judged = {name: servers.checks(report, account) for name, account in accounts.items()}
    assert found.pop("guarded") == "verified"
    assert "verified" not in found.values()
    refusals = ("refused_without_external_id", "refused_with_wrong_external_id")
    assert [judged["guarded"][check][0] for check in ("entered", "expected_account", *refusals)] == ["pass"] * 4
    # Whoever sends no external ID enters too: the condition is missing, and that is a finding.
    assert found["unguarded"] == "finding"
    assert [judged["unguarded"][check][0] for check in ("entered", *refusals)] == ["pass", "fail", "fail"]
    for name in ("other-id", "absent"):
        assert judged[name]["entered"][0] != "pass"
    # No output repeats an external ID.
    assert EXTERNAL_ID not in json.dumps(report) and "another-id-91c2" not in json.dumps(report)
