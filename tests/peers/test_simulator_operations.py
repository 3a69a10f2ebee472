"""How StackSet operations run, fail and stop (aws-facts A5, A6, A13 to A15, emulators.md)."""

import json
import uuid

import pytest

from organization import refusal, standard_organization
from simulator import REGION
from stack_sets import ALL_AT_ONCE, StackSet, role_in, role_template, trust

STRICT = {"ConcurrencyMode": "STRICT_FAILURE_TOLERANCE"}


@pytest.fixture(scope="module")
def organization(simulator):
    organization = standard_organization(simulator)
    simulator.client("cloudformation").activate_organizations_access()
    return organization


@pytest.fixture
def ids(organization):
    return organization.accounts


@pytest.fixture
def workloads(organization):
    return [organization.units["Workloads"]]


def running_at_once(stack_set, operation):
    """The largest number of accounts that were in work at the same time, seen every few seconds."""
    most = 0
    while stack_set.operation(operation)["Status"] == "RUNNING":
        statuses = [result["Status"] for result in stack_set.results(operation).values()]
        most = max(most, statuses.count("RUNNING"))
        stack_set.simulator.advance(2)
    return most


def test_an_operation_takes_time_and_holds_the_set(simulator, workloads):
    stack_set = StackSet(simulator, "slow", role_template("Slow"))
    identity = str(uuid.uuid4())
    assert stack_set.start(workloads, OperationId=identity) == identity
    operation = stack_set.operation(identity)
    assert operation["Status"] == "RUNNING" and "EndTimestamp" not in operation
    assert {i["Status"] for i in stack_set.instances().values()} == {"OUTDATED"}
    # A5 and A6: one operation at a time, and an id is used once.
    with refusal("OperationInProgressException"):
        stack_set.start(workloads)
    with refusal("OperationInProgressException"):
        stack_set.api.detect_stack_set_drift(StackSetName="slow")
    assert stack_set.wait(identity)["Status"] == "SUCCEEDED"
    with refusal("OperationIdAlreadyExistsException"):
        stack_set.start(workloads, OperationId=identity)
    with refusal("OperationNotFoundException"):
        stack_set.operation(str(uuid.uuid4()))
    listed = stack_set.api.list_stack_set_operations(StackSetName="slow")["Summaries"]
    assert [(o["OperationId"], o["Action"], o["Status"]) for o in listed] == [(identity, "CREATE", "SUCCEEDED")]


def test_managed_execution_queues_instead_of_refusing(simulator, organization, workloads):
    # A5.
    stack_set = StackSet(simulator, "queued", role_template("Queued"), ManagedExecution={"Active": True})
    first = stack_set.start(workloads)
    second = stack_set.start([organization.units["Sandbox"]])
    assert stack_set.operation(second)["Status"] == "QUEUED"
    assert stack_set.wait(first)["Status"] == "SUCCEEDED"
    assert stack_set.wait(second)["Status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    "preferences, expected",
    [
        # A5: the defaults are one account at a time; strict concurrency is at most the tolerance plus one.
        ({}, 1),
        ({**STRICT, "MaxConcurrentPercentage": 100}, 1),
        ({**STRICT, "MaxConcurrentCount": 3, "FailureToleranceCount": 1}, 2),
        ({"ConcurrencyMode": "SOFT_FAILURE_TOLERANCE", "MaxConcurrentCount": 3}, 3),
        # A5: percentages round down, but never below one. Four accounts are active below Workloads.
        ({"ConcurrencyMode": "SOFT_FAILURE_TOLERANCE", "MaxConcurrentPercentage": 1}, 1),
        (ALL_AT_ONCE, 4),
    ],
)
def test_concurrency(simulator, workloads, preferences, expected):
    name = f"concurrency-{uuid.uuid4().hex[:8]}"
    stack_set = StackSet(simulator, name, role_template(name))
    # An empty structure of preferences would not reach the wire at all: that is the default.
    identity = stack_set.start(workloads, preferences=preferences or {"RegionConcurrencyType": "SEQUENTIAL"})
    assert running_at_once(stack_set, identity) == expected


def test_contradicting_preferences_are_refused(simulator, workloads):
    stack_set = StackSet(simulator, "contradiction", role_template("Contradiction"))
    for preferences in (
        {"FailureToleranceCount": 1, "FailureTolerancePercentage": 10},
        {"MaxConcurrentCount": 1, "MaxConcurrentPercentage": 10},
    ):
        with refusal("ValidationError"):
            stack_set.start(workloads, preferences=preferences)


def test_a_taken_role_name_fails_that_account_alone(simulator, workloads, ids):
    simulator.client("iam", ids["pay"]).create_role(
        RoleName="Taken", AssumeRolePolicyDocument=json.dumps(trust("111111111111")), Description="by hand"
    )
    stack_set = StackSet(simulator, "taken", role_template("Taken"))
    operation = stack_set.create(workloads)
    # A5: within the tolerance the operation succeeds although an account failed.
    assert operation["Status"] == "SUCCEEDED"
    assert operation["StatusDetails"]["FailedStackInstancesCount"] == 1
    failed = stack_set.instances()[ids["pay"]]
    assert (failed["Status"], failed["StackInstanceStatus"]["DetailedStatus"]) == ("OUTDATED", "FAILED")
    # A14: the reason names the resource.
    assert "ResourceType:AWS::IAM::Role" in failed["StatusReason"] and "already exists" in failed["StatusReason"]
    results = stack_set.results(operation["OperationId"])
    assert results[ids["pay"]]["Status"] == "FAILED" and "already exists" in results[ids["pay"]]["StatusReason"]
    others = {ids["shop"], ids["eu-shop"], ids["old"]}
    assert {a for a, r in results.items() if r["Status"] == "SUCCEEDED"} >= others
    only_failed = stack_set.results(
        operation["OperationId"], Filters=[{"Name": "OPERATION_RESULT_STATUS", "Values": "FAILED"}]
    )
    assert set(only_failed) == {ids["pay"]}
    # The foreign role is untouched, and a new operation id retries what failed (A6).
    assert role_in(simulator, ids["pay"], "Taken")["Description"] == "by hand"
    simulator.client("iam", ids["pay"]).delete_role(RoleName="Taken")
    assert stack_set.create(workloads)["Status"] == "SUCCEEDED"
    assert stack_set.detailed()[ids["pay"]] == ("CURRENT", "SUCCEEDED")


def test_exceeded_tolerance_cancels_what_had_not_begun(simulator, workloads, ids):
    active = [ids[name] for name in ("shop", "pay", "eu-shop", "old")]
    for account in active:
        simulator.client("iam", account).create_role(
            RoleName="Nowhere", AssumeRolePolicyDocument=json.dumps(trust("111111111111"))
        )
    stack_set = StackSet(simulator, "intolerant", role_template("Nowhere"))
    operation = stack_set.create(workloads, preferences={"MaxConcurrentCount": 1, "FailureToleranceCount": 0})
    assert operation["Status"] == "FAILED"
    results = stack_set.results(operation["OperationId"])
    statuses = sorted(results[account]["Status"] for account in active)
    assert statuses == ["CANCELLED", "CANCELLED", "CANCELLED", "FAILED"]
    reasons = {r.get("StatusReason") for r in results.values() if r["Status"] == "CANCELLED"}
    assert reasons == {"Cancelled since failure tolerance has exceeded"}
    assert sorted(d for a, (_, d) in stack_set.detailed().items() if a in active) == ["CANCELLED"] * 3 + ["FAILED"]


def test_a_service_control_policy_stops_one_unit(simulator, organization, ids):
    api = organization.api
    api.enable_policy_type(RootId=organization.root, PolicyType="SERVICE_CONTROL_POLICY")
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*"}]}
    policy = api.create_policy(
        Content=json.dumps(content), Description="d", Name="no-roles", Type="SERVICE_CONTROL_POLICY"
    )
    identity = policy["Policy"]["PolicySummary"]["Id"]
    api.attach_policy(PolicyId=identity, TargetId=organization.units["Workloads/Legacy"])
    stack_set = StackSet(simulator, "fenced", role_template("Fenced"))
    operation = stack_set.create([organization.units["Workloads"]])
    # A1: stacksets-exec-* is no service-linked role, so the policy binds it.
    failed = {
        a: i["StatusReason"]
        for a, i in stack_set.instances().items()
        if i["StackInstanceStatus"]["DetailedStatus"] == "FAILED"
    }
    assert set(failed) == {ids["old"]}
    assert "explicit deny in a service control policy" in failed[ids["old"]]
    assert operation["StatusDetails"]["FailedStackInstancesCount"] == 1
    api.detach_policy(PolicyId=identity, TargetId=organization.units["Workloads/Legacy"])
    stack_set.create([organization.units["Workloads"]])
    assert stack_set.detailed()[ids["old"]] == ("CURRENT", "SUCCEEDED")


def test_a_missing_mapping_fails_that_account_alone(simulator, workloads, ids):
    # emulators.md: the portable fault.
    template = role_template("Mapped", Description={"Fn::FindInMap": ["Owners", {"Ref": "AWS::AccountId"}, "Team"]})
    template["Mappings"] = {"Owners": {ids[name]: {"Team": name} for name in ("shop", "pay", "old")}}
    stack_set = StackSet(simulator, "mapped", template)
    stack_set.create(workloads)
    instances = stack_set.instances()
    assert "Template error: Unable to get mapping for" in instances[ids["eu-shop"]]["StatusReason"]
    assert role_in(simulator, ids["shop"], "Mapped")["Description"] == "shop"
    template["Mappings"]["Owners"][ids["eu-shop"]] = {"Team": "eu-shop"}
    stack_set.update(TemplateBody=json.dumps(template))
    stack_set.create(workloads)
    assert stack_set.detailed()[ids["eu-shop"]] == ("CURRENT", "SUCCEEDED")
    assert role_in(simulator, ids["eu-shop"], "Mapped")["Description"] == "eu-shop"


def test_a_missing_capability_is_told_by_each_account(simulator, organization, ids):
    # A15: the set itself is accepted.
    stack_set = StackSet(simulator, "incapable", role_template("Incapable"), Capabilities=[])
    stack_set.create([organization.units["Sandbox"]])
    assert "Requires capabilities : [CAPABILITY_NAMED_IAM]" in stack_set.instances()[ids["play"]]["StatusReason"]


def test_a_stopped_operation_finishes_what_runs(simulator, workloads):
    stack_set = StackSet(simulator, "stopped", role_template("Stopped"))
    identity = stack_set.start(workloads, preferences={"MaxConcurrentCount": 1})
    stack_set.api.stop_stack_set_operation(StackSetName="stopped", OperationId=identity)
    assert stack_set.operation(identity)["Status"] in ("STOPPING", "STOPPED")
    # A6: unstarted instances become CANCELLED, running ones finish.
    assert stack_set.wait(identity)["Status"] == "STOPPED"
    statuses = {r["Status"] for r in stack_set.results(identity).values()}
    assert "CANCELLED" in statuses and statuses <= {"CANCELLED", "SUCCEEDED"}
    with refusal("InvalidOperationException"):
        stack_set.api.stop_stack_set_operation(StackSetName="stopped", OperationId=identity)
    with refusal("OperationNotFoundException"):
        stack_set.api.stop_stack_set_operation(StackSetName="stopped", OperationId=str(uuid.uuid4()))


def test_the_same_token_gives_the_same_set(simulator, organization):
    token = str(uuid.uuid4())
    first = StackSet(simulator, "idempotent", role_template("Idempotent"), ClientRequestToken=token)
    again = StackSet(simulator, "idempotent", role_template("Idempotent"), ClientRequestToken=token)
    assert first.id == again.id
    with refusal("NameAlreadyExistsException"):
        StackSet(simulator, "idempotent", role_template("Idempotent"), ClientRequestToken=str(uuid.uuid4()))


@pytest.mark.parametrize(
    "name, body",
    [
        ("broken", "{"),
        ("absent", None),
        ("no-resources", '{"AWSTemplateFormatVersion": "2010-09-09"}'),
        ("unknown-section", '{"Resources": {"R": {"Type": "AWS::IAM::Role"}}, "Colours": {}}'),
        # A15: 51,200 bytes inline.
        ("too-large", json.dumps({**role_template("X"), "Metadata": {"Filler": "x" * 51200}})),
        ("1-begins-with-a-digit", json.dumps(role_template("X"))),
        ("n" * 129, json.dumps(role_template("X"))),
    ],
)
def test_a_wrong_set_is_refused_at_once(simulator, organization, name, body):
    more = {} if body is None else {"TemplateBody": body}
    with refusal("ValidationError"):
        simulator.client("cloudformation").create_stack_set(
            StackSetName=name,
            PermissionModel="SERVICE_MANAGED",
            AutoDeployment={"Enabled": False},
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **more,
        )


def test_unknown_sets_are_not_found(simulator, organization):
    api = simulator.client("cloudformation")
    with refusal("StackSetNotFoundException"):
        api.describe_stack_set(StackSetName="nothing")
    with refusal("StackSetNotFoundException"):
        api.list_stack_instances(StackSetName="nothing")
    with refusal("StackSetNotFoundException"):
        api.create_stack_instances(
            StackSetName="nothing", DeploymentTargets={"OrganizationalUnitIds": [organization.root]}, Regions=[REGION]
        )
