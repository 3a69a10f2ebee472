"""The simulated organization as the tests see it: clients for any account, and a clock that they step."""

import contextlib
import json
import urllib.request

import boto3
from botocore.config import Config

import servers
import witness

# The account that an empty simulation begins with, outside any organization.
FIRST_ACCOUNT = "111111111111"
REGION = "us-east-1"
_RUNNING = []


class Simulator:
    """One running simulation, reached through the proxy that checks its answers."""

    def __init__(self, url, its_witness):
        self.url = url
        self.witness = its_witness

    def client(self, service, account=FIRST_ACCOUNT, region=REGION, config=None):
        """A boto3 client with the administrator's credentials of an account."""
        keys = {"aws_access_key_id": access_key(account), "aws_secret_access_key": "simulator"}
        return self._client(service, region, keys, config)

    def client_with(self, service, credentials, region=REGION):
        """A boto3 client with what AssumeRole or CreateAccessKey answered."""
        keys = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
        }
        return self._client(service, region, {**keys, "aws_session_token": credentials.get("SessionToken")})

    def _client(self, service, region, keys, config=None):
        # A retry would hide an answer that is wrong the first time.
        alone = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=config or alone, **keys)

    def session(self, role_arn, account=FIRST_ACCOUNT, **keywords):
        """The credentials of a role session, entered by an account's administrator."""
        answer = self.client("sts", account).assume_role(RoleArn=role_arn, RoleSessionName="peer", **keywords)
        return answer["Credentials"]

    def advance(self, seconds):
        """Steps the simulation's clock."""
        self._control("POST", "/_simulator/advance", {"seconds": seconds})

    def until(self, condition, limit=7200, step=10):
        """Steps the clock until `condition()` gives something, and gives that."""
        for _ in range(0, limit, step):
            result = condition()
            if result:
                return result
            self.advance(step)
        raise AssertionError(f"not within {limit} virtual seconds: {condition}")

    def calls(self):
        """How often each operation was called, by `service:Operation`."""
        return self._control("GET", "/_simulator/calls")

    def throttled(self):
        """How many of those were refused because their caller called too often."""
        return self._control("GET", "/_simulator/throttled")

    def denied(self):
        """How many of those were refused because their caller may not make them."""
        return self._control("GET", "/_simulator/denied")

    def forget_calls(self):
        """Begins to count anew."""
        self._control("DELETE", "/_simulator/calls")

    def add_faults(self, **faults):
        """Lets a list of faults strike from now on, and gives all there are."""
        return self._control("POST", "/_simulator/faults", faults)

    def faults(self):
        """Every fault, with how often it struck."""
        return self._control("GET", "/_simulator/faults")

    def remove_faults(self):
        """Lets nothing go wrong any more."""
        self._control("DELETE", "/_simulator/faults")

    def held(self):
        """How many calls are held without an answer."""
        return self._control("GET", "/_simulator/held")

    def _control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None


def access_key(account):
    """The access key of an account's administrator in the simulation."""
    return f"AKIASIMU{account}"


@contextlib.contextmanager
def simulated(organization=None, shape=None, speed=None, per_call=None, faults=None):
    """Runs a simulation: empty, from an organization file, or of a made-up shape.

    `speed` is how many virtual seconds pass in a real one, for programs that wait by themselves; `per_call` how many
    pass with every AWS call; `faults` a file of what goes wrong.
    """
    port = servers.free_port()
    options = {
        "--port": port,
        "--organization": organization,
        "--shape": shape,
        "--speed": speed,
        "--per-call": per_call,
        "--faults": faults,
    }
    with servers.running(_command(options), port, "/_simulator/calls"):
        with witness.witnessed(port) as (url, its_witness):
            simulator = Simulator(url, its_witness)
            _RUNNING.append(simulator)
            try:
                yield simulator
            finally:
                _RUNNING.remove(simulator)


def _command(options):
    given = [(name, str(value)) for name, value in options.items() if value is not None]
    return [servers.ROLECALL, "simulate", *(word for pair in given for word in pair)]


def problems_since_last_asked():
    """What the answers of all running simulations got wrong since this was last asked."""
    return [problem for simulator in _RUNNING for problem in simulator.witness.drain()]
