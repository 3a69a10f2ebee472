//! Secrets are planted wherever an operator keeps them, and searched for in every byte that the program leaves behind:
//! both outputs, logs, ledgers, plans, snapshots and reports.

use std::cell::RefCell;
use std::path::Path;
use std::process::{Command, Output};

use crate::program::{MANAGEMENT, Simulation, Workplace};

// Letters and digits alone, which no encoding of text changes.
const EXTERNAL_ID: &str = "PlantedExternalId7c1e";
const LITERAL_EXTERNAL_ID: &str = "PlantedLiteralId2f9a";
const WRONG_EXTERNAL_ID: &str = "PlantedWrongId55d0";
const PASSWORD: &str = "PlantedPassword1e77";
const MISPLACED: &str = "PlantedMisplacedId94a2";

/// How the access keys and the tokens of sessions begin, the operator's own among them.
const ISSUED: [&str; 2] = ["ASIA", "simulated/"];

/// All of the log, in the form that shows the most.
const LOUD: [&str; 3] = ["-vv", "--log-format", "json"];

/// An operator with secrets, and all that he gets to see.
struct Operator {
    workplace: Workplace,
    simulation: Simulation,
    session: Session,
    seen: RefCell<Vec<(String, Vec<u8>)>>,
}

/// Temporary credentials, as most operators have.
struct Session {
    access_key: String,
    secret_key: String,
    token: String,
}

impl Session {
    /// Enters a role of the management account that may do everything.
    fn begin(simulation: &Simulation) -> Session {
        let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
                     %22Principal%22%3A%7B%22AWS%22%3A%22111111111111%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
        let role = format!("RoleName=Operators&MaxSessionDuration=43200&AssumeRolePolicyDocument={trust}");
        let policy = "RoleName=Operators&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAdministratorAccess";
        let enter = "RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2FOperators&RoleSessionName=night\
                     &DurationSeconds=43200";
        simulation.call(MANAGEMENT, "iam", &format!("Action=CreateRole&Version=2010-05-08&{role}"));
        simulation.call(MANAGEMENT, "iam", &format!("Action=AttachRolePolicy&Version=2010-05-08&{policy}"));
        let answer =
            simulation.call(MANAGEMENT, "sts", &format!("Action=AssumeRole&Version=2011-06-15&{enter}"));
        let element = |name: &str| {
            let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        Session {
            access_key: element("AccessKeyId"),
            secret_key: element("SecretAccessKey"),
            token: element("SessionToken"),
        }
    }
}

impl Operator {
    fn new() -> Self {
        let workplace = Workplace::new();
        workplace.edit(
            "config/rollout.yaml",
            "  managed_policies:\n",
            &format!(
                "    - account: \"222200001112\"\n      external_id: {{ literal: {LITERAL_EXTERNAL_ID} }}\n  \
                 managed_policies:\n"
            ),
        );
        let text = std::fs::read_to_string(workplace.path("config/rollout.yaml")).unwrap();
        let text = text.replace("permission_model: service-managed", "permission_model: self-managed");
        let text = text.replace("auto_deployment: { enabled: false }", "");
        workplace.write("config/self-managed.yaml", &text);
        // No faster, so that the session lasts.
        let organization = ["--organization", "config/organization.yaml"];
        let simulation = Simulation::start_at("100", &workplace, &organization);
        let session = Session::begin(&simulation);
        Operator { workplace, simulation, session, seen: RefCell::default() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.workplace.command(arguments);
        command
            .env("AWS_ACCESS_KEY_ID", &self.session.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.session.secret_key)
            .env("AWS_SESSION_TOKEN", &self.session.token)
            .env("ROLECALL_ENDPOINT_URL", &self.simulation.url)
            .env("ROLECALL_LOG", "trace")
            .env("CADO_EXTERNAL_ID", EXTERNAL_ID);
        command
    }

    #[track_caller]
    fn run(&self, exit: i32, arguments: &[&str]) {
        self.keep(exit, arguments, self.command(arguments).output().unwrap());
    }

    #[track_caller]
    fn keep(&self, exit: i32, arguments: &[&str], output: Output) {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let told: String =
            told.lines().filter(|line| !line.contains("AWS call")).collect::<Vec<_>>().join("\n");
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {told}");
        let name = arguments.join(" ");
        self.seen.borrow_mut().extend([(format!("{name} (stdout)"), output.stdout), (name, output.stderr)]);
    }

    /// The options for a report in every form that there is, as the refusal of another one tells them.
    fn every_report(&self) -> Vec<String> {
        let refused = self.command(&["verify", "--report", "report.unknown"]).output().unwrap();
        let told = String::from_utf8(refused.stderr).unwrap();
        let forms = told.split_once("it has to end in ").unwrap().1.lines().next().unwrap();
        let reports: Vec<String> = forms.split(", ").map(|form| format!("--report=report-{form}")).collect();
        assert!(reports.len() >= 7, "{forms}");
        reports
    }

    /// Fails with the place of the first secret.
    fn search(&self) {
        let mut all = self.seen.borrow().clone();
        files(&self.workplace.path("."), &mut all);
        let Session { access_key, secret_key, token } = &self.session;
        let planted = [EXTERNAL_ID, LITERAL_EXTERNAL_ID, WRONG_EXTERNAL_ID, PASSWORD, MISPLACED];
        let secrets = planted.iter().chain(&ISSUED).copied().chain([&**access_key, secret_key, token]);
        let secrets: Vec<&str> = secrets.collect();
        for (name, bytes) in all {
            let text = String::from_utf8_lossy(&bytes);
            for secret in &secrets {
                if let Some(at) = text.find(secret) {
                    let around: String =
                        text[..at].chars().rev().take(200).collect::<Vec<_>>().iter().rev().collect();
                    panic!("{name} holds `{secret}`, after: {around}");
                }
            }
        }
    }
}

/// Every file below `directory` but those that hold secrets by the operator's own hand.
fn files(directory: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("config") {
            files(&path, found);
        } else if path.is_file() {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn no_command_shows_or_leaves_behind_a_secret() {
    let operator = Operator::new();
    let rollout = "config/rollout.yaml";
    let reports = operator.every_report();
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    for form in [&LOUD[..], &["--output", "json", "--log-file", "all.log"]] {
        let run = |exit, arguments: &[&str]| operator.run(exit, &[arguments, form].concat());
        run(0, &["doctor", rollout]);
        run(0, &["discover", "--save", "organization.json"]);
        run(3, &["plan", rollout, "--out", "plan.json"]);
        run(0, &["explain", "222200003102", rollout]);
        run(0, &["prerequisites", "execution", "config/self-managed.yaml"]);
        run(3, &["verify", rollout]);
        run(0, &["apply", "plan.json", "--yes"]);
        run(0, &[&["verify", rollout][..], &reports[..]].concat());
        run(3, &["verify", rollout, "--absent"]);
        with_the_wrong_external_id(&operator, form);
        break_a_role(&operator);
        run(3, &[&["verify", rollout][..], &reports[..]].concat());
        run(3, &["status"]);
        run(3, &[&["report", "latest"], &reports[..]].concat());
        run(0, &["rehearse", rollout]);
        run(0, &[&["retire", rollout, "--yes", "--max-removals", "58"][..], &reports[..]].concat());
    }
    operator.search();
}

fn with_the_wrong_external_id(operator: &Operator, form: &[&str]) {
    for (exit, arguments) in
        [(3, &["verify", "config/rollout.yaml"][..]), (3, &["plan", "config/rollout.yaml", "-v"])]
    {
        let arguments = [arguments, form].concat();
        let output = operator.command(&arguments).env("CADO_EXTERNAL_ID", WRONG_EXTERNAL_ID).output();
        operator.keep(exit, &arguments, output.unwrap());
    }
}

/// Somebody opens the role to whoever knows another external ID.
fn break_a_role(operator: &Operator) {
    let trust = format!(
        "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B\
         %22AWS%22%3A%22222200001111%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Condition%22%3A%7B%22StringEquals\
         %22%3A%7B%22sts%3AExternalId%22%3A%22{WRONG_EXTERNAL_ID}%22%7D%7D%7D%7D"
    );
    let form = format!(
        "Action=UpdateAssumeRolePolicy&Version=2010-05-08&RoleName=CadoResponse&PolicyDocument={trust}"
    );
    operator.simulation.call("222200003102", "iam", &form);
}

#[test]
fn no_refusal_of_a_configuration_shows_what_stands_where_a_secret_may_be() {
    let operator = Operator::new();
    let right = "external_id: { env: CADO_EXTERNAL_ID }";
    let wrong = [
        format!("external_id: {MISPLACED}"),
        format!("external_id: [{MISPLACED}]"),
        format!("external_id: {{ env: \"{MISPLACED}/\" }}"),
        format!("external_id: {{ value: {MISPLACED} }}"),
        format!("external_id: {{ literal: {MISPLACED}, env: CADO_EXTERNAL_ID }}"),
        format!("external_id: {{ literal: \"{MISPLACED} ü\" }}"),
        format!("external_id: {{ literal: \"{MISPLACED}"),
        format!("external_id: {{ literal: {MISPLACED} }}\n      external_id: {{ literal: {MISPLACED} }}"),
        format!("externalid: {MISPLACED}"),
        format!("external_ids: [{MISPLACED}]"),
        MISPLACED.to_owned(),
    ];
    for wrong in &wrong {
        operator.workplace.edit("config/rollout.yaml", right, wrong);
        for command in
            [&["plan"][..], &["doctor"], &["apply", "--yes"], &["verify"], &["explain", "222200003102"]]
        {
            operator.run(2, &[command, &["config/rollout.yaml"], &LOUD].concat());
        }
        operator.workplace.edit("config/rollout.yaml", wrong, right);
    }
    operator.search();
}

#[test]
fn no_address_with_a_password_is_shown() {
    let operator = Operator::new();
    let of_the_simulation =
        operator.simulation.url.replace("http://", &format!("http://operator:{PASSWORD}@"));
    let nobody = format!("http://operator:{PASSWORD}@127.0.0.1:1");
    for (variable, url) in [("ROLECALL_ENDPOINT_URL", &of_the_simulation), ("ROLECALL_ENDPOINT_URL", &nobody)]
    {
        for arguments in [&["discover"][..], &["--help"], &["discover", "--simulate"]] {
            let arguments = [arguments, &LOUD].concat();
            let output = operator.command(&arguments).env(variable, url).output().unwrap();
            let exit = if arguments[0] == "--help" { 0 } else { 2 };
            operator.keep(exit, &arguments, output);
        }
    }
    let mut typed = operator.command(&["discover", "--endpoint-url", &nobody]);
    operator.keep(2, &["discover --endpoint-url"], typed.output().unwrap());
    for variables in [&["AWS_ENDPOINT_URL"][..], &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]] {
        let arguments = [&["discover"][..], &LOUD].concat();
        let mut command = operator.command(&arguments);
        command.env_remove("ROLECALL_ENDPOINT_URL").env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        command.envs(variables.iter().map(|variable| (variable, &nobody)));
        operator.keep(2, &arguments, command.output().unwrap());
    }
    operator.search();
}
