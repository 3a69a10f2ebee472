"""boto3 builds an organization from nothing; expectations follow AWS's documentation of Organizations."""

import json

import pytest
from botocore.exceptions import ClientError

from organization import STACKSETS_PRINCIPAL, all_of, create_account, refusal
from simulator import FIRST_ACCOUNT, simulated


@pytest.fixture(scope="module")
def organizations(simulator):
    client = simulator.client("organizations")
    # The account begins outside any organization (D2: every call adds AWSOrganizationsNotInUseException).
    with refusal("AWSOrganizationsNotInUseException"):
        client.describe_organization()
    with refusal("AWSOrganizationsNotInUseException"):
        client.list_accounts()
    client.create_organization(FeatureSet="ALL")
    return client


@pytest.fixture(scope="module")
def root(organizations):
    # aws-facts D2: exactly one root.
    roots = organizations.list_roots()["Roots"]
    assert len(roots) == 1
    return roots[0]["Id"]


def unit(client, parent, name):
    return client.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]


def test_the_caller_becomes_the_management_account(organizations):
    answer = organizations.describe_organization()["Organization"]
    assert answer["MasterAccountId"] == FIRST_ACCOUNT
    assert answer["FeatureSet"] == "ALL"
    accounts = all_of(organizations, "list_accounts", "Accounts")
    assert [account["Id"] for account in accounts] == [FIRST_ACCOUNT]


def test_a_second_organization_is_refused(organizations):
    with refusal("AlreadyInOrganizationException"):
        organizations.create_organization(FeatureSet="ALL")


def test_an_account_is_created_in_the_root_and_moves(simulator, organizations, root):
    account = create_account(simulator, organizations, "mover")
    assert organizations.list_parents(ChildId=account)["Parents"] == [{"Id": root, "Type": "ROOT"}]
    parent = unit(organizations, root, "Moves")
    with refusal("SourceParentNotFoundException"):
        organizations.move_account(AccountId=account, SourceParentId="ou-zzzz-zzzzzzzz", DestinationParentId=parent)
    with refusal("DestinationParentNotFoundException"):
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId="ou-zzzz-zzzzzzzz")
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=parent)
    assert organizations.list_parents(ChildId=account)["Parents"] == [{"Id": parent, "Type": "ORGANIZATIONAL_UNIT"}]
    assert [child["Id"] for child in organizations.list_children(ParentId=parent, ChildType="ACCOUNT")["Children"]] == [
        account
    ]
    # aws-facts D3: the path names the organization, the root, every unit and the account.
    described = organizations.describe_account(AccountId=account)["Account"]
    identity = organizations.describe_organization()["Organization"]["Id"]
    assert described["Paths"] == [f"{identity}/{root}/{parent}/{account}/"]
    assert described["State"] == "ACTIVE" and described["JoinedMethod"] == "CREATED"


def test_moving_an_account_to_where_it_is_is_refused(simulator, organizations, root):
    account = create_account(simulator, organizations, "stayer")
    with refusal("DuplicateAccountException"):
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=root)


def test_accounts_of_a_parent_are_its_direct_children_only(simulator, organizations, root):
    upper = unit(organizations, root, "Upper")
    lower = unit(organizations, upper, "Lower")
    account = create_account(simulator, organizations, "deep")
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=lower)
    # aws-facts D1: ListAccountsForParent gives direct children only.
    assert all_of(organizations, "list_accounts_for_parent", "Accounts", ParentId=upper) == []
    assert [a["Id"] for a in all_of(organizations, "list_accounts_for_parent", "Accounts", ParentId=lower)] == [account]
    with refusal("ParentNotFoundException"):
        organizations.list_accounts_for_parent(ParentId="ou-zzzz-zzzzzzzz")


def test_two_units_of_one_name_need_two_parents(organizations, root):
    first, second = unit(organizations, root, "North"), unit(organizations, root, "South")
    with refusal("DuplicateOrganizationalUnitException"):
        unit(organizations, root, "North")
    assert unit(organizations, first, "Same") != unit(organizations, second, "Same")
    organizations.update_organizational_unit(OrganizationalUnitId=second, Name="West")
    assert (
        organizations.describe_organizational_unit(OrganizationalUnitId=second)["OrganizationalUnit"]["Name"] == "West"
    )


def test_units_nest_five_levels_below_the_root(organizations, root):
    # aws-facts D4.
    parent = root
    for level in range(1, 6):
        parent = unit(organizations, parent, f"Level {level}")
    with refusal("ConstraintViolationException") as refused:
        unit(organizations, parent, "Level 6")
    assert refused.error


def test_a_unit_with_children_stays(organizations, root):
    upper = unit(organizations, root, "Full")
    lower = unit(organizations, upper, "Inside")
    with refusal("OrganizationalUnitNotEmptyException"):
        organizations.delete_organizational_unit(OrganizationalUnitId=upper)
    organizations.delete_organizational_unit(OrganizationalUnitId=lower)
    organizations.delete_organizational_unit(OrganizationalUnitId=upper)
    with refusal("OrganizationalUnitNotFoundException"):
        organizations.describe_organizational_unit(OrganizationalUnitId=upper)


def test_lists_come_in_pages_of_at_most_twenty(organizations, root):
    # aws-facts D1 and D4: MaxResults is 1 to 20 everywhere, and 20 without it.
    parent = unit(organizations, root, "Many")
    wanted = {unit(organizations, parent, f"Number {number}") for number in range(23)}
    first = organizations.list_organizational_units_for_parent(ParentId=parent)
    assert len(first["OrganizationalUnits"]) == 20
    rest = organizations.list_organizational_units_for_parent(ParentId=parent, NextToken=first["NextToken"])
    assert len(rest["OrganizationalUnits"]) == 3 and not rest.get("NextToken")
    assert {u["Id"] for u in first["OrganizationalUnits"] + rest["OrganizationalUnits"]} == wanted
    seven = all_of(
        organizations, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent, MaxResults=7
    )
    assert {u["Id"] for u in seven} == wanted
    with refusal("InvalidInputException") as refused:
        organizations.list_organizational_units_for_parent(ParentId=parent, MaxResults=21)
    assert refused.error
    try:
        organizations.list_organizational_units_for_parent(ParentId=parent, NextToken="no-such-token")
        pytest.fail("a bad token was accepted")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidInputException"
        assert error.response["Reason"] == "INVALID_NEXT_TOKEN"


def test_tags_are_put_replaced_and_taken_away(organizations, root):
    parent = unit(organizations, root, "Tagged")
    organizations.tag_resource(
        ResourceId=parent, Tags=[{"Key": "env", "Value": "prod"}, {"Key": "owner", "Value": "Zoë"}]
    )
    organizations.tag_resource(ResourceId=parent, Tags=[{"Key": "env", "Value": "test"}])
    tags = {tag["Key"]: tag["Value"] for tag in organizations.list_tags_for_resource(ResourceId=parent)["Tags"]}
    assert tags == {"env": "test", "owner": "Zoë"}
    organizations.untag_resource(ResourceId=parent, TagKeys=["env"])
    assert [tag["Key"] for tag in organizations.list_tags_for_resource(ResourceId=parent)["Tags"]] == ["owner"]
    with refusal("TargetNotFoundException"):
        organizations.list_tags_for_resource(ResourceId="ou-zzzz-zzzzzzzz")


def test_a_closed_account_is_pending_then_suspended(simulator, organizations):
    account = create_account(simulator, organizations, "closing")
    organizations.close_account(AccountId=account)
    state = lambda: organizations.describe_account(AccountId=account)["Account"]["State"]  # noqa: E731
    assert state() == "PENDING_CLOSURE"
    simulator.until(lambda: state() == "SUSPENDED", limit=86400, step=600)
    # aws-facts D4: it stays listed for about 90 days.
    assert account in [a["Id"] for a in all_of(organizations, "list_accounts", "Accounts")]
    with refusal("AccountNotFoundException"):
        organizations.describe_account(AccountId="999999999999")


def test_a_member_may_describe_the_organization_but_not_list_it(simulator, organizations):
    account = create_account(simulator, organizations, "member")
    member = simulator.client("organizations", account)
    # aws-facts D1: DescribeOrganization is open to any member, the rest to management and delegated administrators.
    assert member.describe_organization()["Organization"]["MasterAccountId"] == FIRST_ACCOUNT
    for refused_call in (member.list_accounts, member.list_roots):
        with refusal("AccessDeniedException"):
            refused_call()


def test_a_delegated_administrator_may_read_the_organization(simulator, organizations):
    account = create_account(simulator, organizations, "delegate")
    organizations.enable_aws_service_access(ServicePrincipal=STACKSETS_PRINCIPAL)
    organizations.register_delegated_administrator(AccountId=account, ServicePrincipal=STACKSETS_PRINCIPAL)
    with refusal("AccountAlreadyRegisteredException"):
        organizations.register_delegated_administrator(AccountId=account, ServicePrincipal=STACKSETS_PRINCIPAL)
    registered = all_of(
        organizations, "list_delegated_administrators", "DelegatedAdministrators", ServicePrincipal=STACKSETS_PRINCIPAL
    )
    assert [a["Id"] for a in registered] == [account]
    services = organizations.list_delegated_services_for_account(AccountId=account)["DelegatedServices"]
    assert [s["ServicePrincipal"] for s in services] == [STACKSETS_PRINCIPAL]
    delegate = simulator.client("organizations", account)
    assert FIRST_ACCOUNT in [a["Id"] for a in all_of(delegate, "list_accounts", "Accounts")]
    # aws-facts D1: mutations stay with the management account.
    with refusal("AccessDeniedException"):
        delegate.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    organizations.deregister_delegated_administrator(AccountId=account, ServicePrincipal=STACKSETS_PRINCIPAL)
    with refusal("AccessDeniedException"):
        delegate.list_accounts()


def test_service_access_is_switched_per_principal(organizations):
    listed = lambda: [  # noqa: E731
        p["ServicePrincipal"]
        for p in all_of(organizations, "list_aws_service_access_for_organization", "EnabledServicePrincipals")
    ]
    organizations.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    assert "config.amazonaws.com" in listed()
    organizations.disable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    assert "config.amazonaws.com" not in listed()
    # aws-facts A2: the short StackSets principal is no principal that Organizations knows.
    with refusal("InvalidInputException"):
        organizations.enable_aws_service_access(ServicePrincipal="stacksets.cloudformation.amazonaws.com")


def test_service_control_policies_bind_members_and_spare_management(simulator, organizations, root):
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    account = create_account(simulator, organizations, "fenced")
    fence = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}]}
    )
    policy = organizations.create_policy(
        Content=fence, Description="No users", Name="fence", Type="SERVICE_CONTROL_POLICY"
    )
    identity = policy["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=identity, TargetId=root)
    # aws-facts C5 and E3: the management account's principals are never restricted.
    simulator.client("iam").create_user(UserName="free")
    with refusal("AccessDenied", "explicit deny in a service control policy"):
        simulator.client("iam", account).create_user(UserName="bound")
    attached = all_of(
        organizations, "list_policies_for_target", "Policies", TargetId=root, Filter="SERVICE_CONTROL_POLICY"
    )
    assert {p["Name"] for p in attached} == {"FullAWSAccess", "fence"}
    with refusal("PolicyInUseException"):
        organizations.delete_policy(PolicyId=identity)
    organizations.detach_policy(PolicyId=identity, TargetId=root)
    organizations.delete_policy(PolicyId=identity)
    simulator.client("iam", account).create_user(UserName="bound")


def test_resource_control_policies_bind_the_roles_of_members(simulator, organizations, root):
    kind = "RESOURCE_CONTROL_POLICY"
    organizations.enable_policy_type(RootId=root, PolicyType=kind)
    account = create_account(simulator, organizations, "shut")
    shut = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
    content = json.dumps({"Version": "2012-10-17", "Statement": [shut]})
    made = organizations.create_policy(Content=content, Description="Nobody", Name="shut", Type=kind)["Policy"]
    assert made["PolicySummary"]["Type"] == kind
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    simulator.session(role)
    organizations.attach_policy(PolicyId=made["PolicySummary"]["Id"], TargetId=account)
    with refusal("AccessDenied", "explicit deny in a resource control policy"):
        simulator.session(role)
    listed = all_of(organizations, "list_policies", "Policies", Filter=kind)
    assert {policy["Name"] for policy in listed} == {"RCPFullAWSAccess", "shut"}


def test_a_made_up_organization_is_there_at_once():
    with simulated(shape="accounts=130,ous=12") as made_up:
        client = made_up.client("organizations")
        accounts = all_of(client, "list_accounts", "Accounts")
        assert len(accounts) == 130 and len({a["Id"] for a in accounts}) == 130
        calls = made_up.calls()
        assert calls["organizations:ListAccounts"] == 7, calls
