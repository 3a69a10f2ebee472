"""Checks answers, as they went over the wire, against the service models that botocore ships.

botocore's own parsers are forgiving: they drop an unknown element, leave out a missing member and hand on
an enum value that nobody has heard of. A simulator that is wrong in any of these ways would go unnoticed
by boto3 and the AWS CLI, and break a stricter client. So the raw body is parsed here, and everything in
which it departs from the model becomes one sentence:

    problems = check(Exchange(service="iam", operation="GetRole", status=200, headers={…}, body=b"…"))

It knows the two protocols that rolecall speaks: Query with XML (CloudFormation, IAM, STS; `query_answers`)
and JSON 1.1 (Organizations; `json_answers`). `shape_rules` judges the single values.
"""

import functools
import re
from dataclasses import dataclass, field

from botocore.loaders import Loader
from botocore.model import OperationNotFoundError, ServiceModel

import json_answers
import query_answers

# Codes that any operation may answer although no model lists them: AWS's pages "Common Errors" of the four
# services, and aws-facts B, E1 and F2.
COMMON_QUERY_ERRORS = {
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "IncompleteSignature": 403,
    "InternalFailure": 500,
    "InvalidAction": 400,
    "InvalidClientTokenId": 403,
    "InvalidParameterCombination": 400,
    "InvalidParameterValue": 400,
    "MalformedInput": 400,
    "MissingAction": 400,
    "MissingAuthenticationToken": 403,
    "MissingParameter": 400,
    "RequestExpired": 400,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "Throttling": 400,
    "ValidationError": 400,
}
COMMON_JSON_ERRORS = {
    "AccessDeniedException": 400,
    "ExpiredTokenException": 400,
    "InternalFailure": 500,
    "InvalidSignatureException": 400,
    "MissingAuthenticationTokenException": 400,
    "SerializationException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 400,
    "UnknownOperationException": 400,
    "UnrecognizedClientException": 400,
    "ValidationException": 400,
}
# Where AWS itself departs from the model. The text of one list ends it with the empty string (aws-facts A16),
# although its shape wants a character. And the first event of a stack that a change set creates has a status that
# the stack's own enumeration knows and that of events does not.
DOCUMENTED_DEPARTURES = [
    re.compile(r"ListStackSetAutoDeploymentTargets\.NextToken: '' has 0 characters, allowed are 1 to 1024"),
    re.compile(r"DescribeStackEvents\.StackEvents\[\d+\]\.ResourceStatus: 'REVIEW_IN_PROGRESS' is none of .*"),
]


@dataclass(frozen=True)
class Exchange:
    """One answer, and the call that it answers."""

    service: str
    operation: str
    status: int
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    # The page token that the call sent, if any: an answer that repeats it makes an endless list.
    token_sent: str | None = None

    def header(self, name):
        """The value of a header, whatever the case of its name."""
        return next((value for key, value in self.headers.items() if key.lower() == name), None)


@functools.cache
def service_model(service):
    """botocore's model of one service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def check(exchange):
    """Every way in which the answer departs from the service's model, as a list of sentences."""
    where = f"{exchange.service}:{exchange.operation} ({exchange.status})"
    return [f"{where}: {problem}" for problem in _problems(exchange) if not _is_documented(problem)]


def _is_documented(problem):
    return any(departure.fullmatch(problem) for departure in DOCUMENTED_DEPARTURES)


def _problems(exchange):
    model = service_model(exchange.service)
    is_query = model.metadata["protocol"] == "query"
    try:
        operation = model.operation_model(exchange.operation)
    except OperationNotFoundError:
        refusal = "InvalidAction" if is_query else "UnknownOperationException"
        if exchange.status == 400 and refusal.encode() in exchange.body:
            return []
        return [f"no such operation, and not refused as {refusal}"]
    protocol = query_answers if is_query else json_answers
    answer = protocol.read(exchange, model, operation)
    problems = list(answer.problems)
    if not exchange.header("x-amzn-requestid"):
        problems.append("the header x-amzn-RequestId is missing")
    if exchange.status >= 400:
        problems += _check_code(
            exchange, operation, answer.code, COMMON_QUERY_ERRORS if is_query else COMMON_JSON_ERRORS
        )
    if answer.token and answer.token == exchange.token_sent:
        problems.append("the answer repeats the token of the call: the list never ends")
    return problems


def _check_code(exchange, operation, code, common):
    if not code:
        return ["the error has no code"]
    modelled = {s.error_code: s.metadata.get("error", {}).get("httpStatusCode") for s in operation.error_shapes}
    if code not in modelled and code not in common:
        return [f"error code {code!r} is neither modelled for the operation nor common to the service"]
    # The JSON models give no status: server faults, whose codes begin with Service, have 500, all else 400.
    status = modelled.get(code) or common.get(code) or (500 if code.startswith("Service") else 400)
    return [] if exchange.status == status else [f"{code} has status {status}"]
