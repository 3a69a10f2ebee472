"""rolecall's main job over the wire: its calls are judged by the service models, its work by the AWS CLI and boto3."""

import json

import pytest

import servers
from organization import standard_organization
from simulator import FIRST_ACCOUNT, access_key, simulated
from stack_sets import role_in
from test_aws_cli import Cli

EXTERNAL_ID = "peer-external-id-52c1"
CONFIGURATION = """
rollout: by-rolecall
home_region: us-east-1
role:
  name: ByRolecall
  trust:
    - account: "{management}"
      external_id: {{ env: PEER_EXTERNAL_ID }}
  managed_policies: [arn:aws:iam::aws:policy/SecurityAudit]
  inline_policies: {{ collect: collect.json }}
  max_session: {session}
  tags: {{ owner: security }}
targets:
  include: [ {{ ou: Workloads/** }}, {{ ou: Sandbox }} ]
  management_account: include
verify:
  mode: direct
  access_role: OrganizationAccountAccessRole
"""
COLLECT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}
TARGETS = ("shop", "pay", "eu-shop", "old", "play")


@pytest.fixture(scope="module")
def simulator():
    # rolecall waits by itself, so this simulation's clock runs.
    with simulated(speed=60) as running:
        yield running


@pytest.fixture(scope="module")
def organization(simulator):
    organization = standard_organization(simulator)
    simulator.client("cloudformation").activate_organizations_access()
    return organization


def run(simulator, directory, command, *flags, session="1h", expected_status=0):
    """Runs rolecall in a directory that keeps its ledger; gives its JSON report."""
    text = CONFIGURATION.format(management=FIRST_ACCOUNT, session=session)
    (directory / "rollout.yaml").write_text(text)
    (directory / "collect.json").write_text(json.dumps(COLLECT))
    return servers.rolecall_json(
        command, "rollout.yaml", "--endpoint-url", simulator.url, *flags,
        expected_statuses=(expected_status,), access_key=access_key(FIRST_ACCOUNT), directory=directory,
        environment={"PEER_EXTERNAL_ID": EXTERNAL_ID},
    )  # fmt: skip


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("rollout")


@pytest.fixture(scope="module")
def applied(simulator, organization, directory):
    return run(simulator, directory, "apply", "--yes")


def test_every_account_has_a_row_and_every_target_is_proven(simulator, organization, applied):
    found = servers.conclusions(applied)
    assert set(found) == {FIRST_ACCOUNT, *organization.accounts.values()}
    targeted = {FIRST_ACCOUNT, *(organization.accounts[name] for name in TARGETS)}
    assert {account for account, conclusion in found.items() if conclusion == "verified"} == targeted
    for account in targeted:
        role = role_in(simulator, account, "ByRolecall")
        condition = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
        assert condition == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    assert role_in(simulator, organization.accounts["loose"], "ByRolecall") is None
    assert EXTERNAL_ID not in json.dumps(applied)


def test_a_second_run_writes_nothing(simulator, applied, directory):
    simulator.forget_calls()
    run(simulator, directory, "apply", "--yes")
    reading = ("Describe", "List", "Get", "AssumeRole", "Validate")
    calls = [call.partition(":")[2] for call in simulator.calls()]
    assert calls and [call for call in calls if not call.startswith(reading)] == []


def test_a_role_widened_by_hand_is_found_although_the_set_says_current(simulator, organization, applied, directory):
    account = organization.accounts["pay"]
    attach = ("--role-name", "ByRolecall", "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")
    member = Cli(simulator, directory, access_key=access_key(account))
    member("iam", "attach-role-policy", *attach)
    report = run(simulator, directory, "verify", expected_status=3)
    assert [a for a, conclusion in servers.conclusions(report).items() if conclusion == "finding"] == [account]
    outcome, evidence = servers.checks(report, account)["role_equals_specification"]
    assert outcome == "fail" and "AdministratorAccess" in " ".join(evidence)
    api = simulator.client("cloudformation")
    instances = api.list_stack_instances(StackSetName="by-rolecall", StackInstanceAccount=account)["Summaries"]
    assert [instance["Status"] for instance in instances] == ["CURRENT"]
    member("iam", "detach-role-policy", *attach)


def test_a_changed_session_length_is_an_update_alone(simulator, organization, applied, directory):
    simulator.forget_calls()
    report = run(simulator, directory, "apply", "--yes", session="2h")
    writes = {call for call in simulator.calls() if call.partition(":")[2].startswith(("Create", "Update", "Delete"))}
    assert "cloudformation:UpdateStackSet" in writes
    assert writes <= {
        "cloudformation:UpdateStackSet",
        "cloudformation:CreateChangeSet",
        "cloudformation:UpdateStackInstances",
    }
    assert list(servers.conclusions(report).values()).count("verified") == 6
    assert role_in(simulator, organization.accounts["shop"], "ByRolecall")["MaxSessionDuration"] == 7200
