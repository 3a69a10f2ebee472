//! The principals of a statement.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::shape::OneOrMore;
use crate::Principal;

/// `"*"`, or kinds of principals with their values.
pub(super) struct Principals(pub(super) BTreeSet<Principal>);

impl<'de> Deserialize<'de> for Principals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PrincipalVisitor;
        impl<'de> Visitor<'de> for PrincipalVisitor {
            type Value = Principals;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("\"*\" or an object of principals")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Principals, E> {
                match text {
                    "*" => Ok(Principals(BTreeSet::from([Principal::Anyone]))),
                    _ => Err(E::custom("a principal that is a plain string can only be \"*\"")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Principals, A::Error> {
                let (mut principals, mut kinds) = (BTreeSet::new(), BTreeSet::new());
                while let Some(kind) = map.next_key::<Kind>()? {
                    if !kinds.insert(kind) {
                        return Err(A::Error::custom("a kind of principals stands twice"));
                    }
                    let values: OneOrMore<String> = map.next_value()?;
                    principals.extend(values.0.into_iter().map(|value| kind.principal(value)));
                }
                match principals.is_empty() {
                    true => Err(A::Error::custom("no principal is named")),
                    false => Ok(Principals(principals)),
                }
            }
        }
        deserializer.deserialize_any(PrincipalVisitor)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(field_identifier)]
enum Kind {
    #[serde(rename = "AWS")]
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl Kind {
    fn principal(self, value: String) -> Principal {
        match self {
            Kind::Aws => Principal::aws(&value),
            Kind::Service => Principal::Service(value),
            Kind::Federated => Principal::Federated(value),
            Kind::CanonicalUser => Principal::CanonicalUser(value),
        }
    }
}
