//! Who creates the roles by which StackSets acts in the target accounts, and which roles these are.

use std::fmt;

use crate::{AccountId, RoleArn, RoleName};

/// Who creates the roles by which StackSets acts in the target accounts (aws-facts A1). It can be switched only
/// while a set has no instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionModel {
    /// AWS Organizations does; targets are organizational units.
    ServiceManaged,
    /// Whoever owns the set; targets are accounts.
    SelfManaged {
        /// In the account that owns the set.
        administration_role: AdministrationRole,
        /// In every target account, under the same name.
        execution_role: RoleName,
    },
}

/// The role that StackSets works as. From it the execution roles are entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdministrationRole {
    /// Of the account that owns the set, at the path `/`.
    Named(RoleName),
    /// Wherever the ARN says.
    At(RoleArn),
}

/// Whose a StackSet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The account.
    pub account: AccountId,
}

impl PermissionModel {
    /// The administration role that AWS takes when none is named.
    pub const DEFAULT_ADMINISTRATION_ROLE: &str = "AWSCloudFormationStackSetAdministrationRole";
    /// The execution role that AWS takes when none is named.
    pub const DEFAULT_EXECUTION_ROLE: &str = "AWSCloudFormationStackSetExecutionRole";

    /// The self-managed model, with the roles that AWS takes when none is named.
    pub fn self_managed() -> Self {
        let name = |name: &str| name.parse().expect("AWS's own names are role names");
        PermissionModel::SelfManaged {
            administration_role: AdministrationRole::Named(name(Self::DEFAULT_ADMINISTRATION_ROLE)),
            execution_role: name(Self::DEFAULT_EXECUTION_ROLE),
        }
    }

    /// Whether AWS Organizations creates the roles.
    pub fn is_service_managed(&self) -> bool {
        *self == PermissionModel::ServiceManaged
    }
}

/// As the configuration writes it.
impl fmt::Display for PermissionModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            PermissionModel::ServiceManaged => "service-managed",
            PermissionModel::SelfManaged { .. } => "self-managed",
        })
    }
}

impl AdministrationRole {
    /// Its ARN in a set of this owner.
    pub fn arn(&self, owner: &Owner) -> RoleArn {
        match self {
            AdministrationRole::At(arn) => arn.clone(),
            AdministrationRole::Named(name) => RoleArn {
                partition: owner.partition.clone(),
                account: owner.account.clone(),
                path: "/".to_owned(),
                name: name.clone(),
            },
        }
    }

    /// Its name, without path and account.
    pub fn name(&self) -> &RoleName {
        match self {
            AdministrationRole::Named(name) | AdministrationRole::At(RoleArn { name, .. }) => name,
        }
    }

    /// Whether both are the same role of one owner: AWS answers with an ARN where we may have given a name.
    pub fn is_same(&self, other: &AdministrationRole) -> bool {
        match (self, other) {
            (AdministrationRole::Named(name), AdministrationRole::At(arn))
            | (AdministrationRole::At(arn), AdministrationRole::Named(name)) => {
                arn.path == "/" && arn.name == *name
            }
            _ => self == other,
        }
    }
}

/// As it was given.
impl fmt::Display for AdministrationRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AdministrationRole::Named(name) => name.fmt(formatter),
            AdministrationRole::At(arn) => arn.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_arn_are_the_same_role() {
        let named = |name: &str| AdministrationRole::Named(name.parse().unwrap());
        let at = |path: &str| {
            AdministrationRole::At(format!("arn:aws:iam::111122223333:role{path}").parse().unwrap())
        };
        let owner = Owner { partition: "aws".to_owned(), account: "111122223333".parse().unwrap() };
        assert_eq!(named("Admin").arn(&owner), at("/Admin").arn(&owner));
        for (one, other, expected) in [
            (named("Admin"), named("Admin"), true),
            (named("Admin"), at("/Admin"), true),
            (at("/Admin"), named("Admin"), true),
            (named("Admin"), at("/ops/Admin"), false),
            (named("Admin"), named("admin"), false),
            (at("/ops/Admin"), at("/Admin"), false),
        ] {
            assert_eq!(one.is_same(&other), expected, "{one:?} {other:?}");
        }
    }
}
