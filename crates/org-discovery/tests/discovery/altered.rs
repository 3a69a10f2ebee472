//! A service that answers as the one behind it, but for what is altered.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

type Alteration = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// `http` with its answers altered.
pub(crate) fn altered(
    http: SharedHttpClient,
    alteration: impl Fn(&mut Value) + Send + Sync + 'static,
) -> SharedHttpClient {
    SharedHttpClient::new(Altered(http, Arc::new(alteration)))
}

/// Accounts that do not say where they are: the member is new, and not everything that speaks the protocol gives
/// it (aws-facts D3).
pub(crate) fn without_paths(answer: &mut Value) {
    drop_from(answer, "Accounts", "Paths", |_| true);
}

/// Takes a member away from the objects of a list whose id is one of those.
pub(crate) fn drop_from(answer: &mut Value, list: &str, member: &str, of: fn(&str) -> bool) {
    let objects = answer.get_mut(list).and_then(Value::as_array_mut);
    for object in objects.into_iter().flatten().map(|object| object.as_object_mut().expect("an object")) {
        if of(object["Id"].as_str().expect("an id")) {
            object.remove(member);
        }
    }
}

#[derive(Clone)]
struct Altered<Behind>(Behind, Alteration);

impl<Behind> fmt::Debug for Altered<Behind> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Altered")
    }
}

impl HttpClient for Altered<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let behind = self.0.http_connector(settings, components);
        SharedHttpConnector::new(Altered(behind, Arc::clone(&self.1)))
    }
}

impl HttpConnector for Altered<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, alteration) = (self.0.call(request), Arc::clone(&self.1));
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            let mut body = serde_json::from_slice(answer.body().bytes().expect("a body")).expect("JSON");
            alteration(&mut body);
            answer.headers_mut().remove("content-length");
            *answer.body_mut() = SdkBody::from(body.to_string());
            Ok(answer)
        })
    }
}
