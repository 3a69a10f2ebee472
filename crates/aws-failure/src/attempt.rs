//! Which request an answer belongs to.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;

/// One attempt of a call, as it was signed and sent.
///
/// The SDK's errors tell neither operation nor Region nor attempt. Whoever sends the requests knows them: it adds
/// this to each answer as an extension, and wraps the reason why there is none in [`Unanswered`]. Without it a
/// failure only tells less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallAttempt {
    /// `service:Operation`, as policies name actions.
    pub call: String,
    /// The Region that it was signed for; `us-east-1` for the services that have one endpoint.
    pub region: String,
    /// 1 for the first attempt of the call.
    pub number: u32,
}

impl fmt::Display for CallAttempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallAttempt { call, region, number } = self;
        match number {
            1 => write!(formatter, "{call} in {region}, tried once"),
            _ => write!(formatter, "{call} in {region}, tried {number} times"),
        }
    }
}

/// Why an attempt got no answer. In words it is its cause and nothing else.
#[derive(Debug)]
pub struct Unanswered {
    /// What was sent.
    pub attempt: CallAttempt,
    /// What happened to it.
    pub cause: BoxError,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(formatter)
    }
}

impl Error for Unanswered {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}
