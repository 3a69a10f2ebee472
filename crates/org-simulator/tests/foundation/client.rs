//! A client that writes its requests by hand, so that the simulator is not tested by code that shares its reading
//! of the protocols.

use jiff::{SignedDuration, Timestamp};
use org_simulator::{Options, Reply, Simulator, WireRequest};
use serde_json::{Value, json};

pub(crate) const MANAGEMENT: &str = "111111111111";

/// What goes into the headers of a request.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) token: Option<String>,
}

/// The key of an account's admin user.
pub(crate) fn admin(account: &str) -> Key {
    Key { id: format!("AKIASIMU{account}"), token: None }
}

pub(crate) struct Client {
    pub(crate) simulator: Simulator,
    now: Timestamp,
}

/// A Query answer.
#[derive(Debug)]
pub(crate) struct Xml {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Xml {
    /// The text of the first element of a name.
    pub(crate) fn text(&self, name: &str) -> &str {
        let (_, rest) =
            self.body.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name} in {self:?}"));
        rest.split_once("</").unwrap().0
    }

    pub(crate) fn code(&self) -> &str {
        if self.status == 200 { "OK" } else { self.text("Code") }
    }
}

impl Client {
    pub(crate) fn new(simulator: Simulator) -> Self {
        Client { simulator, now: "2026-01-01T00:00:00Z".parse().unwrap() }
    }

    /// An organization with service control policies and one member in the root.
    pub(crate) fn with_member() -> (Self, String) {
        let mut client = Client::new(Simulator::new(&Options::default()));
        client.organizations(&admin(MANAGEMENT), "CreateOrganization", json!({"FeatureSet": "ALL"}));
        let root = client.root();
        let enable = json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"});
        client.organizations(&admin(MANAGEMENT), "EnablePolicyType", enable);
        let member = client.member("member");
        (client, member)
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// What becomes of a request; what is answered is readable by every client.
    pub(crate) fn send(&mut self, key: &Key, service: &str, headers: &[(&str, &str)], body: String) -> Reply {
        let credential = format!("Credential={}/20260101/us-east-1/{service}/aws4_request", key.id);
        let authorization = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=00");
        let mut request = WireRequest::new(body.into_bytes());
        *request.method_mut() = http::Method::POST;
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        if let Some(token) = &key.token {
            request.headers_mut().insert("x-amz-security-token", token.parse().unwrap());
        }
        for (name, value) in headers {
            request.headers_mut().insert(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let reply = self.simulator.handle(&request, self.now);
        if let Reply::Answer(answer) = &reply {
            assert!(answer.headers().contains_key("x-amzn-requestid"));
        }
        reply
    }

    /// A call of the JSON protocol: status, and the body with the type of an error in it.
    pub(crate) fn organizations(&mut self, key: &Key, operation: &str, input: Value) -> (u16, Value) {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        let reply = self.send(key, "organizations", &[("x-amz-target", &target)], input.to_string());
        let (status, body) = answered(reply);
        (status, serde_json::from_str(&body).unwrap())
    }

    /// The same where it has to succeed, as the management account.
    pub(crate) fn manage(&mut self, operation: &str, input: Value) -> Value {
        let (status, body) = self.organizations(&admin(MANAGEMENT), operation, input);
        assert_eq!(status, 200, "{operation}: {body}");
        body
    }

    /// The same where it has to fail: the type of the error, and its reason.
    pub(crate) fn refused(&mut self, operation: &str, input: Value) -> String {
        let (status, body) = self.organizations(&admin(MANAGEMENT), operation, input);
        assert_eq!(status, 400, "{operation}: {body}");
        let kind = body["__type"].as_str().unwrap();
        body["Reason"].as_str().map_or_else(|| kind.to_owned(), |reason| format!("{kind}/{reason}"))
    }

    /// A call of the Query protocol.
    pub(crate) fn query(
        &mut self,
        key: &Key,
        service: &str,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> Xml {
        let (status, body) = answered(self.send(key, service, &[], form(service, operation, parameters)));
        Xml { status, body }
    }

    pub(crate) fn iam(&mut self, key: &Key, operation: &str, parameters: &[(&str, &str)]) -> Xml {
        self.query(key, "iam", operation, parameters)
    }

    /// The same where it has to succeed.
    pub(crate) fn do_iam(&mut self, key: &Key, operation: &str, parameters: &[(&str, &str)]) -> Xml {
        let answer = self.iam(key, operation, parameters);
        assert_eq!(answer.status, 200, "{operation}: {answer:?}");
        answer
    }

    /// A role with this trust policy, in the account of the key.
    pub(crate) fn role(&mut self, key: &Key, name: &str, trust: &Value) -> Xml {
        let document = trust.to_string();
        self.iam(key, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", &document)])
    }

    /// `AssumeRole`, with further parameters: the key of the session, or the code and message of the error.
    pub(crate) fn assume(&mut self, key: &Key, role: &str, more: &[(&str, &str)]) -> Result<Key, Xml> {
        let mut parameters = vec![("RoleArn", role), ("RoleSessionName", "tester")];
        parameters.extend(more);
        let answer = self.query(key, "sts", "AssumeRole", &parameters);
        if answer.status != 200 {
            return Err(answer);
        }
        let token = Some(answer.text("SessionToken").to_owned());
        Ok(Key { id: answer.text("AccessKeyId").to_owned(), token })
    }

    pub(crate) fn root(&mut self) -> String {
        self.manage("ListRoots", json!({}))["Roots"][0]["Id"].as_str().unwrap().to_owned()
    }

    /// A new account in the root.
    pub(crate) fn member(&mut self, name: &str) -> String {
        let create = json!({"AccountName": name, "Email": format!("{name}@example.com")});
        let request = self.manage("CreateAccount", create)["CreateAccountStatus"]["Id"].clone();
        self.pass(120);
        let status = self.manage("DescribeCreateAccountStatus", json!({"CreateAccountRequestId": request}));
        status["CreateAccountStatus"]["AccountId"].as_str().expect("the account was created").to_owned()
    }
}

/// The body of a Query request.
pub(crate) fn form(service: &str, operation: &str, parameters: &[(&str, &str)]) -> String {
    let version = match service {
        "iam" => "2010-05-08",
        "sts" => "2011-06-15",
        _ => "2010-05-15",
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation).append_pair("Version", version).extend_pairs(parameters);
    form.finish()
}

/// Status and body where no fault keeps the answer.
pub(crate) fn answered(reply: Reply) -> (u16, String) {
    let answer = reply.into_answer().expect("no fault keeps the answer");
    (answer.status().as_u16(), String::from_utf8(answer.into_body()).unwrap())
}

/// A trust policy that lets an AWS principal in.
pub(crate) fn trusting(principal: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"},
    ]})
}
