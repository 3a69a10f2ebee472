"""The archive that operators are given, of the binary at hand: tar and sha256sum judge it."""

import os
import pathlib
import subprocess
import tarfile

import pytest

import servers

REPOSITORY = servers.REPOSITORY
BINARY = pathlib.Path(os.environ["ROLECALL_BIN"])
AGE = 1_700_000_000


def run(*command, **options):
    finished = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, **options)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The same archive, made in two places by users whose new files are readable by others, and are not."""
    binary = tmp_path_factory.mktemp("stripped") / "rolecall"
    # As a release is; what a debugger needs is most of it.
    run("strip", "-o", binary, BINARY)
    made = []
    for umask in (0o022, 0o077):
        target = tmp_path_factory.mktemp("target")
        environment = os.environ | {"CARGO_TARGET_DIR": str(target), "SOURCE_DATE_EPOCH": str(AGE)}
        run(REPOSITORY / "packaging/build", "--archive", binary, env=environment, umask=umask)
        (archive,) = (target / "packaging/dist").glob("*.tar.gz")
        made.append(archive)
    return made


def test_the_same_commit_gives_the_same_bytes(archives):
    one, other = archives
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()


def test_the_checksum_is_that_of_the_archive(archives):
    checksum = archives[0].name + ".sha256"
    assert run("sha256sum", "--check", checksum, cwd=archives[0].parent).endswith(": OK\n")


def test_nothing_in_it_tells_of_the_machine_that_made_it(archives):
    with tarfile.open(archives[0]) as archive:
        members = archive.getmembers()
    assert {(member.uid, member.gid, member.uname, member.gname, member.mtime) for member in members} == {
        (0, 0, "", "", AGE)
    }
    assert {oct(member.mode) for member in members} == {"0o644", "0o755"}
    assert all(member.isfile() or member.isdir() for member in members)


def test_what_an_operator_unpacks_is_whole_and_runs(archives, tmp_path):
    run("tar", "--extract", "--file", archives[0], "--directory", tmp_path)
    (root,) = tmp_path.iterdir()
    assert root.name == archives[0].name.removesuffix(".tar.gz")
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "docs/README.md", "config/iam/deploy.json", "man/rolecall.1"):
        assert (root / name).stat().st_size > 0, name
    assert len(list((root / "man").iterdir())) > 10
    assert len(list((root / "completions").iterdir())) == 5
    run("bash", "-n", root / "completions/rolecall.bash")
    story = run("./rolecall", "apply", "config/rollout.yaml", "--simulate", "--yes", cwd=root, env={})
    assert "AS SPECIFIED" in story
