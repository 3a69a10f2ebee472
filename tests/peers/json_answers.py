"""Reads an answer of the JSON 1.1 protocol, checked member by member against the output shape."""

import json
from types import SimpleNamespace

from shape_rules import check_json_scalar, check_length, missing_members


def read(exchange, _model, operation):
    """The answer's problems, its error code (if it is an error) and its next page token (if it has one)."""
    answer = SimpleNamespace(problems=[], code=None, token=None)
    content_type = exchange.header("content-type") or ""
    if not content_type.startswith("application/x-amz-json-1.1"):
        answer.problems.append(f"content type {content_type!r} instead of application/x-amz-json-1.1")
    if operation.output_shape is None and exchange.status < 400:
        if exchange.body.strip() not in (b"", b"{}"):
            answer.problems.append("the operation has no output, but the body is not empty")
        return answer
    try:
        document = json.loads(exchange.body)
    except ValueError as error:
        answer.problems.append(f"the body is no JSON: {error}")
        return answer
    if not isinstance(document, dict):
        answer.problems.append("the body is no JSON object")
    elif exchange.status >= 400:
        _read_error(operation, document, answer)
    else:
        answer.problems += check_value(document, operation.output_shape, operation.name)
        answer.token = document.get("NextToken")
    return answer


def _read_error(operation, document, answer):
    # AWS writes the code with or without the namespace of the shape in front of a `#`.
    answer.code = str(document.pop("__type", "")).rpartition("#")[2]
    # The models say `Message`; AWS's front end also writes `message`, and clients accept both.
    if "message" in document:
        document["Message"] = document.pop("message")
    # An operation that the front end does not know is refused with the bare code.
    if not document.get("Message") and answer.code != "UnknownOperationException":
        answer.problems.append("the error has no message")
    shape = next((shape for shape in operation.error_shapes if shape.error_code == answer.code), None)
    if shape is not None:
        answer.problems += check_value(document, shape, answer.code)


def check_value(value, shape, path):
    """Everything in which a JSON value departs from its shape."""
    if shape.type_name == "structure":
        return _check_structure(value, shape, path)
    if shape.type_name == "list":
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        problems = check_length(len(value), shape, path)
        for index, item in enumerate(value):
            problems += check_value(item, shape.member, f"{path}[{index}]")
        return problems
    if shape.type_name == "map":
        if not isinstance(value, dict):
            return [f"{path}: not a map"]
        problems = []
        for key, item in value.items():
            problems += check_json_scalar(key, shape.key, f"{path} key")
            problems += check_value(item, shape.value, f"{path}[{key}]")
        return problems
    return check_json_scalar(value, shape, path)


def _check_structure(value, shape, path):
    if not isinstance(value, dict):
        return [f"{path}: not a structure"]
    problems = []
    members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    # Services write an absent member as null or leave it out; clients read both alike.
    present = {key: item for key, item in value.items() if item is not None}
    for key, item in present.items():
        if key in members:
            problems += check_value(item, members[key][1], f"{path}.{key}")
        else:
            problems.append(f"{path}: unknown member {key!r}")
    return problems + missing_members(shape, {members[key][0] for key in present if key in members}, path)
