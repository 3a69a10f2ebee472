"""Starts and stops the servers that the peers drive, and the rolecall binary itself."""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ROLECALL = os.environ.get("ROLECALL_BIN", str(REPOSITORY / "target" / "debug" / "rolecall"))
# A server that does not answer within this time is broken: the slowest of them, moto, takes about 4 seconds.
START_PATIENCE = 60


def free_port():
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, port, ready_path="/", environment=None):
    """Runs a server until the block is left; enters the block when the server answers HTTP."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**clean_environment(), **(environment or {})},
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        try:
            _wait_until_ready(process, f"http://127.0.0.1:{port}{ready_path}", log)
            yield process
        finally:
            # The whole session: some of these servers start workers of their own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _die_with_parent():
    """On Linux the kernel ends the server when the tests are killed and can no longer do so themselves."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _wait_until_ready(process, url, log):
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    log.seek(0)
    raise RuntimeError(f"{process.args} does not answer at {url}; it said:\n{log.read().decode(errors='replace')}")


def clean_environment():
    """The environment without anything that would lead a client to a real AWS account or a proxy."""
    hidden = ("AWS_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    nowhere = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {**environment, **nowhere}


def credentials_environment(access_key, secret="simulator", token=None):
    """The environment variables that give a program these credentials in us-east-1."""
    variables = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1"}
    if token:
        variables["AWS_SESSION_TOKEN"] = token
    return {**variables, "AWS_DEFAULT_REGION": "us-east-1"}


def rolecall(*arguments, access_key, secret="simulator", directory, environment=None):
    """Runs rolecall to its end and gives the finished process, with what it wrote as text."""
    return subprocess.run(
        [ROLECALL, *arguments],
        cwd=directory,
        env={**clean_environment(), **credentials_environment(access_key, secret), **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


def rolecall_json(*arguments, expected_statuses=(0,), **keywords):
    """Runs rolecall with `--output json` and gives the document that it printed."""
    finished = rolecall(*arguments, "--output", "json", **keywords)
    told = f"exit {finished.returncode}\n{finished.stdout}\n{finished.stderr}"
    assert finished.returncode in expected_statuses, told
    return json.loads(finished.stdout)


def conclusions(report):
    """The conclusion about every account of a report, by account."""
    assert report["schema"] == "rolecall.report/1"
    return {account["id"]: account["verification"]["conclusion"] for account in report["accounts"]}


def checks(report, account):
    """The checks made in one account: outcome and evidence by the check's name."""
    entry = next(entry for entry in report["accounts"] if entry["id"] == account)
    return {check["check"]: (check["outcome"], check["evidence"]) for check in entry["verification"]["checks"]}


def missing_rollout_tags(report, account):
    """The tags by which rolecall knows its own roles, and which a role made by hand lacks: as its report names them."""
    _, evidence = checks(report, account)["role_equals_specification"]
    found = (re.fullmatch(r"tag `(rolecall:\w+)` = `([^`]+)` is missing", line) for line in evidence)
    return [{"Key": match.group(1), "Value": match.group(2)} for match in found if match]
