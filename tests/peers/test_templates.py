"""cfn-lint, AWS's own linter, on every template that is shipped and on the one that rolecall deploys."""

import json
import pathlib
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
