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
