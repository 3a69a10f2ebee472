//! Which keys a request has.

use super::case::Expected::{Allowed, Denied, NotAllowed, Unknown};
use super::case::{By, Case, ROLE, ROOT, SESSION, USER, asks, condition};

const KEYS: &str = "reference_policies_condition-keys";
const IAM_KEYS: &str = "reference_policies_iam-condition-keys";
const EXTERNAL_ID: &str = "id_roles_create_for-user_externalid";
const DEPUTY: &str = "confused-deputy";

const EC2: By = By::Service("ec2.amazonaws.com");
const GOOGLE: By = By::Provider("accounts.google.com");

const VENDOR: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"},
    "Condition":{"StringEquals":{"sts:ExternalId":"12345"}}}"#;
const OPEN: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}"#;
const OF_GOOGLE: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
    "Principal":{"Federated":"accounts.google.com"},
    "Condition":{"StringEquals":{"accounts.google.com:aud":"app-1"}}}"#;
const UNLESS_KNOWN: &str = r#"{"Effect":"Allow","Action":"*","Principal":"*"},
    {"Effect":"Deny","Action":"*","Principal":"*","Condition":{"StringNotEquals":{"sts:ExternalId":"12345"}}}"#;

pub(crate) const CASES: &[Case] = &[
    // The external ID.
    asks("whoever sends the external ID gets in", EXTERNAL_ID, VENDOR, SESSION, Allowed(0))
        .keys(r#"{"sts:ExternalId":"12345"}"#),
    asks("whoever sends another external ID does not get in", EXTERNAL_ID, VENDOR, SESSION, NotAllowed)
        .keys(r#"{"sts:ExternalId":"54321"}"#),
    asks("whoever sends no external ID does not get in", EXTERNAL_ID, VENDOR, SESSION, NotAllowed),
    asks(
        "the external ID of one account is no use to another",
        EXTERNAL_ID,
        VENDOR,
        By::Arn("arn:aws:iam::444455556666:role/Hub"),
        NotAllowed,
    )
    .keys(r#"{"sts:ExternalId":"12345"}"#),
    asks("an external ID that nobody asks for keeps nobody out", IAM_KEYS, OPEN, SESSION, Allowed(0))
        .keys(r#"{"sts:ExternalId":"54321"}"#),
    asks("a deny of other external IDs spares the right one", IAM_KEYS, UNLESS_KNOWN, SESSION, Allowed(0))
        .keys(r#"{"sts:ExternalId":"12345"}"#),
    asks("a deny of other external IDs hits a wrong one", IAM_KEYS, UNLESS_KNOWN, SESSION, Denied(1))
        .keys(r#"{"sts:ExternalId":"54321"}"#),
    asks("a deny of other external IDs hits whoever sends none", IAM_KEYS, UNLESS_KNOWN, SESSION, Denied(1)),
    // Who asks.
    condition(
        "aws:PrincipalAccount is the caller's account",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#,
        "{}",
        Allowed(0),
    ),
    condition(
        "aws:PrincipalAccount is no other account",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#,
        "{}",
        NotAllowed,
    ),
    condition(
        "aws:PrincipalArn of a role session is the role's",
        KEYS,
        r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops/Hub"}}"#,
        "{}",
        Allowed(0),
    )
    .by(ROLE),
    condition(
        "aws:PrincipalArn of a role session is not the session's",
        KEYS,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:sts::111122223333:assumed-role/*"}}"#,
        "{}",
        NotAllowed,
    )
    .by(ROLE),
    condition(
        "aws:PrincipalArn is not told by a session's ARN, which has no path",
        KEYS,
        r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops/Hub"}}"#,
        "{}",
        Unknown("aws:PrincipalArn"),
    ),
    condition(
        "aws:PrincipalArn of a user is the user's",
        KEYS,
        r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/Ann"}}"#,
        "{}",
        Allowed(0),
    )
    .by(USER),
    condition(
        "aws:PrincipalArn of the root user is the account's",
        KEYS,
        r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:root"}}"#,
        "{}",
        Allowed(0),
    )
    .by(ROOT),
    condition(
        "aws:PrincipalType of a role session",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalType":"AssumedRole"}}"#,
        "{}",
        Allowed(0),
    ),
    condition(
        "aws:PrincipalType of a user",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalType":"User"}}"#,
        "{}",
        Allowed(0),
    )
    .by(USER),
    condition(
        "aws:PrincipalType of the root user",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalType":"Account"}}"#,
        "{}",
        Allowed(0),
    )
    .by(ROOT),
    condition(
        "aws:username is a user's name",
        KEYS,
        r#"{"StringEquals":{"aws:username":"Ann"}}"#,
        "{}",
        Allowed(0),
    )
    .by(USER),
    condition(
        "aws:username is a user's name without its path",
        KEYS,
        r#"{"StringEquals":{"aws:username":"Ann"}}"#,
        "{}",
        Allowed(0),
    )
    .by(By::Arn("arn:aws:iam::111122223333:user/sales/Ann")),
    condition(
        "aws:username is not there for a role session",
        KEYS,
        r#"{"Null":{"aws:username":"true"}}"#,
        "{}",
        Allowed(0),
    ),
    condition(
        "aws:username is not there for the root user",
        KEYS,
        r#"{"StringLike":{"aws:username":"*"}}"#,
        "{}",
        NotAllowed,
    )
    .by(ROOT),
    condition(
        "aws:userid of the root user is the account id",
        KEYS,
        r#"{"StringEquals":{"aws:userid":"111122223333"}}"#,
        "{}",
        Allowed(0),
    )
    .by(ROOT),
    condition(
        "aws:userid of a role session is not told",
        KEYS,
        r#"{"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE123:*"}}"#,
        "{}",
        Unknown("aws:userid"),
    ),
    condition(
        "aws:PrincipalOrgID is not told",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}"#,
        "{}",
        Unknown("aws:PrincipalOrgID"),
    ),
    condition(
        "aws:PrincipalTag is not told",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#,
        "{}",
        Unknown("aws:PrincipalTag/team"),
    ),
    condition(
        "aws:PrincipalIsAWSService of a role session is false",
        KEYS,
        r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#,
        "{}",
        Allowed(0),
    ),
    condition(
        "aws:PrincipalIsAWSService of a service is true",
        KEYS,
        r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#,
        "{}",
        Allowed(0),
    )
    .by(EC2),
    condition(
        "aws:PrincipalServiceName of a service is its name",
        KEYS,
        r#"{"StringEquals":{"aws:PrincipalServiceName":"ec2.amazonaws.com"}}"#,
        "{}",
        Allowed(0),
    )
    .by(EC2),
    condition(
        "aws:PrincipalServiceName is not there for a role session",
        KEYS,
        r#"{"Null":{"aws:PrincipalServiceName":"true"}}"#,
        "{}",
        Allowed(0),
    ),
    condition(
        "aws:SourceIp is not told",
        KEYS,
        r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        "{}",
        Unknown("aws:SourceIp"),
    ),
    condition(
        "aws:MultiFactorAuthPresent is not told",
        KEYS,
        r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
        "{}",
        Unknown("aws:MultiFactorAuthPresent"),
    ),
    condition(
        "aws:SecureTransport is true, for STS has no other",
        KEYS,
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        "{}",
        Allowed(0),
    ),
    condition(
        "aws:TagKeys is not there without session tags",
        KEYS,
        r#"{"Null":{"aws:TagKeys":"true"}}"#,
        "{}",
        Allowed(0),
    ),
    condition(
        "aws:RequestTag is not there without session tags",
        KEYS,
        r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#,
        "{}",
        NotAllowed,
    ),
    condition(
        "sts:SourceIdentity is not there unless it is sent",
        IAM_KEYS,
        r#"{"StringLike":{"sts:SourceIdentity":"*"}}"#,
        "{}",
        NotAllowed,
    ),
    condition(
        "sts:RoleSessionName is the caller's to choose",
        IAM_KEYS,
        r#"{"StringEquals":{"sts:RoleSessionName":"run"}}"#,
        "{}",
        Unknown("sts:RoleSessionName"),
    ),
    // Those of identity providers.
    asks("a key of the provider compares with the token", IAM_KEYS, OF_GOOGLE, GOOGLE, Allowed(0))
        .action("sts:AssumeRoleWithWebIdentity")
        .keys(r#"{"accounts.google.com:aud":"app-1"}"#),
    asks("a key of the provider does not match another token", IAM_KEYS, OF_GOOGLE, GOOGLE, NotAllowed)
        .action("sts:AssumeRoleWithWebIdentity")
        .keys(r#"{"accounts.google.com:aud":"app-2"}"#),
    asks(
        "a key of the provider is not told",
        IAM_KEYS,
        OF_GOOGLE,
        GOOGLE,
        Unknown("accounts.google.com:aud"),
    )
    .action("sts:AssumeRoleWithWebIdentity"),
    condition(
        "aws:FederatedProvider belongs to the session, which is not there yet",
        KEYS,
        r#"{"StringEquals":{"aws:FederatedProvider":"accounts.google.com"}}"#,
        "{}",
        Unknown("aws:FederatedProvider"),
    )
    .by(GOOGLE),
    condition(
        "who comes from a provider sends no external ID",
        IAM_KEYS,
        r#"{"StringLike":{"sts:ExternalId":"*"}}"#,
        "{}",
        NotAllowed,
    )
    .by(GOOGLE),
    // Services that act for somebody.
    condition(
        "aws:SourceAccount is never there for a role session",
        DEPUTY,
        r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
        "{}",
        NotAllowed,
    ),
    condition(
        "aws:SourceArn is never there for a user",
        DEPUTY,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:ec2:*:111122223333:instance/*"}}"#,
        "{}",
        NotAllowed,
    )
    .by(USER),
    condition(
        "aws:SourceAccount of a service is not told",
        DEPUTY,
        r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
        "{}",
        Unknown("aws:SourceAccount"),
    )
    .by(EC2),
    condition(
        "aws:SourceAccount of a service that acts for the account",
        DEPUTY,
        r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
        r#"{"aws:SourceAccount":"111122223333"}"#,
        Allowed(0),
    )
    .by(EC2),
    condition(
        "aws:SourceArn of a service that acts for another account",
        DEPUTY,
        r#"{"ArnLike":{"aws:SourceArn":"arn:aws:ec2:*:111122223333:instance/*"}}"#,
        r#"{"aws:SourceArn":"arn:aws:ec2:eu-west-1:444455556666:instance/i-1"}"#,
        NotAllowed,
    )
    .by(EC2),
];
