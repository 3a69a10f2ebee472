//! By whom and how a run was carried out.

/// A process that carried out a run, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The ARN of the identity that AWS was asked as.
    pub caller: String,
    /// What was typed, without secrets.
    pub command_line: String,
    /// The version of rolecall.
    pub version: String,
}

impl Invocation {
    /// The configuration as it was typed, for commands to be typed next; `None` where it needs quotes or none was given.
    pub fn configuration(&self) -> Option<&str> {
        let mut files =
            self.command_line.split(' ').filter(|word| word.ends_with(".yaml") || word.ends_with(".yml"));
        files.find(|word| !word.contains(['=', '\'']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command_line: &str, expected: Option<&str>) {
        let (caller, version) = (String::new(), String::new());
        let invocation = Invocation { caller, command_line: command_line.to_owned(), version };
        assert_eq!(invocation.configuration(), expected);
    }

    #[test]
    fn the_configuration_is_known_by_how_it_ends() {
        check("rolecall apply config/rollout.yaml --yes", Some("config/rollout.yaml"));
        check("rolecall verify --simulate=org.yaml a.yml", Some("a.yml"));
        check("rolecall apply 'a b.yaml'", None);
        check("rolecall apply plan.json", None);
    }
}
