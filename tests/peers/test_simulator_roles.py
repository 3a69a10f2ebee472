"""Who may enter a role, what a session may do, and what IAM tells about a role (aws-facts E and F)."""

import json
import urllib.error
import urllib.request
import uuid

import pytest

from organization import refusal, standard_organization
from simulator import FIRST_ACCOUNT
from stack_sets import trust


@pytest.fixture(scope="module")
def organization(simulator):
    return standard_organization(simulator)


@pytest.fixture
def account(organization):
    return organization.accounts["shop"]


def trusting(account, condition=None, principal=None):
    """A trust policy as text."""
    document = trust(account)
    if condition:
        document["Statement"][0]["Condition"] = condition
    if principal:
        document["Statement"][0]["Principal"] = principal
    return json.dumps(document)


def make_role(simulator, account, document, **arguments):
    """Creates a role with a name of its own; gives its ARN."""
    name = f"role-{uuid.uuid4().hex[:8]}"
    created = simulator.client("iam", account).create_role(
        RoleName=name, AssumeRolePolicyDocument=document, **arguments
    )
    return created["Role"]["Arn"]


def enter(simulator, arn, client=None, **arguments):
    """Assumes a role as the management account's administrator, or as the given client's principal."""
    sts = client or simulator.client("sts")
    return sts.assume_role(RoleArn=arn, RoleSessionName="peer", **arguments)


def test_an_external_id_is_asked_for_exactly_when_the_trust_says_so(simulator, account):
    # F4 and F5.
    guarded = make_role(simulator, account, trusting(FIRST_ACCOUNT, {"StringEquals": {"sts:ExternalId": "Right-One"}}))
    answer = enter(simulator, guarded, ExternalId="Right-One")
    name = guarded.rpartition("/")[2]
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/{name}/peer"
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":peer")
    assert simulator.client_with("sts", answer["Credentials"]).get_caller_identity()["Account"] == account
    for wrong in ({}, {"ExternalId": "wrong"}, {"ExternalId": "right-one"}):
        with refusal("AccessDenied", f"is not authorized to perform: sts:AssumeRole on resource: {guarded}"):
            enter(simulator, guarded, **wrong)
    # An external id that no condition asks for is not refused.
    unguarded = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    for anything in ({}, {"ExternalId": "anything"}):
        enter(simulator, unguarded, **anything)


def test_a_role_that_is_absent_untrusting_or_spelt_otherwise_is_refused_alike(simulator, organization, account):
    # E1 and E2.
    arn = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    with refusal("AccessDenied"):
        enter(simulator, f"arn:aws:iam::{account}:role/no-such-role")
    with refusal("AccessDenied"):
        enter(simulator, arn.replace("role-", "Role-"))
    with refusal("AccessDenied"):
        enter(simulator, arn, simulator.client("sts", organization.accounts["pay"]))


def test_the_path_is_part_of_the_arn_but_not_of_the_session(simulator, account):
    # E1.
    arn = make_role(simulator, account, trusting(FIRST_ACCOUNT), Path="/vendor/")
    assert ":role/vendor/role-" in arn
    assert "/vendor/" not in enter(simulator, arn)["AssumedRoleUser"]["Arn"]
    with refusal("AccessDenied"):
        enter(simulator, arn.replace("/vendor/", "/"))


def test_both_sides_must_allow(simulator, account):
    # F4: the trust names the account, so the user's own policy must allow it too.
    arn = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    iam = simulator.client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = simulator.client_with("sts", key)
    with refusal("AccessDenied"):
        enter(simulator, arn, reader)
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}]}
    iam.put_user_policy(UserName="reader", PolicyName="enter", PolicyDocument=json.dumps(allowed))
    enter(simulator, arn, reader)


def test_a_condition_on_the_organization(simulator, organization, account):
    # F4: aws:PrincipalOrgID works for the management account too.
    identity = organization.api.describe_organization()["Organization"]["Id"]
    anyone = {"AWS": "*"}
    inside = make_role(simulator, account, trusting("", {"StringEquals": {"aws:PrincipalOrgID": identity}}, anyone))
    enter(simulator, inside)
    enter(simulator, inside, simulator.client("sts", organization.accounts["pay"]))
    outside = make_role(
        simulator, account, trusting("", {"StringEquals": {"aws:PrincipalOrgID": "o-somebodyelse"}}, anyone)
    )
    with refusal("AccessDenied"):
        enter(simulator, outside)


def test_suspended_accounts_cannot_be_entered(simulator, organization):
    with refusal("AccessDenied"):
        organization.member_role("closed")


def test_session_lengths(simulator, account):
    # E1: up to the role's maximum; at most an hour when the caller is a role session itself.
    arn = make_role(simulator, account, trusting(FIRST_ACCOUNT), MaxSessionDuration=7200)
    enter(simulator, arn, DurationSeconds=7200)
    with refusal("ValidationError"):
        enter(simulator, arn, DurationSeconds=7201)
    with refusal("ValidationError"):
        enter(simulator, arn, DurationSeconds=899)
    first = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    simulator.client("iam", account).attach_role_policy(
        RoleName=first.rpartition("/")[2], PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    chained = make_role(simulator, account, trusting(account), MaxSessionDuration=7200)
    session = simulator.client_with("sts", simulator.session(first))
    enter(simulator, chained, session, DurationSeconds=3600)
    with refusal("ValidationError"):
        enter(simulator, chained, session, DurationSeconds=3601)


@pytest.mark.parametrize(
    "arguments",
    [
        # E1: lengths and patterns of the inputs.
        {"RoleSessionName": "x"},
        {"RoleSessionName": "with space"},
        {"ExternalId": "x"},
        {"ExternalId": "with space"},
        {"RoleArn": "short"},
    ],
)
def test_malformed_requests_are_refused(simulator, arguments):
    with refusal("ValidationError"):
        defaults = {"RoleArn": f"arn:aws:iam::{FIRST_ACCOUNT}:role/some-role", "RoleSessionName": "peer"}
        simulator.client("sts").assume_role(**{**defaults, **arguments})


def test_a_session_ends(simulator, account):
    arn = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    session = enter(simulator, arn, DurationSeconds=900)["Credentials"]
    sts = simulator.client_with("sts", session)
    sts.get_caller_identity()
    simulator.advance(901)
    with refusal("ExpiredToken"):
        sts.get_caller_identity()


def test_credentials_decide(simulator, account):
    with refusal("InvalidClientTokenId"):
        simulator.client("sts", "999999999999").get_caller_identity()
    with refusal("UnrecognizedClientException"):
        simulator.client("organizations", "999999999999").describe_organization()
    session = enter(simulator, make_role(simulator, account, trusting(FIRST_ACCOUNT)))["Credentials"]
    with refusal("InvalidClientTokenId"):
        simulator.client_with("sts", {**session, "SessionToken": "forged"}).get_caller_identity()
    request = urllib.request.Request(simulator.url, data=b"Action=GetCallerIdentity&Version=2011-06-15")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403 and b"MissingAuthenticationToken" in refused.value.read()


def test_a_read_only_session_cannot_write(simulator, account):
    arn = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    name = arn.rpartition("/")[2]
    simulator.client("iam", account).attach_role_policy(
        RoleName=name, PolicyArn="arn:aws:iam::aws:policy/SecurityAudit"
    )
    session = enter(simulator, arn)["Credentials"]
    iam = simulator.client_with("iam", session)
    assert iam.get_role(RoleName=name)["Role"]["Arn"] == arn
    with refusal("AccessDenied", "because no identity-based policy allows the iam:CreateUser action"):
        iam.create_user(UserName="sneaky")
    # E3: GetCallerIdentity needs no permission.
    powerless = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    nothing = simulator.session(powerless)
    assert simulator.client_with("sts", nothing).get_caller_identity()["Account"] == account
    with refusal("AccessDenied"):
        simulator.client_with("iam", nothing).get_role(RoleName=name)


def test_a_session_policy_only_subtracts(simulator, account):
    arn = make_role(simulator, account, trusting(FIRST_ACCOUNT))
    name = arn.rpartition("/")[2]
    simulator.client("iam", account).attach_role_policy(
        RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"}]}
    iam = simulator.client_with("iam", simulator.session(arn, Policy=json.dumps(policy)))
    iam.get_role(RoleName=name)
    with refusal("AccessDenied"):
        iam.list_role_policies(RoleName=name)


def test_everything_about_a_role_can_be_read(simulator, account):
    # F2: all that a verifier compares.
    arn = make_role(
        simulator,
        account,
        trusting(FIRST_ACCOUNT),
        Description="Größe",
        MaxSessionDuration=7200,
        Tags=[{"Key": "owner", "Value": "sec"}],
    )
    name = arn.rpartition("/")[2]
    iam = simulator.client("iam", account)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName="collect", PolicyDocument=json.dumps(document))
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["Description"], role["MaxSessionDuration"], role["Path"]) == ("Größe", 7200, "/")
    assert role["AssumeRolePolicyDocument"] == trust(FIRST_ACCOUNT)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert role["Tags"] == [{"Key": "owner", "Value": "sec"}]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["collect"]
    assert iam.get_role_policy(RoleName=name, PolicyName="collect")["PolicyDocument"] == document
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [
        {"PolicyName": "SecurityAudit", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"}
    ]
    # F2: a role with policies is not deleted.
    with refusal("DeleteConflict"):
        iam.delete_role(RoleName=name)


@pytest.mark.parametrize(
    "code, arguments",
    [
        ("EntityAlreadyExists", {"RoleName": "ORGANIZATIONACCOUNTACCESSROLE"}),
        # F1: Latin-1 only; the dash below is not.
        ("ValidationError", {"Description": "one – two"}),
        ("ValidationError", {"MaxSessionDuration": 3599}),
        ("ValidationError", {"MaxSessionDuration": 43201}),
        ("ValidationError", {"RoleName": "with space"}),
        ("ValidationError", {"RoleName": "n" * 65}),
        ("MalformedPolicyDocument", {"AssumeRolePolicyDocument": "{"}),
        # F3: a principal that does not exist is rejected when it is saved.
        (
            "MalformedPolicyDocument",
            {"AssumeRolePolicyDocument": trusting("", principal={"AWS": f"arn:aws:iam::{FIRST_ACCOUNT}:role/none"})},
        ),
    ],
)
def test_iam_refuses_what_it_cannot_hold(simulator, account, code, arguments):
    defaults = {"RoleName": f"role-{uuid.uuid4().hex[:8]}", "AssumeRolePolicyDocument": trusting(FIRST_ACCOUNT)}
    with refusal(code):
        simulator.client("iam", account).create_role(**{**defaults, **arguments})


def test_unknown_policies_and_roles_are_no_such_entity(simulator, account):
    iam = simulator.client("iam", account)
    name = make_role(simulator, account, trusting(FIRST_ACCOUNT)).rpartition("/")[2]
    with refusal("NoSuchEntity"):
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy")
    for call in (iam.get_role, iam.list_role_policies, iam.list_attached_role_policies, iam.delete_role):
        with refusal("NoSuchEntity"):
            call(RoleName="no-such-role")


def test_a_recreated_role_is_not_the_one_that_was_trusted(simulator, account):
    # F3: the trust keeps the unique id of the role that it named.
    hub = make_role(simulator, FIRST_ACCOUNT, trusting(FIRST_ACCOUNT))
    name = hub.rpartition("/")[2]
    iam = simulator.client("iam")
    allowed = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}
    )
    iam.put_role_policy(RoleName=name, PolicyName="enter", PolicyDocument=allowed)
    target = make_role(simulator, account, trusting("", principal={"AWS": hub}))
    enter(simulator, target, simulator.client_with("sts", simulator.session(hub)))
    first_id = iam.get_role(RoleName=name)["Role"]["RoleId"]
    iam.delete_role_policy(RoleName=name, PolicyName="enter")
    iam.delete_role(RoleName=name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(FIRST_ACCOUNT))
    iam.put_role_policy(RoleName=name, PolicyName="enter", PolicyDocument=allowed)
    with refusal("AccessDenied"):
        enter(simulator, target, simulator.client_with("sts", simulator.session(hub)))
    shown = simulator.client("iam", account).get_role(RoleName=target.rpartition("/")[2])["Role"]
    assert shown["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": first_id}
