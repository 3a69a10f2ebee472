"""The checker itself, fed with right and wrong answers: it must find each departure from the model."""

import pytest

from service_model import Exchange, check

IDENTITY = (
    "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>{}"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)
ACCOUNT = "<Account>111111111111</Account>"
INSTANCES = (
    "<ListStackInstancesResponse xmlns='http://cloudformation.amazonaws.com/doc/2010-05-15/'><ListStackInstancesResult>"
    "{}</ListStackInstancesResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"
    "</ListStackInstancesResponse>"
)
ERROR = (
    "<ErrorResponse xmlns='http://cloudformation.amazonaws.com/doc/2010-05-15/'><Error><Type>{type}</Type>"
    "<Code>{code}</Code><Message>No.</Message>{extra}</Error><RequestId>id-1</RequestId></ErrorResponse>"
)
ROLE = (
    "<GetRoleResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><GetRoleResult><Role>{}</Role></GetRoleResult>"
    "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetRoleResponse>"
)
ROLE_MEMBERS = (
    "<Path>/</Path><RoleName>R</RoleName><RoleId>AROAEXAMPLEEXAMPLE00</RoleId>"
    "<Arn>arn:aws:iam::111111111111:role/R</Arn><CreateDate>2026-01-31T12:00:00Z</CreateDate>"
)


def xml(operation, body, status=200, service="cloudformation", **keywords):
    """A Query answer with everything right but what the test puts into the body."""
    headers = {"Content-Type": "text/xml", "x-amzn-RequestId": "id-1"}
    return Exchange(service, operation, status, headers, body.encode(), **keywords)


def document(operation, body, status=200, **keywords):
    """A JSON answer of Organizations, in the same manner."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "id-1"}
    return Exchange("organizations", operation, status, headers, body.encode(), **keywords)


def instances(inside, **keywords):
    """An answer of ListStackInstances."""
    return xml("ListStackInstances", INSTANCES.format(inside), **keywords)


def refused(code, status=400, type="Sender", extra=""):
    """A refusal of CreateStackInstances."""
    return xml("CreateStackInstances", ERROR.format(code=code, type=type, extra=extra), status)


RIGHT = [
    xml(
        "ListStackSetAutoDeploymentTargets",
        INSTANCES.format("<Summaries/><NextToken></NextToken>").replace("Instances", "SetAutoDeploymentTargets"),
    ),
    xml("GetCallerIdentity", IDENTITY.format(ACCOUNT), service="sts"),
    xml("GetRole", ROLE.format(ROLE_MEMBERS), service="iam"),
    instances("<Summaries/>"),
    instances("<Summaries><member><Account>111111111111</Account><Status>CURRENT</Status></member></Summaries>"),
    instances("<Summaries/><NextToken>b</NextToken>", token_sent="a"),
    refused("OperationInProgressException", 409),
    refused("ValidationError"),
    refused("ServiceUnavailable", 503, "Receiver"),
    document("ListRoots", '{"Roots": [{"Id": "r-ab12", "Name": "Root", "PolicyTypes": []}], "NextToken": null}'),
    document(
        "DescribeAccount", '{"Account": {"Id": "111111111111", "State": "ACTIVE", "JoinedTimestamp": 1763640000.5}}'
    ),
    document("MoveAccount", ""),
    document(
        "ListAccounts", '{"__type": "InvalidInputException", "Message": "No.", "Reason": "INVALID_NEXT_TOKEN"}', 400
    ),
    document("ListAccounts", '{"__type": "com.amazonaws.x#AccessDeniedException", "message": "No."}', 400),
    document("Nonsense", '{"__type": "UnknownOperationException"}', 400),
]


@pytest.mark.parametrize("exchange", RIGHT)
def test_a_right_answer_passes(exchange):
    assert check(exchange) == []


WRONG = [
    ("'' has 0 characters", instances("<Summaries/><NextToken></NextToken>")),
    ("unknown element <Colour>", xml("GetCallerIdentity", IDENTITY.format(ACCOUNT + "<Colour/>"), service="sts")),
    ("stands 2 times", xml("GetCallerIdentity", IDENTITY.format(ACCOUNT * 2), service="sts")),
    (
        "namespace 'https://sts",
        xml("GetRole", ROLE.format(ROLE_MEMBERS).replace("//iam", "//sts").replace("2010-05-08", "x"), service="iam"),
    ),
    ("root element <GetCallerIdentityResponse>", xml("GetSessionToken", IDENTITY.format(ACCOUNT), service="sts")),
    ("the body is no XML", xml("GetCallerIdentity", "<html>", service="sts")),
    (
        "no RequestId",
        xml("GetCallerIdentity", IDENTITY.format(ACCOUNT).replace("RequestId>", "Request>"), service="sts"),
    ),
    (
        "ids of header and body differ",
        xml("GetCallerIdentity", IDENTITY.format(ACCOUNT).replace("id-1", "id-2"), service="sts"),
    ),
    ("required member 'Arn'", xml("GetRole", ROLE.format(ROLE_MEMBERS.replace("Arn>", "ARN>")), service="iam")),
    (
        "no timestamp",
        xml("GetRole", ROLE.format(ROLE_MEMBERS.replace("2026-01-31T12:00:00Z", "1769860800")), service="iam"),
    ),
    ("no date that exists", xml("GetRole", ROLE.format(ROLE_MEMBERS.replace("01-31", "02-31")), service="iam")),
    ("allowed are 1 to 64", xml("GetRole", ROLE.format(ROLE_MEMBERS.replace(">R<", f">{'R' * 65}<")), service="iam")),
    (
        "is no integer",
        xml("GetRole", ROLE.format(ROLE_MEMBERS + "<MaxSessionDuration>1h</MaxSessionDuration>"), service="iam"),
    ),
    (
        "outside 3600 to 43200",
        xml("GetRole", ROLE.format(ROLE_MEMBERS + "<MaxSessionDuration>60</MaxSessionDuration>"), service="iam"),
    ),
    (
        "IsTruncated without a Marker",
        xml(
            "ListRolePolicies",
            "<ListRolePoliciesResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><ListRolePoliciesResult>"
            "<PolicyNames/><IsTruncated>true</IsTruncated></ListRolePoliciesResult><ResponseMetadata><RequestId>id-1</RequestId>"
            "</ResponseMetadata></ListRolePoliciesResponse>",
            service="iam",
        ),
    ),
    ("is none of CURRENT", instances("<Summaries><member><Status>DEPLOYED</Status></member></Summaries>")),
    ("list item <item> instead of <member>", instances("<Summaries><item><Status>CURRENT</Status></item></Summaries>")),
    ("does not match", instances("<Summaries><member><Account>12</Account></member></Summaries>")),
    ("text inside a structure", instances("<Summaries><member>CURRENT</member></Summaries>")),
    ("elements inside a string", instances("<NextToken><member/></NextToken>")),
    ("the list never ends", instances("<Summaries/><NextToken>a</NextToken>", token_sent="a")),
    ("neither modelled", refused("RoleAlreadyThere")),
    ("OperationInProgressException has status 409", refused("OperationInProgressException", 400)),
    ("error type 'Sender' instead of 'Receiver'", refused("ServiceUnavailable", 503)),
    ("unknown element <Reason>", refused("ValidationError", extra="<Reason>x</Reason>")),
    ("unknown member 'Colour'", document("ListRoots", '{"Roots": [{"Colour": "red"}]}')),
    ("'1' is no timestamp", document("DescribeAccount", '{"Account": {"JoinedTimestamp": "1"}}')),
    ("is none of PENDING_ACTIVATION", document("DescribeAccount", '{"Account": {"State": "FINE"}}')),
    ("not a list", document("ListRoots", '{"Roots": {}}')),
    ("is no string", document("ListRoots", '{"Roots": [{"Id": 7}]}')),
    ("the body is not empty", document("MoveAccount", '{"Account": {}}')),
    ("required member 'Key'", document("ListTagsForResource", '{"Tags": [{"Value": "v"}]}')),
    ("has no message", document("ListAccounts", '{"__type": "AccessDeniedException"}', 400)),
    (
        "is none of",
        document("ListAccounts", '{"__type": "InvalidInputException", "Message": "No.", "Reason": "BAD"}', 400),
    ),
    ("neither modelled", document("ListAccounts", '{"__type": "ParentNotFoundException", "Message": "No."}', 400)),
    ("the list never ends", document("ListRoots", '{"Roots": [], "NextToken": "t"}', token_sent="t")),
    ("no such operation", document("Nonsense", "{}")),
    ("content type 'text/html'", Exchange("sts", "GetCallerIdentity", 200, {"Content-Type": "text/html"}, b"<a/>")),
    (
        "x-amzn-RequestId is missing",
        Exchange("organizations", "MoveAccount", 200, {"Content-Type": "application/x-amz-json-1.1"}),
    ),
]


@pytest.mark.parametrize("sentence, exchange", WRONG)
def test_a_wrong_answer_is_found(sentence, exchange):
    assert any(sentence in problem for problem in check(exchange)), check(exchange)


def test_a_sensitive_value_is_not_repeated():
    problems = check(document("DescribeAccount", '{"Account": {"Email": "secret"}}'))
    assert problems and not any("'secret'" in problem for problem in problems)
