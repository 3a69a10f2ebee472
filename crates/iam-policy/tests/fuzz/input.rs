//! Texts that are documents, nearly so, or nothing of the kind; and requests.

use iam_policy::{Caller, MemberRequest, PolicyDocument, TrustRequest};
use serde_json::{Value, json};

use super::random::Random;
use super::words;

pub(crate) fn text(random: &mut Random) -> String {
    match random.below(10) {
        0 => raw(random),
        1..=3 => {
            let mut text = words::DOCUMENTS[random.below(words::DOCUMENTS.len())].to_owned();
            for _ in 0..=random.below(4) {
                text = damaged(&text, random);
            }
            text
        }
        4..=5 => written(random),
        _ => {
            let text = words::DOCUMENTS[random.below(words::DOCUMENTS.len())];
            let mut value = serde_json::from_str(text).unwrap();
            for _ in 0..=random.below(6) {
                change_somewhere(&mut value, random);
            }
            value.to_string()
        }
    }
}

/// A valid document, with or without a change.
pub(crate) fn document(random: &mut Random) -> PolicyDocument {
    let text = words::DOCUMENTS[random.below(words::DOCUMENTS.len())];
    let mut value = serde_json::from_str(text).unwrap();
    change_somewhere(&mut value, random);
    PolicyDocument::from_value(&value).unwrap_or_else(|_| PolicyDocument::parse(text).unwrap())
}

fn raw(random: &mut Random) -> String {
    let bytes: Vec<u8> = (0..random.below(200)).map(|_| random.next() as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text with a part taken away, doubled or replaced by what does not belong there.
fn damaged(text: &str, random: &mut Random) -> String {
    let characters: Vec<char> = text.chars().collect();
    let from = random.below(characters.len());
    let to = (from + random.below(12)).min(characters.len());
    let of = |part: &[char]| part.iter().collect::<String>();
    let (before, part, after) = (of(&characters[..from]), of(&characters[from..to]), of(&characters[to..]));
    match random.below(4) {
        0 => before + &after,
        1 => before + &part + &part + &after,
        2 => before + random.pick(words::PIECES) + &after,
        _ => before + &part + random.pick(words::PIECES) + &after,
    }
}

/// The same in JSON: a value anywhere in it becomes another one, a list, or goes.
fn change_somewhere(value: &mut Value, random: &mut Random) {
    if random.below(3) > 0 {
        match value {
            Value::Array(items) if !items.is_empty() => {
                let at = random.below(items.len());
                return match random.below(8) {
                    0 => _ = items.remove(at),
                    1 => items.push(items[at].clone()),
                    _ => change_somewhere(&mut items[at], random),
                };
            }
            Value::Object(object) if !object.is_empty() => {
                let key = object.keys().nth(random.below(object.len())).cloned().unwrap_or_default();
                return match random.below(16) {
                    0 => _ = object.remove(&key),
                    1 => _ = object.insert(any_word(random).to_owned(), json!(any_word(random))),
                    2 => _ = object.remove(&key).map(|value| object.insert(other_name(&key, random), value)),
                    _ => change_somewhere(object.get_mut(&key).unwrap(), random),
                };
            }
            _ => {}
        }
    }
    *value = match (&value, random.below(8)) {
        (Value::Object(_) | Value::Array(_), 1..) => return,
        (_, 0) => [json!(null), json!([]), json!({}), json!(-1), json!(1e300), json!(false)][random.below(6)]
            .clone(),
        (_, 1) => json!([value, any_word(random)]),
        _ => json!(any_word(random)),
    };
}

fn other_name(key: &str, random: &mut Random) -> String {
    let opposite = key.strip_prefix("Not").map_or_else(|| format!("Not{key}"), str::to_owned);
    [opposite, key.to_uppercase(), any_word(random).to_owned()][random.below(3)].clone()
}

fn any_word(random: &mut Random) -> &'static str {
    let all = [words::VALUES, words::VALUES, words::OPERATORS, words::KEYS];
    let words = all[random.below(all.len())];
    random.pick(words)
}

/// A document whose shape is right, with anything in its strings.
fn written(random: &mut Random) -> String {
    let statements: Vec<Value> = (0..=random.below(3)).map(|_| statement(random)).collect();
    json!({ "Version": random.pick(&["2012-10-17", "2012-10-17", "2008-10-17"]), "Statement": statements })
        .to_string()
}

fn statement(random: &mut Random) -> Value {
    let mut statement = json!({ "Effect": random.pick(&["Allow", "Allow", "Deny"]) });
    let actions = ["sts:AssumeRole", "sts:*", "sts:AssumeRoleWithSAML", random.pick(words::VALUES)];
    statement[random.pick(&["Action", "Action", "Action", "NotAction"])] = json!(random.pick(&actions));
    let kinds = ["AWS", "AWS", "AWS", "Service", "Federated", "CanonicalUser"];
    let principals = match random.below(4) {
        0 => json!("*"),
        _ => json!({ random.pick(&kinds): values(random), random.pick(&kinds): values(random) }),
    };
    statement[random.pick(&["Principal", "Principal", "Principal", "NotPrincipal"])] = principals;
    if random.below(3) == 0 {
        statement[random.pick(&["Resource", "NotResource"])] = values(random);
    }
    for _ in 0..random.below(4) {
        let (operator, key) = (random.pick(words::OPERATORS), random.pick(words::KEYS));
        let secret = key.eq_ignore_ascii_case("sts:ExternalId") && random.below(2) == 0;
        statement["Condition"][operator][key] = if secret { json!(words::SECRET) } else { values(random) };
    }
    statement
}

fn values(random: &mut Random) -> Value {
    let listed: Vec<&str> = (0..=random.below(3)).map(|_| random.pick(words::VALUES)).collect();
    if listed.len() == 1 { json!(listed[0]) } else { json!(listed) }
}

pub(crate) fn request(random: &mut Random) -> TrustRequest {
    let caller = match random.below(8) {
        0 => Caller::Service(random.pick(words::VALUES).to_owned()),
        1 => Caller::Federated(random.pick(words::VALUES).to_owned()),
        _ => caller(random),
    };
    let mut request = TrustRequest::new(caller);
    request.action =
        random.pick(&["sts:AssumeRole", "sts:AssumeRole", "sts:AssumeRoleWithSAML", ""]).to_owned();
    for _ in 0..random.below(8) {
        let key = random.pick(words::KEYS);
        request = match random.below(5) {
            0 => request.without(key),
            _ => request.with(key, some(random)),
        };
    }
    request
}

pub(crate) fn member_request(random: &mut Random) -> MemberRequest {
    let any = random.pick(words::VALUES);
    let resource = random.pick(&["*", "arn:aws:iam::111122223333:role/Vendor", any]);
    let request =
        MemberRequest::new(&caller(random), random.pick(&["iam:CreateRole", "s3:GetObject"]), resource);
    request.with(random.pick(words::KEYS), some(random)).without(random.pick(words::KEYS))
}

fn caller(random: &mut Random) -> Caller {
    Caller::from_arn(random.pick(words::CALLERS)).unwrap()
}

/// None, one or several values.
fn some(random: &mut Random) -> Vec<&'static str> {
    let count = random.pick(&["1", "1", "1", "0", "2", "3"]).parse().unwrap();
    (0..count).map(|_| random.pick(words::VALUES)).collect()
}
