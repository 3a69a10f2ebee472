"""A StackSet under test: the calls of a roll-out, with what every test wants filled in."""

import json

from organization import all_of
from simulator import REGION

TERMINAL = ("SUCCEEDED", "FAILED", "STOPPED")
# Every account is attempted at once, and failures are judged account by account.
ALL_AT_ONCE = {
    "FailureTolerancePercentage": 100,
    "MaxConcurrentPercentage": 100,
    "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
}


def trust(account):
    """A trust policy for the principals of one account."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
        ],
    }


def role_template(name, trusted="111111111111", **properties):
    """A template with one named role whose session length and description are parameters."""
    role = {
        "RoleName": name,
        "AssumeRolePolicyDocument": trust(trusted),
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/SecurityAudit"],
        "MaxSessionDuration": {"Ref": "Session"},
        "Description": {"Ref": "Note"},
        **properties,
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {
            "Session": {"Type": "Number", "Default": 3600},
            "Note": {"Type": "String", "Default": "Rolled out"},
        },
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}},
    }


class StackSet:
    """One service-managed StackSet in one Region."""

    def __init__(self, simulator, name, template, client=None, create=True, call_as=None, **arguments):
        self.simulator = simulator
        self.name = name
        self.template = template
        self.api = client or simulator.client("cloudformation")
        self.common = {"StackSetName": name, **({"CallAs": call_as} if call_as else {})}
        if create:
            defaults = {
                "TemplateBody": json.dumps(template),
                "Capabilities": ["CAPABILITY_NAMED_IAM"],
                "PermissionModel": "SERVICE_MANAGED",
                "AutoDeployment": {"Enabled": False},
            }
            self.id = self.api.create_stack_set(**self.common, **{**defaults, **arguments})["StackSetId"]

    def start(self, units=(), accounts=None, filter_type=None, preferences=None, **more):
        """Creates instances and gives the operation's id without waiting."""
        return self._targeted(self.api.create_stack_instances, units, accounts, filter_type, preferences, more)

    def create(self, *arguments, **keywords):
        """Creates instances, waits for the end, and gives the operation."""
        return self.wait(self.start(*arguments, **keywords))

    def delete(self, units, retain=False, accounts=None, filter_type=None, preferences=None):
        """Deletes instances, waits for the end, and gives the operation."""
        more = {"RetainStacks": retain}
        return self.wait(
            self._targeted(self.api.delete_stack_instances, units, accounts, filter_type, preferences, more)
        )

    def override(self, units, parameters, accounts=None, filter_type=None):
        """Updates instances with parameter overrides, waits, and gives the operation."""
        more = {"ParameterOverrides": parameters}
        return self.wait(self._targeted(self.api.update_stack_instances, units, accounts, filter_type, None, more))

    def update(self, **arguments):
        """Updates the set, waits, and gives the operation."""
        return self.wait(self.start_update(**arguments))

    def start_update(self, **arguments):
        """Updates the set and gives the operation's id without waiting."""
        defaults = {"Capabilities": ["CAPABILITY_NAMED_IAM"], "OperationPreferences": ALL_AT_ONCE}
        if not {"TemplateBody", "UsePreviousTemplate"} & set(arguments):
            defaults["UsePreviousTemplate"] = True
        return self.api.update_stack_set(**self.common, **{**defaults, **arguments})["OperationId"]

    def _targeted(self, call, units, accounts, filter_type, preferences, more):
        targets = {"OrganizationalUnitIds": list(units)}
        if accounts is not None:
            targets["Accounts"] = accounts
        if filter_type is not None:
            targets["AccountFilterType"] = filter_type
        arguments = {
            "DeploymentTargets": targets,
            "Regions": [REGION],
            "OperationPreferences": preferences or ALL_AT_ONCE,
        }
        return call(**self.common, **{**arguments, **more})["OperationId"]

    def operation(self, identity):
        """One operation as it stands."""
        return self.api.describe_stack_set_operation(**self.common, OperationId=identity)["StackSetOperation"]

    def wait(self, identity, step=10):
        """Steps the clock until the operation is at its end."""

        def at_its_end():
            operation = self.operation(identity)
            return operation if operation["Status"] in TERMINAL else None

        return self.simulator.until(at_its_end, step=step)

    def instances(self, **arguments):
        """The instances by account."""
        summaries = all_of(self.api, "list_stack_instances", "Summaries", **self.common, **arguments)
        return {summary["Account"]: summary for summary in summaries}

    def detailed(self):
        """Each account's status and detailed status."""
        return {a: (i["Status"], i["StackInstanceStatus"]["DetailedStatus"]) for a, i in self.instances().items()}

    def results(self, identity, **arguments):
        """The operation's results by account."""
        summaries = all_of(
            self.api, "list_stack_set_operation_results", "Summaries", **self.common, OperationId=identity, **arguments
        )
        return {summary["Account"]: summary for summary in summaries}

    def described(self):
        """The set itself."""
        return self.api.describe_stack_set(**self.common)["StackSet"]


def role_in(simulator, account, name):
    """The role as IAM shows it in the account, or nothing."""
    iam = simulator.client("iam", account)
    try:
        return iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
