"""Plain stacks, as the management account needs one (aws-facts C)."""

import json
import uuid

import pytest

from organization import all_of, refusal
from stack_sets import role_in, role_template, trust

NAMED = ["CAPABILITY_NAMED_IAM"]


@pytest.fixture(scope="module")
def cloudformation(simulator):
    return simulator.client("cloudformation")


@pytest.fixture
def name():
    return f"stack-{uuid.uuid4().hex[:8]}"


def status(cloudformation, stack):
    return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]


def settled(simulator, cloudformation, stack):
    """Waits until the stack is in no IN_PROGRESS status, and gives the status."""

    def seen():
        now = status(cloudformation, stack)
        return None if now.endswith("IN_PROGRESS") else now

    return simulator.until(seen)


@pytest.fixture
def deployed(simulator, cloudformation, name):
    """A finished stack with one role of its own name."""
    created = cloudformation.create_stack(
        StackName=name, TemplateBody=json.dumps(role_template(name)), Capabilities=NAMED
    )
    assert status(cloudformation, name) == "CREATE_IN_PROGRESS"
    assert settled(simulator, cloudformation, name) == "CREATE_COMPLETE"
    return created["StackId"]


def test_a_stack_makes_its_role(simulator, cloudformation, deployed, name):
    assert role_in(simulator, "111111111111", name)["MaxSessionDuration"] == 3600
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    assert [(r["LogicalResourceId"], r["PhysicalResourceId"], r["ResourceStatus"]) for r in resources] == [
        ("Role", name, "CREATE_COMPLETE")
    ]
    listed = all_of(cloudformation, "list_stack_resources", "StackResourceSummaries", StackName=name)
    assert [r["PhysicalResourceId"] for r in listed] == [name]
    body = cloudformation.get_template(StackName=name)["TemplateBody"]
    assert (json.loads(body) if isinstance(body, str) else body) == role_template(name)
    events = all_of(cloudformation, "describe_stack_events", "StackEvents", StackName=name)
    # The newest event comes first.
    assert (events[0]["ResourceStatus"], events[-1]["ResourceStatus"]) == ("CREATE_COMPLETE", "CREATE_IN_PROGRESS")
    described = cloudformation.describe_stacks(StackName=deployed)["Stacks"][0]
    assert {p["ParameterKey"]: p["ParameterValue"] for p in described["Parameters"]} == {
        "Session": "3600",
        "Note": "Rolled out",
    }


def test_a_taken_stack_name_is_refused(cloudformation, deployed, name):
    with refusal("AlreadyExistsException"):
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(role_template(name)), Capabilities=NAMED)


def test_a_named_role_needs_the_capability(cloudformation, name):
    # A15.
    body = json.dumps(role_template(name))
    with refusal("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"):
        cloudformation.create_stack(StackName=name, TemplateBody=body)
    with refusal("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"):
        cloudformation.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])


def test_a_missing_stack_is_a_validation_error(cloudformation):
    # C1.
    for call in (cloudformation.describe_stacks, cloudformation.update_stack):
        with refusal("ValidationError", "does not exist"):
            call(StackName="nothing", **({"UsePreviousTemplate": True} if call == cloudformation.update_stack else {}))


def test_an_update_without_changes_says_so(cloudformation, deployed, name):
    # C3.
    with refusal("ValidationError", "No updates are to be performed."):
        cloudformation.update_stack(StackName=name, UsePreviousTemplate=True, Capabilities=NAMED)


def test_an_update_changes_the_role_in_place(simulator, cloudformation, deployed, name):
    before = role_in(simulator, "111111111111", name)["RoleId"]
    cloudformation.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Capabilities=NAMED,
        Parameters=[
            {"ParameterKey": "Session", "ParameterValue": "7200"},
            {"ParameterKey": "Note", "UsePreviousValue": True},
        ],
    )
    assert settled(simulator, cloudformation, name) == "UPDATE_COMPLETE"
    role = role_in(simulator, "111111111111", name)
    assert (role["MaxSessionDuration"], role["RoleId"]) == (7200, before)


def test_a_deleted_stack_is_found_by_its_id_only(simulator, cloudformation, deployed, name):
    # C1.
    cloudformation.delete_stack(StackName=name)
    simulator.until(lambda: status(cloudformation, deployed) == "DELETE_COMPLETE")
    assert role_in(simulator, "111111111111", name) is None
    with refusal("ValidationError", "does not exist"):
        cloudformation.describe_stacks(StackName=name)


def test_termination_protection_keeps_the_stack(simulator, cloudformation, deployed, name):
    # C5.
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)
    with refusal("ValidationError", "TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName=name)
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=name)
    simulator.until(lambda: status(cloudformation, deployed) == "DELETE_COMPLETE")


def test_a_taken_role_name_rolls_the_stack_back(simulator, cloudformation, name):
    # C2: the default of OnFailure is ROLLBACK; the next step is to delete the stack.
    simulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("111111111111")))
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(role_template(name)), Capabilities=NAMED)
    assert settled(simulator, cloudformation, name) == "ROLLBACK_COMPLETE"
    reasons = [
        e.get("ResourceStatusReason", "") for e in cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    ]
    assert any("already exists" in reason for reason in reasons)
    assert role_in(simulator, "111111111111", name) is not None
    with refusal("ValidationError", "ROLLBACK_COMPLETE state and can not be updated"):
        cloudformation.update_stack(StackName=name, UsePreviousTemplate=True, Capabilities=NAMED)


@pytest.mark.parametrize(
    "template, text",
    [
        ("{", ""),
        ('{"Resources": {}}', "At least one Resources member must be defined"),
        ('{"Resources": {"R": {"Type": "AWS::IAM::Rolle"}}}', "Unrecognized resource types: [AWS::IAM::Rolle]"),
        (
            '{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Ref": "Nothing"}}}}}',
            "Unresolved resource dependencies [Nothing] in the Resources block of the template",
        ),
    ],
)
def test_a_wrong_template_is_refused(cloudformation, name, template, text):
    with refusal("ValidationError", text):
        cloudformation.create_stack(StackName=name, TemplateBody=template, Capabilities=NAMED)


def test_a_template_is_summed_up_without_being_used(cloudformation, name):
    # A15: a pre-flight that touches nothing.
    summary = cloudformation.get_template_summary(TemplateBody=json.dumps(role_template(name)))
    assert summary["Capabilities"] == NAMED and summary["ResourceTypes"] == ["AWS::IAM::Role"]
    assert {p["ParameterKey"]: p["DefaultValue"] for p in summary["Parameters"]} == {
        "Session": "3600",
        "Note": "Rolled out",
    }
    validated = cloudformation.validate_template(TemplateBody=json.dumps(role_template(name)))
    assert validated["Capabilities"] == NAMED


YAML = """
Parameters:
  Team: {Type: String, Default: sec, AllowedValues: [sec, ops]}
Conditions:
  IsSec: !Equals [!Ref Team, sec]
  Both: !And [!Condition IsSec, !Not [!Equals [!Ref "AWS::Region", eu-west-1]]]
Mappings:
  Sessions: {us-east-1: {Length: 7200}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "${AWS::StackName}"
      Path: !Join ["", [/, !Ref Team, /]]
      Description: !Sub ["${Who} in ${AWS::AccountId}", {Who: !Select [1, !Split [",", "a,b"]]}]
      MaxSessionDuration: !FindInMap [Sessions, !Ref "AWS::Region", Length]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: sts:AssumeRole
      ManagedPolicyArns: !If [Both, [arn:aws:iam::aws:policy/SecurityAudit], !Ref "AWS::NoValue"]
      Policies:
        - PolicyName: collect
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: s3:GetObject, Resource: "*"}]
Outputs:
  Arn: {Value: !GetAtt Role.Arn}
"""


def test_yaml_and_the_intrinsics_of_role_templates(simulator, cloudformation, name):
    cloudformation.create_stack(StackName=name, TemplateBody=YAML, Capabilities=NAMED)
    assert settled(simulator, cloudformation, name) == "CREATE_COMPLETE"
    role = role_in(simulator, "111111111111", name)
    assert (role["Path"], role["Description"], role["MaxSessionDuration"]) == ("/sec/", "b in 111111111111", 7200)
    iam = simulator.client("iam")
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [p["PolicyName"] for p in attached] == ["SecurityAudit"]
    assert (
        iam.get_role_policy(RoleName=name, PolicyName="collect")["PolicyDocument"]["Statement"][0]["Action"]
        == "s3:GetObject"
    )
    outputs = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert [(o["OutputKey"], o["OutputValue"]) for o in outputs] == [("Arn", role["Arn"])]


def test_a_hidden_parameter_is_masked(simulator, cloudformation, name):
    template = role_template(name)
    template["Parameters"]["Note"]["NoEcho"] = True
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=NAMED)
    settled(simulator, cloudformation, name)
    parameters = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Parameters"]
    assert {p["ParameterKey"]: p["ParameterValue"] for p in parameters} == {"Session": "3600", "Note": "****"}


def test_a_change_set_shows_the_change_and_carries_it_out(simulator, cloudformation, deployed, name):
    # C2 and C3.
    def created(change_set, **arguments):
        cloudformation.create_change_set(
            StackName=name, ChangeSetName=change_set, UsePreviousTemplate=True, Capabilities=NAMED, **arguments
        )

        def finished():
            described = cloudformation.describe_change_set(StackName=name, ChangeSetName=change_set)
            return described if described["Status"] in ("CREATE_COMPLETE", "FAILED") else None

        return simulator.until(finished)

    empty = created("empty")
    assert empty["Status"] == "FAILED" and empty["ExecutionStatus"] == "UNAVAILABLE"
    assert any(text in empty["StatusReason"] for text in ("didn't contain changes", "No updates are to be performed"))
    with refusal("InvalidChangeSetStatus"):
        cloudformation.execute_change_set(StackName=name, ChangeSetName="empty")
    cloudformation.delete_change_set(StackName=name, ChangeSetName="empty")
    with refusal("ChangeSetNotFound"):
        cloudformation.describe_change_set(StackName=name, ChangeSetName="no-such-change-set")
    longer = created("longer", Parameters=[{"ParameterKey": "Session", "ParameterValue": "7200"}])
    change = longer["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["LogicalResourceId"], change["Replacement"]) == ("Modify", "Role", "False")
    cloudformation.execute_change_set(StackName=name, ChangeSetName="longer")
    assert settled(simulator, cloudformation, name) == "UPDATE_COMPLETE"
    assert role_in(simulator, "111111111111", name)["MaxSessionDuration"] == 7200
