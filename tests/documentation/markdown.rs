//! What is tested of a Markdown file: its fenced blocks, its links and its headings.

use std::path::{Path, PathBuf};

use crate::program::repository;

/// A Markdown file of the repository.
pub(super) struct Document {
    /// Below the repository.
    pub(super) path: PathBuf,
    text: String,
}

/// A fenced block.
pub(super) struct Block {
    /// `path:line` of the fence.
    pub(super) place: String,
    pub(super) language: String,
    /// What a comment on the line above the fence says, which no reader sees.
    pub(super) comment: String,
    pub(super) text: String,
}

/// Every Markdown file that readers of the repository may come to.
pub(super) fn documents() -> Vec<Document> {
    let mut found = Vec::new();
    let mut folders = vec![repository().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            match path.is_dir() {
                true if name != "target" && !name.starts_with('.') => folders.push(path),
                false if name.ends_with(".md") => found.push(Document::read(&path)),
                _ => {}
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

impl Document {
    fn read(path: &Path) -> Document {
        let text = std::fs::read_to_string(path).unwrap();
        Document { path: path.strip_prefix(repository()).unwrap().to_owned(), text }
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let (mut open, mut above) = (None::<&str>, "");
        for (number, line) in self.text.lines().enumerate() {
            let indent = &line[..line.len() - line.trim_start().len()];
            match (open, line.trim_start().strip_prefix("```")) {
                (None, Some(language)) => {
                    let comment = above.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
                    blocks.push(Block {
                        place: format!("{}:{}", self.path.display(), number + 1),
                        language: language.to_owned(),
                        comment: comment.unwrap_or_default().trim().to_owned(),
                        text: String::new(),
                    });
                    open = Some(indent);
                }
                (Some(_), Some("")) => open = None,
                (Some(indent), _) => {
                    let block = blocks.last_mut().unwrap();
                    block.text.push_str(line.strip_prefix(indent).unwrap_or(line));
                    block.text.push('\n');
                }
                (None, None) => {}
            }
            above = line;
        }
        assert!(open.is_none(), "{}: a block has no end", self.path.display());
        blocks
    }

    /// Where the inline links lead, with the number of their line.
    pub(super) fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, line) in self.prose() {
            let plain: String = line.split('`').step_by(2).collect();
            let targets = plain.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            links.extend(targets.map(|(target, _)| (number, target.to_owned())));
        }
        links
    }

    /// The anchors of the headings, as GitHub makes them.
    pub(super) fn anchors(&self) -> Vec<String> {
        let headings = self.prose().filter_map(|(_, line)| line.strip_prefix('#'));
        headings.map(|heading| anchor(heading.trim_start_matches('#').trim())).collect()
    }

    /// The lines outside of blocks, with their numbers.
    fn prose(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut is_open = false;
        self.text.lines().enumerate().filter_map(move |(number, line)| {
            let is_fence = line.trim_start().starts_with("```");
            is_open ^= is_fence;
            (!is_open && !is_fence).then_some((number + 1, line))
        })
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
