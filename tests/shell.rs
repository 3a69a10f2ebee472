//! Completion in a shell, and the manual.

use std::collections::BTreeSet;
use std::process::Command;

use crate::help::RUN;
use crate::program::{Run, Workplace};

/// What bash offers for the last of these words.
#[track_caller]
fn offered(words: &[&str]) -> BTreeSet<String> {
    let binary = env!("CARGO_BIN_EXE_rolecall");
    let line = words.join(" ");
    let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
    let script = format!(
        "set -u; source <({binary} completions bash); COMP_WORDS=({line}); COMP_CWORD={at}; COMPREPLY=(); \
         $(complete -p rolecall | sed 's/.*-F \\([^ ]*\\) .*/\\1/') rolecall '{last}' '{before}'; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        at = words.len() - 1,
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn bash_completes_commands_options_and_their_words() {
    assert_eq!(offered(&["rolecall", "re"]), set(&["rehearse", "report", "retire"]));
    assert_eq!(offered(&["rolecall", "report", "me"]), set(&["merge"]));
    assert_eq!(offered(&["rolecall", "plan", "--con"]), set(&["--converge"]));
    assert_eq!(offered(&["rolecall", "init", "--verify-mode", "o"]), set(&["offline"]));
    assert_eq!(offered(&["rolecall", "completions", "z"]), set(&["zsh"]));
}

#[test]
fn every_shell_gets_all_commands() {
    let check = |shell: &str, begins: &str| {
        let script = Workplace::new().run(&["completions", shell]).ends_with(0).result;
        assert!(script.contains(begins), "{shell}");
        for word in ["rehearse", "prerequisites", "no-account-checks", "managed-policy"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    };
    check("bash", "complete -F");
    check("zsh", "#compdef rolecall");
    check("fish", "complete -c rolecall");
    check("powershell", "Register-ArgumentCompleter");
    check("elvish", "edit:completion:arg-completer[rolecall]");
    Workplace::new().run(&["completions", "tcsh"]).ends_with(2).says("zsh");
}

/// The lines of a page's sections, by heading.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let quoted = if heading.contains(' ') { format!("\"{heading}\"") } else { heading.to_owned() };
    let (_, below) =
        page.split_once(&format!("\n.SH {quoted}\n")).unwrap_or_else(|| panic!("{heading}:\n{page}"));
    below.split("\n.SH ").next().unwrap()
}

#[test]
fn the_main_page_is_on_standard_output() {
    let Run { result: page, story, .. } = Workplace::new().run(&["man"]).ends_with(0);
    assert!(story.is_empty(), "{story}");
    assert!(page.contains(".TH rolecall 1"), "{page}");
    assert!(section(&page, "NAME").contains("rolecall \\- Rolls one"), "{page}");
    assert!(section(&page, "EXIT STATUS").contains("\n0    everything is as specified\n"), "{page}");
    assert!(
        section(&page, "EXAMPLES")
            .contains("\nrolecall apply config/rollout.yaml \\-\\-simulate \\-\\-yes\n"),
        "{page}"
    );
    assert!(section(&page, "SUBCOMMANDS").contains("rolecall\\-plan(1)"), "{page}");
}

#[test]
fn every_command_has_a_page_that_man_can_show() {
    let workplace = Workplace::new();
    workplace.run(&["man", "--dir", "share/man1"]).ends_with(0).says("pages to share/man1");
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(workplace.path("share/man1")).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
        for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"] {
            assert!(!section(&page, heading).trim().is_empty(), "{name}: {heading}");
        }
        assert_eq!(page.contains("\n.SH \"SEE ALSO\"\nrolecall(1)\n"), name != "rolecall", "{name}");
        names.insert(name);
        // Where groff is, it has nothing to say against any.
        if let Ok(output) =
            Command::new("groff").args(["-man", "-ww", "-z", "-Kutf8", "-Tutf8"]).arg(&path).output()
        {
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && complaints.is_empty(), "{complaints}");
        }
    }
    let expected = RUN.iter().map(|command| format!("rolecall {command}").trim().replace(' ', "-"));
    assert_eq!(names, expected.collect::<BTreeSet<_>>());
    workplace.write("file", "");
    workplace.run(&["man", "--dir", "file"]).ends_with(2).says("could not write to `file`");
}
