"""The request rates that AWS documents, as boto3 without retries meets them (aws-facts D4, E3)."""

import pytest

from organization import all_of, refusal
from simulator import simulated

# Virtual time stands as good as still: what passes is what the tests step.
STANDING_STILL = 0.0001


@pytest.fixture
def simulator():
    with simulated(shape="accounts=130,ous=12,rates=documented", speed=STANDING_STILL) as running:
        yield running


def answered(call, at_most=40):
    """How often a call is answered before it is refused for the first time."""
    for count in range(at_most):
        try:
            call()
        except call.__self__.exceptions.TooManyRequestsException:
            return count
    return at_most


def test_a_burst_passes_the_next_call_is_refused_and_a_second_later_calls_pass_again(simulator):
    api = simulator.client("organizations")
    for _ in range(2):
        api.describe_organization()
    with refusal("TooManyRequestsException", "too many requests"):
        api.describe_organization()
    simulator.advance(1)
    api.describe_organization()
    with refusal("TooManyRequestsException"):
        api.describe_organization()


def test_pages_of_a_list_come_at_the_rate_of_the_list(simulator):
    api = simulator.client("organizations")
    # D4: bursts of twelve, then eight a second; 130 accounts are seven pages.
    assert len(all_of(api, "list_accounts", "Accounts")) == 130
    assert answered(api.list_accounts) == 12 - 7
    simulator.advance(1)
    assert answered(api.list_accounts) == 8


def test_walking_the_tree_shares_one_bucket(simulator):
    api = simulator.client("organizations")
    root = api.list_roots()["Roots"][0]["Id"]
    for _ in range(4):
        api.list_accounts_for_parent(ParentId=root)
        api.list_organizational_units_for_parent(ParentId=root)
    with refusal("TooManyRequestsException"):
        api.list_parents(ChildId="200000000001")
    api.list_children(ParentId=root, ChildType="ACCOUNT")


def test_sts_answers_six_hundred_calls_of_an_account_a_second(simulator):
    sts = simulator.client("sts")
    for _ in range(600):
        sts.get_caller_identity()
    with refusal("Throttling", "rate exceeded"):
        sts.get_caller_identity()
    simulator.client("sts", "200000000001").get_caller_identity()
    simulator.advance(1)
    sts.get_caller_identity()


def test_throttled_calls_are_counted_apart_and_among_all(simulator):
    api = simulator.client("organizations")
    assert answered(api.list_roots) == 2
    assert simulator.calls() == {"organizations:ListRoots": 3}
    assert simulator.throttled() == {"organizations:ListRoots": 1}
    simulator.forget_calls()
    assert simulator.throttled() == {}


def test_without_being_told_nobody_is_refused():
    with simulated(shape="accounts=3,without=paths", speed=STANDING_STILL) as unlimited:
        api = unlimited.client("organizations")
        for _ in range(40):
            api.describe_organization()
        assert unlimited.throttled() == {}
        # D3: the same shape leaves out what would spare a client the walk.
        accounts = all_of(api, "list_accounts", "Accounts")
        assert all("Paths" not in account and account["State"] == "ACTIVE" for account in accounts)
