"""Automatic deployment when accounts come, move and go (aws-facts A4)."""

import pytest

from organization import refusal, standard_organization
from simulator import REGION
from stack_sets import StackSet, role_in, role_template


@pytest.fixture(scope="module")
def organization(simulator):
    organization = standard_organization(simulator)
    simulator.client("cloudformation").activate_organizations_access()
    return organization


def automatic(simulator, organization, name, retain, path="Workloads/Prod", **targets):
    """A set that follows one unit."""
    stack_set = StackSet(
        simulator, name, role_template(name), AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": retain}
    )
    stack_set.create([organization.units[path]], **targets)
    return stack_set


def test_an_account_gets_the_stack_when_it_joins_and_loses_it_when_it_leaves(simulator, organization):
    stack_set = automatic(simulator, organization, "follows", retain=False)
    account = organization.account("newcomer")
    chosen = {o["OperationId"] for o in stack_set.api.list_stack_set_operations(StackSetName="follows")["Summaries"]}
    organization.move("newcomer", "", "Workloads/Prod")
    simulator.until(lambda: stack_set.detailed().get(account) == ("CURRENT", "SUCCEEDED"))
    assert role_in(simulator, account, "follows") is not None
    # It appears as an ordinary operation whose id nobody chose.
    operations = stack_set.api.list_stack_set_operations(StackSetName="follows")["Summaries"]
    assert [o["Action"] for o in operations if o["OperationId"] not in chosen] == ["CREATE"]
    organization.move("newcomer", "Workloads/Prod", "Sandbox")
    simulator.until(lambda: account not in stack_set.instances())
    assert role_in(simulator, account, "follows") is None


def test_a_leaving_account_keeps_a_retained_stack(simulator, organization):
    stack_set = automatic(simulator, organization, "retains", retain=True)
    account = organization.account("keeper", "Workloads/Prod")
    simulator.until(lambda: stack_set.detailed().get(account) == ("CURRENT", "SUCCEEDED"))
    organization.move("keeper", "Workloads/Prod", "Sandbox")
    simulator.until(lambda: account not in stack_set.instances())
    assert role_in(simulator, account, "retains") is not None


def test_filters_do_not_hold_for_automatic_deployment(simulator, organization):
    shop = organization.accounts["shop"]
    stack_set = automatic(simulator, organization, "unfiltered", False, accounts=[shop], filter_type="INTERSECTION")
    assert set(stack_set.instances()) == {shop}
    account = organization.account("unlisted", "Workloads/Prod/EU")
    simulator.until(lambda: stack_set.detailed().get(account) == ("CURRENT", "SUCCEEDED"))


def test_without_automatic_deployment_a_newcomer_gets_nothing(simulator, organization):
    stack_set = StackSet(simulator, "still", role_template("still"))
    stack_set.create([organization.units["Sandbox"]])
    account = organization.account("ignored", "Sandbox")
    simulator.advance(600)
    assert account not in stack_set.instances() and role_in(simulator, account, "still") is None


def test_targets_are_listed_to_an_empty_token(simulator, organization):
    automatic(simulator, organization, "matrix", retain=False, path="Workloads")
    answer = simulator.client("cloudformation").list_stack_set_auto_deployment_targets(StackSetName="matrix")
    units = [(s["OrganizationalUnitId"], s["Regions"]) for s in answer["Summaries"]]
    assert units == [(organization.units["Workloads"], [REGION])]
    # A16: the end of this list is the empty string.
    assert answer["NextToken"] == ""


def test_retention_needs_automatic_deployment(simulator, organization):
    with refusal("ValidationError"):
        StackSet(
            simulator,
            "contradicting",
            role_template("contradicting"),
            AutoDeployment={"Enabled": False, "RetainStacksOnAccountRemoval": True},
        )
