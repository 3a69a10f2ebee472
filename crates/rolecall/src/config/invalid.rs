//! The error that tells all that is wrong with a configuration, each problem at its place.

use std::fmt;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Message, Renderer, Snippet as Shown};
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
            text.push_str("\n\n");
            text.push_str(&renderer.render(&[self.group(snippet.as_ref(), problem)]));
        }
        match self.problems.len().saturating_sub(MOST_SHOWN) {
            0 => {}
            more => text.push_str(&format!("\n\n… and {more} more")),
        }
        text
    }

    /// The place stands in the title, because only there it is the place in the file: what is hidden and what is
    /// left out of a long line move it in the line that is shown.
    fn group<'a>(&'a self, snippet: Option<&'a Snippet>, problem: &'a Problem) -> Group<'a> {
        let place = match snippet {
            Some(Snippet { line, column, .. }) => format!("{}:{line}:{column}", self.path),
            None => self.path.clone(),
        };
        let key = if problem.key.is_empty() { String::new() } else { format!("{}: ", problem.key) };
        let title = format!("{key}{}", problem.message);
        let lines: Vec<_> = title.split('\n').map(escaped).collect();
        let group = Level::ERROR.primary_title(format!("{place}: {}", lines.join("\n")));
        let Some(Snippet { line, shown: Some((shown, place)), .. }) = snippet else {
            return group.elements([] as [Message<'_>; 0]);
        };
        let hint = problem.hint.as_deref().map(|hint| escaped(hint).into_owned());
        let annotation = AnnotationKind::Primary.span(place.clone()).label(hint);
        group.element(Shown::source(shown.as_str()).line_start(*line).annotation(annotation))
    }
}

/// Without colours.
impl fmt::Display for InvalidConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}
