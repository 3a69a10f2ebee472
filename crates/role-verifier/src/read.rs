//! Talks to IAM and decides nothing: the live role, in the terms of a specification.

use std::collections::BTreeSet;

use aws_failure::AwsFailure;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AttachedPolicy, Role};
use iam_policy::{PolicyDocument, PolicyError};
use role_template::RoleSpecification;

use crate::unread::Unread;

/// What could be learned of the live role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LiveRole {
    /// All of it.
    Read(Box<RoleSpecification>),
    /// IAM says that there is no such role.
    Absent,
    /// Not all of it, and why.
    Unreadable(Unread),
}

/// Reads everything that makes the role what it is (aws-facts F2).
pub(crate) async fn read(client: &Client, role_name: &str) -> LiveRole {
    match try_read(client, role_name).await {
        Ok(Some(role)) => LiveRole::Read(Box::new(role)),
        Ok(None) => LiveRole::Absent,
        Err(problem) => LiveRole::Unreadable(problem),
    }
}

/// The role as IAM gives it; `None` when IAM says that there is none.
pub(crate) async fn get_role(client: &Client, role_name: &str) -> Result<Option<Role>, Unread> {
    match client.get_role().role_name(role_name).send().await {
        Ok(answer) => answer.role.map(Some).ok_or_else(|| Unread::odd("the answer to GetRole has no role")),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_entity_exception()) => {
            Ok(None)
        }
        Err(error) => Err(Unread::new("could not get the role", &AwsFailure::new(&error))),
    }
}

async fn try_read(client: &Client, role_name: &str) -> Result<Option<RoleSpecification>, Unread> {
    let Some(role) = get_role(client, role_name).await? else { return Ok(None) };
    let mut read = properties(&role)?;
    read.managed_policies = attached_policies(client, role_name).await?;
    for name in inline_policy_names(client, role_name).await? {
        let policy = client.get_role_policy().role_name(role_name).policy_name(&name).send().await;
        let policy = policy.map_err(|error| {
            Unread::new(&format!("could not get the inline policy `{name}`"), &AwsFailure::new(&error))
        })?;
        let document = document(&format!("inline policy `{name}`"), policy.policy_document())?;
        read.inline_policies.insert(name, document);
    }
    Ok(Some(read))
}

async fn attached_policies(client: &Client, role_name: &str) -> Result<BTreeSet<String>, Unread> {
    let policies = every_page("the attached policies", async |marker| {
        let page = client.list_attached_role_policies().role_name(role_name).set_marker(marker).send().await;
        let page = page.map_err(|error| AwsFailure::new(&error))?;
        Ok((page.attached_policies, page.marker))
    });
    let arn = |policy: AttachedPolicy| {
        let name = policy.policy_name.unwrap_or_default();
        policy
            .policy_arn
            .ok_or_else(|| Unread::odd(format!("the attached policy `{name}` comes without an ARN")))
    };
    policies.await?.into_iter().map(arn).collect()
}

async fn inline_policy_names(client: &Client, role_name: &str) -> Result<Vec<String>, Unread> {
    every_page("the inline policies", async |marker| {
        let page = client.list_role_policies().role_name(role_name).set_marker(marker).send().await;
        let page = page.map_err(|error| AwsFailure::new(&error))?;
        Ok((Some(page.policy_names), page.marker))
    })
    .await
}

/// Reads page after page. A marker that comes back is an error, where the SDK's paginator would stop as if
/// the list were at its end (aws-facts J7): a policy that was not listed would not be missed.
async fn every_page<Item>(
    what: &str,
    page: impl AsyncFn(Option<String>) -> Result<(Option<Vec<Item>>, Option<String>), AwsFailure>,
) -> Result<Vec<Item>, Unread> {
    let (mut items, mut seen, mut marker) = (Vec::new(), BTreeSet::new(), None);
    loop {
        let (more, next) =
            page(marker).await.map_err(|failure| Unread::new(&format!("could not list {what}"), &failure))?;
        items.extend(more.into_iter().flatten());
        marker = next.filter(|marker| !marker.is_empty());
        match &marker {
            None => return Ok(items),
            Some(marker) if !seen.insert(marker.clone()) => {
                let endless = "AWS repeated a marker, so the list has no end";
                return Err(Unread::odd(format!("could not list {what}: {endless}")));
            }
            Some(_) => {}
        }
    }
}

fn properties(role: &Role) -> Result<RoleSpecification, Unread> {
    let trust = role.assume_role_policy_document().unwrap_or_default();
    let mut read = RoleSpecification::new(role.role_name(), document("trust policy", trust)?);
    read.path = role.path().to_owned();
    read.description = role.description().filter(|text| !text.is_empty()).map(str::to_owned);
    read.permissions_boundary = role
        .permissions_boundary()
        .and_then(|boundary| boundary.permissions_boundary_arn())
        .map(str::to_owned);
    // Every role has one, so an answer without it does not say that it is the usual one.
    let max_session = role.max_session_duration().and_then(|seconds| u32::try_from(seconds).ok());
    read.max_session =
        max_session.ok_or_else(|| Unread::odd("the answer to GetRole has no usable MaxSessionDuration"))?;
    read.tags = role
        .tags()
        .iter()
        // Tags of AWS's own cannot be specified.
        .filter(|tag| !tag.key().starts_with("aws:"))
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect();
    Ok(read)
}

/// IAM gives documents percent-encoded, and the SDK leaves them so (aws-facts F2).
fn document(which: &str, encoded: &str) -> Result<PolicyDocument, Unread> {
    PolicyDocument::parse_encoded(encoded)
        .map_err(|error: PolicyError| Unread::odd(format!("could not understand the {which}: {error}")))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use aws_sdk_iam::primitives::DateTime;

    use super::*;

    fn role(max_session: Option<i32>) -> Role {
        Role::builder()
            .path("/")
            .role_name("Reader")
            .role_id("AROAEXAMPLE")
            .arn("arn:aws:iam::111122223333:role/Reader")
            .create_date(DateTime::from_secs(0))
            .assume_role_policy_document("%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D")
            .set_max_session_duration(max_session)
            .build()
            .unwrap()
    }

    #[test]
    fn a_role_without_a_usable_session_length_is_not_taken_for_the_usual_one() {
        assert_eq!(properties(&role(Some(7200))).unwrap().max_session, 7200);
        for max_session in [None, Some(-1)] {
            let problem = properties(&role(max_session)).unwrap_err();
            assert!(problem.said.contains("MaxSessionDuration"), "{problem:?}");
        }
    }

    /// Reads a list whose n-th page carries the n-th of `markers`.
    async fn read_pages(markers: &[Option<&str>]) -> Result<Vec<usize>, Unread> {
        let turned = Cell::new(0);
        every_page("the pages", async |_| {
            let index = turned.replace(turned.get() + 1);
            Ok((Some(vec![index]), markers[index].map(str::to_owned)))
        })
        .await
    }

    #[tokio::test]
    async fn a_list_ends_without_a_marker_and_never_with_a_repeated_one() {
        assert_eq!(read_pages(&[Some("a"), Some("b"), None]).await, Ok(vec![0, 1, 2]));
        for endless in [vec![Some("a"), Some("a")], vec![Some("a"), Some("b"), Some("a")]] {
            let problem = read_pages(&endless).await.unwrap_err();
            assert!(problem.said.contains("has no end"), "{problem:?}");
        }
    }
}
