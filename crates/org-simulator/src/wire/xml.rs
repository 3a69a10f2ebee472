//! Answers of the Query protocol.

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Writer, escape::escape};
use serde_json::Value;

use crate::call::{ApiError, Service};
use crate::wire::WireResponse;

/// The XML name space of a service's answers.
fn namespace(service: Service) -> String {
    // CloudFormation's is the one without TLS.
    let scheme = if service == Service::CloudFormation { "http" } else { "https" };
    format!("{scheme}://{}.amazonaws.com/doc/{}/", service.prefix(), service.api_version())
}

/// A successful answer. An operation that has no output shape answers `Null` and gets no `…Result` element; one
/// whose output is empty answers an empty object.
pub(crate) fn success(service: Service, operation: &str, output: &Value, request_id: &str) -> WireResponse {
    let body = document(|xml| {
        let response = format!("{operation}Response");
        xml.open_with_namespace(&response, &namespace(service));
        if !output.is_null() {
            xml.value(&format!("{operation}Result"), output);
        }
        xml.open("ResponseMetadata");
        xml.text("RequestId", request_id);
        xml.close("ResponseMetadata");
        xml.close(&response);
    });
    respond(200, request_id, body)
}

/// An error; who is to blame follows from the status.
pub(crate) fn failure(service: Service, error: &ApiError, request_id: &str) -> WireResponse {
    let body = document(|xml| {
        xml.open_with_namespace("ErrorResponse", &namespace(service));
        xml.open("Error");
        xml.text("Type", if error.status < 500 { "Sender" } else { "Receiver" });
        xml.text("Code", &error.code);
        xml.text("Message", &error.message);
        for (name, value) in &error.members {
            xml.text(name, value);
        }
        xml.close("Error");
        xml.text("RequestId", request_id);
        xml.close("ErrorResponse");
    });
    respond(error.status, request_id, body)
}

fn respond(status: u16, request_id: &str, body: Vec<u8>) -> WireResponse {
    http::Response::builder()
        .status(status)
        .header("content-type", "text/xml")
        .header("x-amzn-requestid", request_id)
        .body(body)
        .expect("status and headers are well-formed")
}

fn document(write: impl FnOnce(&mut Xml)) -> Vec<u8> {
    let mut xml = Xml { writer: Writer::new(Vec::with_capacity(1024)) };
    xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    write(&mut xml);
    xml.writer.into_inner()
}

struct Xml {
    writer: Writer<Vec<u8>>,
}

impl Xml {
    fn event(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect("writing to memory does not fail");
    }

    fn open(&mut self, name: &str) {
        self.event(Event::Start(BytesStart::new(name)));
    }

    fn open_with_namespace(&mut self, name: &str, namespace: &str) {
        self.event(Event::Start(BytesStart::new(name).with_attributes([("xmlns", namespace)])));
    }

    fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        let escaped = escaped(text);
        self.event(Event::Text(BytesText::from_escaped(escaped)));
        self.close(name);
    }

    /// Lists become `<member>` elements, and the entries of a map `<entry>` elements; members that are null are
    /// left out.
    fn value(&mut self, name: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::String(text) => self.text(name, text),
            Value::Bool(value) => self.text(name, if *value { "true" } else { "false" }),
            Value::Number(number) => self.text(name, &number.to_string()),
            Value::Array(entries) if name == "entry" => {
                entries.iter().for_each(|entry| self.value(name, entry));
            }
            Value::Array(members) => {
                self.open(name);
                for member in members {
                    self.value("member", member);
                }
                self.close(name);
            }
            Value::Object(members) => {
                self.open(name);
                for (name, member) in members {
                    self.value(name, member);
                }
                self.close(name);
            }
        }
    }
}

/// XML has no way to write most control characters: they are shown as the replacement character.
fn escaped(text: &str) -> String {
    let is_forbidden = |letter: char| letter < ' ' && !matches!(letter, '\t' | '\n' | '\r');
    let text = text.replace(is_forbidden, "\u{fffd}");
    escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(response: WireResponse) -> String {
        String::from_utf8(response.into_body()).unwrap()
    }

    #[test]
    fn answers_are_wrapped_as_the_query_protocol_wants() {
        let output =
            json!({"Roles": [{"RoleName": "a"}, {"RoleName": "b"}], "IsTruncated": false, "Marker": null});
        let text = body(success(Service::Iam, "ListRoles", &output, "id-1"));
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
            <ListRolesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListRolesResult>\
            <IsTruncated>false</IsTruncated>\
            <Roles><member><RoleName>a</RoleName></member><member><RoleName>b</RoleName></member></Roles>\
            </ListRolesResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListRolesResponse>";
        assert_eq!(text, expected);
    }

    #[test]
    fn an_operation_without_output_has_no_result_element() {
        let text = body(success(Service::Iam, "DeleteRole", &Value::Null, "id-1"));
        assert!(!text.contains("DeleteRoleResult"), "{text}");
        let text = body(success(Service::CloudFormation, "DeleteStackSet", &json!({}), "id-1"));
        assert!(text.contains("<DeleteStackSetResult></DeleteStackSetResult>"), "{text}");
    }

    #[test]
    fn errors_carry_type_code_and_message_and_markup_is_escaped() {
        let error = ApiError::new("ValidationError", 400, "a < b & \"c\"\r\u{1}");
        let response = failure(Service::CloudFormation, &error, "id-1");
        assert_eq!(response.status(), 400);
        let text = body(response);
        assert!(text.contains("<Type>Sender</Type><Code>ValidationError</Code>"), "{text}");
        assert!(text.contains("<Message>a &lt; b &amp; &quot;c&quot;&#13;\u{fffd}</Message>"), "{text}");
    }
}
