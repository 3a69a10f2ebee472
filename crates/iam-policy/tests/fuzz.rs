//! Documents that nobody would write: whatever a text says, nothing panics and the answers agree with each other.
//!
//! The inputs follow from a seed, so that a failure comes back. `FUZZ_SEED` and `FUZZ_INPUTS` ask for others and for
//! more of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use iam_policy::{
    Caller, Decision, Level, MemberRequest, PolicyDocument, PolicyError, ServiceControlPolicy, TrustRequest,
    admits, admitted, differences, entrances, intended, permits, refusals,
};
use serde_json::{Map, Value, json};

/// Enough to find each bug that was ever planted here, and done in a few seconds.
const INPUTS: u64 = 20_000;

#[test]
fn no_input_makes_anything_panic_or_disagree() {
    let (seed, inputs) = (asked("FUZZ_SEED").unwrap_or(1), asked("FUZZ_INPUTS").unwrap_or(INPUTS));
    let mut random = Random(seed);
    let seeds = seeds();
    let mut last = PolicyDocument::from_value(&seeds[0]).unwrap();
    let mut read = 0;
    for _ in 0..inputs {
        let text = input(&seeds, &mut random);
        let Some(document) = parsed(&text) else { continue };
        agrees_with_itself(&document);
        agrees_with(&document, &last);
        last = document;
        read += 1;
    }
    // Were hardly any of them documents, this would test the reader alone.
    assert!(read * 5 > inputs && read < inputs, "{read} of {inputs} were documents");
}

#[expect(clippy::disallowed_methods, reason = "how long to run is the business of whoever runs it")]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// The document, if it is one. An error stands somewhere in the text.
fn parsed(bytes: &[u8]) -> Option<PolicyDocument> {
    let text = String::from_utf8_lossy(bytes);
    let _ = PolicyDocument::parse_encoded(&text);
    match PolicyDocument::parse(&text) {
        Ok(document) => Some(document),
        Err(PolicyError::At { line, column, message }) => {
            let lines: Vec<&str> = text.split('\n').collect();
            assert!((1..=lines.len()).contains(&line), "line {line} of {text:?}");
            assert!((1..=lines[line - 1].len() + 1).contains(&column), "column {column} of {text:?}");
            assert!(!message.is_empty() && !message.contains(SECRET), "{message} about {text:?}");
            None
        }
        Err(error) => panic!("{error} has no place in {text:?}"),
    }
}

fn agrees_with_itself(document: &PolicyDocument) {
    let printed = document.to_value().to_string();
    let again = PolicyDocument::parse(&printed).unwrap();
    assert_eq!(again, *document, "{printed}");
    assert_eq!(again.to_value().to_string(), printed);
    assert!(differences(document, &again).is_empty(), "{printed}");
    let counted = document.counted_characters();
    assert!(counted > 0 && counted <= printed.len(), "{counted} characters of {printed}");
    let _ = (document.trust_problems(), document.identity_problems(), document.external_ids());
    for request in requests() {
        is_explained(document, &request);
    }
    for one in intended(document).into_iter().flatten() {
        let request = one.request(one.external_id());
        assert!(matches!(admits(document, &request), Decision::Allow { .. }), "{printed} for {request:?}");
    }
    assert!(entrances(document).len() <= admitted(document).len(), "{printed}");
}

/// Whoever is not admitted is told why, and nobody else is.
fn is_explained(document: &PolicyDocument, request: &TrustRequest) {
    let decision = admits(document, request);
    let is_admitted = matches!(decision, Decision::Allow { .. });
    assert_eq!(refusals(document, request).is_empty(), is_admitted, "{document} for {request:?}");
    if let Decision::Allow { statement } | Decision::Deny { statement } = decision {
        assert!(statement < document.statements.len());
    }
}

fn agrees_with(document: &PolicyDocument, other: &PolicyDocument) {
    let (there, back) = (differences(document, other), differences(other, document));
    assert_eq!(there.is_empty(), document == other, "{document} and {other}");
    assert_eq!(there.is_empty(), back.is_empty(), "{document} and {other}");
    let policy = |document: &PolicyDocument| ServiceControlPolicy {
        name: "policy".to_owned(),
        document: document.clone(),
    };
    let levels = [document, other].map(|document| Level { policies: vec![policy(document)] });
    let caller = Caller::from_arn("arn:aws:iam::111122223333:role/Deploy").unwrap();
    let role = "arn:aws:iam::111122223333:role/Vendor";
    let _ = permits(&levels, &MemberRequest::new(&caller, "iam:CreateRole", role));
}

fn requests() -> [TrustRequest; 4] {
    let session = Caller::from_arn("arn:aws:sts::111122223333:assumed-role/Hub/run").unwrap();
    let user = Caller::from_arn("arn:aws:iam::444455556666:user/Ann").unwrap();
    let provider = Caller::Federated("accounts.google.com".to_owned());
    let mut federated = TrustRequest::new(provider);
    federated.action = "sts:AssumeRoleWithWebIdentity".to_owned();
    let told = TrustRequest::new(session.clone())
        .with_external_id(SECRET)
        .with("aws:TagKeys", ["team", ""])
        .with("aws:CurrentTime", ["2026-11-20T12:00:00Z"])
        .with("aws:MultiFactorAuthAge", ["300"])
        .with("aws:SourceIp", ["203.0.113.9"])
        .without("aws:PrincipalOrgID");
    [TrustRequest::new(session), told, TrustRequest::new(user), federated]
}

/// Half of the inputs are documents in which values have changed places, a quarter their texts with some bytes
/// changed, the rest is nothing but bytes and tokens.
fn input(seeds: &[Value], random: &mut Random) -> Vec<u8> {
    let mut value = random.one_of(seeds).clone();
    for _ in 0..random.below(4) {
        change(&mut value, random);
    }
    let text = if random.below(2) == 0 { value.to_string() } else { format!("{value:#}") };
    let mut bytes = text.into_bytes();
    match random.below(8) {
        0..=4 => {}
        5 | 6 => (0..=random.below(3)).for_each(|_| spoil(&mut bytes, random)),
        _ => bytes = (0..random.below(40)).flat_map(|_| token(random)).collect(),
    }
    bytes
}

/// Something of the value is replaced, repeated, or gone.
fn change(value: &mut Value, random: &mut Random) {
    let is_here = random.below(12) == 0;
    match value {
        Value::Array(items) if !items.is_empty() && !is_here => {
            let at = random.below(items.len() as u64) as usize;
            change(&mut items[at], random);
        }
        Value::Object(members) if !members.is_empty() && !is_here => {
            let keys: Vec<String> = members.keys().cloned().collect();
            // Containers first: what stands in a word alone is soon changed to nonsense.
            let deep = keys.iter().filter(|key| members[*key].is_object() || members[*key].is_array());
            let deep: Vec<String> = deep.cloned().collect();
            let among = if deep.is_empty() || random.below(4) == 0 { &keys } else { &deep };
            let key = random.one_of(among).clone();
            match random.below(16) {
                0 => _ = members.remove(&key),
                1 => _ = members.insert(word(random).to_owned(), json!(word(random))),
                2 => {
                    let moved = members.remove(&key).unwrap();
                    members.insert(word(random).to_owned(), moved);
                }
                _ => change(members.get_mut(&key).unwrap(), random),
            }
        }
        value => *value = another(value, random),
    }
}

fn another(value: &Value, random: &mut Random) -> Value {
    match random.below(8) {
        0 => json!([value]),
        1 => json!([value, word(random)]),
        2 => Value::Object(Map::from_iter([(word(random).to_owned(), value.clone())])),
        3 => random.one_of(&[json!(null), json!(true), json!(-1), json!(1.5), json!([]), json!({})]).clone(),
        _ => json!(word(random)),
    }
}

fn spoil(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() as u64 + 1) as usize;
    match random.below(5) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => _ = bytes.remove(at),
        2 if at < bytes.len() => bytes[at] = random.next() as u8,
        3 => _ = bytes.splice(at..at, token(random)),
        _ => bytes.insert(at, random.next() as u8),
    }
}

fn token(random: &mut Random) -> Vec<u8> {
    match random.below(4) {
        0 => vec![random.next() as u8],
        1 => format!("\"{}\"", word(random)).into_bytes(),
        2 => word(random).as_bytes().to_vec(),
        _ => random.one_of(&["{", "}", "[", "]", ":", ",", "\n", "null", "\"", "${"]).as_bytes().to_vec(),
    }
}

const SECRET: &str = "tell-nobody";

fn word(random: &mut Random) -> &'static str {
    random.one_of::<&'static str>(WORDS)
}

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "Version", "2012-10-17", "2008-10-17", "Id", "Statement", "Sid", "Effect", "Allow", "Deny", "Principal",
    "NotPrincipal", "AWS", "Service", "Federated", "CanonicalUser", "Action", "NotAction", "Resource", "NotResource",
    "Condition", "", "*", "**", "?", "*:*", "sts:*", "sts:AssumeRole", "STS:assumerole", "sts:AssumeRoleWithWebIdentity",
    "iam:CreateRole", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:user/Ann",
    "arn:aws:sts::111122223333:assumed-role/Hub/run", "arn:aws:iam::111122223333:role/ops/Hub", "arn:aws:iam::*",
    "arn:::::", "AROAEXAMPLEEXAMPLE123", "accounts.google.com", "ec2.amazonaws.com", "StringEquals", "StringNotLike",
    "stringlikeifexists", "ForAllValues:StringLike", "ForAnyValue:StringNotEquals", "ForAnyValue:ArnLikeIfExists",
    "NumericLessThan", "NumericNotEquals", "DateGreaterThan", "DateEqualsIfExists", "Bool", "BinaryEquals", "IpAddress",
    "NotIpAddress", "Null", "ArnEquals", "ArnNotLike", "ForAllValues:", "IfExists", "sts:ExternalId", "STS:externalid",
    "aws:PrincipalOrgID", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:TagKeys", "aws:CurrentTime", "aws:SourceIp",
    "aws:MultiFactorAuthAge", "aws:RequestTag/team", "aws:username", "true", "false", "0", "300", "-1.5", "1e999", "inf",
    "999999999999999999-01-01", "2026-11", "2026-02-30T25:61:61Z", "2026-11-20T12:00:00.5+01:00", "203.0.113.0/24",
    "203.0.113.9/99", "::/0", "2001:db8::/129", "/", ":", "${", "o-a${", "${}", "${*}", "${,}", "${aws:username, 'x'}",
    "${aws:PrincipalAccount}", "${sts:ExternalId}", "${aws:TagKeys}", "${${*}}", "$", "ä", "\u{2013}", "\u{1f980}",
];

fn seeds() -> [Value; 4] {
    let vendor = json!({ "Version": "2012-10-17", "Id": "trust", "Statement": [{
        "Sid": "Vendor", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": "111122223333" },
        "Condition": { "StringEquals": { "sts:ExternalId": SECRET }, "Bool": { "aws:SecureTransport": true } },
    }] });
    let mixed = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
          "Principal": { "AWS": ["*", "arn:aws:iam::111122223333:role/ops/Hub"], "Service": "ec2.amazonaws.com",
                         "Federated": ["accounts.google.com"] },
          "Condition": { "ForAnyValue:StringLike": { "aws:TagKeys": ["t*", "${aws:PrincipalAccount}"] } } },
        { "Effect": "Deny", "NotAction": "sts:TagSession", "NotPrincipal": { "AWS": "444455556666" },
          "Condition": { "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/*" },
                         "DateGreaterThan": { "aws:CurrentTime": "2026-11-20T12:00:00Z" } } },
    ] });
    let compared = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Principal": "*", "Condition": {
        "NumericLessThanEquals": { "aws:MultiFactorAuthAge": 3600 }, "NotIpAddress": { "aws:SourceIp": ["203.0.113.0/24"] },
        "Null": { "aws:TokenIssueTime": "false" }, "StringLikeIfExists": { "aws:PrincipalOrgID": ["o-*", "o-a?c"] },
    } } });
    let identity = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*" },
        { "Effect": "Deny", "Action": "iam:*", "NotResource": ["arn:aws:iam::*:role/${aws:username}", "arn:aws:iam::*"] },
    ] });
    [vendor, mixed, compared, identity]
}

/// SplitMix64: good enough, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<'a, T: 'a>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len() as u64) as usize]
    }
}
