//! In what situation a document's commands are run. A comment above a block says it, in these words, apart by
//! semicolons; without a word it is the reference organization, nothing rolled out.

use std::process::Command;

use crate::program::{MANAGEMENT, Run, Simulation, Workplace, repository};

/// Where the commands of one block are run, one after another.
pub(super) struct Situation {
    workplace: Workplace,
    simulation: Simulation,
    /// Whose administrator an `aws` command is run by.
    aws_account: String,
    /// How the last command ends; those before it end with 0.
    pub(super) exit: i32,
}

impl Situation {
    pub(super) fn of(comment: &str) -> Situation {
        let words: Vec<&str> = comment.split(';').map(str::trim).filter(|word| !word.is_empty()).collect();
        let workplace = Workplace::new();
        copy_examples(&workplace);
        if words.contains(&"trusted access is off") {
            let access = ["stacksets_trusted_access: true", "stacksets_trusted_access: false"];
            workplace.edit("config/organization.yaml", access[0], access[1]);
        }
        // Slow enough that sessions last on a busy machine: many situations are come to at a time.
        let organization = ["--organization", "config/organization.yaml"];
        let simulation = Simulation::start_at("50", &workplace, &organization);
        let mut situation = Situation { workplace, simulation, aws_account: MANAGEMENT.to_owned(), exit: 0 };
        for word in words {
            situation.comes_to(word);
        }
        situation
    }

    fn comes_to(&mut self, word: &str) {
        match word {
            "trusted access is off" => {}
            "rolled out" => {
                let apply = ["apply", "config/rollout.yaml", "--yes"];
                self.workplace.run_as(MANAGEMENT, &self.simulation, &apply).ends_with(0);
            }
            "a longer session is asked for" => {
                self.workplace.edit("config/rollout.yaml", "max_session: 1h", "max_session: 2h");
            }
            "verified again with a finding" => {
                let attach = "Action=AttachRolePolicy&Version=2010-05-08&RoleName=CadoResponse\
                              &PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";
                self.simulation.call("222200003103", "iam", attach);
                let verify = ["verify", "config/rollout.yaml"];
                self.workplace.run_as(MANAGEMENT, &self.simulation, &verify).ends_with(3);
            }
            "no ledger is there" => {
                std::fs::remove_dir_all(self.workplace.path(".rolecall")).unwrap();
            }
            "self-managed" => {
                let models = ["permission_model: service-managed", "permission_model: self-managed"];
                self.workplace.edit("config/rollout.yaml", models[0], models[1]);
                let automatic = "  auto_deployment: { enabled: false }";
                self.workplace.edit("config/rollout.yaml", automatic, "  #");
            }
            "a key is misspelt" => {
                self.workplace.edit("config/rollout.yaml", "max_session: 1h", "max_sesion: 1h");
            }
            "the name is taken in shop-web-prod" => {
                self.simulation.create_role("222200003101", "CadoResponse");
            }
            "the role is deleted in shop-web-prod" => self.delete_the_stack("222200003101"),
            _ => match (word.strip_prefix("ends with "), word.strip_prefix("aws in ")) {
                (Some(exit), _) => self.exit = exit.parse().unwrap(),
                (_, Some(account)) => account.clone_into(&mut self.aws_account),
                _ => panic!("nobody knows how to come to `{word}`"),
            },
        }
    }

    /// As the owner of an account can, who does not know what the stack is for.
    fn delete_the_stack(&self, account: &str) {
        let version = "Version=2010-05-15";
        let stacks =
            self.simulation.call(account, "cloudformation", &format!("Action=DescribeStacks&{version}"));
        let name = stacks.split_once("<StackName>").and_then(|(_, rest)| rest.split_once('<')).unwrap().0;
        let delete = format!("Action=DeleteStack&{version}&StackName={name}");
        self.simulation.call(account, "cloudformation", &delete);
        self.simulation.advance(120);
    }

    /// What a terminal would show of a command, and its exit code.
    pub(super) fn run(&self, command: &str) -> (String, i32) {
        if let Some(call) = command.strip_prefix("aws ") {
            self.call(call);
            return (String::new(), 0);
        }
        assert!(command.starts_with("rolecall "), "nobody runs `{command}` here");
        let mut shell = self.workplace.shell(&format!("exec 2>&1; {command}"));
        // Where the organization is inside the process, an address would contradict it.
        if !command.contains("--simulate") {
            self.simulation.sign_in_as_administrator(&mut shell);
        }
        let run = Run::of(shell.output().unwrap());
        (run.result, run.exit)
    }

    /// A command of the AWS CLI, as the call that it makes: every word of both has the same order.
    fn call(&self, command: &str) {
        let mut words = command.split(' ');
        let (service, operation) = (words.next().unwrap(), pascal(words.next().unwrap()));
        assert_eq!(service, "iam", "another service has another version");
        let mut form = format!("Action={operation}&Version=2010-05-08");
        while let (Some(option), Some(value)) = (words.next(), words.next()) {
            form.push_str(&format!("&{}={value}", pascal(option.trim_start_matches('-'))));
        }
        self.simulation.call(&self.aws_account, service, &form);
    }
}

fn pascal(kebab: &str) -> String {
    kebab.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The stories are told with their paths in the repository.
fn copy_examples(workplace: &Workplace) {
    let examples = Command::new("cp")
        .arg("-r")
        .args(["examples", "templates"].map(|folder| repository().join(folder)))
        .arg(workplace.path(""))
        .status();
    assert!(examples.unwrap().success());
}
