//! The JSON Schemas of what leaves the program, from the types that it is written from.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::report::Report;
use super::report_lines::ReportLine;

/// A form of JSON whose schema can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonForm {
    /// The report of a run, `rolecall.report/1`.
    Report,
    /// One line of the same as JSON lines, `rolecall.report-lines/1`.
    ReportLine,
}

/// The schema of a form as JSON, indented, with a line feed at its end.
///
/// It takes fields that it does not know: within a version they are only ever added.
pub fn json_schema(form: JsonForm) -> String {
    let schema = match form {
        JsonForm::Report => schema_of::<Report>("rolecall.report/1"),
        JsonForm::ReportLine => schema_of::<ReportLine>("rolecall.report-lines/1"),
    };
    super::json(&schema)
}

fn schema_of<T: JsonSchema>(title: &str) -> Schema {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::samples;
    use crate::schema::{report_json, report_lines};

    fn committed(name: &str) -> String {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/schemas");
        std::fs::read_to_string(directory.join(file(name))).unwrap()
    }

    fn file(name: &str) -> String {
        format!("rolecall.{name}-1.schema.json")
    }

    /// The words of `rolecall schema`.
    const FORMS: [(&str, JsonForm); 2] =
        [("report", JsonForm::Report), ("report-lines", JsonForm::ReportLine)];

    #[test]
    fn the_schemas_in_the_repository_are_those_of_this_version() {
        for (name, form) in FORMS {
            let file = file(name);
            assert!(
                committed(name) == json_schema(form),
                "config/schemas/{file} is stale; renew it: cargo run -- schema {name} > config/schemas/{file}"
            );
        }
    }

    /// A validator that refuses fields which the schema does not name.
    fn closed(name: &str) -> jsonschema::Validator {
        let mut schema: Value = serde_json::from_str(&committed(name)).unwrap();
        close(&mut schema);
        // What stands beside a reference is no field of what is referred to: the two are closed together.
        for line in schema["oneOf"].as_array().cloned().unwrap_or_default() {
            let name = line["$ref"].as_str().unwrap().trim_start_matches("#/$defs/");
            schema["$defs"][name].as_object_mut().unwrap().remove("unevaluatedProperties");
        }
        jsonschema::draft202012::new(&schema).unwrap()
    }

    fn close(schema: &mut Value) {
        match schema {
            Value::Array(items) => items.iter_mut().for_each(close),
            Value::Object(keys) => {
                keys.values_mut().for_each(close);
                if keys.contains_key("properties") && keys.get("type") == Some(&json!("object")) {
                    // Beside a reference, what is referred to counts as well.
                    keys.insert("unevaluatedProperties".to_owned(), json!(false));
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_report_fits_its_schema_without_a_field_that_it_does_not_name() {
        let (report, line) = (closed("report"), closed("report-lines"));
        for (run, state) in samples::every_run() {
            let document: Value = serde_json::from_str(&report_json(&state)).unwrap();
            let problems: Vec<String> =
                report.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(problems.is_empty(), "{run}: {problems:#?}");
            for text in report_lines(&state).lines() {
                let document: Value = serde_json::from_str(text).unwrap();
                assert!(line.is_valid(&document), "{run}: {text}");
            }
        }
    }

    #[test]
    fn a_field_or_a_word_that_no_schema_names_is_refused() {
        let report = closed("report");
        let document: Value =
            serde_json::from_str(&report_json(&samples::state(&samples::findings()))).unwrap();
        assert!(report.is_valid(&document));
        for (pointer, value) in
            [("/outcome", json!("splendid")), ("/summary", json!({})), ("/accounts/0/id", json!(1))]
        {
            let mut wrong = document.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            assert!(!report.is_valid(&wrong), "{pointer}");
        }
        for pointer in ["", "/summary", "/accounts/0", "/accounts/0/verification"] {
            let mut wrong = document.clone();
            wrong.pointer_mut(pointer).unwrap()["news"] = json!(1);
            assert!(!report.is_valid(&wrong), "{pointer}");
        }
        let line = closed("report-lines");
        for text in report_lines(&samples::state(&samples::findings())).lines() {
            let mut wrong: Value = serde_json::from_str(text).unwrap();
            wrong["news"] = json!(1);
            assert!(!line.is_valid(&wrong), "{wrong}");
        }
    }
}
