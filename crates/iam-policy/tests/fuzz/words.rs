//! What the inputs are made of.

/// Stands in external IDs of documents whose shape is right and nowhere else, so it must not be shown.
pub(crate) const SECRET: &str = "tell-nobody";

/// The external ID of the valid documents. Names may change around it, so it is only errors that must not show it.
pub(crate) const EXTERNAL_ID: &str = "keep-it-quiet";

/// Valid documents, which between them have every element.
pub(crate) const DOCUMENTS: &[&str] = &[
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"Vendor","Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"arn:aws:iam::111122223333:root"},
        "Condition":{"StringEquals":{"sts:ExternalId":"abc-1"}}},
        {"Effect":"Allow","Action":["sts:TagSession","sts:SetSourceIdentity"],"Principal":{"AWS":"111122223333"}}]}"#,
    r#"{"Version":"2008-10-17","Id":"x","Statement":{"Effect":"Allow","Action":"sts:*","Principal":{"AWS":["*",
        "arn:aws:iam::111122223333:role/ops/Hub","arn:aws:iam::444455556666:user/Ann","AROAEXAMPLEEXAMPLE123",
        "arn:aws:sts::111122223333:assumed-role/Hub/run"],"Service":["ec2.amazonaws.com"],
        "Federated":"cognito-identity.amazonaws.com","CanonicalUser":"79a59df900b949e55d96a1e698fbaced"}}}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*",
        "Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-a","o-b"],"sts:ExternalId":["keep-it-quiet","x"]},
        "ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a/r-ab12/*"},
        "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/${aws:PrincipalTag/team, 'ops'}-?"},
        "Bool":{"aws:MultiFactorAuthPresent":true},"Null":{"aws:SourceVpc":"true"}}},
        {"Effect":"Deny","NotAction":"sts:TagSession","NotPrincipal":{"AWS":["111122223333"]}}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"111122223333"},"Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},
        "NumericLessThanEquals":{"aws:MultiFactorAuthAge":3600},
        "DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00+01:00"},
        "DateLessThanIfExists":{"aws:TokenIssueTime":"1790000000"},
        "ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"]},
        "StringNotLike":{"aws:RequestTag/team":"${aws:RequestTag/cost}*${*}"}}}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML",
        "Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Idp"},
        "Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}},
        {"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":
        "arn:aws:iam::111122223333:oidc-provider/token.example.com"},
        "Condition":{"StringLike":{"token.example.com:sub":"repo:acme/*:ref:?"}}}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Sid":"Keep","Effect":"Deny","Action":["iam:*","sts:Decode*"],"Resource":["arn:aws:iam::*:role/V*","arn:aws:iam::*"],
        "Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/stacksets-exec-*"]}}},
        {"Effect":"Deny","NotAction":["iam:*"],"NotResource":"arn:*:iam::${aws:PrincipalAccount}:role/?",
        "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1"]}}}]}"#,
];

/// What JSON, and what stands in its strings, trips over.
#[rustfmt::skip]
pub(crate) const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-1", "1e999", "18446744073709551616", "0.1",
    "\\u0000", "\\ud800", "\u{feff}", "ä", "𝄞", "%7B", "%FF", "*", "?", "${", "${}", "${*}", "${aws:username}", "'",
    " ", "\n", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"a\":", "abc-1", "arn:aws:iam::", "/0", "Not", "IfExists",
];

#[rustfmt::skip]
pub(crate) const VALUES: &[&str] = &[
    "", "*", "?", "**?*", "a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", "true", "False", "null", "0", "-0", "3600",
    "1e308", "1e999", "-1e999", "inf", "NaN", "0x10", "300.0", "2026-01-01", "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00+01:00", "2026-02-31", "999999999999-01-01", "9223372036854775807-12-31",
    "-9223372036854775808-01-01T00:00:00Z", "0000-00-00", "2026-01-01T", "2026-01-01Tä:ö", "2026-01-01T00:00:00+ä1",
    "2026-01-01T1e999:0Z", "203.0.113.9", "203.0.113.0/24", "203.0.113.0/99", "203.0.113.0/-1", "0.0.0.0/0", "::/0",
    "2001:db8::1", "2001:db8::/129", "1.2.3.4/4294967296", "/", "${", "${}", "${,}", "${ , '}", "${aws:username}",
    "${aws:PrincipalTag/team, 'ops'}", "${*}", "${?}", "${$}", "${ä", "$${aws:PrincipalArn}", "abc-1", "o-a",
    "o-a/r-ab12/ou-1/", "team", "ec2.amazonaws.com", "111122223333", "arn", "arn:", ":::::", "::::::::",
    "arn:aws:iam::*", "arn:aws:iam::*:role/*", "arn:*:*:*:*:*", "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/ops/Hub", "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:role//",
    "arn:aws:iam::111122223333:role", "arn:aws:iam::111122223333:roleä/Hub", "arn:aws:iam::111122223333:user/Ann",
    "arn:aws:iam::111122223333:user/", "arn:aws:sts::111122223333:assumed-role/Hub/run",
    "arn:aws:sts::111122223333:assumed-role/Hub", "arn:aws:sts::111122223333:assumed-role//",
    "arn:aws:sts::111122223333:federated-user/Ann", "arn:aws:iam::111122223333:saml-provider/Idp",
    "arn:aws:iam::１１１１２２２２３３３３:root", "AROAEXAMPLEEXAMPLE123", "AROA", "ǅ", "İ", "ß", "\u{0}", "\u{10ffff}",
    "sts:AssumeRole", "STS:assumerole", "sts:*", "sts:AssumeRoleWith????", "iam:CreateRole", "ſts:AssumeRole",
];

#[rustfmt::skip]
pub(crate) const OPERATORS: &[&str] = &[
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
    "StringNotLike", "stringlikeifexists", "StringNotEqualsIfExists", "ForAllValues:StringLike",
    "ForAllValues:StringNotEquals", "ForAnyValue:StringEquals", "ForAnyValue:StringNotLikeIfExists",
    "ForAnyValue:ArnLike", "ForAllValues:Bool", "ForAnyValue:Null", "NullIfExists", "Null", "Bool", "BoolIfExists",
    "BinaryEquals", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLikeIfExists", "IpAddress", "NotIpAddress",
    "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
    "NumericGreaterThanEqualsIfExists", "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals",
    "DateGreaterThan", "DateGreaterThanEquals", "Numeric", "Date", "IfExists", "ForAnyValue:", ":", "",
    "StringResembles",
];

#[rustfmt::skip]
pub(crate) const KEYS: &[&str] = &[
    "sts:ExternalId", "STS:externalid", "sts:SourceIdentity", "sts:RoleSessionName", "sts:TransitiveTagKeys",
    "aws:TagKeys", "aws:RequestTag/team", "aws:requesttag/ä", "aws:RequestTag/", "aws:PrincipalTag/team",
    "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName", "aws:PrincipalIsAWSService", "aws:SourceIp", "aws:SourceVpc", "aws:SourceArn",
    "aws:SourceAccount", "aws:CurrentTime", "aws:EpochTime", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge",
    "aws:username", "aws:userid", "aws:FederatedProvider", "saml:aud", "aws:", "aws:RequestTag", "ä", "",
];

#[rustfmt::skip]
pub(crate) const CALLERS: &[&str] = &[
    "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/Ann",
    "arn:aws:iam::111122223333:role/ops/Hub", "arn:aws:sts::111122223333:assumed-role/Hub/run",
    "arn:aws-cn:iam::444455556666:role/Hub", "arn:aws:iam::000000000000:role/a/b/c/d",
];
