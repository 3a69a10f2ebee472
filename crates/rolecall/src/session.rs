//! The credentials of one identity, the operator or the last role of `verify.from`, renewed for as long as the run
//! lasts.

use std::time::Duration;

use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityCachePartition, IdentityFuture, ResolveCachedIdentity, ResolveIdentity,
    SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A session lasts an hour, which every role allows (aws-facts E1).
pub(crate) const SESSION_LENGTH: Duration = Duration::from_secs(3600);

/// A session this old is replaced, so that no call is signed with one that ends on the way.
const RENEWED_AFTER: Duration = Duration::from_secs(2700);

/// A session that ends this soon is replaced, however new it is: that of an instance or of a person who signed in may
/// have been going on for hours when it is first seen.
const RENEWED_BEFORE_ITS_END: Duration = Duration::from_secs(300);

/// Keeps the first identity that it is asked for, until it is time for a new one, and no other: what is tried
/// with a role's own session is used once, and keeping it would only cost memory (aws-facts J5). Without any, a profile
/// that assumes a role would assume it for every call.
///
/// The SDK's cache would keep them all, and would look at nothing but the wall clock, which a simulation leaves behind.
#[derive(Debug, Default)]
pub(crate) struct OneSession {
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    partition: IdentityCachePartition,
    identity: Identity,
    until: Instant,
}

/// For how long an identity that was just fetched is kept. One that has ended already is measured by another clock than
/// ours, such as that of a simulation, and says nothing.
fn kept_for(identity: &Identity, components: &RuntimeComponents) -> Duration {
    let left = identity
        .expiration()
        .zip(components.time_source())
        .and_then(|(end, clock)| end.duration_since(clock.now()).ok());
    left.map_or(RENEWED_AFTER, |left| left.saturating_sub(RENEWED_BEFORE_ITS_END).min(RENEWED_AFTER))
}

impl ResolveCachedIdentity for OneSession {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        config: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            // Held while a new session is fetched: whoever comes meanwhile waits for that one.
            let mut kept = self.kept.lock().await;
            match &*kept {
                Some(one) if one.partition != resolver.cache_partition() => {
                    drop(kept);
                    resolver.resolve_identity(components, config).await
                }
                Some(one) if Instant::now() < one.until => Ok(one.identity.clone()),
                _ => {
                    let identity = resolver.resolve_identity(components, config).await?;
                    let (partition, until) =
                        (resolver.cache_partition(), Instant::now() + kept_for(&identity, components));
                    *kept = Some(Kept { partition, identity: identity.clone(), until });
                    Ok(identity)
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use request_budget::Budgets;
    use rollout_model::RoleArn;

    use super::*;
    use crate::arguments::ConnectionArguments;
    use crate::aws::Aws;
    use crate::simulated::Simulated;

    #[tokio::test(start_paused = true)]
    async fn a_run_may_last_longer_than_a_session() {
        let connection = ConnectionArguments { simulate: Some(Simulated::BuiltIn), endpoint_url: None };
        let aws = Aws::connect(&connection, &"us-east-1".parse().unwrap(), Budgets::default()).await.unwrap();
        let role: RoleArn = "arn:aws:iam::222200001111:role/CadoResponseEngine".parse().unwrap();
        let client = aws.sts_as(std::slice::from_ref(&role)).await.unwrap();
        for _ in 0..5 {
            tokio::time::advance(SESSION_LENGTH * 3 / 5).await;
            let identity = client.get_caller_identity().send().await.unwrap();
            assert_eq!(identity.account(), Some("222200001111"));
        }
        // By hand, and then every second of the five: the others found a session that was young enough.
        assert!(aws.calls().contains("sts:AssumeRole 4"), "{}", aws.calls());
    }
}
