//! When two documents mean the same.
//!
//! A statement that lists principals, actions and resources says the same as one statement for each
//! combination. So documents are compared as sets of these smallest statements, which also makes two
//! statements equal to the one that joins them. The `Not…` forms cannot be taken apart and stay whole.

use std::collections::BTreeSet;

use crate::{AnyCase, Condition, Effect, Members, PolicyDocument, Principal, Statement, Version};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Atom<'a> {
    effect: Effect,
    principal: Option<Piece<'a, Principal>>,
    action: Piece<'a, AnyCase>,
    resource: Option<Piece<'a, String>>,
    condition: &'a Condition,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a, T: Ord> {
    One(&'a T),
    NoneOf(&'a BTreeSet<T>),
}

// Derived, these would ask the same of `T`, though only references are copied.
impl<T: Ord> Clone for Piece<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Ord> Copy for Piece<'_, T> {}

fn pieces<T: Ord>(members: &Members<T>) -> Vec<Piece<'_, T>> {
    match members {
        Members::AnyOf(listed) => listed.iter().map(Piece::One).collect(),
        Members::NoneOf(listed) => vec![Piece::NoneOf(listed)],
    }
}

fn optional_pieces<T: Ord>(members: Option<&Members<T>>) -> Vec<Option<Piece<'_, T>>> {
    match members {
        Some(members) => pieces(members).into_iter().map(Some).collect(),
        None => vec![None],
    }
}

impl Statement {
    fn atoms(&self) -> impl Iterator<Item = Atom<'_>> {
        let (effect, condition) = (self.effect, &self.condition);
        let actions = pieces(&self.action);
        let resources = optional_pieces(self.resource.as_ref());
        optional_pieces(self.principal.as_ref()).into_iter().flat_map(move |principal| {
            let resources = resources.clone();
            actions.clone().into_iter().flat_map(move |action| {
                let resources = resources.clone().into_iter();
                resources.map(move |resource| Atom { effect, principal, action, resource, condition })
            })
        })
    }

    /// Whether both say the same, element by element; the `Sid` says nothing.
    pub(crate) fn says_the_same(&self, other: &Statement) -> bool {
        self.effect == other.effect
            && self.principal == other.principal
            && self.action == other.action
            && self.resource == other.resource
            && self.condition == other.condition
    }

    fn uses_variables(&self) -> bool {
        let values = self.condition.values().flat_map(|keys| keys.values().flatten());
        let resources = self.resource.iter().flat_map(|resource| resource.listed());
        values.chain(resources).any(|text| text.contains("${"))
    }
}

impl PolicyDocument {
    fn atoms(&self) -> BTreeSet<Atom<'_>> {
        self.statements.iter().flat_map(Statement::atoms).collect()
    }

    /// The version, where it makes a difference: it decides how `${…}` is read and nothing else.
    pub(crate) fn effective_version(&self) -> Option<Version> {
        self.statements.iter().any(Statement::uses_variables).then_some(self.version)
    }
}

impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        if self.effective_version() != other.effective_version() {
            return false;
        }
        let pairs = || self.statements.iter().zip(&other.statements);
        let same_length = self.statements.len() == other.statements.len();
        if same_length && pairs().all(|(one, another)| one.says_the_same(another)) {
            return true;
        }
        self.atoms() == other.atoms()
    }
}

impl Eq for PolicyDocument {}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.says_the_same(other)
    }
}

impl Eq for Statement {}

#[cfg(test)]
mod tests {
    use crate::{PolicyDocument, differences};

    fn check(one: &str, another: &str, equal: bool) {
        let [one, another] = [one, another].map(|text| PolicyDocument::parse(text).unwrap());
        assert_eq!(one == another, equal, "{one} against {another}");
        assert_eq!(differences(&one, &another).is_empty(), equal, "{one} against {another}");
    }

    /// A trust policy with these elements, to be compared with the plain one.
    fn trust(elements: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{elements}}}]}}"#)
    }

    #[test]
    fn the_spelling_does_not_count() {
        let plain = trust(r#""Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}"#);
        for same in [
            r#""Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]"#,
            r#""Principal":{"AWS":["111122223333","111122223333"]},"Action":"STS:assumerole""#,
            r#""Sid":"Vendor","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{}"#,
            r#""Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"Bool":{}}"#,
        ] {
            check(&plain, &trust(same), true);
        }
        for other in [
            r#""Principal":{"AWS":"111122223334"},"Action":"sts:AssumeRole""#,
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/root"},"Action":"sts:AssumeRole""#,
            r#""NotPrincipal":{"AWS":"111122223333"},"Action":"sts:AssumeRole""#,
            r#""Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"]"#,
            r#""Principal":{"AWS":"111122223333"},"NotAction":"sts:AssumeRole""#,
            r#""Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"Bool":{"a":"true"}}"#,
        ] {
            check(&plain, &trust(other), false);
        }
    }

    #[test]
    fn condition_values_are_strings() {
        let condition =
            |text: &str| trust(&format!(r#""Principal":"*","Action":"sts:AssumeRole","Condition":{text}"#));
        for (one, another, equal) in [
            (r#"{"Bool":{"aws:X":true}}"#, r#"{"bool":{"AWS:x":["True"]}}"#, true),
            (r#"{"NumericLessThan":{"aws:X":3600}}"#, r#"{"NumericLessThan":{"aws:X":"3600"}}"#, true),
            (r#"{"StringEquals":{"aws:X":["a","b"]}}"#, r#"{"StringEquals":{"aws:X":["b","a","b"]}}"#, true),
            (r#"{"StringEquals":{"aws:X":"a"}}"#, r#"{"StringEquals":{"aws:X":"A"}}"#, false),
            (r#"{"StringEquals":{"aws:X":"a"}}"#, r#"{"StringLike":{"aws:X":"a"}}"#, false),
            (r#"{"StringEquals":{"aws:X":"a"}}"#, r#"{"StringEquals":{"aws:Y":"a"}}"#, false),
        ] {
            check(&condition(one), &condition(another), equal);
        }
    }

    #[test]
    fn any_aws_principal_is_anyone() {
        check(
            &trust(r#""Principal":"*","Action":"sts:AssumeRole""#),
            &trust(r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole""#),
            true,
        );
    }

    #[test]
    fn one_statement_may_be_written_as_two() {
        let joined = r#"{"Statement":{"Effect":"Allow","Action":["a:X","a:Y"],"Resource":["r","s"]}}"#;
        let split = r#"{"Statement":[
            {"Effect":"Allow","Action":"a:X","Resource":["r","s"]},
            {"Effect":"Allow","Action":"a:Y","Resource":"s"},
            {"Effect":"Allow","Action":["a:Y","a:X"],"Resource":"r"}]}"#;
        let less = r#"{"Statement":[
            {"Effect":"Allow","Action":"a:X","Resource":["r","s"]},
            {"Effect":"Allow","Action":"a:Y","Resource":"s"}]}"#;
        check(joined, split, true);
        check(joined, less, false);
    }

    #[test]
    fn exceptions_cannot_be_split() {
        check(
            r#"{"Statement":{"Effect":"Deny","NotAction":["a:X","a:Y"],"Resource":"*"}}"#,
            r#"{"Statement":[{"Effect":"Deny","NotAction":"a:X","Resource":"*"},
                             {"Effect":"Deny","NotAction":"a:Y","Resource":"*"}]}"#,
            false,
        );
    }

    #[test]
    fn the_version_counts_where_there_are_variables() {
        for (resource, equal) in [("home", true), ("home/${aws:username}", false)] {
            let of = |version: &str| {
                let statement = format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"{resource}"}}"#);
                format!(r#"{{{version}"Statement":{statement}}}"#)
            };
            check(&of(r#""Version":"2012-10-17","#), &of(""), equal);
            check(&of(r#""Version":"2008-10-17","#), &of(""), true);
        }
    }
}
