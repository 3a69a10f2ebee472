//! One method per StackSets call that we make. In every one of them a delegated administrator says that it is
//! one: forgetting it once, it is told that the set does not exist (aws-facts A2).

mod reads;
mod writes;

use aws_failure::AwsFailure;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::CallAs as SdkCallAs;
use rollout_model::{CallAs, Region, StackSetName};

pub(crate) use reads::active_stack_sets;
pub(crate) use writes::Deleted;

use crate::error::DeployError;
use crate::pages::Unlisted;
use crate::translate;

/// One StackSet, as whom we speak of it, and where its instances are.
pub(crate) struct StackSets<'a> {
    pub(crate) client: &'a Client,
    pub(crate) name: &'a StackSetName,
    pub(crate) region: &'a Region,
    call_as: Option<SdkCallAs>,
}

type Called<T> = Result<T, AwsFailure>;

type Listed<T> = Result<Vec<T>, Unlisted>;

impl<'a> StackSets<'a> {
    pub(crate) fn new(
        client: &'a Client,
        name: &'a StackSetName,
        region: &'a Region,
        call_as: CallAs,
    ) -> Self {
        StackSets { client, name, region, call_as: translate::call_as(call_as) }
    }

    fn call_as(&self) -> Option<SdkCallAs> {
        self.call_as.clone()
    }

    pub(crate) fn failed(&self, doing: &str, source: AwsFailure) -> DeployError {
        DeployError::Call { doing: format!("{doing} `{}` in {}", self.name, self.region), source }
    }

    /// `what` with its preposition: "the instances of".
    pub(crate) fn unlisted(&self, what: &str, why: Unlisted) -> DeployError {
        match why {
            Unlisted::Call(source) => self.failed(&format!("list {what}"), source),
            Unlisted::RepeatedToken => {
                DeployError::Endless { list: format!("{what} `{}` in {}", self.name, self.region) }
            }
        }
    }
}

/// [`AwsFailure::new`] in the form that `map_err` wants.
pub(crate) fn failure<E>(error: SdkError<E>) -> AwsFailure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    AwsFailure::new(&error)
}
