//! Version, effect, action, and how statements come together.

use super::case::Expected::{Allowed, Denied, NotAllowed, Unknown};
use super::case::{Case, SESSION, asks, document};

const ACTION: &str = "reference_policies_elements_action";
const NOT_ACTION: &str = "reference_policies_elements_notaction";
const EFFECT: &str = "reference_policies_elements_effect";
const EVALUATION: &str = "reference_policies_evaluation-logic";
const GRAMMAR: &str = "reference_policies_grammar";
const VERSION: &str = "reference_policies_elements_version";
const SID: &str = "reference_policies_elements_sid";

macro_rules! allow {
    ($action:literal) => {
        concat!(r#"{"Effect":"Allow","Principal":"*","#, $action, "}")
    };
}

macro_rules! open_unless {
    ($action:literal) => {
        concat!(
            r#"{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","#,
            $action,
            "}"
        )
    };
}

pub(crate) const CASES: &[Case] = &[
    asks(
        "an action is matched by its name",
        ACTION,
        allow!(r#""Action":"sts:AssumeRole""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "the prefix of an action has no case",
        ACTION,
        allow!(r#""Action":"STS:AssumeRole""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "the name of an action has no case",
        ACTION,
        allow!(r#""Action":"sts:assumerole""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "several actions are an or",
        ACTION,
        allow!(r#""Action":["sts:TagSession","sts:AssumeRole"]"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a star matches all actions of a service",
        ACTION,
        allow!(r#""Action":"sts:*""#),
        SESSION,
        Allowed(0),
    ),
    asks("a star alone matches all actions", ACTION, allow!(r#""Action":"*""#), SESSION, Allowed(0)),
    asks(
        "a star matches the end of a name",
        ACTION,
        allow!(r#""Action":"sts:Assume*""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a star matches the begin of a name",
        ACTION,
        allow!(r#""Action":"sts:*Role""#),
        SESSION,
        Allowed(0),
    ),
    asks("a star matches the middle of a name", ACTION, allow!(r#""Action":"sts:A*e""#), SESSION, Allowed(0)),
    asks(
        "a star matches no text at all",
        ACTION,
        allow!(r#""Action":"sts:AssumeRole*""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a question mark matches one character",
        ACTION,
        allow!(r#""Action":"sts:AssumeRol?""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a question mark does not match no character",
        ACTION,
        allow!(r#""Action":"sts:AssumeRole?""#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "a part of a name without wildcard is another action",
        ACTION,
        allow!(r#""Action":"sts:Assume""#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "all actions of another service are other actions",
        ACTION,
        allow!(r#""Action":"iam:*""#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "AssumeRole is not AssumeRoleWithSAML",
        ACTION,
        allow!(r#""Action":"sts:AssumeRole""#),
        SESSION,
        NotAllowed,
    )
    .action("sts:AssumeRoleWithSAML"),
    asks(
        "an allow of all but one action allows the others",
        NOT_ACTION,
        allow!(r#""NotAction":"sts:TagSession""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "an allow of all but one action does not allow that one",
        NOT_ACTION,
        allow!(r#""NotAction":"sts:AssumeRole""#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "the excepted actions may have wildcards",
        NOT_ACTION,
        allow!(r#""NotAction":"sts:Assume*""#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "several excepted actions are all excepted",
        NOT_ACTION,
        allow!(r#""NotAction":["iam:*","sts:assumerole"]"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "a deny of all but one action denies the others",
        NOT_ACTION,
        open_unless!(r#""NotAction":"iam:*""#),
        SESSION,
        Denied(1),
    ),
    asks(
        "a deny of all but one action spares that one",
        NOT_ACTION,
        open_unless!(r#""NotAction":"sts:AssumeRole""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "without a statement that allows nobody gets in",
        EVALUATION,
        r#"{"Effect":"Deny","Principal":"*","Action":"iam:*"}"#,
        SESSION,
        NotAllowed,
    ),
    asks(
        "an explicit deny overrides an allow",
        EVALUATION,
        open_unless!(r#""Action":"sts:AssumeRole""#),
        SESSION,
        Denied(1),
    ),
    asks(
        "a deny of another action overrides nothing",
        EVALUATION,
        open_unless!(r#""Action":"sts:TagSession""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a deny wins before the allow as well",
        EVALUATION,
        r#"{"Effect":"Deny","Principal":"*","Action":"*"},{"Effect":"Allow","Principal":"*","Action":"*"}"#,
        SESSION,
        Denied(0),
    ),
    asks(
        "the order of statements does not matter",
        EVALUATION,
        r#"{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"*"},{"Effect":"Allow","Principal":"*","Action":"*"}"#,
        SESSION,
        Allowed(1),
    ),
    asks(
        "one of several statements that allow is enough",
        EVALUATION,
        r#"{"Effect":"Allow","Principal":"*","Action":"iam:*"},{"Effect":"Allow","Principal":"*","Action":"sts:*"}"#,
        SESSION,
        Allowed(1),
    ),
    asks(
        "a deny whose condition does not hold denies nothing",
        EVALUATION,
        open_unless!(r#""Action":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a deny whose condition holds denies",
        EVALUATION,
        open_unless!(r#""Action":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#),
        SESSION,
        Denied(1),
    ),
    asks(
        "a deny that hangs on what is not told leaves it open",
        EVALUATION,
        open_unless!(r#""Action":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#),
        SESSION,
        Unknown("aws:SourceIp"),
    ),
    asks(
        "a principal that is denied by its account is denied",
        EVALUATION,
        r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Hub"},"Action":"*"},{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*"}"#,
        SESSION,
        Denied(1),
    ),
    asks(
        "an allow says no more than that",
        EFFECT,
        allow!(r#""Sid":"One","Action":"sts:AssumeRole""#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a Sid decides nothing",
        SID,
        r#"{"Sid":"DenyAll","Effect":"Allow","Principal":"*","Action":"*"}"#,
        SESSION,
        Allowed(0),
    ),
    document(
        "a single statement needs no list",
        GRAMMAR,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}"#,
        "{}",
        Allowed(0),
    ),
    document(
        "blocks may stand in any order",
        GRAMMAR,
        r#"{"Statement":[{"Principal":"*","Action":"*","Effect":"Allow"}],"Id":"x","Version":"2012-10-17"}"#,
        "{}",
        Allowed(0),
    ),
    document(
        "numbers need no quotation marks",
        GRAMMAR,
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"NumericEquals":{"aws:MultiFactorAuthAge":300}}}}"#,
        r#"{"aws:MultiFactorAuthAge":"300"}"#,
        Allowed(0),
    ),
    document(
        "booleans need no quotation marks",
        GRAMMAR,
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}}"#,
        r#"{"aws:MultiFactorAuthPresent":"true"}"#,
        Allowed(0),
    ),
    document(
        "without a version a variable is plain text",
        VERSION,
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"sts:ExternalId":"${aws:PrincipalAccount}"}}}}"#,
        r#"{"sts:ExternalId":"${aws:PrincipalAccount}"}"#,
        Allowed(0),
    ),
    document(
        "in the version of 2008 a variable is plain text",
        VERSION,
        r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"sts:ExternalId":"${aws:PrincipalAccount}"}}}}"#,
        r#"{"sts:ExternalId":"111122223333"}"#,
        NotAllowed,
    ),
    document(
        "in the version of 2012 a variable has a value",
        VERSION,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"sts:ExternalId":"${aws:PrincipalAccount}"}}}}"#,
        r#"{"sts:ExternalId":"111122223333"}"#,
        Allowed(0),
    ),
    document(
        "in the version of 2008 a star is a wildcard all the same",
        VERSION,
        r#"{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:*","Condition":{"StringLike":{"sts:ExternalId":"a*"}}}}"#,
        r#"{"sts:ExternalId":"abc"}"#,
        Allowed(0),
    ),
];
