"""Accounts that are suspended, closed, removed or made while a roll-out is under way (aws-facts A3, A4, D1 to D4, E2)."""

import json
import uuid

import pytest

from organization import refusal, standard_organization
from simulator import simulated
from stack_sets import StackSet, role_in, role_template


@pytest.fixture
def organization():
    with simulated(speed=0.0001) as running:
        organization = standard_organization(running)
        running.client("cloudformation").activate_organizations_access()
        yield organization


@pytest.fixture
def simulator(organization):
    return organization.simulator


def under_way(simulator, organization, *slow, automatic=False):
    """A set whose stacks are being made everywhere, which takes long in some accounts: set and operation."""
    name = f"under-way-{uuid.uuid4().hex[:8]}"
    simulator.add_faults(accounts=[{"account": organization.accounts[account], "takes": "20m"} for account in slow])
    follows = {"Enabled": True, "RetainStacksOnAccountRemoval": False} if automatic else {"Enabled": False}
    stack_set = StackSet(simulator, name, role_template(name), AutoDeployment=follows)
    operation = stack_set.start([organization.root])
    simulator.advance(60)
    return stack_set, operation


def enters(simulator, role):
    """Whether the management account gets into a role."""
    sts = simulator.client("sts")
    try:
        sts.assume_role(RoleArn=role, RoleSessionName="peer")
    except sts.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied"
        return False
    return True


def role(account, name):
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.mark.parametrize("end", ["CloseAccount", "an event suspends it"])
def test_an_account_that_ends_while_it_is_deployed_to_is_closed_to_everybody(simulator, organization, end):
    shop, pay = (organization.accounts[name] for name in ("shop", "pay"))
    stack_set, operation = under_way(simulator, organization, "shop", "pay")
    session = simulator.session(role(shop, "OrganizationAccountAccessRole"))
    if end == "CloseAccount":
        organization.close("shop")
    else:
        simulator.add_faults(events=[{"at": "0s", "suspend": {"account": shop}}])
    described = organization.api.describe_account(AccountId=shop)["Account"]
    assert (described["State"], described["Status"]) == ("SUSPENDED", "SUSPENDED")
    # E2: closed and missing are refused alike, and what was handed out before is worth nothing.
    assert not enters(simulator, role(shop, "OrganizationAccountAccessRole"))
    with refusal("InvalidClientTokenId"):
        simulator.client_with("sts", session).get_caller_identity()
    assert enters(simulator, role(pay, "OrganizationAccountAccessRole"))

    stack_set.wait(operation)
    assert stack_set.detailed()[pay] == ("CURRENT", "SUCCEEDED")
    assert not enters(simulator, role(shop, stack_set.name))
    assert enters(simulator, role(pay, stack_set.name))
    # A3: the next operation passes it by.
    again = stack_set.update(TemplateBody=json.dumps(role_template(stack_set.name, Description="Another")))
    assert again["Status"] == "SUCCEEDED"
    assert stack_set.detailed()[shop][1] == "SKIPPED_SUSPENDED_ACCOUNT"


@pytest.mark.parametrize("by", ["RemoveAccountFromOrganization", "LeaveOrganization", "an event"])
def test_an_account_that_goes_is_no_member_any_more(simulator, organization, by):
    shop = organization.accounts["shop"]
    stack_set, operation = under_way(simulator, organization, "pay")
    assert enters(simulator, role(shop, stack_set.name))
    if by == "RemoveAccountFromOrganization":
        organization.api.remove_account_from_organization(AccountId=shop)
    elif by == "LeaveOrganization":
        simulator.client("organizations", shop).leave_organization()
    else:
        leaving = {"account": shop, "operation": "organizations:LeaveOrganization"}
        simulator.add_faults(events=[{"at": "0s", "call": leaving}])
    with refusal("AccountNotFoundException"):
        organization.api.describe_account(AccountId=shop)
    assert shop not in {account["Id"] for account in organization.api.list_accounts()["Accounts"]}
    # Its roles trust whom they trusted.
    assert enters(simulator, role(shop, stack_set.name))
    assert stack_set.wait(operation)["Status"] == "SUCCEEDED"


def test_accounts_that_come_while_an_operation_runs_get_their_stack_after_it(simulator, organization):
    stack_set, operation = under_way(simulator, organization, "shop", automatic=True)
    moved = organization.account("moved")
    organization.move("moved", "", "Workloads/Prod")
    assert stack_set.operation(operation)["Status"] == "RUNNING"
    assert moved not in stack_set.instances() or stack_set.detailed()[moved][1] != "SUCCEEDED"
    stack_set.wait(operation)
    simulator.until(lambda: stack_set.detailed().get(moved) == ("CURRENT", "SUCCEEDED"))
    assert enters(simulator, role(moved, stack_set.name))
    assert role_in(simulator, moved, stack_set.name)["MaxSessionDuration"] == 3600
