//! A simulated AWS organization that speaks AWS's own wire protocols.
//!
//! It is a server, not a mock: the unmodified AWS SDKs, the AWS CLI and boto3 reach it over loopback HTTP or
//! through an in-process connector, and cannot tell. It shares no code with the rest of rolecall, so that it
//! cannot share our misunderstandings: every behaviour follows AWS, never what makes our client pass.
//!
//! [`Simulator`] is the pure core: state, a virtual clock and `handle(request, now) → reply`.
//! [`in_process`] and [`serve`] are its two fronts.
//!
//! # Who is calling
//!
//! The access key id decides. Every account has an admin user whose key id is `AKIASIMU` and the account id.
//! **Signatures are not checked**, so any secret will do; the credential scope of the signature names the
//! service and the Region, and the host does not matter. Temporary credentials need their session token, and
//! expire in virtual time.
//!
//! # What is enforced
//!
//! | behaviour | aws-facts |
//! |---|---|
//! | Organizations answers its management account, and reads also delegated administrators; `DescribeOrganization` every member | D1 |
//! | pages of at most 20; a token is good for its own list alone | D1, D2 |
//! | ids, paths, `State` next to `Status`; each of the three is left out where the seed says so | D3 |
//! | OUs nest five deep; 50 tags; a closed account stays, suspended | D4 |
//! | trusted access and delegated administrators, five for StackSets | A2 |
//! | request rates of Organizations and STS, once [`Simulator::enforce_request_rates`] was called; those of STS also at a rate of one's own, [`Shape::sts_per_second`] | D4, E3 |
//! | `AssumeRole`: names, lengths, external id, session policies, chaining | E1 |
//! | a missing role, a closed account and an untrusting role are refused alike | E2 |
//! | `GetCallerIdentity` answers under any deny | E3 |
//! | service control policies, on every level from the root down, never on the management account | E3, F4 |
//! | resource control policies, on the roles of members, whoever wants in; never in the management account | E3 |
//! | names, paths, Latin-1 descriptions and documents, quotas | F1 |
//! | documents come URL-encoded; IAM's codes and statuses | F2 |
//! | principals of a trust policy exist, and are stored by unique id: of a deleted one, that is what is left | F3, K26 |
//! | `SimulatePrincipalPolicy` answers as the call itself would; condition keys come from the request alone | A18, F2, F4 |
//! | tags of StackSets, termination protection and trusted access take permissions of their own | A2, A18, C5 |
//! | `GetAccountSummary` counts what there is | G |
//! | deny, allow, boundary, session policy; same account and cross account; condition operators | F4 |
//!
//! # What can go wrong on purpose
//!
//! Nothing, until a [`FaultList`] says so: in YAML with [`Simulator::add_faults`], or as JSON by `POST` to
//! `/_simulator/faults`, where `GET` shows how often each entry struck and `DELETE` removes all.
//!
//! ```yaml
//! calls:            # what happens to calls: the first entry that applies strikes; every entry counts on
//!   - { operation: "cloudformation:CreateStackInstances", nth: 1, effect: lose-response }  # done, not answered
//!   - { operation: "*", first_attempts: 1, effect: throttle }   # until the client tries a second time
//!   - { operation: "sts:*", rate: 20, effect: throttle }        # beyond so many a virtual second
//!   - { operation: "*", nth: 17, effect: hold-before }          # neither done nor answered; hold-after: done
//!   - { operation: "iam:Get*", every: 3, times: 2, account: "111111111111", effect: fail, code: InternalFailure, status: 500 }
//! accounts:         # what happens where a stack is to be deployed
//!   - { account: "200000000001", fail: "the reason of the stack instance", times: 1 }
//!   - { share: 1%, takes: 10m }                                 # which accounts follows from the seed; GET shows them
//! events:           # what happens by itself, so long after it was posted or before a call is carried out
//!   - { at: 5m, move: { account: "200000000001", to: Path/Of/Unit } }
//!   - { at: 5m, close: { account: "200000000002" } }            # or suspend
//!   - { at: 5m, add: { name: newcomer, unit: Path/Of/Unit } }
//!   - { when: { operation: "cloudformation:UpdateStackSet", nth: 1 }, operation: { stack_set: NAME, action: DETECT_DRIFT, id: theirs } }
//!   - { at: 5m, delete_stack: { account: "200000000001", stack_set: NAME } }
//!   - { at: 5m, attach_policy: { account: "200000000001", role: NAME, policy: ARN } }
//!   - { at: 5m, put_inline_policy: { account: "200000000001", role: NAME, name: extra, document: {} } }
//!   - { at: 5m, call: { account: "200000000001", operation: "iam:DeleteRole", input: { RoleName: NAME } } }
//! consistency: { lists: 10s, results: 10s, roles: 20s }         # how far behind (aws-facts A16, E3)
//! ```
//!
//! # What no other emulator witnesses
//!
//! These rest on the documents named in aws-facts, or on users' reports there: page tokens bound to their list
//! (D1); the states `PENDING_ACTIVATION` and `CLOSED` (D3); a recreated principal shown by its bare id (F3);
//! service and resource control policies and permissions boundaries in the words of `AccessDenied` (A1, E3, F4); the
//! limits of chained sessions (E1); request rates, and which calls share one (D4, E3); that naming an administration
//! role takes `iam:PassRole`, which AWS's page on the prerequisites of self-managed StackSets asks for (A1).
//!
//! `SimulatePrincipalPolicy` follows what users report in threads of aws/aws-sdk and boto/boto3: a service control
//! policy's `Deny` is an `implicitDeny` there; the keys of all policies of the principal are missing, whichever action
//! is asked about, and none of a service control policy; several resources have results of their own within one.
//!
//! # What is not simulated
//!
//! Invitations (an account joins by `CreateAccount` or by the seed), further policy types, groups, instance profiles,
//! MFA, federation, partitions other than `aws`, the quota of ten accounts that a new organization starts with, the
//! request rates of CloudFormation and IAM, which are not published (G). Without a fault a role can be entered in the
//! instant in which it was made and lists are never behind; a new role that is known in one place and not in another
//! (E3) is not simulated at all. Resource control policies do not reach the execution roles that StackSets enters.
//!
//! Of CloudFormation: drift of plain stacks, resource import, `ContinueUpdateRollback`, `DescribeEvents`, stack
//! policies, nested stacks, macros and transforms. Of IAM: `SimulateCustomPolicy`, and of `SimulatePrincipalPolicy`
//! which statement decided, and policies that the request itself brings.

mod authorization;
mod call;
mod clock;
mod cloudformation;
mod control;
mod credentials;
mod document;
mod faults;
mod held;
mod iam;
mod ids;
mod in_process;
mod input;
mod organizations;
mod paging;
mod rates;
mod received;
mod seed;
mod serve;
mod simulator;
mod sts;
mod time;
mod wire;
mod world;

pub use clock::Pace;
pub use faults::{FaultError, FaultList};
pub use in_process::in_process;
pub use rates::RequestRates;
pub use seed::{SeedError, Shape, ShapeError};
pub use serve::{ServeError, serve};
pub use simulator::{AccessKey, AccountSummary, Options, Reply, Simulator};
pub use wire::{WireRequest, WireResponse};
