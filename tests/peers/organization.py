"""Builds an organization through the public API, as an operator would with boto3."""

import pytest
from botocore.exceptions import ClientError

from simulator import FIRST_ACCOUNT

STACKSETS_PRINCIPAL = "member.org.stacksets.cloudformation.amazonaws.com"


class Organization:
    """An organization under construction; remembers the ids of its units and accounts by name."""

    def __init__(self, simulator):
        self.simulator = simulator
        self.api = simulator.client("organizations")
        self.api.create_organization(FeatureSet="ALL")
        self.root = self.api.list_roots()["Roots"][0]["Id"]
        self.units = {"": self.root}
        self.accounts = {}

    def unit(self, path):
        """Creates an organizational unit below the one that the path names before its last slash."""
        parent, _, name = path.rpartition("/")
        answer = self.api.create_organizational_unit(ParentId=self.units[parent], Name=name)
        self.units[path] = answer["OrganizationalUnit"]["Id"]
        return self.units[path]

    def account(self, name, path=""):
        """Creates an account, waits for it and moves it into a unit."""
        account = create_account(self.simulator, self.api, name)
        if path:
            self.api.move_account(AccountId=account, SourceParentId=self.root, DestinationParentId=self.units[path])
        self.accounts[name] = account
        return account

    def move(self, name, source, destination):
        """Moves an account between units, by their paths."""
        self.api.move_account(
            AccountId=self.accounts[name],
            SourceParentId=self.units[source],
            DestinationParentId=self.units[destination],
        )

    def close(self, name):
        """Closes an account and waits until it is suspended."""
        self.api.close_account(AccountId=self.accounts[name])
        self.simulator.until(lambda: self.state(name) == "SUSPENDED", limit=86400, step=600)

    def state(self, name):
        """The account's state."""
        return self.api.describe_account(AccountId=self.accounts[name])["Account"]["State"]

    def member_role(self, name):
        """The credentials of the role that Organizations makes in every created account."""
        return self.simulator.session(f"arn:aws:iam::{self.accounts[name]}:role/OrganizationAccountAccessRole")


def create_account(simulator, api, name):
    """Creates an account and waits until Organizations has finished it."""
    request = api.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]["Id"]

    def finished():
        status = api.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        return status if status["State"] != "IN_PROGRESS" else None

    status = simulator.until(finished)
    assert status["State"] == "SUCCEEDED", status
    return status["AccountId"]


def all_of(client, operation, key, **arguments):
    """Every item of a paged list, through boto3's paginator: it refuses a token that comes twice."""
    return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page[key]]


class refusal:
    """A block that AWS must refuse: with this code, and a message that contains this text."""

    def __init__(self, code, text=""):
        self.code, self.text = code, text
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _traceback):
        if kind is None:
            pytest.fail(f"not refused; expected was {self.code}")
        if not isinstance(error, ClientError):
            return False
        self.error = error.response["Error"]
        seen = f"{self.error['Code']}: {self.error.get('Message')}"
        assert self.error["Code"] == self.code, seen
        assert self.text.lower() in self.error.get("Message", "").lower(), seen
        return True


def standard_organization(simulator):
    """The organization of the StackSet tests: three levels, an account without a unit, a suspended one."""
    organization = Organization(simulator)
    for path in ("Workloads", "Workloads/Prod", "Workloads/Prod/EU", "Workloads/Legacy", "Sandbox", "Empty"):
        organization.unit(path)
    places = {
        "shop": "Workloads/Prod",
        "pay": "Workloads/Prod",
        "eu-shop": "Workloads/Prod/EU",
        "old": "Workloads/Legacy",
    }
    for name, path in {**places, "play": "Sandbox", "closed": "Workloads/Prod", "loose": ""}.items():
        organization.account(name, path)
    organization.close("closed")
    assert organization.api.describe_organization()["Organization"]["MasterAccountId"] == FIRST_ACCOUNT
    return organization
