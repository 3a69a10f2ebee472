//! Whether a trust policy lets a caller in.

use std::collections::BTreeSet;

use crate::condition::{self, Truth};
use crate::identity::principal_matches;
use crate::pattern::Pattern;
use crate::{AnyCase, Effect, Members, PolicyDocument, Statement, TrustRequest};

/// What the trust policy says. Statements are counted from zero, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Let in by this statement.
    Allow {
        /// The first that allows.
        statement: usize,
    },
    /// Kept out by this statement.
    Deny {
        /// The first that denies.
        statement: usize,
    },
    /// No statement lets the caller in.
    ImplicitDeny,
    /// It depends on a condition key that the request does not tell, or on something that AWS does not
    /// document.
    Unknown {
        /// The key, or the policy element.
        key: String,
    },
}

/// Decides whether `trust` admits the request (aws-facts F3, F4). An explicit deny wins; without an allow
/// nobody gets in.
///
/// A request that brings session tags or a source identity is admitted only if the policy allows that as well
/// (aws-facts E1).
///
/// This is the trust policy's half. Unless the policy names a caller of its own account directly, the caller's
/// identity policy has to allow the call too, and service control policies can only take away.
pub fn admits(trust: &PolicyDocument, request: &TrustRequest) -> Decision {
    hardest(trust, request).1
}

/// The question that the policy answers worst, with the answer: certain refusals before what is not known, and that
/// before what is allowed.
pub(crate) fn hardest(trust: &PolicyDocument, request: &TrustRequest) -> (TrustRequest, Decision) {
    let answered = request.questions().into_iter().map(|question| {
        let decision = decide(trust, &question);
        (question, decision)
    });
    let worst = answered.min_by_key(|(_, decision)| match decision {
        Decision::Deny { .. } | Decision::ImplicitDeny => 0,
        Decision::Unknown { .. } => 1,
        Decision::Allow { .. } => 2,
    });
    worst.expect("a request asks at least for itself")
}

fn decide(trust: &PolicyDocument, request: &TrustRequest) -> Decision {
    let mut allowed = None;
    let mut perhaps_allowed = None;
    let mut perhaps_denied = None;
    for (statement, element) in trust.statements.iter().enumerate() {
        match (element.effect, applies(element, trust, request)) {
            (Effect::Deny, Truth::Yes) => return Decision::Deny { statement },
            (Effect::Deny, Truth::Unknown(key)) => _ = perhaps_denied.get_or_insert(key),
            (Effect::Allow, Truth::Yes) => _ = allowed.get_or_insert(statement),
            (Effect::Allow, Truth::Unknown(key)) => _ = perhaps_allowed.get_or_insert(key),
            (_, Truth::No) => {}
        }
    }
    match (allowed, perhaps_allowed, perhaps_denied) {
        (Some(statement), _, None) => Decision::Allow { statement },
        (Some(_), _, Some(key)) => Decision::Unknown { key },
        (None, Some(key), _) => Decision::Unknown { key },
        // Whether denied or only not allowed, the caller stays outside.
        (None, None, _) => Decision::ImplicitDeny,
    }
}

/// Whether the statement is about the request.
pub(crate) fn applies(statement: &Statement, document: &PolicyDocument, request: &TrustRequest) -> Truth {
    Truth::from(action_matches(&statement.action, &request.action))
        .and(|| principal_matches(statement.principal.as_ref(), &request.caller))
        .and(|| condition::holds(&statement.condition, document.version, &request.context))
}

/// Whether the element is about the action, whose name has no case.
pub(crate) fn action_matches(members: &Members<AnyCase>, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let listed = |names: &BTreeSet<AnyCase>| {
        names.iter().any(|name| Pattern::new(&name.as_str().to_ascii_lowercase()).matches(&action))
    };
    match members {
        Members::AnyOf(names) => listed(names),
        Members::NoneOf(names) => !listed(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Hub/run";
    const ROLE: &str = "arn:aws:iam::111122223333:role/ops/Hub";

    fn allow(statement: usize) -> Decision {
        Decision::Allow { statement }
    }

    fn unknown(key: &str) -> Decision {
        Decision::Unknown { key: key.to_owned() }
    }

    fn request(caller: &str) -> TrustRequest {
        TrustRequest::new(Caller::from_arn(caller).unwrap())
    }

    fn check(statements: &str, request: &TrustRequest, expected: Decision) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let document = PolicyDocument::parse(&text).unwrap();
        assert_eq!(admits(&document, request), expected, "{document} for {request:?}");
    }

    /// One statement that lets this principal in.
    fn principal(principal: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole",{principal}}}"#)
    }

    /// One statement that lets everybody in under this condition.
    fn condition(condition: &str) -> String {
        let actions = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;
        format!(r#"{{"Effect":"Allow","Action":{actions},"Principal":"*","Condition":{condition}}}"#)
    }

    #[test]
    fn an_external_id_has_to_be_sent_where_it_is_asked_for_and_may_be_sent_where_not() {
        let asked = condition(r#"{"StringEquals":{"sts:ExternalId":"right"}}"#);
        check(&asked, &request(SESSION).with_external_id("right"), allow(0));
        check(&asked, &request(SESSION).with_external_id("Right"), Decision::ImplicitDeny);
        check(&asked, &request(SESSION), Decision::ImplicitDeny);
        check(&principal(r#""Principal":"*""#), &request(SESSION).with_external_id("any"), allow(0));
    }

    #[test]
    fn a_deny_wins_wherever_it_stands() {
        let allow_all = principal(r#""Principal":"*""#);
        let deny = r#"{"Effect":"Deny","Action":"sts:Assume*","Principal":"*",
            "Condition":{"StringNotEquals":{"sts:ExternalId":"right"}}}"#;
        check(&format!("{allow_all},{deny}"), &request(SESSION), Decision::Deny { statement: 1 });
        check(
            &format!("{deny},{allow_all}"),
            &request(SESSION).with_external_id("wrong"),
            Decision::Deny { statement: 0 },
        );
        check(&format!("{deny},{allow_all}"), &request(SESSION).with_external_id("right"), allow(1));
    }

    #[test]
    fn actions_match_without_case_and_with_wildcards() {
        for (element, admitted) in [
            (r#""Action":"*""#, true),
            (r#""Action":"STS:assume*""#, true),
            (r#""Action":"sts:AssumeRol?""#, true),
            (r#""Action":["sts:TagSession"]"#, false),
            (r#""Action":"sts:AssumeRoleWithSAML""#, false),
            (r#""NotAction":"sts:TagSession""#, true),
            (r#""NotAction":"sts:*""#, false),
        ] {
            let expected = if admitted { allow(0) } else { Decision::ImplicitDeny };
            let statement = format!(r#"{{"Effect":"Allow","Principal":"*",{element}}}"#);
            check(&statement, &request(SESSION), expected);
        }
    }

    #[test]
    fn tags_and_a_source_identity_have_to_be_allowed_too() {
        let plain = principal(r#""Principal":"*""#);
        let also =
            |action: &str| format!(r#"{plain},{{"Effect":"Allow","Action":"{action}","Principal":"*"}}"#);
        let deny = r#"{"Effect":"Deny","Action":"sts:TagSession","Principal":"*",
            "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}}"#;
        let tagged = request(SESSION).with("aws:RequestTag/team", ["a"]);
        for request in [tagged.clone(), request(SESSION).with("aws:TagKeys", ["team"])] {
            check(&plain, &request, Decision::ImplicitDeny);
            check(&also("sts:SetSourceIdentity"), &request, Decision::ImplicitDeny);
            check(&also("STS:tagsession"), &request, allow(0));
            let denied = format!("{},{deny}", also("sts:*"));
            check(&denied, &request, unknown("aws:PrincipalOrgID"));
            check(&denied, &request.with("aws:PrincipalOrgID", ["o-abc"]), Decision::Deny { statement: 2 });
        }
        let named = request(SESSION).with("sts:SourceIdentity", ["ann"]);
        check(&plain, &named, Decision::ImplicitDeny);
        check(&also("sts:SetSourceIdentity"), &named, allow(0));
        check(&also("sts:TagSession"), &named.clone().with("aws:TagKeys", ["team"]), Decision::ImplicitDeny);
        check(&plain, &request(SESSION).with("aws:TagKeys", []), allow(0));
        let tagging = TrustRequest { action: "sts:TagSession".into(), ..tagged };
        check(&also("sts:TagSession"), &tagging, allow(1));
    }

    #[test]
    fn a_missing_key_counts_as_f4_says() {
        for (operators, admitted) in [
            (r#"{"StringEquals":{"aws:SourceAccount":"1"}}"#, false),
            (r#"{"StringLike":{"aws:SourceAccount":"*"}}"#, false),
            (r#"{"ArnLike":{"aws:SourceArn":"*"}}"#, false),
            (r#"{"Bool":{"sts:SourceIdentity":"false"}}"#, false),
            (r#"{"IpAddress":{"sts:SourceIdentity":"0.0.0.0/0"}}"#, false),
            (r#"{"NumericLessThan":{"sts:SourceIdentity":"9"}}"#, false),
            (r#"{"DateGreaterThan":{"sts:SourceIdentity":"2020-01-01"}}"#, false),
            (r#"{"StringNotEquals":{"aws:SourceAccount":"1"}}"#, true),
            (r#"{"StringNotLike":{"aws:SourceAccount":"*"}}"#, true),
            (r#"{"ArnNotLike":{"aws:SourceArn":"*"}}"#, true),
            (r#"{"NotIpAddress":{"sts:SourceIdentity":"0.0.0.0/0"}}"#, true),
            (r#"{"StringEqualsIfExists":{"aws:SourceAccount":"1"}}"#, true),
            (r#"{"Null":{"aws:SourceAccount":"true"}}"#, true),
            (r#"{"Null":{"aws:SourceAccount":"false"}}"#, false),
            (r#"{"Null":{"aws:PrincipalAccount":"false"}}"#, true),
            (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}"#, true),
            (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}"#, false),
            (r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"team"}}"#, false),
            (r#"{"StringEquals":{"aws:RequestTag/team":"a"}}"#, false),
        ] {
            let expected = if admitted { allow(0) } else { Decision::ImplicitDeny };
            check(&condition(operators), &request(SESSION), expected);
        }
    }

    #[test]
    fn a_present_key_is_compared_by_its_operator() {
        let told = request(SESSION)
            .with("aws:PrincipalOrgID", ["o-abc"])
            .with("aws:PrincipalOrgPaths", ["o-abc/r-ab12/ou-ab12-1/ou-ab12-2/"])
            .with("aws:PrincipalArn", [ROLE])
            .with("aws:SourceIp", ["203.0.113.9"])
            .with("aws:CurrentTime", ["2026-11-20T12:00:00Z"])
            .with("aws:MultiFactorAuthAge", ["300"])
            .with("aws:MultiFactorAuthPresent", ["true"])
            .with("aws:TagKeys", ["team", "cost"]);
        for (operators, admitted) in [
            (r#"{"StringEquals":{"AWS:principalorgid":["o-xyz","o-abc"]}}"#, true),
            (r#"{"StringNotEquals":{"aws:PrincipalOrgID":["o-xyz","o-abc"]}}"#, false),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"O-ABC"}}"#, false),
            (r#"{"StringEqualsIgnoreCase":{"aws:PrincipalOrgID":"O-ABC"}}"#, true),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-*"}}"#, false),
            (r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#, true),
            (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc/r-ab12/ou-ab12-1/*"}}"#, true),
            (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc/r-ab12/ou-ab12-3/*"}}"#, false),
            (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/ops/*"}}"#, true),
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Hub"}}"#, false),
            (r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Hub"}}"#, true),
            (r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","203.0.113.0/24"]}}"#, true),
            (r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, false),
            (r#"{"DateLessThan":{"aws:CurrentTime":"2027-01-01"}}"#, true),
            (r#"{"DateLessThan":{"aws:CurrentTime":"2026-11-20T12:00:00Z"}}"#, false),
            (r#"{"DateLessThanEquals":{"aws:CurrentTime":"2026-11-20T12:00:00Z"}}"#, true),
            (r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}"#, true),
            (r#"{"NumericGreaterThanEquals":{"aws:MultiFactorAuthAge":301}}"#, false),
            (r#"{"NumericEquals":{"aws:MultiFactorAuthAge":"300.0"}}"#, true),
            (r#"{"NumericEquals":{"aws:MultiFactorAuthAge":"soon"}}"#, false),
            (r#"{"Bool":{"aws:MultiFactorAuthPresent":true}}"#, true),
            (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost","owner"]}}"#, true),
            (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}"#, false),
            (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}"#, true),
            (r#"{"ForAllValues:StringNotEquals":{"aws:TagKeys":"team"}}"#, false),
            (r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":"team"}}"#, true),
            // Several operators and several keys all have to hold.
            (
                r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"},"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#,
                false,
            ),
            (r#"{"StringLike":{"aws:PrincipalOrgID":"o-*","aws:PrincipalArn":"nobody"}}"#, false),
        ] {
            let expected = if admitted { allow(0) } else { Decision::ImplicitDeny };
            check(&condition(operators), &told, expected);
        }
    }

    #[test]
    fn what_is_not_told_makes_the_decision_unknown_only_if_it_matters() {
        let fenced = condition(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}"#);
        check(&fenced, &request(SESSION), unknown("aws:PrincipalOrgID"));
        check(&fenced, &request(SESSION).without("aws:PrincipalOrgID"), Decision::ImplicitDeny);
        let open = principal(r#""Principal":"*""#);
        check(&format!("{fenced},{open}"), &request(SESSION), allow(1));
        let both = condition(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc","sts:ExternalId":"right"}}"#);
        check(&both, &request(SESSION), Decision::ImplicitDeny);
        let deny = r#"{"Effect":"Deny","Action":"*","Principal":"*",
            "Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
        check(&format!("{open},{deny}"), &request(SESSION), unknown("aws:SourceIp"));
        check(deny, &request(SESSION), Decision::ImplicitDeny);
        check(
            &condition(r#"{"StringResembles":{"aws:PrincipalAccount":"1"}}"#),
            &request(SESSION),
            unknown("aws:PrincipalAccount"),
        );
        let several = request(SESSION).with("aws:TagKeys", ["team", "cost"]);
        check(&condition(r#"{"StringNotEquals":{"aws:TagKeys":"team"}}"#), &several, unknown("aws:TagKeys"));
        let by_path = condition(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ops/Hub"}}"#);
        check(&by_path, &request(SESSION), unknown("aws:PrincipalArn"));
        check(&by_path, &request(ROLE), allow(0));
    }

    #[test]
    fn policy_variables_are_filled_in() {
        let tagged =
            request(SESSION).with("aws:PrincipalTag/team", ["sec*"]).with("aws:RequestTag/team", ["sec*"]);
        let same = |variable: &str| {
            condition(&format!(r#"{{"StringLike":{{"aws:RequestTag/team":"{variable}"}}}}"#))
        };
        check(&same("${aws:PrincipalTag/team}"), &tagged, allow(0));
        // A star that comes out of a variable is a star, not a wildcard.
        let longer = tagged.clone().with("aws:RequestTag/team", ["security"]);
        check(&same("${aws:PrincipalTag/team}"), &longer, Decision::ImplicitDeny);
        check(&same("sec${*}"), &tagged, allow(0));
        check(&same("sec${*}"), &longer, Decision::ImplicitDeny);
        check(&same("${aws:PrincipalTag/none}"), &tagged, unknown("aws:PrincipalTag/none"));
        let without = longer.without("aws:PrincipalTag/none");
        check(&same("${aws:PrincipalTag/none, 'security'}"), &without, allow(0));
    }

    #[test]
    fn the_old_language_has_no_variables() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*",
            "Condition":{"StringEquals":{"sts:ExternalId":"${aws:PrincipalAccount}"}}}}"#;
        let document = PolicyDocument::parse(text).unwrap();
        let literal = request(SESSION).with_external_id("${aws:PrincipalAccount}");
        assert_eq!(admits(&document, &literal), allow(0));
        assert_eq!(
            admits(&document, &request(SESSION).with_external_id("111122223333")),
            Decision::ImplicitDeny
        );
    }

    #[test]
    fn an_identity_policy_lets_nobody_in() {
        let statement = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#;
        check(statement, &request(SESSION), Decision::ImplicitDeny);
    }
}
