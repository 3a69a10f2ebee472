//! Runs the binary, and the simulation that it talks to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A working directory with a copy of the reference configuration, so that ledgers and edits stay in it.
pub(crate) struct Workplace {
    directory: TempDir,
}

/// What a run printed and how it ended.
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) result: String,
    pub(crate) story: String,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config");
        std::fs::create_dir_all(config.join("policies")).unwrap();
        for file in ["rollout.yaml", "organization.yaml", "policies/collect.json"] {
            std::fs::copy(repository().join("config").join(file), config.join(file)).unwrap();
        }
        Workplace { directory }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Replaces text in a file of the workplace; the text has to be there.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {name}");
        self.write(name, &text.replace(from, to));
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The binary with no credentials, no terminal and nothing of the caller's AWS set-up.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        command.args(arguments).current_dir(self.directory.path()).stdin(Stdio::null()).env_clear();
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", self.directory.path());
        command
    }

    /// A shell in the workplace, to which the binary is `rolecall`.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let binaries = Path::new(env!("CARGO_BIN_EXE_rolecall")).parent().unwrap();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).current_dir(self.directory.path()).stdin(Stdio::null()).env_clear();
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", self.directory.path());
        command.env("PATH", format!("{}:/usr/bin:/bin", binaries.display()));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs as the administrator of `account` against a served simulation.
    pub(crate) fn run_as(&self, account: &str, simulation: &Simulation, arguments: &[&str]) -> Run {
        self.run_with_key(&administrator(account), simulation, arguments)
    }

    /// Runs as whoever the access key belongs to.
    pub(crate) fn run_with_key(&self, key: &str, simulation: &Simulation, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        simulation.sign_in(&mut command, key);
        Run::of(command.output().unwrap())
    }

    /// Begins a run as the administrator of the management account, to be watched and interrupted.
    pub(crate) fn begin(&self, simulation: &Simulation, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        simulation.sign_in(&mut command, &administrator(MANAGEMENT));
        self.watch(command)
    }

    /// The same as whoever the access key belongs to.
    pub(crate) fn begin_with_key(&self, key: &str, simulation: &Simulation, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        simulation.sign_in(&mut command, key);
        self.watch(command)
    }

    /// Begins a run without AWS and without credentials, to be watched and interrupted.
    pub(crate) fn begin_alone(&self, arguments: &[&str]) -> Running {
        self.watch(self.command(arguments))
    }

    /// Begins a run that believes to be at a terminal, where somebody may type.
    pub(crate) fn begin_at_a_terminal(&self, simulation: &Simulation, arguments: &[&str]) -> Running {
        let mut command = self.at_a_terminal(arguments);
        simulation.sign_in(&mut command, &administrator(MANAGEMENT));
        self.watch(command)
    }

    /// The same without AWS and without credentials.
    pub(crate) fn begin_alone_at_a_terminal(&self, arguments: &[&str]) -> Running {
        self.watch(self.at_a_terminal(arguments))
    }

    /// The arguments are read by a shell.
    fn at_a_terminal(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_rolecall");
        let program = format!("stty rows 40 cols 120; exec {program} {}", arguments.join(" "));
        let mut command = self.command(&[]);
        let environment: Vec<_> =
            command.get_envs().map(|(key, value)| (key.to_owned(), value.unwrap().to_owned())).collect();
        command = Command::new("script");
        command.args(["-qefc", &program, "/dev/null"]).current_dir(self.directory.path()).env_clear();
        command.envs(environment).env("TERM", "xterm-256color").stdin(Stdio::piped());
        command
    }

    fn watch(&self, mut command: Command) -> Running {
        let (result, story) = (self.path("result"), self.path("story"));
        let file = |path| std::fs::File::create(path).unwrap();
        let child = command.stdout(file(&result)).stderr(file(&story)).spawn().unwrap();
        Running { child, result, story }
    }
}

/// A run that is not over.
pub(crate) struct Running {
    child: Child,
    result: PathBuf,
    story: PathBuf,
}

impl Running {
    /// Sends a signal, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Whether the program has come to its end.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Ends the program as a crash does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Types into the terminal.
    pub(crate) fn types(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Whether this has been printed by now, on whichever side.
    pub(crate) fn has_said(&self, text: &str) -> bool {
        [&self.result, &self.story].iter().any(|path| std::fs::read_to_string(path).unwrap().contains(text))
    }

    /// Whether the program handles Ctrl-C itself by now; Linux tells.
    pub(crate) fn handles_signals(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        let interrupt_and_terminate = 1 << 1 | 1 << 14;
        u64::from_str_radix(caught.trim(), 16).unwrap() & interrupt_and_terminate == interrupt_and_terminate
    }

    /// Waits for the end and meanwhile does this again and again.
    #[track_caller]
    pub(crate) fn wait(mut self, meanwhile: impl Fn()) -> Run {
        let mut status = None;
        wait_until("the program ends", || {
            meanwhile();
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let read = |path| std::fs::read(path).unwrap();
        let (stdout, stderr) = (read(&self.result), read(&self.story));
        Run::of(Output { status: status.unwrap(), stdout, stderr })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "the program had ended already");
}

/// Waits until something holds, for as long as a slow machine may take.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(120), "it never came to this: {what}");
        #[expect(clippy::disallowed_methods, reason = "the program under test is another process")]
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Run {
            // As a shell tells it, when a signal ended the program.
            exit: output.status.code().or_else(|| Some(128 + output.status.signal()?)).unwrap(),
            result: String::from_utf8(output.stdout).unwrap(),
            story: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn ends_with(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "\n--- stdout\n{}\n--- stderr\n{}", self.result, self.story);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let all = format!("{}{}", self.result, self.story);
        assert!(all.contains(text), "`{text}` is not said:\n{all}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.result).unwrap_or_else(|error| panic!("{error}:\n{}", self.result))
    }

    /// The accounts of a JSON report by id.
    pub(crate) fn accounts(&self) -> BTreeMap<String, Value> {
        let accounts = self.json()["accounts"].as_array().unwrap().clone();
        accounts.into_iter().map(|account| (account["id"].as_str().unwrap().to_owned(), account)).collect()
    }
}

/// A served simulation, ended with the test.
pub(crate) struct Simulation {
    child: Child,
    pub(crate) url: String,
}

pub(crate) const MANAGEMENT: &str = "111111111111";

/// The access key of an account's administrator.
pub(crate) fn administrator(account: &str) -> String {
    format!("AKIASIMU{account}")
}

impl Simulation {
    /// Fast enough that virtual minutes pass while a test looks away, and slow enough that sessions last.
    pub(crate) fn start(workplace: &Workplace, arguments: &[&str]) -> Self {
        Self::start_at("200", workplace, arguments)
    }

    /// So slow that nothing ends while a test looks, unless it steps the clock.
    pub(crate) fn slow(workplace: &Workplace) -> Self {
        Self::start_at("0.001", workplace, &["--organization", "config/organization.yaml"])
    }

    pub(crate) fn start_at(speed: &str, workplace: &Workplace, arguments: &[&str]) -> Self {
        let all = [&["simulate", "--port", "0", "--speed", speed], arguments].concat();
        let mut child = workplace.command(&all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Simulation { child, url: url.trim().to_owned() }
    }

    pub(crate) fn of_the_reference_organization(workplace: &Workplace) -> Self {
        Self::start(workplace, &["--organization", "config/organization.yaml"])
    }

    /// Lets a command call as the administrator of the management account.
    pub(crate) fn sign_in_as_administrator(&self, command: &mut Command) {
        self.sign_in(command, &administrator(MANAGEMENT));
    }

    fn sign_in(&self, command: &mut Command, key: &str) {
        command.env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", "any");
        command.env("ROLECALL_ENDPOINT_URL", &self.url).env("CADO_EXTERNAL_ID", EXTERNAL_ID);
    }

    /// How often each operation was called.
    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        serde_json::from_str(&self.http("GET", "/_simulator/calls", "")).unwrap()
    }

    /// How often each operation was refused for coming too fast.
    pub(crate) fn throttled(&self) -> BTreeMap<String, u64> {
        serde_json::from_str(&self.http("GET", "/_simulator/throttled", "")).unwrap()
    }

    /// The accounts that a share of the faults means.
    pub(crate) fn failing_accounts(&self) -> BTreeSet<String> {
        let faults: Value = serde_json::from_str(&self.http("GET", "/_simulator/faults", "")).unwrap();
        let accounts = faults["accounts"][0]["accounts"].as_array().unwrap();
        accounts.iter().map(|account| account.as_str().unwrap().to_owned()).collect()
    }

    /// From now on this goes wrong, too.
    pub(crate) fn add_faults(&self, faults: &Value) {
        let answer = self.http("POST", "/_simulator/faults", &faults.to_string());
        assert!(answer.contains("struck"), "{faults}: {answer}");
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn end_faults(&self) {
        self.http("DELETE", "/_simulator/faults", "");
    }

    /// How many calls wait for an answer that never comes.
    pub(crate) fn held(&self) -> u64 {
        self.http("GET", "/_simulator/held", "").trim().parse().unwrap()
    }

    /// How often each operation was refused because its caller may not do it.
    pub(crate) fn denied(&self) -> BTreeMap<String, u64> {
        serde_json::from_str(&self.http("GET", "/_simulator/denied", "")).unwrap()
    }

    pub(crate) fn forget_calls(&self) {
        self.http("DELETE", "/_simulator/calls", "");
    }

    /// A Query call as the administrator of `account`: what an owner of the account could do by hand.
    #[track_caller]
    pub(crate) fn call(&self, account: &str, service: &str, form: &str) -> String {
        let answer = self.request(
            "POST",
            "/",
            form,
            Some((account, service)),
            "application/x-www-form-urlencoded",
            None,
        );
        assert!(!answer.contains("<Error>"), "{form}: {answer}");
        answer
    }

    /// An Organizations call as the management account.
    #[track_caller]
    pub(crate) fn organizations(&self, operation: &str, input: &Value) -> Value {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        let caller = Some((MANAGEMENT, "organizations"));
        let answer = self.request(
            "POST",
            "/",
            &input.to_string(),
            caller,
            "application/x-amz-json-1.1",
            Some(&target),
        );
        let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        assert!(answer.get("__type").is_none(), "{operation}: {answer}");
        answer
    }

    /// Makes a role that a service may enter, as the owner of the account could.
    pub(crate) fn create_role(&self, account: &str, name: &str) {
        let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
                     %22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C\
                     %22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
        let form =
            format!("Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument={trust}");
        self.call(account, "iam", &form);
    }

    /// Makes a service control policy, attaches it to an account, and answers its id.
    pub(crate) fn attach_policy(&self, name: &str, document: &Value, target: &str) -> Value {
        let policy = json!({
            "Name": name, "Description": "", "Type": "SERVICE_CONTROL_POLICY",
            "Content": document.to_string(),
        });
        let created = self.organizations("CreatePolicy", &policy);
        let id = created["Policy"]["PolicySummary"]["Id"].clone();
        self.organizations("AttachPolicy", &json!({ "PolicyId": id, "TargetId": target }));
        id
    }

    /// Answers nothing any more, as a network does that is gone.
    pub(crate) fn fall_silent(&self) {
        signal(&self.child, "STOP");
    }

    /// Lets virtual time pass.
    pub(crate) fn advance(&self, seconds: u64) {
        self.http("POST", "/_simulator/advance", &format!(r#"{{"seconds": {seconds}}}"#));
    }

    fn http(&self, method: &str, path: &str, body: &str) -> String {
        self.request(method, path, body, None, "text/plain", None)
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        body: &str,
        caller: Option<(&str, &str)>,
        content_type: &str,
        target: Option<&str>,
    ) -> String {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-type: {content_type}\r\ncontent-length: {}\r\n",
            body.len()
        );
        if let Some((account, service)) = caller {
            head.push_str(&format!(
                "authorization: AWS4-HMAC-SHA256 Credential=AKIASIMU{account}/20261120/us-east-1/{service}/\
                 aws4_request, SignedHeaders=host, Signature=00\r\nx-amz-date: 20261120T000000Z\r\n"
            ));
        }
        if let Some(target) = target {
            head.push_str(&format!("x-amz-target: {target}\r\n"));
        }
        write!(stream, "{head}\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Planted where the configuration asks for an external ID, so that a leak can be searched for.
pub(crate) const EXTERNAL_ID: &str = "planted-external-id-7c1e";

pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// As a value in a form, with every byte escaped that one could misunderstand.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
