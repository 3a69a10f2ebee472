"""What goes wrong on purpose, as boto3 meets it: calls, accounts, lists that are behind, and what happens by itself."""

import json
import urllib.error

import botocore.exceptions
import pytest
from botocore.config import Config

from organization import refusal
from simulator import simulated

# Virtual time stands as good as still: what passes is what the tests step.
STANDING_STILL = 0.0001


@pytest.fixture
def simulator():
    with simulated(shape="accounts=6,ous=1", speed=STANDING_STILL) as running:
        yield running


def struck(simulator):
    """How often each entry of `calls` struck."""
    return [entry["struck"] for entry in simulator.faults()["calls"]]


def test_work_is_done_although_the_answer_is_lost_and_a_second_try_meets_it(simulator):
    iam = simulator.client("iam")
    simulator.add_faults(calls=[{"operation": "iam:CreateUser", "nth": 1, "effect": "lose-response"}])
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        iam.create_user(UserName="ada")
    with refusal("EntityAlreadyExists"):
        iam.create_user(UserName="ada")
    assert struck(simulator) == [1]
    assert simulator.calls() == {"iam:CreateUser": 2}


def test_a_call_is_held_before_or_after_its_work_and_counted_while_it_is(simulator):
    impatient = Config(read_timeout=1, retries={"total_max_attempts": 1})
    iam = simulator.client("iam", config=impatient)
    simulator.add_faults(
        calls=[
            {"operation": "iam:CreateUser", "nth": 1, "effect": "hold-before"},
            {"operation": "iam:CreateUser", "nth": 2, "effect": "hold-after"},
        ]
    )
    assert simulator.held() == 0
    for user in ("nobody", "ada"):
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            iam.create_user(UserName=user)
    # The proxy between the client and the simulator keeps waiting.
    assert simulator.held() == 2
    assert [user["UserName"] for user in iam.list_users()["Users"] if user["UserName"] in ("nobody", "ada")] == ["ada"]


@pytest.mark.parametrize("mode", ["standard", "legacy"])
def test_first_attempts_are_throttled_and_the_retries_of_boto3_come_through(simulator, mode):
    simulator.add_faults(calls=[{"operation": "*", "first_attempts": 1, "effect": "throttle"}])
    retrying = Config(retries={"mode": mode, "total_max_attempts": 3})
    assert simulator.client("sts", config=retrying).get_caller_identity()["Account"] == "111111111111"
    assert simulator.client("organizations", config=retrying).list_roots()["Roots"]
    assert simulator.calls() == {"sts:GetCallerIdentity": 2, "organizations:ListRoots": 2}
    assert simulator.throttled() == {"sts:GetCallerIdentity": 1, "organizations:ListRoots": 1}


def test_every_service_refuses_one_call_too_many_in_its_own_words(simulator):
    simulator.add_faults(calls=[{"operation": "*", "every": 2, "effect": "throttle"}])
    for service, operation, code in [
        ("organizations", "list_roots", "TooManyRequestsException"),
        ("cloudformation", "list_stack_sets", "Throttling"),
        ("iam", "list_roles", "Throttling"),
        ("sts", "get_caller_identity", "Throttling"),
    ]:
        call = getattr(simulator.client(service), operation)
        call()
        with refusal(code):
            call()


def test_a_failure_has_the_code_and_status_that_were_asked_for(simulator):
    simulator.add_faults(calls=[{"operation": "iam:List*", "effect": "fail", "code": "InternalFailure", "status": 500}])
    with pytest.raises(botocore.exceptions.ClientError) as failed:
        simulator.client("iam").list_roles()
    response = failed.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == ("InternalFailure", 500)


def test_a_list_with_an_unknown_key_is_refused_and_the_place_is_named(simulator):
    with pytest.raises(urllib.error.HTTPError) as refused:
        simulator.add_faults(calls=[{"operation": "*", "nht": 2, "effect": "throttle"}])
    assert refused.value.code == 400
    told = json.loads(refused.value.read())["error"]
    assert "calls[0]" in told and "unknown field `nht`" in told
    assert simulator.faults()["calls"] == []


def test_faults_of_a_file_strike_from_the_first_call_on_until_they_are_removed(tmp_path):
    faults = tmp_path / "faults.yaml"
    faults.write_text("calls:\n  - { operation: 'sts:*', effect: throttle }\n")
    with simulated(speed=STANDING_STILL, faults=faults) as simulator:
        with refusal("Throttling"):
            simulator.client("sts").get_caller_identity()
        simulator.remove_faults()
        simulator.client("sts").get_caller_identity()


def test_virtual_time_passes_with_calls_where_it_is_asked_for():
    with simulated(shape="accounts=2", speed=STANDING_STILL, per_call=1) as simulator:
        simulator.add_faults(calls=[{"operation": "sts:*", "rate": 1, "effect": "throttle"}])
        sts = simulator.client("sts")
        # A second for each of them: the rate is never exceeded.
        for _ in range(5):
            sts.get_caller_identity()
        assert struck(simulator) == [0]
