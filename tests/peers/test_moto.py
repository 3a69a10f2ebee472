"""rolecall against moto, an emulator of AWS that nobody here wrote.

Only what moto does as AWS does is asked of it: the organization's tree with its pages, the role that
Organizations makes in every created account, GetRole and the policies of a role. It is not asked about
StackSets (it resolves no nested units and reports no results per account), nor about trust policies and
external IDs (it lets everybody in, so the refusals cannot be proven here; ministack proves them).

Its quirks: every unknown access key is account 123456789012; a call without MaxResults gives more than 20
accounts (paging is right with it); accounts and units carry no Paths and no Path, so that the tree must be
walked; AWS's managed policies exist only when the server is told to load them, which takes seconds for every
account, so the role here has an inline policy alone and the extra policy is a customer's own.
"""

import json
import pathlib
import sys

import boto3
import pytest

import servers
from organization import all_of

MANAGEMENT = "123456789012"
KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture(scope="module")
def endpoint():
    port = servers.free_port()
    command = [str(pathlib.Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with servers.running(command, port, "/moto-api/"):
        yield f"http://127.0.0.1:{port}"


def client(endpoint, service, key=KEY, secret="secret", token=None):
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


@pytest.fixture(scope="module")
def organization(endpoint):
    """An organization with nested units, more accounts than a page holds under one of them, tags, a closed account."""
    api = client(endpoint, "organizations")
    api.create_organization(FeatureSet="ALL")
    root = api.list_roots()["Roots"][0]["Id"]
    units = {"": root}
    for path in ("Workloads", "Workloads/Prod", "Workloads/Prod/EU", "Sandbox", 'Größe, "quoted"'):
        parent, _, name = path.rpartition("/")
        answer = api.create_organizational_unit(
            ParentId=units[parent], Name=name, Tags=[{"Key": "path", "Value": "tagged"}]
        )
        units[path] = answer["OrganizationalUnit"]["Id"]
    accounts = {}
    places = {
        **{f"crowd {n}": "Workloads/Prod" for n in range(23)},
        "eu": "Workloads/Prod/EU",
        "loose": "",
        "closed": "Sandbox",
    }
    for number, (name, path) in enumerate(places.items()):
        status = api.create_account(Email=f"account-{number}@example.com", AccountName=name)["CreateAccountStatus"]
        accounts[name] = status["AccountId"]
        if path:
            api.move_account(AccountId=accounts[name], SourceParentId=root, DestinationParentId=units[path])
    api.close_account(AccountId=accounts["closed"])
    return {"api": api, "root": root, "units": units, "accounts": accounts}


def tree_as_boto3_reads_it(api, root):
    """Every unit and account with its parent, by walking the tree."""
    units, accounts, open_parents = {}, {}, [root]
    while open_parents:
        parent = open_parents.pop()
        for unit in all_of(
            api, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent, MaxResults=20
        ):
            units[unit["Id"]] = (unit["Name"], parent)
            open_parents.append(unit["Id"])
        for account in all_of(api, "list_accounts_for_parent", "Accounts", ParentId=parent, MaxResults=20):
            accounts[account["Id"]] = (account["Name"], account["Email"], account["State"], parent)
    return units, accounts


def test_discover_finds_the_tree_that_boto3_reads(endpoint, organization, tmp_path):
    seen = servers.rolecall_json("discover", "--endpoint-url", endpoint, access_key=KEY, directory=tmp_path)
    units, accounts = tree_as_boto3_reads_it(organization["api"], organization["root"])
    assert len(units) == 5 and len(accounts) == 27
    assert seen["schema"] == "rolecall.organization/1"
    assert seen["id"] == organization["api"].describe_organization()["Organization"]["Id"]
    assert seen["management_account"] == MANAGEMENT
    assert seen["root"]["id"] == organization["root"]
    assert {u["id"]: (u["name"], u["parent"]) for u in seen["organizational_units"]} == units
    found = {a["id"]: (a["name"], a["email"], a["state"].upper(), a["parent"]) for a in seen["accounts"]}
    assert found == accounts
    paths = {u["id"]: u["path"] for u in seen["organizational_units"]}
    assert paths[organization["units"]["Workloads/Prod/EU"]] == "Workloads/Prod/EU"


CONFIGURATION = """
rollout: peers
home_region: us-east-1
role:
  name: Peered
  trust:
    - account: "{management}"
  inline_policies:
    collect: collect.json
  max_session: 2h
  tags: {{ owner: security }}
targets:
  include: [ {{ ou: Workloads/** }} ]
verify:
  mode: direct
  access_role: OrganizationAccountAccessRole
  propagation: 0s
"""
COLLECT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}


def make_role(endpoint, account, session_length=7200):
    """Makes the role of the configuration by hand, through the role that Organizations left in the account."""
    session = client(endpoint, "sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="peer"
    )["Credentials"]
    iam = client(endpoint, "iam", session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    iam.create_role(
        RoleName="Peered",
        AssumeRolePolicyDocument=json.dumps(trust),
        MaxSessionDuration=session_length,
        Tags=[{"Key": "owner", "Value": "security"}],
    )
    iam.put_role_policy(RoleName="Peered", PolicyName="collect", PolicyDocument=json.dumps(COLLECT))
    return iam


@pytest.fixture(scope="module")
def deployed(endpoint, organization):
    """The role in every account below Workloads, with IAM clients; as specified in all but two of them."""
    names = [name for name in organization["accounts"] if name.startswith("crowd") or name == "eu"]
    clients = {}
    for name in names:
        clients[name] = make_role(endpoint, organization["accounts"][name], 3600 if name == "crowd 1" else 7200)
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    extra = clients["crowd 2"].create_policy(PolicyName="Everything", PolicyDocument=json.dumps(everything))
    clients["crowd 2"].attach_role_policy(RoleName="Peered", PolicyArn=extra["Policy"]["Arn"])
    return {organization["accounts"][name]: client for name, client in clients.items()}


def test_verify_judges_the_live_roles_as_boto3_reads_them(endpoint, organization, deployed, tmp_path):
    (tmp_path / "rollout.yaml").write_text(CONFIGURATION.format(management=MANAGEMENT))
    (tmp_path / "collect.json").write_text(json.dumps(COLLECT))

    def verify():
        arguments = ("verify", "rollout.yaml", "--endpoint-url", endpoint)
        return servers.rolecall_json(*arguments, expected_statuses=(3,), access_key=KEY, directory=tmp_path)

    # Made by hand, the roles lack the tags that a roll-out puts on them; nothing else is wrong with most.
    by_hand = verify()
    for account, iam in deployed.items():
        tags = servers.missing_rollout_tags(by_hand, account)
        assert tags
        iam.tag_role(RoleName="Peered", Tags=tags)

    report = verify()
    # Every account of the organization has a row.
    assert len(report["accounts"]) == 27
    found = servers.conclusions(report)
    different = {
        organization["accounts"]["crowd 1"]: ("3600", "7200"),
        organization["accounts"]["crowd 2"]: ("policy/Everything",),
    }
    assert {account for account in deployed if found[account] == "finding"} == set(different)
    assert {found[account] for account in deployed if account not in different} == {"verified"}
    assert {conclusion for account, conclusion in found.items() if account not in deployed} == {"not_asked"}
    for account, words in different.items():
        judged = servers.checks(report, account)
        assert judged["entered"][0] == "pass" and judged["expected_account"][0] == "pass"
        outcome, evidence = judged["role_equals_specification"]
        assert outcome == "fail" and len(evidence) == 1 and all(word in evidence[0] for word in words), evidence
