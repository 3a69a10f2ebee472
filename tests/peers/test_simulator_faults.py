"""What goes wrong on purpose, as boto3 meets it: calls, accounts, lists that are behind, and what happens by itself."""

import json
import urllib.error

import botocore.exceptions
import pytest
from botocore.config import Config

from organization import all_of, refusal
from simulator import simulated
from stack_sets import StackSet, role_template, trust

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


@pytest.fixture
def deployed():
    """Five accounts in one unit, a StackSet, and lists that are behind if a test says so."""
    with simulated(shape="accounts=6,ous=1", speed=STANDING_STILL) as running:
        yield running, StackSet(running, "audit", role_template("Audit"))


UNIT = "ou-shap-00000000"


def test_a_share_of_the_accounts_fails_once_and_is_healed_by_the_next_operation(deployed):
    simulator, audit = deployed
    shown = simulator.add_faults(accounts=[{"share": "40%", "fail": "Out of luck.", "times": 1}])
    drawn = shown["accounts"][0]["accounts"]
    assert len(drawn) == 2
    assert audit.create([UNIT])["StatusDetails"]["FailedStackInstancesCount"] == 2
    failed = {row["Account"]: row["StatusReason"] for row in instances(audit) if row["Status"] == "OUTDATED"}
    assert failed == dict.fromkeys(drawn, "Out of luck.")
    audit.create([UNIT])
    assert {row["Status"] for row in instances(audit)} == {"CURRENT"}
    assert simulator.faults()["accounts"][0]["struck"] == 2


def test_a_slow_account_is_still_running_when_the_others_are_done(deployed):
    simulator, audit = deployed
    simulator.add_faults(accounts=[{"account": "200000000003", "takes": "20m"}])
    operation = audit.start([UNIT])
    simulator.advance(600)
    assert [row["Account"] for row in results(audit, operation) if row["Status"] == "RUNNING"] == ["200000000003"]
    assert audit.wait(operation)["Status"] == "SUCCEEDED"


def test_lists_are_behind_and_descriptions_are_not(deployed):
    # A16: descriptions are strongly consistent, lists of operations and results are not.
    simulator, audit = deployed
    simulator.add_faults(consistency={"lists": "30s", "results": "30s"})
    operation = audit.start([UNIT])
    assert (instances(audit), results(audit, operation)) == ([], [])
    assert listed_operations(audit) == set()
    assert audit.operation(operation)["Status"] == "RUNNING"
    audit.wait(operation, step=1)
    assert "SUCCEEDED" not in listed_operations(audit)
    assert "RUNNING" in {row["Status"] for row in results(audit, operation)}
    simulator.advance(30)
    assert {row["Status"] for row in results(audit, operation)} == listed_operations(audit) == {"SUCCEEDED"}


def test_a_new_role_cannot_be_entered_for_a_while(simulator):
    # E3: a fresh role is there, and is refused like one that is not.
    simulator.add_faults(consistency={"roles": "20s"})
    iam = simulator.client("iam")
    role = iam.create_role(RoleName="Fresh", AssumeRolePolicyDocument=json.dumps(trust("111111111111")))["Role"]["Arn"]
    with refusal("AccessDenied"):
        simulator.session(role)
    simulator.advance(20)
    assert simulator.session(role)


def test_another_operators_operation_begins_just_before_ones_own(deployed):
    simulator, audit = deployed
    audit.create([UNIT])
    simulator.add_faults(
        events=[
            {
                "when": {"operation": "cloudformation:UpdateStackSet"},
                "operation": {"stack_set": "audit", "action": "DETECT_DRIFT", "id": "nightly"},
            }
        ]
    )
    with refusal("OperationInProgressException"):
        audit.start_update()
    assert audit.wait("nightly")["Action"] == "DETECT_DRIFT"
    assert audit.update()["Status"] == "SUCCEEDED"


def test_accounts_move_close_and_come_and_stacks_go_by_themselves(deployed):
    simulator, audit = deployed
    audit.create([UNIT])
    simulator.add_faults(
        events=[
            {"at": "5m", "move": {"account": "200000000001", "to": "root"}},
            {"at": "5m", "suspend": {"account": "200000000002"}},
            {"at": "5m", "add": {"name": "newcomer"}},
            {"at": "5m", "delete_stack": {"account": "200000000003", "stack_set": "audit"}},
        ]
    )
    simulator.advance(400)
    organizations = simulator.client("organizations")
    accounts = {account["Id"]: account for account in all_of(organizations, "list_accounts", "Accounts")}
    parents = organizations.list_parents(ChildId="200000000001")["Parents"]
    assert [parent["Type"] for parent in parents] == ["ROOT"]
    assert accounts["200000000002"]["State"] == "SUSPENDED"
    assert "newcomer" in {account["Name"] for account in accounts.values()}
    # K29: StackSets does not notice.
    assert {row["Account"]: row["Status"] for row in instances(audit)}["200000000003"] == "CURRENT"
    with refusal("AccessDenied"):
        simulator.session("arn:aws:iam::200000000003:role/Audit")
    assert [event["struck"] for event in simulator.faults()["events"]] == [1, 1, 1, 1]
    assert not any("problem" in event for event in simulator.faults()["events"])


def instances(stack_set):
    """Every stack instance as the list tells it."""
    return all_of(stack_set.api, "list_stack_instances", "Summaries", **stack_set.common)


def results(stack_set, operation):
    """Every result of an operation as the list tells it."""
    more = {**stack_set.common, "OperationId": operation}
    return all_of(stack_set.api, "list_stack_set_operation_results", "Summaries", **more)


def listed_operations(stack_set):
    """The statuses of the operations as the list tells them."""
    listed = all_of(stack_set.api, "list_stack_set_operations", "Summaries", **stack_set.common)
    return {operation["Status"] for operation in listed}
