//! What the record of a run says of the process that carries it out.

use rollout_model::Invocation;

use crate::aws::Caller;

/// This process, asking as `caller`.
pub(crate) fn invocation(caller: &Caller) -> Invocation {
    let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    Invocation {
        caller: caller.arn.clone(),
        command_line: command_line(arguments),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The command as a shell takes it again. An address may hold a password in front of its `@`.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let mut line = "rolecall".to_owned();
    for argument in arguments {
        let shown = match (argument.split_once("://"), argument.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
            _ => argument,
        };
        line.push(' ');
        line.push_str(&quoted(shown));
    }
    line
}

fn quoted(argument: String) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "_-./:=,+%@~…".contains(character);
    match !argument.is_empty() && argument.chars().all(is_plain) {
        true => argument,
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &[&str], expected: &str) {
        assert_eq!(command_line(arguments.iter().map(|&argument| argument.to_owned())), expected);
    }

    #[test]
    fn the_command_can_be_typed_again() {
        check(&["apply", "config/rollout.yaml", "--yes"], "rolecall apply config/rollout.yaml --yes");
        check(&["verify", "a b.yaml", "--only", "shop-*"], "rolecall verify 'a b.yaml' --only 'shop-*'");
        check(&["verify", "it's", ""], r"rolecall verify 'it'\''s' ''");
    }

    #[test]
    fn a_password_in_an_address_is_not_told() {
        check(
            &["apply", "--endpoint-url=http://me:tell-nobody@localhost:4566/"],
            "rolecall apply --endpoint-url=http://…@localhost:4566/",
        );
        check(
            &["apply", "--endpoint-url", "http://localhost:1"],
            "rolecall apply --endpoint-url http://localhost:1",
        );
    }
}
