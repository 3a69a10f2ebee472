//! The examples at the end of each command's help. A test runs every line of them, in a checkout, with credentials of
//! the simulated organization's management account.

pub(super) const ROLECALL: &str = "\
Examples:
  # The whole of it without AWS, in a simulated organization
  rolecall apply config/rollout.yaml --simulate --yes
  # The way to a roll-out of your own
  rolecall init --role-name SecurityAudit --trust 111122223333 --verify-mode offline
  rolecall doctor rollout.yaml
  rolecall plan rollout.yaml";

pub(super) const INIT: &str = "\
Examples:
  # A role for a vendor, who sends an external ID
  rolecall init --role-name VendorAccess --trust 111122223333 \\
    --external-id-env VENDOR_EXTERNAL_ID --verify-mode offline
  # A role for auditors of your own, in all of Workloads, with the schema for an editor
  rolecall init audit.yaml --role-name Audit --target 'Workloads/**' --schema \\
    --trust arn:aws:iam::111122223333:role/Auditors";

pub(super) const DOCTOR: &str = "\
Examples:
  # Before there is a configuration
  rolecall doctor
  # Also its StackSet, its Region and its permissions
  rolecall doctor config/rollout.yaml";

pub(super) const DISCOVER: &str = "\
Examples:
  rolecall discover --simulate
  # What has happened since a snapshot was saved
  rolecall discover --save org.json
  rolecall discover --compare org.json";

pub(super) const EXPLAIN: &str = "\
Examples:
  rolecall explain shop-web-prod config/rollout.yaml --simulate
  rolecall explain 222200005001 config/rollout.yaml";

pub(super) const PLAN: &str = "\
Examples:
  rolecall plan config/rollout.yaml --simulate
  # Saved, and then carried out exactly
  rolecall plan config/rollout.yaml --out plan.json
  rolecall apply plan.json --yes";

pub(super) const REHEARSE: &str = "\
Examples:
  # On a simulation of your own organization
  rolecall discover --save org.json
  rolecall rehearse config/rollout.yaml --organization org.json
  # On the built-in one, with failures and with the request rates of AWS
  rolecall rehearse config/rollout.yaml --simulate --fail 2% --throttle documented";

pub(super) const APPLY: &str = "\
Examples:
  # In a simulated organization
  rolecall apply config/rollout.yaml --simulate --yes
  # In yours, without a question, and once more whoever failed
  rolecall apply config/rollout.yaml --yes
  rolecall apply config/rollout.yaml --only-failed --yes";

pub(super) const VERIFY: &str = "\
Examples:
  rolecall verify config/rollout.yaml
  # Some accounts by name and by unit; or a few everywhere
  rolecall verify config/rollout.yaml --only 'shop-*' --only 'Infrastructure/**'
  rolecall verify config/rollout.yaml --sample 5%";

pub(super) const STATUS: &str = "\
Examples:
  rolecall verify config/rollout.yaml
  # Of every rollout that left a ledger here, or of one for a script
  rolecall status
  rolecall status cado-response --output json";

pub(super) const REPORT: &str = "\
Examples:
  rolecall verify config/rollout.yaml
  # The same again, and as a file for a CI system
  rolecall report
  rolecall report latest --report junit.xml";

pub(super) const REPORT_LIST: &str = "\
Examples:
  rolecall verify config/rollout.yaml
  rolecall report list
  rolecall report list --limit 5 --output json";

pub(super) const REPORT_DIFF: &str = "\
Examples:
  rolecall verify config/rollout.yaml
  # A week later
  rolecall verify config/rollout.yaml
  rolecall report diff";

pub(super) const REPORT_MERGE: &str = "\
Examples:
  # On one machine each, and then on the one that has both ledgers
  rolecall verify config/rollout.yaml --shard 1/2
  rolecall verify config/rollout.yaml --shard 2/2
  rolecall report merge .rolecall/*.jsonl";

pub(super) const RETIRE: &str = "\
Examples:
  # What would go
  rolecall retire config/rollout.yaml --dry-run
  # All of it, without a question
  rolecall retire config/rollout.yaml --yes --max-removals 58";

pub(super) const PREREQUISITES: &str = "\
Examples:
  rolecall init mine.yaml --role-name Audit --trust 111122223333 --permission-model self-managed
  rolecall prerequisites administration mine.yaml > administration.yaml
  rolecall prerequisites execution mine.yaml > execution.yaml";

pub(super) const SIMULATE: &str = "\
Examples:
  # The built-in organization's file, at a free port, which is printed
  rolecall simulate --organization config/organization.yaml --port 0
  # A thousand accounts, and the request rates of AWS
  rolecall simulate --shape accounts=1000,ous=50,rates=documented --port 0";

pub(super) const SCHEMA: &str = "\
Examples:
  rolecall schema > rollout.schema.json";

pub(super) const COMPLETIONS: &str = "\
Examples:
  # bash: for this shell, or at the end of ~/.bashrc for every one
  source <(rolecall completions bash)
  # zsh: into a directory of $fpath
  rolecall completions zsh > _rolecall
  # fish: into ~/.config/fish/completions
  rolecall completions fish > rolecall.fish";

pub(super) const MAN: &str = "\
Examples:
  rolecall man > rolecall.1
  # A page for every command
  rolecall man --dir man1";
