//! Keys with several values.

use super::case::Expected::{Allowed, NotAllowed, Unknown};
use super::case::{Case, condition};

const MULTI: &str = "reference_policies_condition-single-vs-multi-valued-context-keys";

const TWO: &str = r#"{"aws:TagKeys":["team","cost"]}"#;
const ONE: &str = r#"{"aws:TagKeys":["team"]}"#;
const NONE: &str = r#"{"aws:TagKeys":null}"#;
const EMPTY: &str = r#"{"aws:TagKeys":[""]}"#;

pub(crate) const CASES: &[Case] = &[
    condition(
        "ForAllValues holds if every value matches one",
        MULTI,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost","owner"]}}"#,
        TWO,
        Allowed(0),
    ),
    condition(
        "ForAllValues does not hold if one value matches none",
        MULTI,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["team","owner"]}}"#,
        TWO,
        NotAllowed,
    ),
    condition(
        "ForAllValues takes wildcards of its operator",
        MULTI,
        r#"{"ForAllValues:StringLike":{"aws:TagKeys":["t*","c?st"]}}"#,
        TWO,
        Allowed(0),
    ),
    condition(
        "ForAllValues holds without the key",
        MULTI,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}"#,
        NONE,
        Allowed(0),
    ),
    condition(
        "ForAllValues holds for an empty string",
        MULTI,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}"#,
        EMPTY,
        Allowed(0),
    ),
    condition(
        "ForAllValues holds for no values",
        MULTI,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}"#,
        r#"{"aws:TagKeys":[]}"#,
        Allowed(0),
    ),
    condition(
        "Null false keeps ForAllValues from holding without the key",
        MULTI,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"team"},"Null":{"aws:TagKeys":"false"}}"#,
        NONE,
        NotAllowed,
    ),
    condition(
        "Null false leaves ForAllValues as it is with the key",
        MULTI,
        r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"team"},"Null":{"aws:TagKeys":"false"}}"#,
        ONE,
        Allowed(0),
    ),
    condition(
        "ForAllValues of a negated operator holds if every value is none of these",
        MULTI,
        r#"{"ForAllValues:StringNotEquals":{"aws:TagKeys":["owner","stage"]}}"#,
        TWO,
        Allowed(0),
    ),
    condition(
        "ForAllValues of a negated operator does not hold if one value is one of these",
        MULTI,
        r#"{"ForAllValues:StringNotEquals":{"aws:TagKeys":["owner","cost"]}}"#,
        TWO,
        NotAllowed,
    ),
    condition(
        "ForAllValues of StringNotLike does not hold if one value matches",
        MULTI,
        r#"{"ForAllValues:StringNotLike":{"aws:TagKeys":"c*"}}"#,
        TWO,
        NotAllowed,
    ),
    condition(
        "ForAnyValue holds if one value matches",
        MULTI,
        r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["cost","owner"]}}"#,
        TWO,
        Allowed(0),
    ),
    condition(
        "ForAnyValue does not hold if no value matches",
        MULTI,
        r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["stage","owner"]}}"#,
        TWO,
        NotAllowed,
    ),
    condition(
        "ForAnyValue does not hold without the key",
        MULTI,
        r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}"#,
        NONE,
        NotAllowed,
    ),
    condition(
        "ForAnyValue does not hold for an empty string",
        MULTI,
        r#"{"ForAnyValue:StringLike":{"aws:TagKeys":"*"}}"#,
        EMPTY,
        NotAllowed,
    ),
    condition(
        "ForAnyValue of a negated operator holds if one value is none of these",
        MULTI,
        r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"team"}}"#,
        TWO,
        Allowed(0),
    ),
    condition(
        "ForAnyValue of a negated operator does not hold if every value is one of these",
        MULTI,
        r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["team","cost"]}}"#,
        TWO,
        NotAllowed,
    ),
    condition(
        "ForAnyValue of a negated operator does not hold without the key",
        MULTI,
        r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"team"}}"#,
        NONE,
        NotAllowed,
    ),
    condition(
        "ForAnyValue matches the path of an OU",
        MULTI,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc/r-ab12/ou-ab12-1/*"}}"#,
        r#"{"aws:PrincipalOrgPaths":["o-abc/r-ab12/ou-ab12-1/ou-ab12-2/"]}"#,
        Allowed(0),
    ),
    condition(
        "ForAnyValue does not match the path of another OU",
        MULTI,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc/r-ab12/ou-ab12-3/*"}}"#,
        r#"{"aws:PrincipalOrgPaths":["o-abc/r-ab12/ou-ab12-1/ou-ab12-2/"]}"#,
        NotAllowed,
    ),
    condition(
        "a set operator goes with ARN operators",
        MULTI,
        r#"{"ForAnyValue:ArnLike":{"test:arns":"arn:aws:iam::*:role/*"}}"#,
        r#"{"test:arns":["arn:aws:s3:::logs","arn:aws:iam::111122223333:role/Hub"]}"#,
        Allowed(0),
    ),
    condition(
        "a set operator goes with Bool",
        MULTI,
        r#"{"ForAllValues:Bool":{"test:flags":"true"}}"#,
        r#"{"test:flags":["true","false"]}"#,
        NotAllowed,
    ),
    condition(
        "a set operator goes with IfExists",
        MULTI,
        r#"{"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"team"}}"#,
        NONE,
        Allowed(0),
    ),
    condition(
        "several values of the request need a set operator",
        MULTI,
        r#"{"StringEquals":{"aws:TagKeys":"team"}}"#,
        TWO,
        Unknown("aws:TagKeys"),
    ),
    condition(
        "a set operator does not go with Null",
        MULTI,
        r#"{"ForAllValues:Null":{"aws:TagKeys":"true"}}"#,
        NONE,
        Unknown("aws:TagKeys"),
    ),
];
