"""The report files of one run, read by programs that nobody here wrote: a green run, and one with failures and a name that would do harm."""

import csv
import json
import re
import shutil

import jsonschema
import junitparser
import pytest
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

import published
import servers

FILES = (
    "run.json",
    "run.jsonl",
    "junit.xml",
    "findings.sarif",
    "pr.md",
    "step-summary.md",
    "accounts.csv",
    "rolecall.prom",
)
# AWS takes any printable ASCII in the name of an account.
HOSTILE = "=1+1|`[x](http://e.co)<script>@all"
# One account of those that the reference configuration targets.
RENAMED = "222200003103"
SEVERITIES = ("error", "warning")


class Reports:
    """The files that a command wrote, and how it ended."""

    def __init__(self, directory, *arguments):
        self.directory = directory
        reports = [argument for name in FILES for argument in ("--report", name)]
        self.finished = servers.rolecall(*arguments, *reports, access_key="", directory=directory)

    def text(self, name):
        return (self.directory / name).read_text(encoding="utf-8")

    def json(self):
        return json.loads(self.text("run.json"))

    def accounts(self):
        return {account["id"]: account for account in self.json()["accounts"]}

    def rows(self):
        with open(self.directory / "accounts.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    def lines(self):
        return [json.loads(line) for line in self.text("run.jsonl").splitlines()]

    def suites(self):
        return list(junitparser.JUnitXml.fromfile(str(self.directory / "junit.xml")))

    def sarif(self):
        (run,) = json.loads(self.text("findings.sarif"))["runs"]
        return run

    def metrics(self):
        samples = [
            sample for family in text_string_to_metric_families(self.text("rolecall.prom")) for sample in family.samples
        ]
        assert all(sample.timestamp is None for sample in samples)
        return samples


def workplace(directory):
    shutil.copytree(servers.REPOSITORY / "config", directory / "config")
    return directory


@pytest.fixture(scope="module")
def green(tmp_path_factory):
    directory = workplace(tmp_path_factory.mktemp("green"))
    return Reports(directory, "apply", "config/rollout.yaml", "--simulate", "--yes")


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    directory = workplace(tmp_path_factory.mktemp("failed"))
    organization = directory / "config" / "organization.yaml"
    text = organization.read_text(encoding="utf-8")
    assert "payments-prod" in text
    organization.write_text(text.replace("payments-prod", f"'{HOSTILE}'"), encoding="utf-8")
    return Reports(directory, "rehearse", "config/rollout.yaml", "--simulate=config/organization.yaml", "--fail", "5%")


@pytest.fixture(params=["green", "failed"])
def reports(request):
    return request.getfixturevalue(request.param)


def test_the_runs_end_as_they_are_meant_to(green, failed):
    assert green.finished.returncode == 0, green.finished.stderr
    assert failed.finished.returncode == 1, failed.finished.stderr
    assert failed.accounts()[RENAMED]["name"] == HOSTILE


def test_junit_has_a_case_for_every_account_and_none_passes_that_was_not_verified(reports):
    accounts = reports.accounts()
    results = {case.name[:12]: case for suite in reports.suites() for case in suite}
    assert set(results) == set(accounts)
    for id, case in results.items():
        conclusion = accounts[id]["verification"]["conclusion"]
        assert case.is_passed == (conclusion == "verified"), (id, conclusion)
        assert case.is_skipped == (conclusion == "not_asked"), (id, conclusion)
        assert f"verification: {conclusion}" in case.system_out
    for suite in reports.suites():
        cases = list(suite)
        counted = (suite.tests, suite.skipped, suite.failures + suite.errors)
        unhappy = [case for case in cases if not case.is_passed and not case.is_skipped]
        assert counted == (len(cases), sum(case.is_skipped for case in cases), len(unhappy))


def test_a_failure_in_junit_has_cause_evidence_and_remedy(failed):
    accounts = failed.accounts()
    failures = [(case.name[:12], result) for suite in failed.suites() for case in suite for result in case.result]
    failures = [(id, result) for id, result in failures if isinstance(result, junitparser.Failure)]
    assert failures
    for id, failure in failures:
        assert failure.type == accounts[id]["cause"]
        assert accounts[id]["deployment"]["reason"] in failure.text


def test_sarif_has_a_result_for_every_account_that_is_not_as_specified(reports):
    run = reports.sarif()
    accounts = reports.accounts()
    troubled = {
        id
        for id, account in accounts.items()
        if account["cause"] or account["verification"]["conclusion"] not in ("verified", "not_asked")
    }
    assert {result["properties"]["account"] for result in run["results"]} == troubled
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in SEVERITIES
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "rollout.yaml"
        assert "](" not in result["message"]["text"]
    fingerprints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)
    assert run["invocations"][0]["exitCode"] == reports.finished.returncode


def test_junit_fits_the_schema_of_jenkins(reports):
    published.junit().validate(reports.text("junit.xml"))


def test_sarif_fits_the_schema_of_oasis(reports):
    jsonschema.Draft7Validator(published.sarif()).validate(json.loads(reports.text("findings.sarif")))


def test_csv_has_a_row_for_every_account_and_no_formula(reports):
    rows = reports.rows()
    assert [row["account_id"] for row in rows] == [account["id"] for account in reports.json()["accounts"]]
    accounts = reports.accounts()
    for row in rows:
        assert re.fullmatch(r"[0-9]{12}", row["account_id"])
        assert row["account"].replace("-", "") == row["account_id"] and not row["account"].isdigit()
        assert row["verification"] == accounts[row["account_id"]]["verification"]["conclusion"]
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


def test_a_formula_stays_a_name(failed):
    (name,) = (row["name"] for row in failed.rows() if row["account_id"] == RENAMED)
    assert name == "'" + HOSTILE


def test_the_lines_begin_with_the_run_and_end_with_the_exit_code(reports):
    first, *accounts, last = reports.lines()
    assert (first["line"], first["schema"], first["run"]) == ("run", "rolecall.report-lines/1", reports.json()["run"])
    assert [account.pop("line") for account in accounts] == ["account"] * len(accounts)
    assert accounts == reports.json()["accounts"]
    assert (last["line"], last["exit_code"]) == ("summary", reports.finished.returncode)
    assert last["summary"] == reports.json()["summary"]


@pytest.mark.parametrize("of", ["report", "report-lines"])
def test_json_fits_the_schema_that_is_printed_and_kept(reports, of):
    printed = servers.rolecall("schema", of, access_key="", directory=reports.directory).stdout
    kept = servers.REPOSITORY / "config" / "schemas" / f"rolecall.{of}-1.schema.json"
    assert printed == kept.read_text(encoding="utf-8")
    documents = reports.lines() if of == "report-lines" else [reports.json()]
    validator = jsonschema.Draft202012Validator(json.loads(printed))
    assert [error.message for document in documents for error in validator.iter_errors(document)] == []


def test_prometheus_reads_the_numbers_of_the_run(reports):
    metrics = reports.metrics()
    summary = reports.json()["summary"]
    value = {(sample.name, *sorted(sample.labels.items())): sample.value for sample in metrics}
    rollout = ("rollout", reports.json()["rollout"])
    assert value["rolecall_run_exit_code", rollout] == reports.finished.returncode
    assert value["rolecall_verifications", ("conclusion", "verified"), rollout] == summary["verified"]
    accounts = [sample.value for sample in metrics if sample.name == "rolecall_accounts"]
    assert sum(accounts) == summary["accounts"]


@pytest.mark.parametrize("name", ["pr.md", "step-summary.md"])
def test_markdown_shows_the_failing_accounts_and_nothing_in_it_acts(reports, name):
    text = reports.text(name)
    assert len(text) <= 65_536
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    flat = [token for top in tokens for token in (top, *(top.children or ()))]
    assert not [token for token in flat if token.type in ("link_open", "image", "html_inline", "fence", "code_block")]
    html = [token.content for token in flat if token.type == "html_block"]
    assert all(re.fullmatch(r"(</?details>|<summary>[a-z0-9, ]+</summary>|\s)*", block) for block in html), html
    spans = [token.content for token in flat if token.type == "code_inline"]
    accounts = reports.accounts()
    for id, account in accounts.items():
        targeted = account["verification"]["conclusion"] != "not_asked"
        assert (id in spans) == targeted, id
        if targeted:
            assert account["name"].replace("|", "\\u{7c}") in spans, account["name"]
    # GitHub looks for mentions outside code alone.
    outside = "".join(token.content for token in flat if token.type == "text")
    assert "@" not in outside and "http" not in outside


def test_a_run_that_is_shown_twice_is_the_same_to_the_byte(green):
    before = {name: green.text(name) for name in FILES}
    again = Reports(green.directory, "report", "latest")
    assert again.finished.returncode == 0, again.finished.stderr
    assert {name: again.text(name) for name in FILES} == before


def test_times_are_rfc_3339_in_utc(reports):
    time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
    document = reports.json()
    times = [document["started_at"], document["finished_at"], *(suite.timestamp for suite in reports.suites())]
    times += [row[column] for row in reports.rows() for column in ("run_started_at", "run_finished_at")]
    invocation = reports.sarif()["invocations"][0]
    times += [invocation["startTimeUtc"], invocation["endTimeUtc"]]
    assert [text for text in times if not time.fullmatch(text)] == []
