"""Updates, overrides and deletions of StackSets (aws-facts A8 to A10)."""

import json
import uuid

import pytest

from organization import refusal, standard_organization
from simulator import REGION
from stack_sets import StackSet, role_in, role_template

CURRENT = ("CURRENT", "SUCCEEDED")


@pytest.fixture(scope="module")
def organization(simulator):
    organization = standard_organization(simulator)
    simulator.client("cloudformation").activate_organizations_access()
    return organization


@pytest.fixture
def ids(organization):
    return organization.accounts


@pytest.fixture
def deployed(simulator, organization):
    """A fresh set below Workloads and Sandbox, with a role of its own."""
    name = f"update-{uuid.uuid4().hex[:8]}"
    stack_set = StackSet(simulator, name, role_template(name))
    stack_set.create([organization.units["Workloads"], organization.units["Sandbox"]])
    return stack_set


def session_lengths(stack_set, ids, names=("shop", "pay", "eu-shop", "old", "play")):
    """The session length of the set's role in each account, by the account's name."""
    return {name: role_in(stack_set.simulator, ids[name], stack_set.name)["MaxSessionDuration"] for name in names}


def parameter(value):
    return [{"ParameterKey": "Session", "ParameterValue": str(value)}]


def test_an_update_of_the_template_reaches_every_role_in_place(simulator, deployed, ids):
    before = role_in(simulator, ids["shop"], deployed.name)
    template = role_template(deployed.name, Description="Second edition", MaxSessionDuration=7200)
    operation = deployed.update(TemplateBody=json.dumps(template))
    assert operation["Status"] == "SUCCEEDED" and operation["Action"] == "UPDATE"
    after = role_in(simulator, ids["shop"], deployed.name)
    assert (after["Description"], after["MaxSessionDuration"]) == ("Second edition", 7200)
    # F2: description and session length change in place, so it is the same role.
    assert after["RoleId"] == before["RoleId"]
    assert json.loads(deployed.described()["TemplateBody"]) == template
    # A3: the suspended account stays skipped.
    assert deployed.detailed()[ids["closed"]][1] == "SKIPPED_SUSPENDED_ACCOUNT"
    assert {s for a, s in deployed.detailed().items() if a != ids["closed"]} == {CURRENT}


def test_a_new_name_replaces_the_role(simulator, deployed, ids):
    # F2: RoleName means replacement.
    renamed = deployed.name + "-renamed"
    deployed.update(TemplateBody=json.dumps(role_template(renamed)))
    assert role_in(simulator, ids["play"], deployed.name) is None
    assert role_in(simulator, ids["play"], renamed) is not None


def test_all_turn_outdated_and_only_the_targeted_are_updated(deployed, organization, ids):
    # A8: the others stay OUTDATED with PENDING although nothing is scheduled for them.
    deployed.update(
        Parameters=parameter(7200),
        DeploymentTargets={"OrganizationalUnitIds": [organization.units["Sandbox"]]},
        Regions=[REGION],
    )
    detailed = deployed.detailed()
    assert detailed[ids["play"]] == CURRENT
    assert {detailed[ids[name]] for name in ("shop", "pay", "eu-shop", "old")} == {("OUTDATED", "PENDING")}
    assert session_lengths(deployed, ids) == {"shop": 3600, "pay": 3600, "eu-shop": 3600, "old": 3600, "play": 7200}


def test_preferences_alone_leave_the_others_current(deployed, organization, ids):
    # A8: without a new template or parameters, only what is targeted is touched. The one parameter keeps its value.
    deployed.update(
        Parameters=[{"ParameterKey": "Session", "UsePreviousValue": True}],
        Tags=[{"Key": "owner", "Value": "security"}],
    )
    assert deployed.described()["Tags"] == [{"Key": "owner", "Value": "security"}]
    assert {s for a, s in deployed.detailed().items() if a != ids["closed"]} == {CURRENT}


def test_tags_are_kept_replaced_or_removed(deployed):
    # A8.
    deployed.update(Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    deployed.update()
    assert {tag["Key"] for tag in deployed.described()["Tags"]} == {"a", "b"}
    deployed.update(Tags=[{"Key": "c", "Value": "3"}])
    assert [tag["Key"] for tag in deployed.described()["Tags"]] == ["c"]


def test_a_parameter_that_is_not_listed_falls_back_to_its_default(deployed, ids):
    # A8.
    deployed.update(Parameters=parameter(7200))
    assert set(session_lengths(deployed, ids).values()) == {7200}
    deployed.update(Parameters=[{"ParameterKey": "Session", "UsePreviousValue": True}])
    assert set(session_lengths(deployed, ids).values()) == {7200}
    deployed.update()
    assert set(session_lengths(deployed, ids).values()) == {3600}


def test_overrides_are_for_one_account_and_survive_updates(deployed, organization, ids):
    # A9 and A8.
    units = [organization.units["Workloads"]]
    both = [*parameter(14400), {"ParameterKey": "Note", "ParameterValue": "For pay alone"}]
    assert deployed.override(units, both, [ids["pay"]], "INTERSECTION")["Status"] == "SUCCEEDED"
    assert overrides(deployed, ids["pay"]) == {"Session": "14400", "Note": "For pay alone"}
    assert overrides(deployed, ids["shop"]) == {}
    assert session_lengths(deployed, ids, ("pay", "shop")) == {"pay": 14400, "shop": 3600}
    deployed.update(Parameters=parameter(7200))
    assert session_lengths(deployed, ids, ("pay", "shop")) == {"pay": 14400, "shop": 7200}
    # A list keeps what it names with UsePreviousValue, and removes the override that it does not name.
    kept = [{"ParameterKey": "Session", "UsePreviousValue": True}]
    deployed.override(units, kept, [ids["pay"]], "INTERSECTION")
    assert overrides(deployed, ids["pay"]) == {"Session": "14400"}
    assert role_in(deployed.simulator, ids["pay"], deployed.name)["Description"] == "Rolled out"


def overrides(stack_set, account):
    """The parameter overrides of one instance."""
    instance = stack_set.api.describe_stack_instance(
        StackSetName=stack_set.name, StackInstanceAccount=account, StackInstanceRegion=REGION
    )["StackInstance"]
    return {p["ParameterKey"]: p["ParameterValue"] for p in instance.get("ParameterOverrides", [])}


def test_a_target_without_an_instance_refuses_the_whole_update(deployed, organization, ids):
    # A8: refused up front, no operation is made.
    before = len(deployed.api.list_stack_set_operations(StackSetName=deployed.name)["Summaries"])
    with refusal("StackInstanceNotFoundException"):
        deployed.start_update(
            Parameters=parameter(7200),
            DeploymentTargets={
                "OrganizationalUnitIds": [organization.root],
                "Accounts": [ids["loose"]],
                "AccountFilterType": "INTERSECTION",
            },
            Regions=[REGION],
        )
    assert len(deployed.api.list_stack_set_operations(StackSetName=deployed.name)["Summaries"]) == before
    assert {s for a, s in deployed.detailed().items() if a != ids["closed"]} == {CURRENT}
    with refusal("StackInstanceNotFoundException"):
        deployed.api.describe_stack_instance(
            StackSetName=deployed.name, StackInstanceAccount=ids["loose"], StackInstanceRegion=REGION
        )


def test_regions_and_targets_come_together(deployed, organization):
    # A8 and A4.
    sandbox = {"OrganizationalUnitIds": [organization.units["Sandbox"]]}
    with refusal("ValidationError"):
        deployed.start_update(Regions=[REGION])
    with refusal("ValidationError"):
        deployed.start_update(DeploymentTargets=sandbox)
    with refusal("ValidationError"):
        deployed.start_update(AutoDeployment={"Enabled": False}, DeploymentTargets=sandbox, Regions=[REGION])


def test_the_definition_changes_although_the_operation_fails(simulator, deployed, ids):
    # A8. A trust policy that names a role that does not exist fails in every account (F3).
    template = role_template(deployed.name, trusted="111111111111")
    principal = {"AWS": f"arn:aws:iam::{ids['loose']}:role/no-such-role"}
    template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = principal
    operation = deployed.update(
        TemplateBody=json.dumps(template), OperationPreferences={"FailureToleranceCount": 0, "MaxConcurrentCount": 1}
    )
    assert operation["Status"] == "FAILED"
    assert json.loads(deployed.described()["TemplateBody"]) == template
    # The member stacks were rolled back: the role trusts whom it trusted before.
    document = role_in(simulator, ids["shop"], deployed.name)["AssumeRolePolicyDocument"]
    assert document["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    reasons = [
        i["StatusReason"]
        for i in deployed.instances().values()
        if i["StackInstanceStatus"]["DetailedStatus"] == "FAILED"
    ]
    assert len(reasons) == 1 and "Invalid principal in policy" in reasons[0]


def test_an_identical_update_still_visits_every_instance(deployed, ids):
    # A8 [unsure in detail]: an operation runs; nothing is refused.
    operation = deployed.update(TemplateBody=json.dumps(deployed.template))
    assert operation["Status"] == "SUCCEEDED"
    results = deployed.results(operation["OperationId"])
    assert {ids[name] for name in ("shop", "pay", "eu-shop", "old", "play")} <= set(results)


def test_deletion_takes_the_role_away(simulator, deployed, organization, ids):
    with refusal("StackSetNotEmptyException"):
        deployed.api.delete_stack_set(StackSetName=deployed.name)
    operation = deployed.delete([organization.units["Sandbox"]])
    assert operation["Status"] == "SUCCEEDED" and operation["Action"] == "DELETE" and operation["RetainStacks"] is False
    assert ids["play"] not in deployed.instances() and ids["shop"] in deployed.instances()
    assert role_in(simulator, ids["play"], deployed.name) is None


def test_a_retained_stack_lives_on(simulator, deployed, organization, ids):
    stack_id = deployed.instances()[ids["play"]]["StackId"]
    deployed.delete([organization.root], retain=True)
    assert deployed.instances() == {}
    assert role_in(simulator, ids["play"], deployed.name) is not None
    member = simulator.client("cloudformation", ids["play"])
    assert member.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    # A15: a deleted set remains listable as DELETED, and its name is free.
    deployed.api.delete_stack_set(StackSetName=deployed.name)
    listed = deployed.api.get_paginator("list_stack_sets").paginate(Status="DELETED")
    assert deployed.id in [s["StackSetId"] for page in listed for s in page["Summaries"]]
    with refusal("StackSetNotFoundException"):
        deployed.api.describe_stack_set(StackSetName=deployed.name)
    assert StackSet(simulator, deployed.name, role_template("Other")).id != deployed.id


def test_a_policy_attached_by_hand_blocks_the_deletion(simulator, deployed, organization, ids):
    # A10: CloudFormation deletes only what it created, IAM answers DeleteConflict, the instance is INOPERABLE.
    iam = simulator.client("iam", ids["play"])
    iam.put_role_policy(
        RoleName=deployed.name,
        PolicyName="by-hand",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        ),
    )
    deployed.delete([organization.units["Sandbox"]])
    assert deployed.detailed()[ids["play"]] == ("INOPERABLE", "INOPERABLE")
    assert role_in(simulator, ids["play"], deployed.name) is not None
    # The way out is to retain the stack and to clean up by hand.
    deployed.delete([organization.units["Sandbox"]], retain=True)
    assert ids["play"] not in deployed.instances()
