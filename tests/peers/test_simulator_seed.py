"""The reference organization in config/organization.yaml, as boto3 finds it: believable, and awkward on purpose."""

import collections

import pytest

import servers
from organization import all_of
from simulator import FIRST_ACCOUNT, simulated


@pytest.fixture(scope="module")
def simulator():
    with simulated(servers.REPOSITORY / "config" / "organization.yaml") as running:
        yield running


@pytest.fixture(scope="module")
def tree(simulator):
    """Units by id with name, parent and level; accounts by id with state, name and parent."""
    api = simulator.client("organizations")
    root = api.list_roots()["Roots"][0]["Id"]
    units, accounts, waiting = {}, {}, [(root, 0)]
    while waiting:
        parent, level = waiting.pop()
        for unit in all_of(api, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent):
            units[unit["Id"]] = (unit["Name"], parent, level + 1)
            waiting.append((unit["Id"], level + 1))
        for account in all_of(api, "list_accounts_for_parent", "Accounts", ParentId=parent):
            accounts[account["Id"]] = (account["Name"], account["State"], parent)
    return units, accounts


def test_the_walk_finds_what_the_list_shows(simulator, tree):
    listed = all_of(simulator.client("organizations"), "list_accounts", "Accounts")
    assert {a["Id"] for a in listed} == set(tree[1]) and FIRST_ACCOUNT in tree[1]
    assert len(listed) >= 60


def test_it_is_five_levels_deep_with_every_state(tree):
    units, accounts = tree
    assert max(level for _, _, level in units.values()) == 5
    assert {"ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "PENDING_ACTIVATION"} <= {
        state for _, state, _ in accounts.values()
    }


def test_its_names_are_awkward(tree):
    units, accounts = tree
    for names in ({name for name, _, _ in units.values()}, {name for name, _, _ in accounts.values()}):
        assert any(" " in name for name in names) and any("/" in name for name in names)
        assert any("'" in name or '"' in name for name in names)
        assert any(not name.isascii() for name in names)
    parents = collections.defaultdict(set)
    for name, parent, _ in units.values():
        parents[name].add(parent)
    assert any(len(several) > 1 for several in parents.values())


def test_it_has_an_empty_unit_and_a_parent_with_more_than_a_page(tree):
    units, accounts = tree
    children = collections.Counter(parent for _, _, parent in accounts.values())
    assert max(children.values()) > 20
    with_units = {parent for _, parent, _ in units.values()}
    assert any(unit not in children and unit not in with_units for unit in units)


def test_its_accounts_can_be_entered_and_used_at_once(simulator, tree):
    assert simulator.client("cloudformation").describe_organizations_access()["Status"] == "ENABLED"
    account = next(a for a, (_, state, _) in tree[1].items() if state == "ACTIVE" and a != FIRST_ACCOUNT)
    session = simulator.session(f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole")
    assert simulator.client_with("sts", session).get_caller_identity()["Account"] == account
