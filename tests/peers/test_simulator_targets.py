"""Which accounts a service-managed StackSet reaches (aws-facts A1 to A3)."""

import json

import pytest
from botocore.exceptions import ClientError

from organization import STACKSETS_PRINCIPAL, all_of, refusal, standard_organization
from simulator import FIRST_ACCOUNT, REGION
from stack_sets import StackSet, role_in, role_template


@pytest.fixture(scope="module")
def organization(simulator):
    return standard_organization(simulator)


@pytest.fixture(scope="module")
def trusted(simulator, organization):
    """The organization after trusted access was switched on, and seen to be needed before."""
    cloudformation = simulator.client("cloudformation")
    assert cloudformation.describe_organizations_access()["Status"] == "DISABLED"
    needed = "you must enable organizations access to operate a service managed stack set"
    with refusal("ValidationError", needed):
        StackSet(simulator, "too-early", role_template("TooEarly"))
    # A2: switching it on through Organizations is not enough.
    organization.api.enable_aws_service_access(ServicePrincipal=STACKSETS_PRINCIPAL)
    with refusal("ValidationError", needed):
        StackSet(simulator, "too-early", role_template("TooEarly"))
    cloudformation.activate_organizations_access()
    assert cloudformation.describe_organizations_access()["Status"] == "ENABLED"
    listed = all_of(organization.api, "list_aws_service_access_for_organization", "EnabledServicePrincipals")
    assert STACKSETS_PRINCIPAL in [p["ServicePrincipal"] for p in listed]
    return organization


@pytest.fixture
def ids(trusted):
    return trusted.accounts


def test_the_root_reaches_every_account_but_the_management_account(simulator, trusted, ids):
    stack_set = StackSet(simulator, "everyone", role_template("Everyone"))
    operation = stack_set.create([trusted.root])
    assert operation["Status"] == "SUCCEEDED" and operation["Action"] == "CREATE"
    assert operation["EndTimestamp"] > operation["CreationTimestamp"]
    instances = stack_set.instances()
    assert FIRST_ACCOUNT not in instances
    assert set(instances) == set(ids.values())
    # A3: the instance is booked under the unit that was targeted, not under the account's parent.
    assert {instance["OrganizationalUnitId"] for instance in instances.values()} == {trusted.root}
    # A3: a suspended account is skipped, and eats no failure tolerance.
    assert instances[ids["closed"]]["StackInstanceStatus"]["DetailedStatus"] == "SKIPPED_SUSPENDED_ACCOUNT"
    detailed = stack_set.detailed()
    assert {detailed[account] for name, account in ids.items() if name != "closed"} == {("CURRENT", "SUCCEEDED")}
    results = stack_set.results(operation["OperationId"])
    for name, account in ids.items():
        if name != "closed":
            assert results[account]["Status"] == "SUCCEEDED"
            # A13: without a gate in the account its result is SKIPPED.
            assert results[account]["AccountGateResult"]["Status"] == "SKIPPED"
    described = stack_set.described()
    assert described["Regions"] == [REGION] and described["OrganizationalUnitIds"] == [trusted.root]
    assert role_in(simulator, FIRST_ACCOUNT, "Everyone") is None


def test_the_role_and_its_stack_are_in_the_member_account(simulator, trusted, ids):
    stack_set = StackSet(
        simulator, "visible", role_template("Visible", Description="Reads"), Tags=[{"Key": "owner", "Value": "sec"}]
    )
    stack_set.create([trusted.units["Sandbox"]])
    account = ids["play"]
    role = role_in(simulator, account, "Visible")
    assert role["Arn"] == f"arn:aws:iam::{account}:role/Visible" and role["Description"] == "Reads"
    assert role["MaxSessionDuration"] == 3600 and role["RoleId"].startswith("AROA")
    # A7: the set's tags are put on the stack and on what it creates.
    assert {"Key": "owner", "Value": "sec"} in role["Tags"]
    stack_id = stack_set.instances()[account]["StackId"]
    stack = simulator.client("cloudformation", account).describe_stacks(StackName=stack_id)["Stacks"][0]
    # A7: StackSet-SETNAME-UUID.
    assert stack["StackName"].startswith("StackSet-visible-") and stack["StackStatus"] == "CREATE_COMPLETE"
    session = simulator.session(role["Arn"])
    assert simulator.client_with("sts", session).get_caller_identity()["Account"] == account


def test_a_unit_reaches_the_accounts_of_its_child_units(simulator, trusted, ids):
    stack_set = StackSet(simulator, "nested", role_template("Nested"))
    stack_set.create([trusted.units["Workloads"]])
    assert set(stack_set.instances()) == {ids[name] for name in ("shop", "pay", "eu-shop", "old", "closed")}


def test_an_account_in_two_targeted_units_gets_one_instance(simulator, trusted, ids):
    stack_set = StackSet(simulator, "overlap", role_template("Overlap"))
    operation = stack_set.create([trusted.units["Workloads/Prod"], trusted.units["Workloads/Prod/EU"]])
    assert operation["Status"] == "SUCCEEDED"
    assert set(stack_set.instances()) == {ids[name] for name in ("shop", "pay", "eu-shop", "closed")}


def test_intersection_reaches_listed_accounts_inside_the_units(simulator, trusted, ids):
    stack_set = StackSet(simulator, "intersection", role_template("Intersection"))
    stack_set.create([trusted.units["Workloads"]], [ids["shop"], ids["eu-shop"]], "INTERSECTION")
    assert set(stack_set.instances()) == {ids["shop"], ids["eu-shop"]}


def test_difference_spares_the_listed_accounts(simulator, trusted, ids):
    stack_set = StackSet(simulator, "difference", role_template("Difference"))
    stack_set.create([trusted.units["Workloads"]], [ids["old"], ids["closed"]], "DIFFERENCE")
    assert set(stack_set.instances()) == {ids["shop"], ids["pay"], ids["eu-shop"]}


def test_only_missing_instances_are_created(simulator, trusted, ids):
    # A7.
    stack_set = StackSet(simulator, "missing", role_template("Missing"))
    stack_set.create([trusted.units["Workloads/Prod/EU"]])
    operation = stack_set.create([trusted.units["Workloads/Prod"]])
    assert operation["Status"] == "SUCCEEDED"
    assert set(stack_set.instances()) == {ids[name] for name in ("shop", "pay", "eu-shop", "closed")}


@pytest.mark.parametrize(
    "units, accounts, filter_type, text",
    [
        # A3: with both lists the filter is mandatory on create, and UNION does not exist there.
        (
            ["Sandbox"],
            ["play"],
            None,
            "AccountFilterType should be specified when both OrganizationalUnitIds and Accounts are provided",
        ),
        (["Sandbox"], ["play"], "UNION", ""),
        # A3: a service-managed set always needs units.
        ([], ["play"], None, "OrganizationalUnitIds should be specified in SERVICE_MANAGED mode"),
        ([], None, None, ""),
    ],
)
def test_wrong_filters_are_refused(simulator, trusted, ids, units, accounts, filter_type, text):
    stack_set = StackSet(
        simulator, f"filters-{len(units)}-{filter_type or 'none'}-{len(accounts or [])}", role_template("Filters")
    )
    listed = None if accounts is None else [ids[name] for name in accounts]
    with refusal("ValidationError", text):
        stack_set.start([trusted.units[unit] for unit in units], listed, filter_type)
    assert stack_set.instances() == {}


def test_accounts_outside_deployment_targets_are_for_self_managed_sets(simulator, trusted, ids):
    stack_set = StackSet(simulator, "top-level-accounts", role_template("TopLevel"))
    with refusal("ValidationError"):
        stack_set.api.create_stack_instances(StackSetName=stack_set.name, Accounts=[ids["play"]], Regions=[REGION])


def test_more_than_fifty_units_are_refused(simulator, trusted):
    # A3: the model's bound of OrganizationalUnitIds per call.
    stack_set = StackSet(simulator, "fifty-one", role_template("FiftyOne"))
    with refusal("ValidationError"):
        stack_set.start([f"ou-ab12-{number:08d}" for number in range(51)])


def test_auto_deployment_is_mandatory_for_service_managed_sets(simulator, trusted):
    # A1.
    with refusal("ValidationError"):
        simulator.client("cloudformation").create_stack_set(
            StackSetName="no-auto-deployment",
            TemplateBody=json.dumps(role_template("X")),
            PermissionModel="SERVICE_MANAGED",
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )


def test_transforms_are_refused_in_service_managed_sets(simulator, trusted):
    # A1: whatever capability is passed. It is open whether the set is refused or its first operation fails.
    template = {**role_template("Macro"), "Transform": "AWS::Serverless-2016-10-31"}
    try:
        stack_set = StackSet(
            simulator, "macro", template, Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
        )
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationError"
    else:
        operation = stack_set.create([trusted.units["Sandbox"]], preferences={"FailureToleranceCount": 0})
        assert operation["Status"] == "FAILED"


def test_a_delegated_administrator_passes_call_as_on_every_call(simulator, trusted, ids):
    stack_set = StackSet(simulator, "delegated", role_template("Delegated"))
    delegate = simulator.client("cloudformation", ids["loose"])
    # A2: others are told to become one, in words that depend on what they call as.
    with refusal("ValidationError", "You must be the management account or delegated admin account of an organization"):
        StackSet(simulator, "nobody", role_template("Nobody"), client=delegate)
    with refusal("ValidationError", "delegated admin"):
        StackSet(simulator, "nobody", role_template("Nobody"), client=delegate, call_as="DELEGATED_ADMIN")
    trusted.api.register_delegated_administrator(AccountId=ids["loose"], ServicePrincipal=STACKSETS_PRINCIPAL)
    with refusal("StackSetNotFoundException"):
        delegate.describe_stack_set(StackSetName="delegated")
    as_delegate = StackSet(simulator, "delegated", None, client=delegate, create=False, call_as="DELEGATED_ADMIN")
    assert as_delegate.described()["StackSetId"] == stack_set.id
    operation = as_delegate.create([trusted.units["Sandbox"]])
    assert operation["Status"] == "SUCCEEDED"
    assert set(stack_set.instances()) == {ids["play"]}
    # A2: what it creates belongs to the management account.
    created = StackSet(
        simulator, "by-delegate", role_template("ByDelegate"), client=delegate, call_as="DELEGATED_ADMIN"
    )
    assert (
        f":{FIRST_ACCOUNT}:stackset/by-delegate:"
        in simulator.client("cloudformation").describe_stack_set(StackSetName="by-delegate")["StackSet"]["StackSetARN"]
    )
    # A2: only the management account may switch trusted access.
    with refusal("InvalidOperationException"):
        delegate.activate_organizations_access()
    assert created.id.startswith("by-delegate:")


def test_a_set_lives_in_one_region(simulator, trusted):
    StackSet(simulator, "at-home", role_template("AtHome"))
    with refusal("StackSetNotFoundException"):
        simulator.client("cloudformation", region="eu-west-1").describe_stack_set(StackSetName="at-home")


def test_instances_are_listed_in_pages_and_filtered(simulator, trusted, ids):
    stack_set = StackSet(simulator, "pages", role_template("Pages"))
    stack_set.create([trusted.root])
    assert set(stack_set.instances(PaginationConfig={"PageSize": 2})) == set(ids.values())
    skipped = stack_set.instances(Filters=[{"Name": "DETAILED_STATUS", "Values": "SKIPPED_SUSPENDED_ACCOUNT"}])
    assert set(skipped) == {ids["closed"]}
    assert set(stack_set.instances(StackInstanceAccount=ids["shop"])) == {ids["shop"]}
    for wrong in (0, 101):
        with refusal("ValidationError"):
            stack_set.api.list_stack_instances(StackSetName="pages", MaxResults=wrong)
