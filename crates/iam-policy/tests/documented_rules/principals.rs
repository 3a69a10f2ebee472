//! Whom a statement is about.

use super::case::Expected::{Allowed, Denied, NotAllowed, Unknown};
use super::case::{By, Case, ROLE, ROOT, SESSION, USER, asks};

const PRINCIPAL: &str = "reference_policies_elements_principal";
const NOT_PRINCIPAL: &str = "reference_policies_elements_notprincipal";

const EC2: By = By::Service("ec2.amazonaws.com");
const GOOGLE: By = By::Provider("accounts.google.com");
const SAML: By = By::Provider("arn:aws:iam::111122223333:saml-provider/Idp");

macro_rules! allow {
    ($principal:literal) => {
        concat!(r#"{"Effect":"Allow","Action":"sts:AssumeRole*","Principal":"#, $principal, "}")
    };
}

/// An account is let in, and all but these are denied.
macro_rules! spare {
    ($listed:literal) => {
        concat!(
            r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}},
               {"Effect":"Deny","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"#,
            $listed,
            "}}"
        )
    };
}

pub(crate) const CASES: &[Case] = &[
    // Accounts.
    asks(
        "an account id stands for sessions of its roles",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333"}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "an account id stands for its users",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333"}"#),
        USER,
        Allowed(0),
    ),
    asks(
        "an account id stands for its root user",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333"}"#),
        ROOT,
        Allowed(0),
    ),
    asks(
        "an account ARN stands for sessions of its roles",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "an account ARN does not mean the root user alone",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#),
        USER,
        Allowed(0),
    ),
    asks(
        "another account is not the caller's",
        PRINCIPAL,
        allow!(r#"{"AWS":"444455556666"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "several accounts are an or",
        PRINCIPAL,
        allow!(r#"{"AWS":["444455556666","111122223333"]}"#),
        SESSION,
        Allowed(0),
    ),
    asks("a list of one is the value", PRINCIPAL, allow!(r#"{"AWS":["111122223333"]}"#), USER, Allowed(0)),
    asks(
        "an account does not stand for services",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333"}"#),
        EC2,
        NotAllowed,
    ),
    asks(
        "an account does not stand for those of its SAML provider",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333"}"#),
        SAML,
        NotAllowed,
    )
    .action("sts:AssumeRoleWithSAML"),
    // Roles and their sessions.
    asks(
        "a role stands for its sessions",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:role/Hub"}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a role with a path stands for its sessions, whose ARN has none",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:role/ops/Hub"}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a role with a path is not the one without",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:role/Hub"}"#),
        ROLE,
        NotAllowed,
    ),
    asks(
        "a role does not stand for sessions of another",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:role/Spoke"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "a role of another account is another role",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::444455556666:role/Hub"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "a role does not stand for its account's users",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:role/Hub"}"#),
        USER,
        NotAllowed,
    ),
    asks(
        "a session stands for itself",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/run"}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a session does not stand for other sessions of its role",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/other"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "whether some session of a role is the one that is named cannot be told",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/session"}"#),
        ROLE,
        Unknown("Principal"),
    ),
    asks(
        "no session of a role is one of another role",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Spoke/run"}"#),
        ROLE,
        NotAllowed,
    ),
    asks(
        "no session of a role is all of them by a wildcard",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/*"}"#),
        ROLE,
        NotAllowed,
    ),
    asks(
        "whether a deny spares some session of a role by name cannot be told",
        NOT_PRINCIPAL,
        spare!(r#""arn:aws:sts::111122223333:assumed-role/Hub/run""#),
        ROLE,
        Unknown("NotPrincipal"),
    ),
    asks(
        "a wildcard does not mean all sessions of a role",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Hub/*"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "a wildcard does not match a part of a role's name",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:role/H*"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "a question mark does not match a part of a role's name",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:role/Hu?"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "the unique id of a deleted role is nobody",
        PRINCIPAL,
        allow!(r#"{"AWS":"AROAEXAMPLEEXAMPLE123"}"#),
        SESSION,
        NotAllowed,
    ),
    // Users.
    asks(
        "a user stands for itself",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:user/Ann"}"#),
        USER,
        Allowed(0),
    ),
    asks(
        "the name of a user has a case",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:user/ann"}"#),
        USER,
        NotAllowed,
    ),
    asks(
        "a wildcard does not mean all users",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#),
        USER,
        NotAllowed,
    ),
    asks(
        "the path belongs to a user's ARN",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:iam::111122223333:user/sales/Ann"}"#),
        USER,
        NotAllowed,
    ),
    asks(
        "the unique id of a deleted user is nobody",
        PRINCIPAL,
        allow!(r#"{"AWS":"AIDAEXAMPLEEXAMPLE123"}"#),
        USER,
        NotAllowed,
    ),
    asks(
        "a federated user session is not the user of that name",
        PRINCIPAL,
        allow!(r#"{"AWS":"arn:aws:sts::111122223333:federated-user/Ann"}"#),
        USER,
        NotAllowed,
    ),
    // Services.
    asks(
        "a service stands for itself",
        PRINCIPAL,
        allow!(r#"{"Service":"ec2.amazonaws.com"}"#),
        EC2,
        Allowed(0),
    ),
    asks(
        "several services are an or",
        PRINCIPAL,
        allow!(r#"{"Service":["ecs.amazonaws.com","ec2.amazonaws.com"]}"#),
        EC2,
        Allowed(0),
    ),
    asks(
        "a service does not stand for another",
        PRINCIPAL,
        allow!(r#"{"Service":"ecs.amazonaws.com"}"#),
        EC2,
        NotAllowed,
    ),
    asks(
        "a service does not stand for principals of accounts",
        PRINCIPAL,
        allow!(r#"{"Service":"ec2.amazonaws.com"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "the name of a service under AWS is no service",
        PRINCIPAL,
        allow!(r#"{"AWS":"ec2.amazonaws.com"}"#),
        EC2,
        NotAllowed,
    ),
    // Identity providers.
    asks(
        "a web identity provider stands for those it vouches for",
        PRINCIPAL,
        allow!(r#"{"Federated":"accounts.google.com"}"#),
        GOOGLE,
        Allowed(0),
    )
    .action("sts:AssumeRoleWithWebIdentity"),
    asks(
        "a web identity provider does not stand for another's",
        PRINCIPAL,
        allow!(r#"{"Federated":"graph.facebook.com"}"#),
        GOOGLE,
        NotAllowed,
    )
    .action("sts:AssumeRoleWithWebIdentity"),
    asks(
        "a SAML provider stands for those it vouches for",
        PRINCIPAL,
        allow!(r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/Idp"}"#),
        SAML,
        Allowed(0),
    )
    .action("sts:AssumeRoleWithSAML"),
    asks(
        "a SAML provider of another account is another provider",
        PRINCIPAL,
        allow!(r#"{"Federated":"arn:aws:iam::444455556666:saml-provider/Idp"}"#),
        SAML,
        NotAllowed,
    )
    .action("sts:AssumeRoleWithSAML"),
    asks(
        "a provider does not stand for principals of accounts",
        PRINCIPAL,
        allow!(r#"{"Federated":"accounts.google.com"}"#),
        SESSION,
        NotAllowed,
    ),
    // Everybody, and mixtures.
    asks("a star is everybody", PRINCIPAL, allow!(r#""*""#), SESSION, Allowed(0)),
    asks("a star under AWS is everybody", PRINCIPAL, allow!(r#"{"AWS":"*"}"#), SESSION, Allowed(0)),
    asks("a star is the root user too", PRINCIPAL, allow!(r#""*""#), ROOT, Allowed(0)),
    asks(
        "a star in a list is everybody",
        PRINCIPAL,
        allow!(r#"{"AWS":["444455556666","*"]}"#),
        USER,
        Allowed(0),
    ),
    asks(
        "kinds of principals are an or: the account",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333","Service":"ec2.amazonaws.com"}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "kinds of principals are an or: the service",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333","Service":"ec2.amazonaws.com"}"#),
        EC2,
        Allowed(0),
    ),
    asks(
        "kinds of principals are an or: the provider",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333","Federated":["accounts.google.com"]}"#),
        GOOGLE,
        Allowed(0),
    )
    .action("sts:AssumeRoleWithWebIdentity"),
    asks(
        "an account and an S3 user are an or",
        PRINCIPAL,
        allow!(r#"{"AWS":"111122223333","CanonicalUser":"79a59df900b949e5"}"#),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a star under Service is not documented",
        PRINCIPAL,
        allow!(r#"{"Service":"*"}"#),
        EC2,
        Unknown("Principal"),
    ),
    asks(
        "a star under Service is no principal of an account",
        PRINCIPAL,
        allow!(r#"{"Service":"*"}"#),
        SESSION,
        NotAllowed,
    ),
    asks(
        "a star under Federated is not documented",
        PRINCIPAL,
        allow!(r#"{"Federated":"*"}"#),
        GOOGLE,
        Unknown("Principal"),
    )
    .action("sts:AssumeRoleWithWebIdentity"),
    asks(
        "without a principal a policy of a resource is for nobody",
        PRINCIPAL,
        r#"{"Effect":"Allow","Action":"sts:AssumeRole"}"#,
        SESSION,
        NotAllowed,
    ),
    // All but some.
    asks(
        "a deny spares a user who is listed with the account",
        NOT_PRINCIPAL,
        spare!(r#"["arn:aws:iam::111122223333:user/Ann","111122223333"]"#),
        USER,
        Allowed(0),
    ),
    asks(
        "a deny spares a session that is listed with its role and account",
        NOT_PRINCIPAL,
        spare!(
            r#"["arn:aws:sts::111122223333:assumed-role/Hub/run","arn:aws:iam::111122223333:role/Hub","arn:aws:iam::111122223333:root"]"#
        ),
        SESSION,
        Allowed(0),
    ),
    asks(
        "a deny may not spare a user who is listed without the account",
        NOT_PRINCIPAL,
        spare!(r#""arn:aws:iam::111122223333:user/Ann""#),
        USER,
        Unknown("NotPrincipal"),
    ),
    asks(
        "a deny may not spare a session that is listed without role and account",
        NOT_PRINCIPAL,
        spare!(r#""arn:aws:sts::111122223333:assumed-role/Hub/run""#),
        SESSION,
        Unknown("NotPrincipal"),
    ),
    asks(
        "a deny may not spare a user of whom only the account is listed",
        NOT_PRINCIPAL,
        spare!(r#""111122223333""#),
        USER,
        Unknown("NotPrincipal"),
    ),
    asks(
        "a deny spares the root user of a listed account",
        NOT_PRINCIPAL,
        spare!(r#""111122223333""#),
        ROOT,
        Allowed(0),
    ),
    asks(
        "a deny hits whoever is not listed",
        NOT_PRINCIPAL,
        spare!(r#"["arn:aws:iam::444455556666:user/Ann","444455556666"]"#),
        USER,
        Denied(1),
    ),
];
