"""The unmodified AWS CLI goes the main path: organization, StackSet, operation, role."""

import json
import pathlib
import subprocess
import sys

import pytest

import servers
from organization import standard_organization
from simulator import FIRST_ACCOUNT, access_key, simulated
from stack_sets import role_template

# The CLI is installed beside the interpreter that runs the tests.
AWS = str(pathlib.Path(sys.executable).parent / "aws")


class Cli:
    """The AWS CLI with one set of credentials."""

    def __init__(self, simulator, directory, **credentials):
        self.simulator, self.directory = simulator, directory
        self.environment = {**servers.clean_environment(), **servers.credentials_environment(**credentials)}

    def run(self, *arguments, expected_status=0):
        """Runs a command and gives what it wrote to stdout."""
        command = [AWS, "--endpoint-url", self.simulator.url, "--output", "json", *arguments]
        finished = subprocess.run(
            command, cwd=self.directory, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert finished.returncode == expected_status, f"{command}\n{finished.stdout}\n{finished.stderr}"
        return finished.stdout if expected_status == 0 else finished.stderr

    def __call__(self, *arguments):
        """Runs a command and gives its answer as JSON."""
        text = self.run(*arguments)
        return json.loads(text) if text.strip() else None


@pytest.fixture(scope="module")
def organization(simulator):
    organization = standard_organization(simulator)
    for number in range(20):
        organization.account(f"crowd-{number}", "Empty")
    return organization


@pytest.fixture
def aws(simulator, organization, tmp_path):
    return Cli(simulator, tmp_path, access_key=access_key(FIRST_ACCOUNT))


def test_the_organization_is_listed_page_by_page(simulator, aws, organization):
    simulator.forget_calls()
    accounts = aws("organizations", "list-accounts")["Accounts"]
    assert {a["Id"] for a in accounts} == {FIRST_ACCOUNT, *organization.accounts.values()}
    # 28 accounts at 20 a page.
    assert simulator.calls() == {"organizations:ListAccounts": 2}
    assert aws("organizations", "describe-organization")["Organization"]["MasterAccountId"] == FIRST_ACCOUNT


def test_a_whole_roll_out(aws, simulator, organization, tmp_path):
    (tmp_path / "role.json").write_text(json.dumps(role_template("ByCli")))
    aws("cloudformation", "activate-organizations-access")
    assert aws("cloudformation", "describe-organizations-access")["Status"] == "ENABLED"
    created = aws(
        "cloudformation", "create-stack-set", "--stack-set-name", "by-cli", "--template-body", "file://role.json",
        "--capabilities", "CAPABILITY_NAMED_IAM", "--permission-model", "SERVICE_MANAGED",
        "--auto-deployment", "Enabled=false",
    )  # fmt: skip
    assert created["StackSetId"].startswith("by-cli:")
    operation = aws(
        "cloudformation", "create-stack-instances", "--stack-set-name", "by-cli", "--regions", "us-east-1",
        "--deployment-targets", f"OrganizationalUnitIds={organization.units['Workloads']}",
        "--operation-preferences", "MaxConcurrentPercentage=100,FailureTolerancePercentage=100",
    )["OperationId"]  # fmt: skip

    def at_its_end():
        described = aws(
            "cloudformation", "describe-stack-set-operation", "--stack-set-name", "by-cli", "--operation-id", operation
        )
        return described["StackSetOperation"]["Status"] not in ("RUNNING", "QUEUED") and described

    assert simulator.until(at_its_end)["StackSetOperation"]["Status"] == "SUCCEEDED"
    instances = aws("cloudformation", "list-stack-instances", "--stack-set-name", "by-cli")["Summaries"]
    current = {i["Account"] for i in instances if i["Status"] == "CURRENT"}
    assert current == {organization.accounts[name] for name in ("shop", "pay", "eu-shop", "old")}

    account = organization.accounts["shop"]
    session = aws(
        "sts", "assume-role", "--role-arn", f"arn:aws:iam::{account}:role/ByCli", "--role-session-name", "cli"
    )["Credentials"]
    member = Cli(
        simulator,
        tmp_path,
        access_key=session["AccessKeyId"],
        secret=session["SecretAccessKey"],
        token=session["SessionToken"],
    )
    assert member("sts", "get-caller-identity")["Account"] == account
    role = member("iam", "get-role", "--role-name", "ByCli")["Role"]
    assert role["MaxSessionDuration"] == 3600
    attached = member("iam", "list-attached-role-policies", "--role-name", "ByCli")["AttachedPolicies"]
    assert [p["PolicyName"] for p in attached] == ["SecurityAudit"]


def test_a_refusal_is_printed_with_its_code(aws):
    text = aws.run("cloudformation", "describe-stack-set", "--stack-set-name", "nothing", expected_status=255)
    assert "StackSetNotFoundException" in text
    text = aws.run("iam", "get-role", "--role-name", "nothing", expected_status=255)
    assert "NoSuchEntity" in text


def test_a_stack_is_created_and_deleted(simulator, aws, tmp_path):
    (tmp_path / "role.json").write_text(json.dumps(role_template("Plain")))
    aws(
        "cloudformation", "create-stack", "--stack-name", "plain", "--template-body", "file://role.json",
        "--capabilities", "CAPABILITY_NAMED_IAM",
    )  # fmt: skip
    simulator.advance(120)
    # The waiter asks once and finds the stack finished.
    aws("cloudformation", "wait", "stack-create-complete", "--stack-name", "plain")
    assert aws("iam", "get-role", "--role-name", "Plain")["Role"]["RoleName"] == "Plain"
    aws("cloudformation", "delete-stack", "--stack-name", "plain")
    simulator.advance(120)
    aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", "plain")


def test_deploy_works_through_change_sets(tmp_path):
    # The command waits by itself and asks only every 30 seconds: this clock is so fast that it asks once.
    with simulated(speed=20000) as fast:
        aws = Cli(fast, tmp_path, access_key=access_key(FIRST_ACCOUNT))
        deploy = (
            "cloudformation", "deploy", "--stack-name", "deployed", "--template-file", "role.json",
            "--capabilities", "CAPABILITY_NAMED_IAM",
        )  # fmt: skip
        (tmp_path / "role.json").write_text(json.dumps(role_template("Deployed")))
        aws.run(*deploy)
        assert aws("iam", "get-role", "--role-name", "Deployed")["Role"]["MaxSessionDuration"] == 3600
        # The CLI names a change set after the second in which it runs; an executed one is gone from the stack, so
        # that the name is free again. The one without changes stays behind (aws-facts C3), so it comes last.
        aws.run(*deploy, "--parameter-overrides", "Session=7200")
        assert aws("iam", "get-role", "--role-name", "Deployed")["Role"]["MaxSessionDuration"] == 7200
        assert "No changes to deploy" in aws.run(*deploy, "--no-fail-on-empty-changeset")
