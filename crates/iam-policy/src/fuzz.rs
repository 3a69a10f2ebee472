//! Nothing that is read makes the crate panic, hang or contradict itself, however broken it is.
//!
//! The inputs follow from the number of their round, so a failure names all that is needed to see it again. A test
//! run takes the first rounds; `IAM_POLICY_FUZZ_ROUNDS=5000000` takes more of them, by hand and with `--nocapture`,
//! which tells the slowest.

mod input;
mod random;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use crate::{
    Caller, Decision, Level, MemberRequest, Permission, PolicyDocument, PolicyError, Principal,
    ServiceControlPolicy, TrustRequest, admits, admitted, differences, entrances, intended, permits,
    refusals,
};
use random::Random;

/// A few seconds in a debug build.
const ROUNDS: u64 = 12_000;

#[test]
fn no_input_makes_anything_panic_or_contradict_itself() {
    let rounds = rounds();
    let workers = thread::available_parallelism().map_or(1, |workers| workers.get() as u64);
    let mut seen = Seen::default();
    thread::scope(|scope| {
        let work = |worker| {
            move || (worker..rounds).step_by(workers as usize).map(play).fold(Seen::default(), Seen::and)
        };
        let started: Vec<_> = (0..workers).map(|worker| scope.spawn(work(worker))).collect();
        for worker in started {
            seen = std::mem::take(&mut seen).and(worker.join().expect("a round failed, as is said above"));
        }
    });
    let Seen { documents, slowest: (took, round) } = seen;
    eprintln!("{documents} documents in {rounds} rounds; the slowest, round {round}, took {took:?}");
    // Inputs of which hardly any is a document would prove little.
    assert!(documents > rounds / 4, "only {documents} documents in {rounds} rounds");
}

/// What there was in some of the rounds.
#[derive(Default)]
struct Seen {
    documents: u64,
    slowest: (Duration, u64),
}

impl Seen {
    fn and(self, other: Seen) -> Seen {
        Seen { documents: self.documents + other.documents, slowest: self.slowest.max(other.slowest) }
    }
}

fn play(round: u64) -> Seen {
    let mut random = Random::new(round);
    let (text, other) = (input::text(&mut random), input::document(&mut random));
    let begun = Instant::now();
    match catch_unwind(AssertUnwindSafe(|| ask(&text, &other, &mut random))) {
        Ok(is_document) => Seen { documents: is_document.into(), slowest: (begun.elapsed(), round) },
        Err(_) => panic!("round {round}: {text}\nbeside {}", other.to_value()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever starts a test by hand has no other way to tell it anything"
)]
fn rounds() -> u64 {
    std::env::var("IAM_POLICY_FUZZ_ROUNDS")
        .map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"))
}

/// Asks all that can be asked about the text and, if it is one, about the document. Says whether it is one.
fn ask(text: &str, other: &PolicyDocument, random: &mut Random) -> bool {
    let _ = Caller::from_arn(text);
    let _ = (Principal::aws(text).account(), Principal::aws(text).is_deleted());
    let encoded = PolicyDocument::parse_encoded(text).map_err(|error| error.to_string());
    let document = match PolicyDocument::parse(text) {
        Ok(document) => document,
        Err(error) => {
            has_a_place(&error, text);
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

/// An error stands somewhere in the text, or right behind a line of it.
fn has_a_place(error: &PolicyError, text: &str) {
    let PolicyError::At { line, column, message } = error else { panic!("{error} has no place") };
    let length = text.split('\n').nth(line.wrapping_sub(1)).map(str::len);
    assert!(length.is_some_and(|length| (1..=length + 1).contains(column)), "{error}");
    assert!(!message.contains(words::SECRET), "{message}");
}

fn ask_for_words(document: &PolicyDocument) {
    let printed = document.to_value();
    let again = PolicyDocument::parse(&printed.to_string()).unwrap();
    assert_eq!((&again, again.to_value()), (document, printed));
    let shown = format!("{document} {document:?} {:?}", document.statements);
    assert!(!shown.contains(words::SECRET), "{shown}");
    let problems = [document.trust_problems(), document.identity_problems()].concat();
    assert!(problems.iter().all(|problem| !problem.contains(words::SECRET)), "{problems:?}");
    let _ = (document.counted_characters(), document.external_ids());
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
