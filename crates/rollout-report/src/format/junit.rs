//! JUnit XML: an organizational unit is a suite, an account a case.
//!
//! Only an account that was verified passes. What nobody looked at is skipped, with the reason; a role that is not as
//! specified, or could not be brought, is a failure; what could not be found out is an error.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use rollout_model::{AccountId, Conclusion, DeploymentStatus, OuPath};

use super::matter::{Matter, matter};
use crate::account_row::AccountRow;
use crate::schema::AccountWords;
use crate::state::RunState;
use crate::summary::{Outcome, Summary};
use crate::text::escaped;

/// Written by hand on top of an XML writer: the crate that would do it writes attributes that the schema of Jenkins
/// refuses, and no number of skipped cases.
pub(super) fn render(state: &RunState) -> Vec<u8> {
    let suites = suites(state);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| write_suites(&mut writer, state, &suites));
    written.expect("a vector takes whatever is written");
    let mut document = writer.into_inner();
    document.push(b'\n');
    document
}

/// The accounts of one organizational unit.
struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    result: CaseResult,
    /// Both axes, for every account alike.
    output: String,
}

enum CaseResult {
    Passed,
    Skipped(String),
    Failure(Problem),
    Error(Problem),
}

struct Problem {
    cause: String,
    message: String,
    text: String,
}

fn suites(state: &RunState) -> Vec<Suite> {
    let mut suites: Vec<Suite> = run_problem(state).into_iter().collect();
    for (id, row) in state.accounts_by_unit() {
        let name = row.unit().map_or_else(|| "not in the plan".to_owned(), OuPath::to_string);
        match suites.last_mut().filter(|suite| suite.name == name) {
            Some(suite) => suite.cases.push(Case::of(id, row)),
            None => suites.push(Suite { name, cases: vec![Case::of(id, row)] }),
        }
    }
    suites
}

/// What kept the whole run from its end, which no account may show.
fn run_problem(state: &RunState) -> Option<Suite> {
    let outcome = Summary::of(state).outcome;
    let missing: Vec<String> = state.missing_shards().map(|shard| shard.to_string()).collect();
    let (cause, message) = match (outcome, &state.stopped) {
        (Outcome::Stopped, Some(problem)) => ("stopped", problem.clone()),
        (Outcome::Stopped, None) => ("stopped", "the run ended before it knew any account".to_owned()),
        (Outcome::Interrupted, _) => ("interrupted", "the run did not come to its end".to_owned()),
        _ if !missing.is_empty() => ("shards_missing", format!("missing shards: {}", missing.join(", "))),
        _ => return None,
    };
    let problem = Problem { cause: cause.to_owned(), text: message.clone(), message };
    let case = Case { name: "run".to_owned(), result: CaseResult::Error(problem), output: String::new() };
    Some(Suite { name: "the run itself".to_owned(), cases: vec![case] })
}

impl Suite {
    fn count(&self, is_counted: fn(&CaseResult) -> bool) -> usize {
        self.cases.iter().filter(|case| is_counted(&case.result)).count()
    }
}

impl Case {
    fn of(id: &AccountId, row: &AccountRow) -> Case {
        let AccountWords { deployment, verification, mode, .. } = AccountWords::of(row);
        let deployment = deployment.unwrap_or_else(|| "none".to_owned());
        let mode = mode.map(|mode| format!(" ({mode})")).unwrap_or_default();
        Case {
            name: format!("{id} {}", row.name()).trim_end().to_owned(),
            result: CaseResult::of(row),
            output: format!("deployment: {deployment}\nverification: {verification}{mode}"),
        }
    }
}

impl CaseResult {
    fn of(row: &AccountRow) -> CaseResult {
        match matter(row) {
            Some(matter) if is_failure(row) => CaseResult::Failure(Problem::of(matter)),
            Some(matter) => CaseResult::Error(Problem::of(matter)),
            None if row.is_verified() => CaseResult::Passed,
            None => CaseResult::Skipped(why_skipped(row)),
        }
    }
}

/// Whether it is known that the account is not as specified; otherwise it is not known what it is.
fn is_failure(row: &AccountRow) -> bool {
    match &row.deployment {
        _ if row.is_blocked() => true,
        Some(DeploymentStatus::Failed(_)) => true,
        Some(status) if !status.is_done() => false,
        _ => row.conclusion() == Some(Conclusion::Finding),
    }
}

fn why_skipped(row: &AccountRow) -> String {
    let reason = row.plan.as_ref().map_or("not in the plan", |plan| plan.reason.as_str());
    match &row.deployment {
        Some(status) => format!("{status}, and not verified by this run ({reason})"),
        None => reason.to_owned(),
    }
}

impl Problem {
    fn of(Matter { cause, title, remedy, evidence }: Matter) -> Problem {
        let mut lines: Vec<Cow<'_, str>> = evidence.iter().map(|line| escaped(line)).collect();
        lines.extend(remedy.iter().map(|remedy| Cow::Owned(format!("-> {remedy}"))));
        Problem { cause, message: title.to_owned(), text: lines.join("\n") }
    }
}

type Written = std::io::Result<()>;

fn write_suites(writer: &mut Writer<Vec<u8>>, state: &RunState, suites: &[Suite]) -> Written {
    let rollout = state.rollout.as_ref().map_or("rollout", |rollout| rollout.as_str());
    let sum = |number: fn(&Suite) -> usize| suites.iter().map(number).sum::<usize>().to_string();
    let (tests, failures, errors) = (sum(|suite| suite.cases.len()), sum(failures), sum(errors));
    let seconds = seconds(state);
    let mut attributes = vec![
        ("name", rollout),
        ("tests", tests.as_str()),
        ("failures", failures.as_str()),
        ("errors", errors.as_str()),
    ];
    attributes.extend(seconds.as_deref().map(|seconds| ("time", seconds)));
    writer.create_element("testsuites").with_attributes(attributes).write_inner_content(|writer| {
        suites.iter().try_for_each(|suite| write_suite(writer, state, rollout, suite))
    })?;
    Ok(())
}

fn failures(suite: &Suite) -> usize {
    suite.count(|result| matches!(result, CaseResult::Failure(_)))
}

fn errors(suite: &Suite) -> usize {
    suite.count(|result| matches!(result, CaseResult::Error(_)))
}

fn skipped(suite: &Suite) -> usize {
    suite.count(|result| matches!(result, CaseResult::Skipped(_)))
}

/// How long the run took, with the point that Surefire's form of a number has.
fn seconds(state: &RunState) -> Option<String> {
    let took = state.finished_at?.duration_since(state.started_at?);
    Some(format!("{}.{:03}", took.as_secs().max(0), took.subsec_millis().max(0)))
}

fn write_suite(writer: &mut Writer<Vec<u8>>, state: &RunState, rollout: &str, suite: &Suite) -> Written {
    let name = xml(&suite.name);
    let started = state.started_at.map(|at| at.to_string());
    let numbers = [suite.cases.len(), failures(suite), errors(suite), skipped(suite)].map(|n| n.to_string());
    let mut attributes = vec![("name", name.as_ref())];
    let names = ["tests", "failures", "errors", "skipped"];
    attributes.extend(names.into_iter().zip(numbers.iter().map(String::as_str)));
    attributes.extend(started.as_deref().map(|started| ("timestamp", started)));
    let class = format!("{rollout}.{name}");
    writer.create_element("testsuite").with_attributes(attributes).write_inner_content(|writer| {
        write_properties(writer, state)?;
        suite.cases.iter().try_for_each(|case| write_case(writer, &class, case))
    })?;
    Ok(())
}

fn write_properties(writer: &mut Writer<Vec<u8>>, state: &RunState) -> Written {
    let run = state.run.as_ref().map(ToString::to_string);
    let properties = [("run", run), ("command", state.command.clone())];
    writer.create_element("properties").write_inner_content(|writer| {
        for (name, value) in &properties {
            if let Some(value) = value {
                let attributes = [("name", *name), ("value", &xml(value))];
                writer.create_element("property").with_attributes(attributes).write_empty()?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn write_case(writer: &mut Writer<Vec<u8>>, class: &str, case: &Case) -> Written {
    let attributes = [("classname", class), ("name", &xml(&case.name))];
    writer.create_element("testcase").with_attributes(attributes).write_inner_content(|writer| {
        match &case.result {
            CaseResult::Passed => {}
            CaseResult::Skipped(why) => {
                writer
                    .create_element("skipped")
                    .with_attribute(("message", xml(why).as_ref()))
                    .write_empty()?;
            }
            CaseResult::Failure(problem) => write_problem(writer, "failure", problem)?,
            CaseResult::Error(problem) => write_problem(writer, "error", problem)?,
        }
        if !case.output.is_empty() {
            writer.create_element("system-out").write_text_content(BytesText::new(&case.output))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write_problem(writer: &mut Writer<Vec<u8>>, name: &str, problem: &Problem) -> Written {
    let message = xml(&problem.message);
    let text: Vec<Cow<'_, str>> = problem.text.split('\n').map(xml).collect();
    let attributes = [("type", problem.cause.as_str()), ("message", &message)];
    writer
        .create_element(name)
        .with_attributes(attributes)
        .write_text_content(BytesText::new(&text.join("\n")))?;
    Ok(())
}

/// Text on one line, without the characters that XML has no way to write.
fn xml(text: &str) -> Cow<'_, str> {
    match escaped(text) {
        text if text.contains(['\u{fffe}', '\u{ffff}']) => {
            Cow::Owned(text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}"))
        }
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;

    use super::*;
    use crate::samples;

    fn text(state: &RunState) -> String {
        String::from_utf8(render(state)).unwrap()
    }

    /// Every element with its attributes, as somebody who reads the file finds them.
    fn elements(text: &str) -> Vec<(String, Vec<(String, String)>)> {
        let mut reader = Reader::from_str(text);
        let mut elements = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) => {
                    let attributes = element.attributes().map(|attribute| {
                        let attribute = attribute.unwrap();
                        let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
                        (attribute.key.as_ref().to_owned(), value)
                    });
                    elements.push((element.name().as_ref().to_owned(), attributes.collect()));
                }
                Event::Eof => return elements,
                _ => {}
            }
        }
    }

    fn count(elements: &[(String, Vec<(String, String)>)], name: &str) -> usize {
        elements.iter().filter(|(element, _)| element == name).count()
    }

    #[test]
    fn a_run_with_failures_and_findings() {
        insta::assert_snapshot!(text(&samples::state(&samples::failures_and_findings())));
    }

    #[test]
    fn a_stopped_run_is_not_green_though_no_account_was_reached() {
        insta::assert_snapshot!(text(&samples::state(&samples::stopped())));
    }

    #[test]
    fn every_account_is_a_case_and_none_passes_that_was_not_verified() {
        for (run, state) in samples::every_run() {
            let elements = elements(&text(&state));
            let run_itself = usize::from(run_problem(&state).is_some());
            assert_eq!(count(&elements, "testcase"), state.accounts().len() + run_itself, "{run}");
            let not_green = ["failure", "error", "skipped"].map(|name| count(&elements, name));
            let passed = count(&elements, "testcase") - not_green.iter().sum::<usize>();
            let verified = state.accounts().values().filter(|row| row.is_verified());
            let green = verified.filter(|row| row.standing() == crate::Standing::AsSpecified).count();
            assert_eq!(passed, green, "{run}");
            let is_well = Summary::of(&state).outcome == Outcome::AsSpecified;
            assert_eq!(not_green[0] + not_green[1] == 0, is_well, "{run}");
        }
    }

    #[test]
    fn a_hostile_name_is_one_name() {
        let text = text(&samples::state(&samples::hostile()));
        let elements = elements(&text);
        let name = "200000000001 shop\\n100000000001  verified\\u{1b}[2J\\u{1b}[32m \\u{202e}live";
        let attribute = ("name".to_owned(), name.to_owned());
        assert_eq!(
            elements.iter().filter(|(_, attributes)| attributes.contains(&attribute)).count(),
            1,
            "{text}"
        );
        assert_eq!(xml("<a>\u{0}\u{ffff}&\"'"), "<a>\\u{0}\u{fffd}&\"'");
    }
}
