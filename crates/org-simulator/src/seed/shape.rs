//! Made-up organizations, as large as one likes.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use super::build::new_world;
use super::variety;
use crate::cloudformation;
use crate::organizations::{Account, AccountState, LeftOut, Organization, PolicyType, give_access_role};
use crate::rates::RequestRates;
use crate::simulator::FIRST_ACCOUNT;
use crate::world::World;

/// Five units below each keep 3,905 units within the five levels that AWS allows.
const UNITS_PER_PARENT: u32 = 5;
/// AWS allows 2,000 organizational units and at most 50,000 accounts (aws-facts D4).
const MAX_UNITS: u32 = 2000;
const MAX_ACCOUNTS: u32 = 50_000;

/// A made-up organization, written as `accounts=10000,ous=500` and, if it is to be harder on its callers,
/// `rates=documented`, `sts=500/s`, `latency=50ms`, `without=paths` and `suspended=3%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How many accounts, the management account included.
    pub accounts: u32,
    /// How many organizational units, at most five levels deep.
    pub ous: u32,
    /// Whether calls beyond the documented request rates are refused.
    pub rates: RequestRates,
    /// How many calls of STS an account makes in a Region and a virtual second, and as many at once after a rest;
    /// beyond that it is refused. `None` leaves it to `rates`.
    pub sts_per_second: Option<NonZeroU32>,
    /// How much later than at once calls are answered: see [`crate::Simulator::latency`].
    pub latency: Duration,
    /// Whether answers lack `Paths` and `Path`, so that the tree has to be walked (aws-facts D3).
    pub without_paths: bool,
    /// How many in a hundred accounts are suspended; the management account never is.
    pub suspended_percent: u32,
}

impl Shape {
    /// An organization of this size that answers everything, however often it is asked.
    #[must_use]
    pub fn new(accounts: u32, ous: u32) -> Self {
        Shape {
            accounts,
            ous,
            rates: RequestRates::Unlimited,
            sts_per_second: None,
            latency: Duration::ZERO,
            without_paths: false,
            suspended_percent: 0,
        }
    }
}

/// Why a text is no [`Shape`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A name that no shape has, no equals sign, or no number.
    #[error(
        "`{0}` is not a part of a shape: those are `accounts=N`, `ous=N`, `rates=documented`, `sts=N/s`, \
         `latency=Nms`, `without=paths` and `suspended=N%`"
    )]
    Part(String),
    /// An organization has its management account at least, and AWS sets a limit.
    #[error("an organization has 1 to {MAX_ACCOUNTS} accounts, not {0}")]
    Accounts(u32),
    /// AWS sets a limit.
    #[error("an organization has at most {MAX_UNITS} organizational units, not {0}")]
    Ous(u32),
}

impl FromStr for Shape {
    type Err = ShapeError;

    fn from_str(text: &str) -> Result<Self, ShapeError> {
        let mut shape = Shape::new(1, 0);
        for part in text.split(',') {
            let wrong = || ShapeError::Part(part.to_owned());
            let number = |text: &str| text.parse().map_err(|_| wrong());
            match part.trim().split_once('=').ok_or_else(wrong)? {
                ("accounts", text) => shape.accounts = number(text)?,
                ("ous", text) => shape.ous = number(text)?,
                ("rates", "documented") => shape.rates = RequestRates::Documented,
                ("sts", text) => {
                    let rate = text.strip_suffix("/s").and_then(|rate| rate.parse().ok());
                    shape.sts_per_second = Some(rate.ok_or_else(wrong)?);
                }
                ("latency", text) => shape.latency = length(text).ok_or_else(wrong)?,
                ("without", "paths") => shape.without_paths = true,
                ("suspended", text) => {
                    let percent = number(text.strip_suffix('%').ok_or_else(wrong)?)?;
                    shape.suspended_percent =
                        Some(percent).filter(|percent| *percent <= 100).ok_or_else(wrong)?;
                }
                _ => return Err(wrong()),
            }
        }
        if !(1..=MAX_ACCOUNTS).contains(&shape.accounts) {
            return Err(ShapeError::Accounts(shape.accounts));
        }
        if shape.ous > MAX_UNITS {
            return Err(ShapeError::Ous(shape.ous));
        }
        Ok(shape)
    }
}

/// A length of time with its unit, such as `50ms`.
fn length(text: &str) -> Option<Duration> {
    text.parse::<SignedDuration>().ok()?.try_into().ok()
}

/// An organization with trusted access for StackSets and its accounts spread evenly over its units, tagged, and
/// joined over years.
pub(crate) fn from_shape(shape: Shape) -> World {
    let mut world = new_world(&[FIRST_ACCOUNT.to_owned()]);
    let (accounts, ous) = (shape.accounts.clamp(1, MAX_ACCOUNTS), shape.ous.min(MAX_UNITS));
    let (root, now) = ("r-shap".to_owned(), world.now);
    let account = |index: u32, id: String, name: String, parent: &str| {
        let email = format!("{name}@example.com");
        let joined = variety::joined(index, accounts, now);
        let mut account = Account::created(id, name, email, parent.to_owned(), joined);
        if variety::is_suspended(index, shape.suspended_percent) {
            account.state = AccountState::Suspended;
        }
        Account { tags: variety::tags(index), ..account }
    };
    let management = account(0, FIRST_ACCOUNT.to_owned(), "management".to_owned(), &root);
    let mut organization = Organization::new("o-shapeshape".to_owned(), root.clone(), management, true);
    organization.enable_policies(PolicyType::ServiceControl);
    if shape.without_paths {
        organization.answers_without.insert(LeftOut::Paths);
    }

    let unit_id = |index: u32| format!("ou-shap-{index:08}");
    for index in 0..ous {
        let parent = match index / UNITS_PER_PARENT {
            0 => root.clone(),
            nth => unit_id(nth - 1),
        };
        organization.add_unit(unit_id(index), format!("unit-{index:04}"), &parent);
    }
    let members: Vec<String> = (1..accounts).map(|index| format!("2{index:011}")).collect();
    for (index, id) in (1..).zip(&members) {
        let parent = if ous == 0 { root.clone() } else { unit_id(index % ous) };
        organization.add_account(account(index, id.clone(), format!("account-{index:05}"), &parent));
    }
    world.organization = Some(organization);
    for id in &members {
        world.iam.open_account(id);
        give_access_role(&mut world, id, crate::organizations::ACCESS_ROLE, FIRST_ACCOUNT);
    }
    cloudformation::activate_organizations_access(&mut world);
    world
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_or_refused_with_a_reason() {
        assert_eq!("accounts=10000,ous=500".parse(), Ok(Shape::new(10_000, 500)));
        assert_eq!("accounts=3".parse(), Ok(Shape::new(3, 0)));
        let limited = Shape { rates: RequestRates::Documented, ..Shape::new(3, 0) };
        assert_eq!("accounts=3,rates=documented".parse(), Ok(limited));
        let pathless = Shape { without_paths: true, ..Shape::new(3, 1) };
        assert_eq!("accounts=3,ous=1,without=paths".parse(), Ok(pathless));
        let closing = Shape { suspended_percent: 3, ..Shape::new(100, 1) };
        assert_eq!("accounts=100,ous=1,suspended=3%".parse(), Ok(closing));
        let slow = Shape { latency: Duration::from_millis(50), ..Shape::new(3, 0) };
        assert_eq!("accounts=3,latency=50ms".parse(), Ok(slow));
        let narrow = Shape { sts_per_second: NonZeroU32::new(500), ..Shape::new(3, 0) };
        assert_eq!("accounts=3,sts=500/s".parse(), Ok(narrow));
        assert_eq!("accounts=0".parse::<Shape>(), Err(ShapeError::Accounts(0)));
        assert_eq!("ous=2001".parse::<Shape>(), Err(ShapeError::Ous(2001)));
        for bad in [
            "",
            "accounts",
            "accounts=many",
            "acounts=3",
            "rates=high",
            "rates",
            "without=state",
            "suspended=3",
            "suspended=101%",
            "sts=500",
            "sts=0/s",
            "latency=50",
            "latency=-1s",
        ] {
            assert!(matches!(bad.parse::<Shape>(), Err(ShapeError::Part(_))), "{bad}");
        }
    }

    #[test]
    fn a_shape_has_its_size_and_stays_within_five_levels() {
        let world = from_shape(Shape::new(300, 2000));
        let organization = world.organization.as_ref().unwrap();
        assert_eq!(organization.accounts_below(organization.root_id()).len(), 300);
        let deepest = organization.ancestors("ou-shap-00001999").len();
        assert!((2..=crate::organizations::MAX_UNIT_DEPTH).contains(&deepest), "{deepest}");
        assert!(world.iam.role("200000000001", "OrganizationAccountAccessRole").is_some());
    }
}
