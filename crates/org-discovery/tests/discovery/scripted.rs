//! A service whose answers are written down one by one.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

pub(crate) const OUTER: &str = "ou-ab12-11111111";
pub(crate) const INNER: &str = "ou-ab12-22222222";

/// The answer to an operation called with an input: an object, which is an error if it has a `__type`, or the
/// text `cut` for none. `None` leaves the answer to [`usual`].
type Answer = dyn Fn(&str, &Value) -> Option<Value> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Service(Arc<Answer>);

impl Service {
    pub(crate) fn new(answer: impl Fn(&str, &Value) -> Option<Value> + Send + Sync + 'static) -> Self {
        Service(Arc::new(answer))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Service")
    }
}

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").expect("an operation").to_owned();
        let operation = target.strip_prefix("AWSOrganizationsV20161128.").expect("an operation");
        let input: Value = serde_json::from_slice(request.body().bytes().expect("a body")).expect("JSON");
        if let Some(size) = input.get("MaxResults") {
            assert_eq!(size, 20, "{operation} asks for pages that are not the largest");
        }
        let answer = (self.0)(operation, &input).unwrap_or_else(|| usual(operation, &input));
        if answer == "cut" {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the connection was cut".into())));
        }
        let status: u16 = if answer.get("__type").is_some() { 400 } else { 200 };
        let status = status.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(answer.to_string()))))
    }
}

/// An organization with the management account in the root, and `Outer/Inner` with an account in each.
pub(crate) fn usual(operation: &str, input: &Value) -> Value {
    match (operation, input["ParentId"].as_str()) {
        ("DescribeOrganization", _) => {
            json!({"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": "999999999999"}})
        }
        ("ListRoots", _) => json!({"Roots": [{"Id": "r-ab12", "Name": "Root"}]}),
        ("ListAccounts", _) => json!({"Accounts": [
            account("999999999999", "o-a1b2c3d4e5/r-ab12/999999999999/"),
            account("000000000001", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/000000000001/"),
            account("000000000002", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/000000000002/"),
        ]}),
        ("ListOrganizationalUnitsForParent", Some("r-ab12")) => {
            json!({"OrganizationalUnits": [{"Id": OUTER, "Name": "Outer"}]})
        }
        ("ListOrganizationalUnitsForParent", Some(OUTER)) => {
            json!({"OrganizationalUnits": [{"Id": INNER, "Name": "Inner"}]})
        }
        ("ListOrganizationalUnitsForParent", _) => json!({"OrganizationalUnits": []}),
        ("ListAccountsForParent", _) => panic!("every account says where it sits: nothing to ask for"),
        _ => panic!("{operation} is no call of discovery"),
    }
}

pub(crate) fn account(id: &str, path: &str) -> Value {
    json!({"Id": id, "Name": id, "Email": "root@example.com", "State": "ACTIVE", "Paths": [path]})
}

pub(crate) fn refused(code: &str) -> Option<Value> {
    Some(json!({"__type": code, "Message": "said the service"}))
}
