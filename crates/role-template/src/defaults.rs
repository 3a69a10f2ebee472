//! A template that needs no parameter values any more, as text: whoever deploys it reads its comments.

use serde_json::Value;

/// The template with these defaults of its parameters, in place of those that it has. Written for templates in
/// YAML that are indented by two spaces, as those that the repository ships are; a parameter that is not there is
/// left out.
pub fn with_defaults(template: &str, defaults: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut has_a_new_one = false;
    for line in template.lines() {
        if !line.starts_with("    ") {
            has_a_new_one = false;
        }
        if has_a_new_one && line.starts_with("    Default:") {
            continue;
        }
        filled.push_str(line);
        filled.push('\n');
        let declared = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':'));
        if let Some((_, value)) = defaults.iter().find(|(name, _)| declared == Some(name)) {
            // Text in the quotes of JSON is the same text in YAML.
            let value = Value::String((*value).to_owned());
            filled.push_str(&format!("    Default: {value}\n"));
            has_a_new_one = true;
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_takes_the_place_of_the_old_one_and_everything_else_stays() {
        let template = |name: &str, bare: &str| {
            format!(
                "# Why.\nParameters:\n  Name:\n{name}    Description: x\n  Other:\n    Default: stays\n  \
                 Bare:\n{bare}    Type: String\nResources:\n  Role:\n    Default: no parameter\n"
            )
        };
        let before = template("    Default: Reader\n", "");
        let after = template("    Default: \"a: #b\"\n", "    Default: \"1\"\n");
        assert_eq!(with_defaults(&before, &[("Name", "a: #b"), ("Bare", "1"), ("Absent", "x")]), after);
        assert_eq!(with_defaults(&before, &[]), before);
    }
}
