"""Reads an answer of the Query protocol: XML, checked element by element against the output shape."""

import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

from shape_rules import check_length, check_text, missing_members


def read(exchange, model, operation):
    """The answer's problems, its error code (if it is an error) and its next page token (if it has one)."""
    answer = SimpleNamespace(problems=[], code=None, token=None)
    content_type = exchange.header("content-type") or ""
    if not content_type.startswith("text/xml"):
        answer.problems.append(f"content type {content_type!r} instead of text/xml")
    try:
        root = ElementTree.fromstring(exchange.body)
    except ElementTree.ParseError as error:
        answer.problems.append(f"the body is no XML: {error}")
        return answer
    namespace, _ = _split(root.tag)
    if namespace != model.metadata["xmlNamespace"]:
        answer.problems.append(f"namespace {namespace!r} instead of {model.metadata['xmlNamespace']!r}")
    if exchange.status >= 400:
        _read_error(exchange, root, answer)
    else:
        _read_result(exchange, operation, root, answer)
    return answer


def _read_result(exchange, operation, root, answer):
    name = _split(root.tag)[1]
    if name != f"{operation.wire_name}Response":
        answer.problems.append(f"root element <{name}> instead of <{operation.wire_name}Response>")
    result_name = operation.output_shape.serialization.get("resultWrapper") if operation.output_shape else None
    children = _children(root)
    answer.problems += [
        f"unknown element <{tag}> beside the result" for tag in children if tag not in ("ResponseMetadata", result_name)
    ]
    metadata = _first(children, "ResponseMetadata")
    _check_request_id(exchange, "" if metadata is None else _text(metadata, "RequestId"), answer)
    if result_name is None:
        return
    results = children.get(result_name, [])
    if len(results) != 1:
        answer.problems.append(f"{len(results)} elements <{result_name}> instead of one")
        return
    answer.problems += check_element(results[0], operation.output_shape, operation.name)
    answer.token = _text(results[0], "NextToken") or _text(results[0], "Marker")
    # aws-facts F2: IAM pages with Marker and IsTruncated together.
    if _text(results[0], "IsTruncated") == "true" and not answer.token:
        answer.problems.append("IsTruncated without a Marker")


def _read_error(exchange, root, answer):
    name = _split(root.tag)[1]
    if name != "ErrorResponse":
        answer.problems.append(f"root element <{name}> instead of <ErrorResponse>")
        return
    children = _children(root)
    answer.problems += [
        f"unknown element <{tag}> in the error" for tag in children if tag not in ("Error", "RequestId")
    ]
    _check_request_id(exchange, _text(root, "RequestId"), answer)
    error = _first(children, "Error")
    if error is None:
        answer.problems.append("the error has no element <Error>")
        return
    known = ("Type", "Code", "Message", "Detail")
    answer.problems += [f"unknown element <{tag}> in <Error>" for tag in _children(error) if tag not in known]
    answer.code = _text(error, "Code")
    expected = "Receiver" if exchange.status >= 500 else "Sender"
    if _text(error, "Type") != expected:
        answer.problems.append(f"error type {_text(error, 'Type')!r} instead of {expected!r}")
    if not _text(error, "Message"):
        answer.problems.append("the error has no message")


def _check_request_id(exchange, request_id, answer):
    if not request_id:
        answer.problems.append("the body has no RequestId")
    elif exchange.header("x-amzn-requestid") not in (None, request_id):
        answer.problems.append("the request ids of header and body differ")


def check_element(element, shape, path):
    """Everything in which an XML element departs from its shape."""
    if shape.type_name == "structure":
        return _check_structure(element, shape, path)
    if shape.type_name == "list":
        return _check_list(list(element), shape, path)
    if shape.type_name == "map":
        return _check_map(list(element), shape, path)
    if len(element):
        return [f"{path}: elements inside a {shape.type_name}"]
    return check_text(element.text or "", shape, path)


def _check_structure(element, shape, path):
    problems = []
    if (element.text or "").strip():
        problems.append(f"{path}: text inside a structure")
    members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    children = _children(element)
    for tag, elements in children.items():
        if tag not in members:
            problems.append(f"{path}: unknown element <{tag}>")
            continue
        name, member = members[tag]
        if member.type_name == "list" and member.serialization.get("flattened"):
            problems += _check_list(elements, member, f"{path}.{name}")
            continue
        if len(elements) > 1:
            problems.append(f"{path}: element <{tag}> stands {len(elements)} times")
        problems += check_element(elements[0], member, f"{path}.{name}")
    present = {members[tag][0] for tag in children if tag in members}
    return problems + missing_members(shape, present, path)


def _check_list(elements, shape, path):
    item_name = shape.member.serialization.get("name", "member")
    problems = check_length(len(elements), shape, path)
    for index, element in enumerate(elements):
        tag = _split(element.tag)[1]
        if not shape.serialization.get("flattened") and tag != item_name:
            problems.append(f"{path}: list item <{tag}> instead of <{item_name}>")
        problems += check_element(element, shape.member, f"{path}[{index}]")
    return problems


def _check_map(elements, shape, path):
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    problems = []
    for element in elements:
        children = _children(element)
        if _split(element.tag)[1] != "entry" or set(children) != {key_name, value_name}:
            problems.append(f"{path}: a map entry is not <entry><{key_name}/><{value_name}/></entry>")
            continue
        problems += check_element(children[key_name][0], shape.key, f"{path} key")
        problems += check_element(children[value_name][0], shape.value, f"{path}[{children[key_name][0].text}]")
    return problems


def _split(tag):
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name


def _children(element):
    by_name = {}
    for child in element:
        by_name.setdefault(_split(child.tag)[1], []).append(child)
    return by_name


def _first(children, name):
    return children[name][0] if name in children else None


def _text(element, name):
    child = _first(_children(element), name)
    return "" if child is None else (child.text or "")
