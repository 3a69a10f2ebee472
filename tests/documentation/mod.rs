//! What the documentation shows is what the program prints; what it names is there.
//!
//! A `console` block is run, command by command, and its output compared. Of a `sh` block the commands of ours have to
//! be such that they could be run. What stands in a `yaml` block has to be YAML.

mod markdown;
mod shown;
mod situation;

use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use crate::program::{Run, Workplace, repository};

use self::markdown::{Block, Document, documents};
use self::shown::difference;
use self::situation::Situation;

#[test]
fn every_console_block_shows_what_its_commands_print() {
    let blocks: Vec<Block> = blocks("console");
    assert!(blocks.len() >= 25, "{}", blocks.len());
    let (left, problems) = (Mutex::new(blocks), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some(block) = left.lock().unwrap().pop() else { return };
            let found = run(&block);
            problems.lock().unwrap().extend(found);
        }
    };
    // Most of the time goes by in programs that wait for each other.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// What is wrong with a block.
fn run(block: &Block) -> Option<String> {
    let situation = Situation::of(&block.comment);
    let mut sessions = block.text.split("$ ");
    assert_eq!(sessions.next(), Some(""), "{}: it begins with a command", block.place);
    let sessions: Vec<&str> = sessions.collect();
    for (number, session) in sessions.iter().enumerate() {
        let (command, shown) = session.split_once('\n').unwrap();
        let expected = if number + 1 == sessions.len() { situation.exit } else { 0 };
        let (printed, exit) = situation.run(command);
        let differs = difference(shown, &printed);
        if differs.is_some() || exit != expected {
            let differs = differs.unwrap_or_default();
            return Some(format!(
                "{}: `{command}` ended with {exit}, expected {expected}; it is shown, not printed:\n{differs}\n\
                 --- printed\n{printed}",
                block.place
            ));
        }
    }
    None
}

#[test]
fn every_command_that_is_only_told_could_be_run() {
    let mut seen = 0;
    for block in blocks("sh") {
        let checked =
            Command::new("bash").args(["-n", "-c", &block.text]).stdin(Stdio::null()).output().unwrap();
        assert!(checked.status.success(), "{}: {}", block.place, String::from_utf8_lossy(&checked.stderr));
        for line in block.text.replace("\\\n", " ").lines() {
            let line = line.trim_start().replace("cargo run --locked -- ", "rolecall ");
            if line.starts_with("rolecall ") {
                // Where its output goes is the reader's.
                check_flags(&block.place, line.split(" > ").next().unwrap());
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "{seen}");
}

/// With `--help` at its end a command does nothing, but what stands before it has been understood.
#[track_caller]
fn check_flags(place: &str, line: &str) {
    let script = format!(
        "rolecall() {{ command rolecall \"$@\" --help >/dev/null 2>>wrong || : ; }}; {line}\ncat wrong"
    );
    let run = Run::of(Workplace::new().shell(&script).output().unwrap()).ends_with(0);
    assert_eq!(run.result, "", "{place}: {line}");
}

#[test]
fn every_piece_of_yaml_is_yaml() {
    for block in blocks("yaml") {
        let read: Result<serde_json::Value, _> = serde_saphyr::from_str(&block.text);
        assert!(read.is_ok(), "{}: {read:?}", block.place);
    }
}

#[test]
fn no_link_is_broken() {
    let documents = documents();
    let mut seen = 0;
    for document in &documents {
        for (line, target) in document.links() {
            if target.contains("://") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let place = format!("{}:{line}: {target}", document.path.display());
            let path = if path.is_empty() { document.path.clone() } else { beside(&document.path, path) };
            assert!(repository().join(&path).exists(), "{place} leads nowhere");
            let at = documents.iter().find(|other| other.path == path);
            let anchors = at.map(Document::anchors).unwrap_or_default();
            assert!(anchor.is_empty() || anchors.iter().any(|there| there == anchor), "{place}: {anchors:?}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}

/// A path relative to a file, without `..`.
fn beside(file: &Path, path: &str) -> PathBuf {
    let mut joined = PathBuf::new();
    for part in file.parent().unwrap().join(path).components() {
        match part {
            Component::ParentDir => assert!(joined.pop(), "{path} leaves the repository"),
            part => joined.push(part),
        }
    }
    joined
}

#[test]
fn every_command_of_the_readmes_table_exists() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let commands: Vec<&str> =
        readme.lines().filter_map(|line| line.strip_prefix("| `rolecall ")?.split('`').next()).collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        Workplace::new().run(&words).ends_with(0).says(&format!("Usage: rolecall {command}"));
    }
}

#[test]
fn every_command_has_a_page_that_shows_it_and_every_page_is_in_the_contents() {
    let help = Workplace::new().run(&["--help"]).ends_with(0).result;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands = commands.split_once("\n\n").unwrap().0.lines();
    let names = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<&str> = names.filter(|name| !["", "help"].contains(name)).collect();
    assert!(names.len() >= 13, "{names:?}");
    let documents = documents();
    for name in names {
        let page = format!("docs/commands/{name}.md");
        let page = documents.iter().find(|document| document.path == Path::new(&page));
        let blocks = page.unwrap_or_else(|| panic!("`{name}` has no page in docs/commands")).blocks();
        let shows = |block: &Block| block.text.contains(&format!("rolecall {name}"));
        assert!(blocks.iter().any(shows), "the page of `{name}` does not show it");
    }
    let contents = documents.iter().find(|document| document.path == Path::new("docs/README.md")).unwrap();
    let listed: Vec<PathBuf> =
        contents.links().iter().map(|(_, target)| beside(&contents.path, target)).collect();
    for document in documents.iter().filter(|document| document.path.starts_with("docs")) {
        let is_listed = document.path == contents.path || listed.contains(&document.path);
        assert!(is_listed, "{} is not in the contents", document.path.display());
    }
}

fn blocks(language: &str) -> Vec<Block> {
    let all = documents().into_iter().flat_map(|document| document.blocks());
    all.filter(|block| block.language == language).collect()
}
