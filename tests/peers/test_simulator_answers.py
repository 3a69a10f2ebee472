"""The calls that no story of the other files needs: each is made once, so that its answer meets the service models."""

import json

import pytest

from organization import all_of, create_account, refusal, standard_organization
from simulator import FIRST_ACCOUNT
from stack_sets import role_template, trust

DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture(scope="module")
def organization(simulator):
    return standard_organization(simulator)


def test_policies_of_the_organization(organization):
    api = organization.api
    api.enable_policy_type(RootId=organization.root, PolicyType="SERVICE_CONTROL_POLICY")
    made = api.create_policy(Content=DOCUMENT, Description="d", Name="made", Type="SERVICE_CONTROL_POLICY")
    identity = made["Policy"]["PolicySummary"]["Id"]
    api.attach_policy(PolicyId=identity, TargetId=organization.accounts["shop"])
    with refusal("DuplicatePolicyAttachmentException"):
        api.attach_policy(PolicyId=identity, TargetId=organization.accounts["shop"])
    targets = all_of(api, "list_targets_for_policy", "Targets", PolicyId=identity)
    assert [(t["TargetId"], t["Type"]) for t in targets] == [(organization.accounts["shop"], "ACCOUNT")]
    assert json.loads(api.describe_policy(PolicyId=identity)["Policy"]["Content"]) == json.loads(DOCUMENT)
    names = {p["Name"] for p in all_of(api, "list_policies", "Policies", Filter="SERVICE_CONTROL_POLICY")}
    assert names == {"FullAWSAccess", "made"}
    api.update_policy(PolicyId=identity, Name="renamed")
    api.detach_policy(PolicyId=identity, TargetId=organization.accounts["shop"])
    with refusal("PolicyNotAttachedException"):
        api.detach_policy(PolicyId=identity, TargetId=organization.accounts["shop"])
    with refusal("DuplicatePolicyException"):
        api.create_policy(Content=DOCUMENT, Description="d", Name="renamed", Type="SERVICE_CONTROL_POLICY")
    with refusal("MalformedPolicyDocumentException"):
        api.create_policy(Content="{", Description="d", Name="broken", Type="SERVICE_CONTROL_POLICY")
    api.delete_policy(PolicyId=identity)
    with refusal("PolicyNotFoundException"):
        api.describe_policy(PolicyId=identity)
    api.disable_policy_type(RootId=organization.root, PolicyType="SERVICE_CONTROL_POLICY")


def test_an_account_leaves_the_organization(simulator, organization):
    account = create_account(simulator, organization.api, "leaver")
    done = all_of(organization.api, "list_create_account_status", "CreateAccountStatuses", States=["SUCCEEDED"])
    assert account in {status["AccountId"] for status in done}
    organization.api.remove_account_from_organization(AccountId=account)
    with refusal("AccountNotFoundException"):
        organization.api.describe_account(AccountId=account)
    with refusal("OrganizationNotEmptyException"):
        organization.api.delete_organization()


def test_users_and_their_policies(simulator, organization):
    iam = simulator.client("iam", organization.accounts["shop"])
    iam.create_user(UserName="operator", Tags=[{"Key": "team", "Value": "sec"}])
    with refusal("EntityAlreadyExists"):
        iam.create_user(UserName="operator")
    assert iam.get_user(UserName="operator")["User"]["Arn"].endswith(":user/operator")
    assert "operator" in [
        user["UserName"] for user in all_of(iam, "list_users", "Users", PaginationConfig={"PageSize": 1})
    ]
    iam.tag_user(UserName="operator", Tags=[{"Key": "env", "Value": "prod"}])
    iam.untag_user(UserName="operator", TagKeys=["team"])
    assert iam.list_user_tags(UserName="operator")["Tags"] == [{"Key": "env", "Value": "prod"}]
    iam.put_user_policy(UserName="operator", PolicyName="read", PolicyDocument=DOCUMENT)
    assert iam.get_user_policy(UserName="operator", PolicyName="read")["PolicyDocument"] == json.loads(DOCUMENT)
    assert iam.list_user_policies(UserName="operator")["PolicyNames"] == ["read"]
    iam.attach_user_policy(UserName="operator", PolicyArn=READ_ONLY)
    attached = iam.list_attached_user_policies(UserName="operator")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [READ_ONLY]
    key = iam.create_access_key(UserName="operator")["AccessKey"]["AccessKeyId"]
    assert [k["AccessKeyId"] for k in iam.list_access_keys(UserName="operator")["AccessKeyMetadata"]] == [key]
    with refusal("DeleteConflict"):
        iam.delete_user(UserName="operator")
    iam.delete_access_key(UserName="operator", AccessKeyId=key)
    iam.detach_user_policy(UserName="operator", PolicyArn=READ_ONLY)
    iam.delete_user_policy(UserName="operator", PolicyName="read")
    iam.delete_user(UserName="operator")
    with refusal("NoSuchEntity"):
        iam.get_user(UserName="operator")


def test_roles_and_their_policies(simulator, organization):
    iam = simulator.client("iam", organization.accounts["pay"])
    iam.create_role(RoleName="Worker", AssumeRolePolicyDocument=json.dumps(trust(FIRST_ACCOUNT)))
    made = iam.create_policy(PolicyName="Own", PolicyDocument=DOCUMENT, Description="d")["Policy"]
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"]["DefaultVersionId"] == "v1"
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(DOCUMENT)
    iam.attach_role_policy(RoleName="Worker", PolicyArn=made["Arn"])
    with refusal("DeleteConflict"):
        iam.delete_policy(PolicyArn=made["Arn"])
    iam.detach_role_policy(RoleName="Worker", PolicyArn=made["Arn"])
    with refusal("NoSuchEntity"):
        iam.detach_role_policy(RoleName="Worker", PolicyArn=made["Arn"])
    iam.delete_policy(PolicyArn=made["Arn"])
    iam.put_role_policy(RoleName="Worker", PolicyName="in", PolicyDocument=DOCUMENT)
    iam.delete_role_policy(RoleName="Worker", PolicyName="in")
    iam.put_role_permissions_boundary(RoleName="Worker", PermissionsBoundary=READ_ONLY)
    iam.delete_role_permissions_boundary(RoleName="Worker")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="Worker")["Role"]
    iam.tag_role(RoleName="Worker", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    iam.untag_role(RoleName="Worker", TagKeys=["a"])
    assert iam.list_role_tags(RoleName="Worker")["Tags"] == [{"Key": "b", "Value": ""}]
    iam.update_role(RoleName="Worker", Description="New", MaxSessionDuration=7200)
    assert iam.update_role_description(RoleName="Worker", Description="Newer")["Role"]["Description"] == "Newer"
    iam.update_assume_role_policy(RoleName="Worker", PolicyDocument=json.dumps(trust(organization.accounts["shop"])))
    names = [role["RoleName"] for role in all_of(iam, "list_roles", "Roles", PaginationConfig={"PageSize": 1})]
    assert {"Worker", "OrganizationAccountAccessRole"} <= set(names)
    iam.delete_role(RoleName="Worker")
    linked = iam.create_service_linked_role(AWSServiceName="stacksets.cloudformation.amazonaws.com")["Role"]
    assert linked["Path"].startswith("/aws-service-role/")


def test_lists_of_stacks_and_change_sets(simulator, organization):
    cloudformation = simulator.client("cloudformation")
    body = json.dumps(role_template("Listed"))
    cloudformation.create_stack(StackName="listed", TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
    simulator.advance(120)
    stacks = all_of(cloudformation, "list_stacks", "StackSummaries", StackStatusFilter=["CREATE_COMPLETE"])
    assert [stack["StackName"] for stack in stacks] == ["listed"]
    resource = cloudformation.describe_stack_resource(StackName="listed", LogicalResourceId="Role")[
        "StackResourceDetail"
    ]
    assert resource["PhysicalResourceId"] == "Listed"
    assert all_of(cloudformation, "list_change_sets", "Summaries", StackName="listed") == []
    cloudformation.activate_organizations_access()
    cloudformation.deactivate_organizations_access()
    assert cloudformation.describe_organizations_access()["Status"] != "ENABLED"


def test_unknown_operations_are_refused_as_aws_does(simulator, organization):
    # The service models know these operations; the simulation does not, and says so.
    with refusal("InvalidAction"):
        simulator.client("iam").list_virtual_mfa_devices()
    with refusal("UnknownOperationException"):
        simulator.client("organizations").list_handshakes_for_account()
