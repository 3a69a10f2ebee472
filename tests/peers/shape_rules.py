"""What a service model says about a single value: its type, range, length, pattern and enumeration."""

import base64
import binascii
import functools
from datetime import datetime

import regex

_BITS = {"integer": 31, "long": 63}


def check_text(text, shape, path):
    """Checks a value that came as the text of an XML element."""
    kind = shape.type_name
    if kind == "boolean":
        return [] if text in ("true", "false") else [f"{path}: {text!r} is no boolean"]
    if kind in _BITS:
        if not regex.fullmatch(r"-?\d+", text):
            return [f"{path}: {text!r} is no {kind}"]
        return _check_number(int(text), shape, path)
    if kind in ("float", "double"):
        try:
            return _check_number(float(text), shape, path)
        except ValueError:
            return [f"{path}: {text!r} is no number"]
    if kind == "timestamp":
        return _check_iso8601(text, path)
    return _check_base64(text, path) if kind == "blob" else _check_string(text, shape, path)


def check_json_scalar(value, shape, path):
    """Checks a value that came in a JSON document."""
    kind = shape.type_name
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"{path}: {value!r} is no boolean"]
    if kind in (*_BITS, "float", "double", "timestamp"):
        # JSON 1.1 writes a timestamp as seconds since 1970, with a fraction if need be.
        allowed = int if kind in _BITS else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed):
            return [f"{path}: {value!r} is no {kind}"]
        return [] if kind == "timestamp" else _check_number(value, shape, path)
    if not isinstance(value, str):
        return [f"{path}: {value!r} is no {kind}"]
    return _check_base64(value, path) if kind == "blob" else _check_string(value, shape, path)


def check_length(length, shape, path):
    """Checks the number of items of a list."""
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if length < low or (high is not None and length > high):
        return [f"{path}: {length} items, allowed are {low} to {high}"]
    return []


def missing_members(shape, present, path):
    """One sentence for every member that the shape requires and the answer lacks."""
    return [f"{path}: required member {name!r} is missing" for name in shape.required_members if name not in present]


def _check_number(value, shape, path):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        return [f"{path}: {value} is outside {low} to {high}"]
    bits = _BITS.get(shape.type_name)
    if bits and not -(2**bits) <= value < 2**bits:
        return [f"{path}: {value} does not fit a {shape.type_name}"]
    return []


def _check_string(text, shape, path):
    # External IDs and keys may pass through here: what the model calls sensitive is not repeated.
    shown = (
        "a sensitive value"
        if shape.metadata.get("sensitive")
        else repr(text if len(text) <= 120 else text[:117] + "...")
    )
    if shape.enum and text not in shape.enum:
        return [f"{path}: {shown} is none of {', '.join(shape.enum)}"]
    problems = []
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and len(text) < low) or (high is not None and len(text) > high):
        problems.append(f"{path}: {shown} has {len(text)} characters, allowed are {low} to {high}")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).search(text):
        problems.append(f"{path}: {shown} does not match {pattern}")
    return problems


@functools.cache
def _compiled(pattern):
    # A pattern describes the whole value, also where the model leaves the anchors out. The patterns are
    # Java's and use Unicode classes, which Python's own `re` does not know.
    return regex.compile(rf"\A(?:{pattern})\Z")


def _check_iso8601(text, path):
    if not regex.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", text):
        return [f"{path}: {text!r} is no timestamp of the form 2026-01-31T12:00:00.000Z"]
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return [f"{path}: {text!r} is no date that exists"]
    return []


def _check_base64(text, path):
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return [f"{path}: no base64"]
    return []
