//! Nothing that is read makes the crate panic, hang or contradict itself, however broken it is.
//!
//! The inputs follow from the number of their round, and a failure tells them. `IAM_POLICY_FUZZ_ROUNDS=1000000` takes
//! more of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod input;
mod random;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};

use iam_policy::{
    Caller, Decision, Level, MemberRequest, Permission, PolicyDocument, PolicyError, Principal,
    ServiceControlPolicy, TrustRequest, admits, admitted, differences, entrances, intended, permits,
    refusals,
};
use random::Random;

/// A few seconds in a debug build.
const ROUNDS: u64 = 12_000;

#[test]
fn no_input_makes_anything_panic_or_contradict_itself() {
    let documents = (0..rounds()).filter(|round| is_document(*round)).count() as u64;
    // Inputs of which hardly any is a document would prove little.
    assert!(documents > rounds() / 4, "only {documents} documents in {} rounds", rounds());
}

/// Asks all that can be asked about the input of one round.
fn is_document(round: u64) -> bool {
    let mut random = Random::new(round);
    let (text, other) = (input::text(&mut random), input::document(&mut random));
    catch_unwind(AssertUnwindSafe(|| ask(&text, &other, &mut random)))
        .unwrap_or_else(|_| panic!("round {round}: {text}\nbeside {}", other.to_value()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever starts a test by hand has no other way to tell it anything"
)]
fn rounds() -> u64 {
    std::env::var("IAM_POLICY_FUZZ_ROUNDS")
        .map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"))
}

/// Says whether the text is a document.
fn ask(text: &str, other: &PolicyDocument, random: &mut Random) -> bool {
    let _ = Caller::from_arn(text);
    let _ = (Principal::aws(text).account(), Principal::aws(text).is_deleted());
    let encoded = PolicyDocument::parse_encoded(text);
    let document = match PolicyDocument::parse(text) {
        Ok(document) => document,
        Err(error) => {
            stands_in(text, &error);
            return false;
        }
    };
    assert_eq!(encoded.as_ref(), Ok(&document));
    assert_eq!(PolicyDocument::from_value(&serde_json::from_str(text).unwrap()).as_ref(), Ok(&document));
    ask_for_words(&document);
    ask_for_differences(&document, other);
    ask_who_is_meant(&document);
    ask_for_a_decision(&document, &input::request(random));
    ask_for_permission(&document, other, &input::member_request(random));
    true
}

/// The error has a place, and that is in the text.
fn stands_in(text: &str, error: &PolicyError) {
    let PolicyError::At { line, column, message } = error else { panic!("{error} has no place") };
    let lines: Vec<&str> = text.split('\n').collect();
    assert!((1..=lines.len()).contains(line), "{error}");
    assert!((1..=lines[line - 1].len() + 1).contains(column), "{error}");
    assert!(!message.is_empty() && !message.contains(words::EXTERNAL_ID), "{error}");
}

fn ask_for_words(document: &PolicyDocument) {
    let printed = document.to_value();
    let again = PolicyDocument::parse(&printed.to_string()).unwrap();
    assert_eq!((&again, again.to_value()), (document, printed));
    let shown = format!("{document} {document:?} {:?}", document.statements);
    assert!(!shown.contains(words::SECRET), "{shown}");
    let problems = [document.trust_problems(), document.identity_problems()].concat();
    assert!(problems.iter().all(|problem| !problem.contains(words::SECRET)), "{problems:?}");
    let counted = document.counted_characters();
    assert!(counted > 0 && counted <= document.to_value().to_string().chars().count());
    let _ = document.external_ids();
}

fn ask_for_differences(document: &PolicyDocument, other: &PolicyDocument) {
    assert_eq!(differences(document, document), []);
    for (expected, actual) in [(document, other), (other, document)] {
        let lines = differences(expected, actual);
        assert_eq!(lines.is_empty(), expected == actual, "{lines:?}");
        for line in lines {
            let line = format!("{line} {}", line.as_change());
            assert!(!line.contains(words::SECRET), "{line}");
        }
    }
}

fn ask_who_is_meant(document: &PolicyDocument) {
    let admitted = admitted(document);
    assert!(entrances(document).len() <= admitted.len());
    admitted.iter().for_each(|entrance| _ = entrance.stranger());
    let intended = intended(document);
    assert_eq!(intended.len(), admitted.len());
    for one in intended {
        match one {
            Ok(one) => {
                let decision = admits(document, &one.request(one.external_id()));
                assert!(matches!(decision, Decision::Allow { .. }), "{one:?}: {decision:?}");
            }
            Err(why) => assert!(!why.to_string().contains(words::SECRET), "{why}"),
        }
    }
}

fn ask_for_a_decision(document: &PolicyDocument, request: &TrustRequest) {
    let decision = admits(document, request);
    if let Decision::Allow { statement } | Decision::Deny { statement } = decision {
        assert!(statement < document.statements.len());
    }
    let refusals = refusals(document, request);
    assert_eq!(matches!(decision, Decision::Allow { .. }), refusals.is_empty(), "{decision:?}: {refusals:?}");
    let shown =
        format!("{request:?} {refusals:?}") + &refusals.iter().map(ToString::to_string).collect::<String>();
    assert!(!shown.contains(words::SECRET), "{shown}");
}

fn ask_for_permission(document: &PolicyDocument, other: &PolicyDocument, request: &MemberRequest) {
    let level = |documents: &[&PolicyDocument]| {
        let policy = |document: &&PolicyDocument| ServiceControlPolicy {
            name: "policy".to_owned(),
            document: (*document).clone(),
        };
        Level { policies: documents.iter().map(policy).collect() }
    };
    let above = permits(&[level(&[other])], request);
    let both = permits(&[level(&[other]), level(&[document])], request);
    // Another level takes away and never gives.
    assert!(above == Permission::Allowed || both != Permission::Allowed, "{above:?} became {both:?}");
    let _ = permits(&[level(&[document, other])], request);
}
