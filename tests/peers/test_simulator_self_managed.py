"""Self-managed StackSets and their two roles (aws-facts A1 and A14)."""

import json

import pytest

from organization import refusal, standard_organization
from simulator import FIRST_ACCOUNT, REGION
from stack_sets import ALL_AT_ONCE, StackSet, role_in, role_template, trust

ADMINISTRATION = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION = "AWSCloudFormationStackSetExecutionRole"


@pytest.fixture(scope="module")
def organization(simulator):
    organization = standard_organization(simulator)
    iam = simulator.client("iam")
    service = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName=ADMINISTRATION, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [service]})
    )
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/{EXECUTION}"}
    iam.put_role_policy(
        RoleName=ADMINISTRATION,
        PolicyName="assume",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    return organization


def execution_role(simulator, account, trusted=FIRST_ACCOUNT):
    """Creates the execution role of an account."""
    iam = simulator.client("iam", account)
    iam.create_role(RoleName=EXECUTION, AssumeRolePolicyDocument=json.dumps(trust(trusted)))
    iam.attach_role_policy(RoleName=EXECUTION, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def create(stack_set, accounts):
    """Creates instances in listed accounts and waits."""
    identity = stack_set.api.create_stack_instances(
        StackSetName=stack_set.name, Accounts=accounts, Regions=[REGION], OperationPreferences=ALL_AT_ONCE
    )["OperationId"]
    return stack_set.wait(identity)


def self_managed(simulator, name):
    """A self-managed set; it takes no part in automatic deployment."""
    stack_set = StackSet(simulator, name, role_template(name), create=False)
    stack_set.api.create_stack_set(
        StackSetName=name, TemplateBody=json.dumps(stack_set.template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    return stack_set


def test_it_reaches_the_management_account_and_needs_an_execution_role(simulator, organization):
    ids = organization.accounts
    execution_role(simulator, FIRST_ACCOUNT)
    execution_role(simulator, ids["shop"])
    execution_role(simulator, ids["pay"], trusted=ids["loose"])
    stack_set = self_managed(simulator, "by-hand")
    # No trusted access is on: a self-managed set does not need it. The default model is self-managed.
    assert stack_set.described()["PermissionModel"] == "SELF_MANAGED"
    create(stack_set, [FIRST_ACCOUNT, ids["shop"], ids["pay"], ids["play"]])
    assert role_in(simulator, FIRST_ACCOUNT, "by-hand") is not None
    assert role_in(simulator, ids["shop"], "by-hand") is not None
    instances = stack_set.instances()
    for account in (ids["pay"], ids["play"]):
        # A14: missing, or not trusting the administrator.
        assert f"Account {account} should have '{EXECUTION}' role" in instances[account]["StatusReason"]
    assert instances[ids["shop"]]["Status"] == "CURRENT"


def test_units_and_automatic_deployment_are_for_service_managed_sets(simulator, organization):
    stack_set = self_managed(simulator, "no-units")
    with refusal("ValidationError"):
        stack_set.start([organization.root])
    with refusal("ValidationError"):
        stack_set.api.create_stack_set(
            StackSetName="no-automatic",
            TemplateBody=json.dumps(role_template("X")),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": False},
        )


def test_a_member_has_sets_of_its_own(simulator, organization):
    # A2: SELF in a member means only that member's own self-managed sets.
    member = simulator.client("cloudformation", organization.accounts["loose"])
    self_managed(simulator, "of-management")
    with refusal("StackSetNotFoundException"):
        member.describe_stack_set(StackSetName="of-management")
    member.create_stack_set(
        StackSetName="of-member", TemplateBody=json.dumps(role_template("X")), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert [s["StackSetName"] for s in member.list_stack_sets(Status="ACTIVE")["Summaries"]] == ["of-member"]


def test_a_missing_administration_role_stops_everything(simulator, organization):
    member = simulator.client("cloudformation", organization.accounts["eu-shop"])
    stack_set = StackSet(simulator, "no-administration", role_template("X"), client=member, create=False)
    member.create_stack_set(
        StackSetName="no-administration",
        TemplateBody=json.dumps(role_template("X")),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    # [unsure] whether the call is refused or the instance fails: it must not succeed.
    try:
        operation = create(stack_set, [organization.accounts["eu-shop"]])
    except member.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationError"
    else:
        assert operation["StatusDetails"]["FailedStackInstancesCount"] == 1


class Importing:
    """Stacks made by hand in member accounts, and a set of the same template."""

    def __init__(self, simulator, name, accounts, template=None):
        self.simulator = simulator
        self.name = name
        self.template = template or role_template(name)
        self.stacks = {account: self.stack(account) for account in accounts}
        self.stack_set = StackSet(simulator, name, self.template, create=False)
        self.stack_set.api.create_stack_set(
            StackSetName=name, TemplateBody=json.dumps(self.template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )

    def stack(self, account, **arguments):
        """Creates a stack in an account and gives its id."""
        api = self.simulator.client("cloudformation", account)
        body = json.dumps(arguments.pop("template", self.template))
        defaults = {"StackName": self.name, "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
        stack = api.create_stack(**{**defaults, **arguments})["StackId"]
        self.simulator.until(lambda: self.status(account, stack) == "CREATE_COMPLETE")
        return stack

    def status(self, account, stack):
        """The status of a stack."""
        api = self.simulator.client("cloudformation", account)
        return api.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]

    def start(self, stacks, **arguments):
        """Begins an import and gives the operation's id."""
        api = self.stack_set.api
        return api.import_stacks_to_stack_set(
            StackSetName=self.name, StackIds=stacks, OperationPreferences=ALL_AT_ONCE, **arguments
        )["OperationId"]

    def run(self, stacks):
        """Imports and waits."""
        return self.stack_set.wait(self.start(stacks))


@pytest.fixture(scope="module")
def reachable(simulator, organization):
    """Two accounts with an execution role."""
    accounts = [organization.accounts["eu-shop"], organization.accounts["loose"]]
    for account in accounts:
        execution_role(simulator, account)
    return accounts


def test_a_stack_becomes_an_instance_and_changes_with_the_set(simulator, reachable):
    here, _ = reachable
    importing = Importing(simulator, "imported", [here])
    before = role_in(simulator, here, "imported")
    importing.run(list(importing.stacks.values()))
    instance = importing.stack_set.instances()[here]
    assert (instance["Status"], instance["StackInstanceStatus"]["DetailedStatus"]) == ("CURRENT", "SUCCEEDED")
    assert instance["StackId"] == importing.stacks[here]
    assert role_in(simulator, here, "imported") == before
    importing.stack_set.update(TemplateBody=json.dumps(role_template("imported", MaxSessionDuration=7200)))
    assert role_in(simulator, here, "imported")["MaxSessionDuration"] == 7200
    # One instance for an account and Region, whichever stack.
    for stack in (importing.stacks[here], importing.stack(here, StackName="more", template=role_template("more"))):
        with refusal("ValidationError"):
            importing.start([stack])


def test_a_failed_import_leaves_an_inoperable_instance_until_it_is_deleted(simulator, organization, reachable):
    here, there = reachable
    without_role = organization.accounts["play"]
    importing = Importing(simulator, "half-imported", [here, without_role])
    other = importing.stack(there, template=role_template("half-imported", MaxSessionDuration=7200))
    operation = importing.run([*importing.stacks.values(), other])
    assert operation["StatusDetails"]["FailedStackInstancesCount"] == 2
    detailed = importing.stack_set.detailed()
    assert detailed[here] == ("CURRENT", "SUCCEEDED")
    # A11, A13: this pair, with A14's reason where the execution role is missing.
    assert detailed[there] == detailed[without_role] == ("INOPERABLE", "FAILED_IMPORT")
    instances = importing.stack_set.instances()
    assert f"should have '{EXECUTION}' role" in instances[without_role]["StatusReason"]
    assert "template" in instances[there]["StatusReason"]
    # The remedy of A11; the stack stays.
    deleted = importing.stack_set.api.delete_stack_instances(
        StackSetName=importing.name, Accounts=[without_role], Regions=[REGION], RetainStacks=True
    )
    importing.stack_set.wait(deleted["OperationId"])
    execution_role(simulator, without_role)
    importing.run([importing.stacks[without_role]])
    assert importing.stack_set.detailed()[without_role] == ("CURRENT", "SUCCEEDED")


def test_an_import_that_cannot_be_is_refused(simulator, reachable):
    here, there = reachable
    importing = Importing(simulator, "not-imported", [here])
    stack = importing.stacks[here]
    with refusal("ValidationError"):
        importing.start([])
    with refusal("StackNotFoundException"):
        importing.start([stack.replace(here, there)])
    with refusal("LimitExceededException"):
        importing.start([f"{stack}{number}" for number in range(11)])
    secret = role_template("secretly-imported")
    secret["Parameters"]["Note"]["NoEcho"] = True
    with_secret = Importing(simulator, "secretly-imported", [there], template=secret)
    with refusal("ValidationError"):
        with_secret.start(list(with_secret.stacks.values()))
    importing.stack_set.wait(importing.start([stack], OperationId="once"))
    with refusal("OperationIdAlreadyExistsException"):
        importing.start([stack], OperationId="once")
    another = Importing(simulator, "another-set", [], template=importing.template)
    with refusal("ValidationError"):
        another.start([stack])
