"""cfn-lint, AWS's own linter, on every template that is shipped and on the one that rolecall deploys."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

import servers
from simulator import FIRST_ACCOUNT, access_key, simulated

CFN_LINT = str(pathlib.Path(sys.executable).parent / "cfn-lint")
SHIPPED = sorted(p for p in (servers.REPOSITORY / "templates").glob("**/*") if p.suffix in (".yaml", ".yml", ".json"))


def lint(template):
    """Fails with the linter's own words. Without a Region it would take the template for every Region's."""
    command = [CFN_LINT, "--regions", "us-east-1", "--template", str(template)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, env=servers.clean_environment())
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_there_are_templates():
    assert SHIPPED


@pytest.mark.parametrize("template", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_template_is_without_fault(template):
    lint(template)


@pytest.mark.parametrize("which", ["administration", "execution"])
@pytest.mark.parametrize("region", ["us-east-1", "ap-east-1"])
def test_a_printed_prerequisite_is_without_fault(tmp_path, which, region):
    """ap-east-1 is an opt-in Region, whose CloudFormation has a principal of its own (aws-facts A1)."""
    text = (servers.REPOSITORY / "config" / "rollout.yaml").read_text()
    by_hand = "permission_model: self-managed\n  administration_role: arn:aws:iam::111122223333:role/ops/Administrator"
    text = text.replace("permission_model: service-managed", by_hand).replace("us-east-1", region)
    configuration = tmp_path / "rollout.yaml"
    configuration.write_text(re.sub("  auto_deployment:.*\n", "", text))
    (tmp_path / "policies").symlink_to(servers.REPOSITORY / "config" / "policies")
    key = access_key(FIRST_ACCOUNT)
    finished = servers.rolecall("prerequisites", which, str(configuration), access_key=key, directory=tmp_path)
    assert finished.returncode == 0, finished.stderr
    of_the_region = f"cloudformation.amazonaws.com,cloudformation.{region}.amazonaws.com"
    assert (of_the_region in finished.stdout) == (which == "administration" and region == "ap-east-1")
    template = tmp_path / "printed.yaml"
    template.write_text(finished.stdout)
    lint(template)


def test_the_deployed_template_is_without_fault(tmp_path):
    """Rolls the reference configuration out over the reference organization and takes the StackSet's template."""
    with simulated(servers.REPOSITORY / "config" / "organization.yaml", speed=120) as simulator:
        configuration = str(servers.REPOSITORY / "config" / "rollout.yaml")
        finished = servers.rolecall(
            "apply",
            configuration,
            "--yes",
            "--endpoint-url",
            simulator.url,
            access_key=access_key(FIRST_ACCOUNT),
            directory=tmp_path,
            environment={"CADO_EXTERNAL_ID": "peer-external-id"},
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        api = simulator.client("cloudformation")
        (summary,) = api.list_stack_sets(Status="ACTIVE")["Summaries"]
        body = api.describe_stack_set(StackSetName=summary["StackSetName"])["StackSet"]["TemplateBody"]
    template = tmp_path / "deployed.json"
    template.write_text(body)
    assert json.loads(body)["Resources"]
    lint(template)
