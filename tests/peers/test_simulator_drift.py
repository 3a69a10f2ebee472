"""Drift as CloudFormation sees it, and what it does not see (aws-facts A12)."""

import json
import uuid

import pytest

from organization import refusal, standard_organization
from simulator import REGION
from stack_sets import ALL_AT_ONCE, StackSet, role_template, trust

DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def organization(simulator):
    organization = standard_organization(simulator)
    simulator.client("cloudformation").activate_organizations_access()
    return organization


@pytest.fixture
def deployed(simulator, organization):
    """A fresh set on the whole organization, with a role of its own."""
    name = f"drift-{uuid.uuid4().hex[:8]}"
    stack_set = StackSet(simulator, name, role_template(name, Description="As specified"))
    stack_set.create([organization.root])
    return stack_set


def detect(stack_set):
    """Runs a drift operation to its end."""
    operation = stack_set.api.detect_stack_set_drift(StackSetName=stack_set.name, OperationPreferences=ALL_AT_ONCE)
    return stack_set.wait(operation["OperationId"])


def resource_drifts(stack_set, account, operation):
    """The drifts of an account's resources; boto3 has no paginator for this call."""
    summaries, more = [], {}
    while True:
        page = stack_set.api.list_stack_instance_resource_drifts(
            StackSetName=stack_set.name,
            StackInstanceAccount=account,
            StackInstanceRegion=REGION,
            OperationId=operation["OperationId"],
            **more,
        )
        summaries += page["Summaries"]
        if not page.get("NextToken"):
            return summaries
        more = {"NextToken": page["NextToken"]}


def test_without_a_check_nothing_is_known(deployed):
    assert {i["DriftStatus"] for i in deployed.instances().values()} == {"NOT_CHECKED"}
    assert deployed.described()["StackSetDriftDetectionDetails"]["DriftStatus"] == "NOT_CHECKED"


def test_a_changed_property_is_drift_and_an_extra_policy_is_not(simulator, organization, deployed):
    ids, name = organization.accounts, deployed.name
    # Explicit property of the template: seen.
    simulator.client("iam", ids["shop"]).update_role(RoleName=name, MaxSessionDuration=7200, Description="Changed")
    # roadmap#2489 and #936 in A12: not seen.
    simulator.client("iam", ids["pay"]).attach_role_policy(
        RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    simulator.client("iam", ids["old"]).put_role_policy(RoleName=name, PolicyName="extra", PolicyDocument=DOCUMENT)
    # Explicit property, expected to be seen [unsure].
    simulator.client("iam", ids["eu-shop"]).update_assume_role_policy(
        RoleName=name, PolicyDocument=json.dumps(trust(ids["loose"]))
    )
    gone = simulator.client("iam", ids["play"])
    gone.detach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    gone.delete_role(RoleName=name)

    operation = detect(deployed)
    assert operation["Action"] == "DETECT_DRIFT" and operation["Status"] == "SUCCEEDED"
    statuses = {n: deployed.instances()[a]["DriftStatus"] for n, a in ids.items() if n != "closed"}
    expected = {
        "shop": "DRIFTED",
        "pay": "IN_SYNC",
        "old": "IN_SYNC",
        "eu-shop": "DRIFTED",
        "play": "DRIFTED",
        "loose": "IN_SYNC",
    }
    assert statuses == expected

    details = deployed.described()["StackSetDriftDetectionDetails"]
    assert details["DriftStatus"] == "DRIFTED" and details["DriftDetectionStatus"] == "COMPLETED"
    assert (details["DriftedStackInstancesCount"], details["InSyncStackInstancesCount"]) == (3, 3)
    # A12: the total is the sum of the other four.
    assert details["TotalStackInstancesCount"] == sum(
        details[f"{kind}StackInstancesCount"] for kind in ("Drifted", "InSync", "InProgress", "Failed")
    )

    changed = resource_drifts(deployed, ids["shop"], operation)[0]
    assert changed["StackResourceDriftStatus"] == "MODIFIED" and changed["ResourceType"] == "AWS::IAM::Role"
    differences = {d["PropertyPath"]: d for d in changed["PropertyDifferences"]}
    assert set(differences) == {"/MaxSessionDuration", "/Description"}
    session = differences["/MaxSessionDuration"]
    assert (session["DifferenceType"], session["ExpectedValue"], session["ActualValue"]) == (
        "NOT_EQUAL",
        "3600",
        "7200",
    )
    assert resource_drifts(deployed, ids["play"], operation)[0]["StackResourceDriftStatus"] == "DELETED"


def test_a_check_holds_the_set(deployed, organization):
    # A12: without managed execution it occupies the single slot.
    identity = deployed.api.detect_stack_set_drift(StackSetName=deployed.name)["OperationId"]
    with refusal("OperationInProgressException"):
        deployed.start([organization.root])
    assert deployed.wait(identity)["StackSetDriftDetectionDetails"]["DriftStatus"] == "IN_SYNC"
