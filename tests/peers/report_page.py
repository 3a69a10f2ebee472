"""A run with a bit of everything, for the pages of reports: `report_page.py DIRECTORY` leaves its ledgers there.

The organization is the reference one. A first run rolls the role out everywhere. Then owners of accounts change theirs
by hand, a service control policy is put in the way of two accounts, and a second run brings a new session length.
"""

import json
import pathlib
import shutil
import sys

import servers
from simulator import access_key, simulated

ROLE = "CadoResponse"
MANAGEMENT = "111111111111"
DENIED = (
    "ResourceLogicalId:Role, ResourceType:AWS::IAM::Role, ResourceStatusReason:User: arn:aws:sts::{0}:assumed-role/"
    "stacksets-exec-0f1e2d3c/x is not authorized to perform: iam:UpdateRole on resource: arn:aws:iam::{0}:role/"
    "CadoResponse with an explicit deny in a service control policy (Service: Iam, Status Code: 403)"
)
KEPT_OUT = ("222200003201", "222200003202")


def leave_runs(directory):
    """Leaves two ledgers in a directory and gives the HTML report of the second run."""
    shutil.copytree(servers.REPOSITORY / "config", directory / "config", dirs_exist_ok=True)
    # What stays wrong is not waited for: the simulation's clock runs, and sessions end.
    change(directory, "  propagation: 90s", "  propagation: 2s")
    organization = directory / "config" / "organization.yaml"
    with simulated(organization=organization, speed=120) as simulator:
        apply(simulator, directory, expected_status=0)
        tamper(simulator)
        change(directory, "max_session: 1h", "max_session: 2h")
        simulator.add_faults(accounts=[{"account": account, "fail": DENIED.format(account)} for account in KEPT_OUT])
        apply(simulator, directory, "--report", "report.html", expected_status=1)
    return (directory / "report.html").read_text()


def change(directory, before, after):
    """Changes the configuration of the rollout."""
    configuration = directory / "config" / "rollout.yaml"
    text = configuration.read_text()
    assert before in text
    configuration.write_text(text.replace(before, after))


def apply(simulator, directory, *flags, expected_status):
    """Runs `apply` as the administrator of the management account."""
    servers.rolecall_json(
        "apply", "config/rollout.yaml", "--yes", "--endpoint-url", simulator.url, *flags,
        expected_statuses=(expected_status,), access_key=access_key(MANAGEMENT), directory=directory,
        environment={"CADO_EXTERNAL_ID": "page-external-id-41c7"},
    )  # fmt: skip


def tamper(simulator):
    """What owners of accounts do by hand."""
    for account in ("222200003103", "222200003104", "222200006009"):
        iam = simulator.client("iam", account)
        iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam = simulator.client("iam", "222200003122")
    iam.tag_role(RoleName=ROLE, Tags=[{"Key": "owner", "Value": "somebody"}])
    iam.put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=document("s3:*"))
    simulator.client("iam", "222200003132").update_role_description(RoleName=ROLE, Description="by hand")
    open_the_door(simulator, "222200004002")


def document(action):
    """A policy that allows one action on everything."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def open_the_door(simulator, account):
    """Trusts another account beside those that are trusted."""
    iam = simulator.client("iam", account)
    trust = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    stranger = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::222200005001:root"}}
    trust["Statement"] = [*trust["Statement"], stranger]
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(trust))


if __name__ == "__main__":
    leave_runs(pathlib.Path(sys.argv[1]))
