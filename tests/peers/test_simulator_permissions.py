"""What a principal may do, asked of IAM without doing it (aws-facts A18 and F4)."""

import json
import uuid

import pytest

from organization import all_of, refusal, standard_organization
from simulator import FIRST_ACCOUNT
from stack_sets import role_template, trust

CREATE, DELETE = "cloudformation:CreateStackSet", "cloudformation:DeleteStackSet"
SET = f"arn:aws:cloudformation:us-east-1:{FIRST_ACCOUNT}:stackset/shop:*"


@pytest.fixture(scope="module")
def organization(simulator):
    return standard_organization(simulator)


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resource="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions):
    return {"Effect": "Deny", "Action": actions, "Resource": "*"}


def user(simulator, *statements, account=FIRST_ACCOUNT, **arguments):
    """A user with these statements as its only policy: its ARN and its name."""
    iam = simulator.client("iam", account)
    name = f"user-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name, **arguments)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=document(*statements))
    return arn, name


def results(iam, principal, actions, **arguments):
    """The results by action and resource; of several resources each has one within that of the action."""
    answer = all_of(
        iam,
        "simulate_principal_policy",
        "EvaluationResults",
        PolicySourceArn=principal,
        ActionNames=actions,
        **arguments,
    )
    return {
        (result["EvalActionName"], one["EvalResourceName"]): one
        for result in answer
        for one in result.get("ResourceSpecificResults", [result])
    }


def decisions(*arguments, **keywords):
    found = results(*arguments, **keywords).items()
    return {key: result.get("EvalDecision") or result["EvalResourceDecision"] for key, result in found}


def test_every_action_is_decided_on_every_resource(simulator, organization):
    iam = simulator.client("iam")
    arn, _ = user(simulator, allow("cloudformation:Create*", SET), deny(DELETE))
    assert decisions(iam, arn, [CREATE, DELETE], ResourceArns=[SET, "*"]) == {
        (CREATE, SET): "allowed",
        (CREATE, "*"): "implicitDeny",
        (DELETE, SET): "explicitDeny",
        (DELETE, "*"): "explicitDeny",
    }
    strictest = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=[CREATE, DELETE], ResourceArns=[SET, "*"]
    )
    together = [(result["EvalDecision"], "MissingContextValues" in result) for result in strictest["EvaluationResults"]]
    assert together == [("implicitDeny", False), ("explicitDeny", False)]
    # Without a resource it is any.
    assert decisions(iam, arn, [CREATE]) == {(CREATE, "*"): "implicitDeny"}
    paged = decisions(iam, arn, [CREATE, DELETE], ResourceArns=[SET, "*"], PaginationConfig={"PageSize": 1})
    assert len(paged) == 4


def test_the_answer_is_what_the_call_itself_would_meet(simulator, organization):
    iam = simulator.client("iam")
    arn, name = user(simulator, allow("iam:ListRoles"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    asked = decisions(iam, arn, ["iam:ListRoles", "iam:ListUsers"])
    assert asked == {("iam:ListRoles", "*"): "allowed", ("iam:ListUsers", "*"): "implicitDeny"}
    own = simulator.client_with("iam", key)
    simulator.forget_calls()
    own.list_roles()
    with refusal("AccessDenied", "iam:ListUsers"):
        own.list_users()
    assert simulator.denied() == {"iam:ListUsers": 1}
    simulator.forget_calls()
    assert simulator.denied() == {}


def test_the_call_needs_a_permission_of_its_own(simulator, organization):
    iam = simulator.client("iam")
    arn, name = user(simulator, allow("iam:ListRoles"))
    own = simulator.client_with("iam", iam.create_access_key(UserName=name)["AccessKey"])
    with refusal("AccessDenied", f"iam:SimulatePrincipalPolicy on resource: {arn}"):
        own.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[CREATE])
    itself = document(allow("iam:SimulatePrincipalPolicy", arn))
    iam.put_user_policy(UserName=name, PolicyName="itself", PolicyDocument=itself)
    assert decisions(own, arn, [CREATE]) == {(CREATE, "*"): "implicitDeny"}
    with refusal("AccessDenied"):
        own.simulate_principal_policy(PolicySourceArn=user(simulator, allow("*"))[0], ActionNames=[CREATE])


def test_boundaries_and_service_control_policies_count(simulator, organization):
    api, account = organization.api, organization.accounts["play"]
    iam = simulator.client("iam", account)
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("iam:*")))["Policy"]["Arn"]
    bounded, _ = user(simulator, allow("*"), account=account, PermissionsBoundary=limit)
    result = results(iam, bounded, [CREATE, "iam:ListRoles"])
    assert result[CREATE, "*"]["EvalDecision"] == "implicitDeny"
    assert result[CREATE, "*"]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert result["iam:ListRoles", "*"]["EvalDecision"] == "allowed"

    api.enable_policy_type(RootId=organization.root, PolicyType="SERVICE_CONTROL_POLICY")
    made = api.create_policy(
        Content=document(deny(CREATE)), Description="d", Name="no-sets", Type="SERVICE_CONTROL_POLICY"
    )
    api.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=account)
    free, _ = user(simulator, allow("*"), account=account)
    result = results(iam, free, [CREATE, DELETE])
    # Users report a service control policy's Deny to be shown as one of its silence.
    assert result[CREATE, "*"]["EvalDecision"] == "implicitDeny"
    assert result[CREATE, "*"]["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    assert result[DELETE, "*"]["EvalDecision"] == "allowed"
    # They never bind the management account.
    anyone = user(simulator, allow("*"))[0]
    assert decisions(simulator.client("iam"), anyone, [CREATE]) == {(CREATE, "*"): "allowed"}


def test_condition_keys_come_from_the_request_alone(simulator, organization):
    iam = simulator.client("iam")
    at_home = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    arn, _ = user(simulator, allow(CREATE, Condition=at_home))
    result = results(iam, arn, [CREATE])[CREATE, "*"]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MissingContextValues"] == ["aws:RequestedRegion"]
    entry = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string"}
    given = [{**entry, "ContextKeyValues": ["us-east-1"]}]
    assert decisions(iam, arn, [CREATE], ContextEntries=given) == {(CREATE, "*"): "allowed"}


def test_missing_values_are_those_of_all_policies_of_the_principal(simulator, organization):
    # Users report that statements about other actions and policy variables count, and service control policies not.
    iam = simulator.client("iam", organization.accounts["pay"])
    boundary = document(allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}}))
    limit = iam.create_policy(PolicyName="transport", PolicyDocument=boundary)["Policy"]["Arn"]
    own = "arn:aws:iam::*:user/${aws:username}"
    with_default = "arn:aws:iam::*:role/${aws:PrincipalTag/team, 'none'}-${*}"
    tagged = {"StringLike": {"aws:ResourceTag/owner": "${aws:PrincipalTag/owner}"}}
    statements = [allow("iam:GetUser", own), allow("iam:GetRole", with_default), allow("ec2:*", Condition=tagged)]
    arn, _ = user(simulator, *statements, account=organization.accounts["pay"], PermissionsBoundary=limit)
    missing = ["aws:PrincipalTag/owner", "aws:ResourceTag/owner", "aws:SecureTransport", "aws:username"]
    assert results(iam, arn, [CREATE])[CREATE, "*"]["MissingContextValues"] == missing


def test_all_kinds_of_policies_of_a_role_decide_together(simulator, organization):
    iam = simulator.client("iam", organization.accounts["shop"])
    made = iam.create_role(RoleName="Auditor", AssumeRolePolicyDocument=json.dumps(trust(FIRST_ACCOUNT)))
    arn = made["Role"]["Arn"]
    own = iam.create_policy(PolicyName="own", PolicyDocument=document(allow("iam:CreateUser")))["Policy"]["Arn"]
    for policy in ("arn:aws:iam::aws:policy/SecurityAudit", own):
        iam.attach_role_policy(RoleName="Auditor", PolicyArn=policy)
    inline = document(allow(["iam:CreateRole", "s3:PutObject"]), deny("iam:ListUsers"))
    iam.put_role_policy(RoleName="Auditor", PolicyName="inline", PolicyDocument=inline)
    asked = ["iam:GetRole", "iam:CreateUser", "iam:CreateRole", "iam:ListUsers", "iam:DeleteRole"]
    decided = [decision for _, decision in sorted(decisions(iam, arn, asked).items())]
    assert decided == ["allowed", "allowed", "implicitDeny", "allowed", "explicitDeny"]

    iam.put_role_permissions_boundary(RoleName="Auditor", PermissionsBoundary=own)
    result = results(iam, arn, ["iam:CreateUser", "iam:CreateRole"])
    bounded = {
        key[0]: (one["EvalDecision"], one["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"])
        for key, one in result.items()
    }
    assert bounded == {"iam:CreateUser": ("allowed", True), "iam:CreateRole": ("implicitDeny", False)}
    iam.detach_role_policy(RoleName="Auditor", PolicyArn=own)
    iam.create_policy_version(PolicyArn=own, PolicyDocument=document(deny("iam:CreateUser")), SetAsDefault=True)
    assert decisions(iam, arn, ["iam:CreateUser"]) == {("iam:CreateUser", "*"): "explicitDeny"}


def test_pages_of_results_have_markers(simulator, organization):
    iam = simulator.client("iam")
    question = {"PolicySourceArn": user(simulator, allow("*"))[0], "ActionNames": [f"ec2:Run{n}" for n in range(5)]}
    first = iam.simulate_principal_policy(**question, MaxItems=3)
    assert (len(first["EvaluationResults"]), first["IsTruncated"]) == (3, True)
    rest = iam.simulate_principal_policy(**question, Marker=first["Marker"])
    assert [result["EvalActionName"] for result in rest["EvaluationResults"]] == ["ec2:Run3", "ec2:Run4"]
    assert (rest["IsTruncated"], "Marker" in rest) == (False, False)
    with refusal("ValidationError"):
        iam.simulate_principal_policy(**question, MaxItems=1001)
    with refusal("ValidationError"):
        iam.simulate_principal_policy(**question, Marker="made-up")


def test_a_role_is_asked_by_its_own_arn_and_not_by_that_of_a_session(simulator, organization):
    iam = simulator.client("iam")
    made = iam.create_role(
        RoleName="Deployer", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust(FIRST_ACCOUNT))
    )
    arn = made["Role"]["Arn"]
    iam.put_role_policy(RoleName="Deployer", PolicyName="only", PolicyDocument=document(allow(CREATE)))
    assert decisions(iam, arn, [CREATE, DELETE]) == {(CREATE, "*"): "allowed", (DELETE, "*"): "implicitDeny"}
    session = f"arn:aws:sts::{FIRST_ACCOUNT}:assumed-role/Deployer/session"
    for unclear in (session, f"arn:aws:iam::{FIRST_ACCOUNT}:root", "arn:aws:iam::444455556666:user/elsewhere"):
        with refusal("InvalidInput"):
            iam.simulate_principal_policy(PolicySourceArn=unclear, ActionNames=[CREATE])
    with refusal("NoSuchEntity"):
        iam.simulate_principal_policy(PolicySourceArn=arn.replace("/team", ""), ActionNames=[CREATE])
    with refusal("InvalidInput"):
        iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["CreateStackSet"])


def test_the_summary_counts_roles_against_their_quota(simulator, organization):
    # G and F1.
    iam = simulator.client("iam", organization.accounts["loose"])
    before = iam.get_account_summary()["SummaryMap"]
    iam.create_role(RoleName="One", AssumeRolePolicyDocument=json.dumps(trust(FIRST_ACCOUNT)))
    after = iam.get_account_summary()["SummaryMap"]
    assert (after["Roles"] - before["Roles"], after["RolesQuota"]) == (1, 1000)


def operator(simulator, *statements):
    """CloudFormation as a user of the management account who may do this alone."""
    _, name = user(simulator, *statements)
    key = simulator.client("iam").create_access_key(UserName=name)["AccessKey"]
    return simulator.client_with("cloudformation", key)


def test_some_calls_take_a_further_permission(simulator, organization):
    # A2, A18 and C5.
    simulator.client("cloudformation").activate_organizations_access()
    body = json.dumps(role_template("Tagged"))
    model = {"PermissionModel": "SERVICE_MANAGED", "AutoDeployment": {"Enabled": False}}
    set_ = {"StackSetName": "tagged", "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    one, other = {"Key": "team", "Value": "one"}, {"Key": "team", "Value": "other"}
    may_not_tag = operator(simulator, allow(["cloudformation:*StackSet", "cloudformation:UntagResource"]))
    with refusal("AccessDenied", "cloudformation:TagResource"):
        may_not_tag.create_stack_set(**set_, **model, Tags=[one])
    may_not_untag = operator(simulator, allow(["cloudformation:*StackSet", "cloudformation:TagResource"]))
    may_not_untag.create_stack_set(**set_, **model, Tags=[one])
    may_not_tag.update_stack_set(**set_)
    simulator.advance(120)
    with refusal("AccessDenied", "cloudformation:TagResource"):
        may_not_tag.update_stack_set(**set_, Tags=[other])
    with refusal("AccessDenied", "cloudformation:UntagResource"):
        may_not_untag.update_stack_set(**set_, Tags=[])
    may_not_tag.update_stack_set(**set_, Tags=[])

    may_not_protect = operator(simulator, allow(["cloudformation:CreateStack", "iam:*"]))
    stack = {"StackName": "guarded", "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    with refusal("AccessDenied", "cloudformation:UpdateTerminationProtection"):
        may_not_protect.create_stack(**stack, EnableTerminationProtection=True)
    may_not_protect.create_stack(**stack)


def test_naming_an_administration_role_takes_the_permission_to_pass_it(simulator, organization):
    # A1, and AWS's page on the prerequisites of self-managed StackSets.
    role = f"arn:aws:iam::{FIRST_ACCOUNT}:role/Administration"
    set_ = {"TemplateBody": json.dumps(role_template("Passed")), "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    without = operator(simulator, allow("cloudformation:*StackSet"))
    with refusal("AccessDenied", "iam:PassRole"):
        without.create_stack_set(StackSetName="passed", **set_, AdministrationRoleARN=role)
    passes = operator(simulator, allow("cloudformation:*StackSet"), allow("iam:PassRole", role))
    with refusal("AccessDenied", "iam:PassRole"):
        passes.create_stack_set(StackSetName="passed", **set_, AdministrationRoleARN=f"{role}Other")
    passes.create_stack_set(StackSetName="passed", **set_, AdministrationRoleARN=role)
    with refusal("AccessDenied", "iam:PassRole"):
        without.update_stack_set(StackSetName="passed", **set_, AdministrationRoleARN=role)
    passes.update_stack_set(StackSetName="passed", **set_, AdministrationRoleARN=role)
    without.create_stack_set(StackSetName="unnamed", **set_)


@pytest.mark.parametrize("missing", ["organizations:EnableAWSServiceAccess", "iam:CreateServiceLinkedRole"])
def test_turning_trusted_access_on_takes_what_the_service_does_next(simulator, organization, missing):
    takes = [
        "cloudformation:ActivateOrganizationsAccess",
        "organizations:EnableAWSServiceAccess",
        "iam:CreateServiceLinkedRole",
    ]
    with refusal("AccessDenied", missing):
        operator(simulator, allow([action for action in takes if action != missing])).activate_organizations_access()
    operator(simulator, allow(takes)).activate_organizations_access()
