//! Where in a template, and what is wrong there.

use thiserror::Error;

/// Why a template could not be read as a role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// The text is neither JSON nor YAML.
    #[error("the template is not well-formed: {message}")]
    Syntax {
        /// What is wrong, with line and column.
        message: String,
    },
    /// Something in the template.
    #[error("{path}: {message}")]
    At {
        /// Such as `Resources.Role.Properties.Path`.
        path: String,
        /// What is wrong there.
        message: String,
    },
}

/// A place in the template, on the way to which so many values were entered.
#[derive(Clone)]
pub(crate) struct Place {
    path: String,
    depth: usize,
}

/// A template may contain itself: a name that refers to a name that refers to the first. No honest one gets
/// this deep, and the stack bears it.
const MAX_DEPTH: usize = 100;

impl Place {
    pub(crate) fn new(path: impl Into<String>) -> Place {
        Place { path: path.into(), depth: 0 }
    }

    pub(crate) fn child(&self, name: impl std::fmt::Display) -> Place {
        Place { path: format!("{}.{name}", self.path), depth: self.depth + 1 }
    }

    pub(crate) fn item(&self, index: usize) -> Place {
        Place { path: format!("{}[{index}]", self.path), depth: self.depth + 1 }
    }

    /// Somewhere else in the template, to which a reference leads from here.
    pub(crate) fn jump(&self, path: impl Into<String>) -> Place {
        Place { path: path.into(), depth: self.depth + 1 }
    }

    /// An error here, unless this is deeper than any template goes.
    pub(crate) fn entered(&self) -> Result<(), TemplateError> {
        if self.depth <= MAX_DEPTH {
            Ok(())
        } else {
            Err(self.error("refers to itself, or is nested too deeply"))
        }
    }

    pub(crate) fn error(&self, message: impl Into<String>) -> TemplateError {
        TemplateError::At { path: self.path.clone(), message: message.into() }
    }
}
