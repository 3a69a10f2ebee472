//! The keys of the configuration as a page of documentation. It is made of the schema, so that an editor, a message
//! and the page say the same of a key.

use serde_json::Value;

use super::expected::types;
use super::schema::schema;
use super::suggest::alternatives;

const BEGINNING: &str = "# Configuration

One YAML file describes one roll-out. `config/rollout.yaml` is an example with comments. Files that it names are looked
for beside it. A key that is not listed here is an error. So is a key with nothing behind it: leave it out instead.

A duration is a number with a unit: `90s`, `10m`, `1h`. An account id stands in quotes, or YAML drops its leading
zeros.

<!-- This page is printed by `rolecall schema --markdown`: change the comments of `crates/rolecall/src/config`. -->
";

/// Every key, map by map, each followed by the maps in it.
pub(crate) fn reference() -> String {
    let schema = schema();
    let mut page = Page { schema: &schema, sections: Vec::new(), open: Vec::new() };
    format!("{BEGINNING}{}", page.map("", &schema))
}

struct Page<'a> {
    schema: &'a Value,
    /// The maps that have a section, each by its definition, with the path of the key that comes first.
    sections: Vec<(&'a str, String)>,
    /// Those that are not written yet.
    open: Vec<(String, &'a str)>,
}

impl<'a> Page<'a> {
    /// A map, and the maps in it.
    fn map(&mut self, path: &str, map: &'a Value) -> String {
        let mut text = self.table(path, map);
        for (path, name) in std::mem::take(&mut self.open) {
            let definition = &self.schema["definitions"][name];
            text.push_str(&format!("\n## `{path}`\n\n{}\n", description(definition)));
            text.push_str(&self.map(&path, definition));
        }
        text
    }

    /// The keys of a map; those that have to be there come first.
    fn table(&mut self, path: &str, map: &'a Value) -> String {
        let required: Vec<&str> =
            map["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut keys: Vec<(&String, &Value)> = map["properties"].as_object().into_iter().flatten().collect();
        keys.sort_by_key(|(key, _)| !required.contains(&key.as_str()));
        let mut text = "\n| key | form | meaning |\n|---|---|---|\n".to_owned();
        for (key, schema) in keys {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let form = self.form(&below, schema);
            let must = if required.contains(&key.as_str()) { "**Required.** " } else { "" };
            let meaning = format!("{}{}", description(schema), self.words(schema));
            let cells = format!("| `{key}` | {form} | {must}{} |\n", meaning.replace('|', "\\|"));
            text.push_str(&cells);
        }
        text
    }

    /// What a key takes.
    fn form(&mut self, path: &str, schema: &'a Value) -> String {
        if let Some(name) = definition(schema) {
            let definition = &self.schema["definitions"][name];
            return match definition["properties"].is_object() {
                true => format!("[map](#{})", anchor(&self.section(path, name))),
                false => self.form(path, definition),
            };
        }
        if let Some(several) = ["allOf", "anyOf", "oneOf"].iter().find_map(|key| schema[key].as_array()) {
            return alternatives(&several.iter().map(|schema| self.form(path, schema)).collect::<Vec<_>>());
        }
        if let Some(word) = schema["const"].as_str() {
            return format!("`{word}`");
        }
        match types(schema).as_slice() {
            ["array"] => format!("list of {}", self.form(&format!("{path}[]"), &schema["items"])),
            ["object"] => {
                format!(
                    "map of names to {}",
                    self.form(&format!("{path}.*"), &schema["additionalProperties"])
                )
            }
            ["string"] => "text".to_owned(),
            ["integer"] => "whole number".to_owned(),
            ["string", "integer"] => "text or whole number".to_owned(),
            ["boolean"] => "`true` or `false`".to_owned(),
            _ => "value".to_owned(),
        }
    }

    /// The words that a key takes, each with its meaning.
    fn words(&self, schema: &Value) -> String {
        let inner = schema["anyOf"].as_array().and_then(|alternatives| definition(alternatives.first()?));
        let words = self.schema["definitions"][inner.unwrap_or_default()]["oneOf"].as_array();
        let words = words.into_iter().flatten();
        words
            .filter_map(|word| Some(format!("<br>`{}`: {}", word["const"].as_str()?, description(word))))
            .collect()
    }

    /// The path under which a map is written down: the first at which one of its kind may stand.
    fn section(&mut self, path: &str, name: &'a str) -> String {
        if let Some((_, first)) = self.sections.iter().find(|(known, _)| *known == name) {
            return first.clone();
        }
        self.sections.push((name, path.to_owned()));
        self.open.push((path.to_owned(), name));
        path.to_owned()
    }
}

fn definition(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/definitions/")
}

fn description(schema: &Value) -> String {
    schema["description"].as_str().map(one_line).unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_every_map_has_one_row_and_says_what_it_takes_and_means() {
        let (page, schema) = (reference(), schema());
        let definitions = schema["definitions"].as_object().unwrap().values();
        let maps = definitions.chain([&schema]).filter_map(|schema| schema["properties"].as_object());
        let mut keys: Vec<&str> = maps.flat_map(|keys| keys.keys().map(String::as_str)).collect();
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let rows: Vec<Vec<&str>> = rows.map(|row| row.split(" | ").collect()).collect();
        let mut shown: Vec<&str> = rows.iter().map(|row| row[0].trim_end_matches('`')).collect();
        keys.sort_unstable();
        shown.sort_unstable();
        assert_eq!(shown, keys);
        for row in rows {
            assert!(
                row.len() == 3 && row.iter().all(|cell| cell.trim_end_matches([' ', '|']).len() > 2),
                "{row:?}"
            );
        }
    }
}
