//! The error that tells all that is wrong with a configuration, each problem at its place.

use std::fmt;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet as Shown};
use rollout_report::escaped;

use super::problems::Problem;
use super::snippet::Snippet;

/// More problems than this are one mistake made many times.
const MOST_SHOWN: usize = 50;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) struct InvalidConfig {
    path: String,
    problems: Vec<(Option<Snippet>, Problem)>,
}

impl InvalidConfig {
    pub(super) fn new(path: &Path, problems: impl IntoIterator<Item = (Option<Snippet>, Problem)>) -> Self {
        let mut problems: Vec<_> = problems.into_iter().collect();
        problems.sort_by_key(|(snippet, _)| snippet.as_ref().map(|snippet| (snippet.line, snippet.column)));
        InvalidConfig { path: escaped(&path.to_string_lossy()).into_owned(), problems }
    }

    /// The message in lines. Everything that comes from the file is escaped, so that colours are only ours.
    pub(crate) fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut text = format!("the configuration `{}` cannot be used", self.path);
        for (snippet, problem) in self.problems.iter().take(MOST_SHOWN) {
            let title = Group::with_title(Level::ERROR.primary_title(title(problem)));
            text.push_str(&format!("\n\n{}\n{}", renderer.render(&[title]), self.place(snippet.as_ref())));
            if let Some(line) = snippet.as_ref().and_then(|snippet| line(snippet, problem)) {
                text.push_str(&format!("\n{}", renderer.render(&[line])));
            }
        }
        match self.problems.len().saturating_sub(MOST_SHOWN) {
            0 => {}
            more => text.push_str(&format!("\n\n… and {more} more")),
        }
        text
    }

    /// In the way of rustc, but with the column of the file: the renderer would count in the line as it is
    /// shown, where what is hidden is shorter.
    fn place(&self, snippet: Option<&Snippet>) -> String {
        match snippet {
            Some(Snippet { line, column, .. }) => {
                let margin = " ".repeat(line.to_string().len());
                format!("{margin}--> {}:{line}:{column}", self.path)
            }
            None => format!(" --> {}", self.path),
        }
    }
}

fn title(problem: &Problem) -> String {
    let title = match problem.key.as_str() {
        "" => problem.message.clone(),
        key => format!("{key}: {}", problem.message),
    };
    let lines: Vec<_> = title.split('\n').map(escaped).collect();
    lines.join("\n")
}

fn line<'a>(snippet: &'a Snippet, problem: &'a Problem) -> Option<Group<'a>> {
    let (shown, place) = snippet.shown.as_ref()?;
    let hint = problem.hint.as_deref().map(|hint| escaped(hint).into_owned());
    let annotation = AnnotationKind::Primary.span(place.clone()).label(hint);
    let source = Shown::source(shown.as_str()).line_start(snippet.line).annotation(annotation);
    Some(Group::with_level(Level::ERROR).element(source))
}

/// Without colours.
impl fmt::Display for InvalidConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}
