//! A run as one HTML file that opens from a mail: nothing is loaded, everything can be read without its script.
//!
//! What is shown is prepared here as plain values; the template only places them and escapes every one. The
//! accounts are in the document once, as rows of a table, which the script filters and sorts where they are.

mod account;
mod cause;
mod drift;
mod history;
mod page;
mod proof;
mod status;
mod timing;
mod unit;
mod words;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use self::page::Page;
use crate::format::RunReport;

const TEMPLATE: &str = include_str!("report.html.jinja");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The page with what is ours alone in it and so not escaped. The policy lets a browser run this style and this
/// script, known by their hashes, and load nothing from anywhere.
#[derive(Serialize)]
struct Document<'a> {
    style: &'static str,
    script: &'static str,
    policy: String,
    page: Page<'a>,
}

/// The report as one HTML file.
pub(crate) fn report_html(report: &RunReport<'_>) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let mut syntax = SyntaxConfig::builder();
    let syntax = syntax.trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the usual ones"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("report", TEMPLATE).expect("the template is compiled in, and a test renders it");
    let template = environment.get_template("report").expect("it was added above");
    let (style, script, page) = (STYLE, SCRIPT, Page::of(report));
    let document = Document { style, script, policy: policy(), page };
    template.render(Serde(document)).expect("the template asks for nothing that the page does not have")
}

fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(STYLE)),
        base64(&Sha256::digest(SCRIPT)),
    )
}

/// As a content security policy has hashes (RFC 4648, 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            match place <= three.len() {
                true => text.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
