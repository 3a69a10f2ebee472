//! The stories in `examples/`, each run on its own organization.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::{Simulation, Workplace, administrator, repository};

#[test]
fn every_example_ends_as_specified() {
    let mut stories = 0;
    for entry in std::fs::read_dir(repository().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let config = folder.join("rollout.yaml").display().to_string();
        let simulate = format!("--simulate={}", folder.join("organization.yaml").display());
        let run = Workplace::new().run(&["apply", &config, &simulate, "--yes"]).ends_with(0);
        assert!(run.result.contains("AS SPECIFIED"), "{}", run.result);
        stories += 1;
    }
    assert!(stories > 0);
}

#[test]
fn the_vendors_template_reaches_every_open_account_but_the_collectors() {
    let folder = repository().join("examples/vendor-template");
    let config = folder.join("rollout.yaml").display().to_string();
    let simulate = format!("--simulate={}", folder.join("organization.yaml").display());
    let run = Workplace::new().run(&["apply", &config, &simulate, "--yes", "--output", "json"]).ends_with(0);
    for (id, account) in run.accounts() {
        let expected =
            if ["333300000002", "333300000005"].contains(&id.as_str()) { "not_asked" } else { "verified" };
        assert_eq!(account["verification"]["conclusion"], expected, "{account}");
    }
}

/// What is told of how several machines share the work, on one rolled-out organization.
struct Distributed {
    workplace: Workplace,
    simulation: Simulation,
}

const SPOILT: &str = "444400000005";

impl Distributed {
    fn rolled_out() -> Distributed {
        let (workplace, folder) = (Workplace::new(), repository().join("examples/distributed"));
        for place in ["rollout.yaml", "config/rollout.yaml"] {
            std::fs::copy(folder.join("rollout.yaml"), workplace.path(place)).unwrap();
        }
        let organization = folder.join("organization.yaml").display().to_string();
        let simulation = Simulation::start(&workplace, &["--organization", &organization]);
        let story = Distributed { workplace, simulation };
        story.run("rolecall apply rollout.yaml --yes", &[], 0);
        // That ledger is of no shard.
        std::fs::remove_dir_all(story.workplace.path(".rolecall")).unwrap();
        story
    }

    /// Runs a command of a file as the engine does, with nothing put in but what the engine gives.
    #[track_caller]
    fn run(&self, script: &str, environment: &[(&str, &str)], exit: i32) -> String {
        let mut command = Command::new("/bin/sh");
        // GitHub Actions runs its steps with `-e`; Kubernetes runs what it is told.
        command.arg(if script.contains("code=$?") { "-c" } else { "-ec" }).arg(script);
        let binary = Path::new(env!("CARGO_BIN_EXE_rolecall")).parent().unwrap();
        command.current_dir(self.workplace.path(".")).env_clear();
        command.env("PATH", format!("{}:/usr/bin:/bin", binary.display()));
        command.env("HOME", self.workplace.path(".")).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", administrator("444400000001")).env("AWS_SECRET_ACCESS_KEY", "any");
        command.env("ROLECALL_ENDPOINT_URL", &self.simulation.url).env("VENDOR_EXTERNAL_ID", "planted");
        command.envs(environment.iter().copied());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(exit), "{script}\n{stdout}\n{stderr}");
        stdout
    }

    /// Lets verification find something.
    fn spoil(&self) {
        let widened = "Action=AttachRolePolicy&Version=2010-05-08&RoleName=VendorAudit&\
                       PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";
        self.simulation.call(SPOILT, "iam", widened);
    }
}

/// The documents of a file of the example.
fn documents(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(repository().join("examples/distributed").join(name)).unwrap();
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect()
}

/// The Job of a file, and the script of its one container.
fn job(name: &str) -> (Value, String) {
    let job = documents(name).into_iter().find(|document| document["kind"] == "Job").unwrap();
    assert_eq!(job["apiVersion"], "batch/v1");
    assert!(job["metadata"]["name"].is_string());
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Never", "a Job takes Never or OnFailure");
    let [container] = pod["containers"].as_array().unwrap().as_slice() else { panic!("{pod}") };
    assert!(container["name"].is_string() && container["image"].is_string());
    assert_eq!(container["command"], serde_json::json!(["/bin/sh", "-c"]));
    let volumes: Vec<&Value> =
        pod["volumes"].as_array().unwrap().iter().map(|volume| &volume["name"]).collect();
    for mount in container["volumeMounts"].as_array().unwrap() {
        assert!(volumes.contains(&&mount["name"]), "{mount}");
        let inside =
            mount["mountPath"].as_str().unwrap().strip_prefix(container["workingDir"].as_str().unwrap());
        assert!(
            ["/config", "/.rolecall"].contains(&inside.unwrap()),
            "the script names its files below: {mount}"
        );
    }
    let script = container["args"][0].as_str().unwrap().to_owned();
    (job, script)
}

#[test]
fn the_indexed_job_of_kubernetes_verifies_every_account_once_and_merging_judges() {
    let story = Distributed::rolled_out();
    story.spoil();
    let (shards, script) = job("kubernetes-shards.yaml");
    let spec = &shards["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    assert_eq!(spec["completions"], 3);
    assert_eq!(spec["parallelism"], spec["completions"]);
    let environment = spec["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let number = environment.iter().find(|variable| variable["name"] == "SHARDS").unwrap()["value"].as_str();
    assert_eq!(number.unwrap(), spec["completions"].to_string());
    assert!(environment.iter().any(|variable| variable["name"] == "VENDOR_EXTERNAL_ID"));
    for index in ["0", "1", "2"] {
        // What a shard finds is no reason to try it again.
        story.run(&script, &[("JOB_COMPLETION_INDEX", index), ("SHARDS", number.unwrap())], 0);
    }
    // A pod that could not begin is.
    let broken = [("JOB_COMPLETION_INDEX", "7"), ("SHARDS", number.unwrap())];
    story.run(&script, &broken, 2);
    let (_, merge) = job("kubernetes-merge.yaml");
    let report = story.run(&merge, &[], 3);
    let expected = "10 accounts: 8 targeted, 2 not targeted\n  deployment: none\n  verification: 7 verified, 1 with findings";
    assert!(report.contains("joined from 3 shards") && report.contains(expected), "{report}");
}

#[test]
fn the_matrix_of_github_actions_verifies_every_account_once_and_the_merge_job_fails_when_something_is_found()
{
    let story = Distributed::rolled_out();
    let [workflow] = documents("github-actions.yaml").try_into().unwrap();
    let (shard, merge) = (&workflow["jobs"]["shard"], &workflow["jobs"]["merge"]);
    let step = |job: &Value, of: &str| {
        let steps = job["steps"].as_array().unwrap();
        let found = steps.iter().find(|step| {
            step["name"] == of || step["uses"].as_str().is_some_and(|uses| uses.starts_with(of))
        });
        found.unwrap_or_else(|| panic!("there is no step {of}: {job}")).clone()
    };
    let numbers = shard["strategy"]["matrix"]["shard"].as_array().unwrap();
    assert_eq!(shard["strategy"]["fail-fast"], false);
    assert_eq!((&merge["needs"], &merge["if"]), (&"shard".into(), &"${{ !cancelled() }}".into()));
    let (upload, download) =
        (step(shard, "actions/upload-artifact"), step(merge, "actions/download-artifact"));
    assert_eq!((&upload["if"], &upload["with"]["include-hidden-files"]), (&"always()".into(), &true.into()));
    let round = |exits: i32| {
        let ledgers = story.workplace.path(download["with"]["path"].as_str().unwrap());
        let _ = std::fs::remove_dir_all(&ledgers);
        std::fs::create_dir(&ledgers).unwrap();
        for number in numbers {
            let script = step(shard, "Verify")["run"].as_str().unwrap().to_owned();
            let script = script.replace("${{ matrix.shard }}", &number.to_string());
            let script = script.replace("${{ strategy.job-total }}", &numbers.len().to_string());
            assert!(!script.contains("${{"), "{script}");
            story.run(&format!("{script} || test $? = {exits}"), &[], 0);
            // What the artifact brings from one machine to the other.
            let uploaded = story.workplace.path(upload["with"]["path"].as_str().unwrap());
            for ledger in std::fs::read_dir(&uploaded).unwrap() {
                let ledger = ledger.unwrap();
                std::fs::rename(ledger.path(), ledgers.join(ledger.file_name())).unwrap();
            }
        }
        story.run(step(merge, "Merge")["run"].as_str().unwrap(), &[], exits)
    };
    assert!(round(0).contains("AS SPECIFIED\n  10 accounts: 8 targeted"));
    story.spoil();
    assert!(round(3).contains(SPOILT));
}
