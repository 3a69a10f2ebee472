"""Schemas that others have published, from packages that carry them: none is kept here, and none is written by us."""

import json
import os
import pathlib
import subprocess
import tarfile

import xmlschema

MANIFEST = pathlib.Path(__file__).parent / "published" / "Cargo.toml"


def sarif():
    """SARIF 2.1.0, by OASIS; a crate carries it."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--manifest-path", str(MANIFEST)]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    (crate,) = [package for package in metadata["packages"] if package["name"] == "serde-sarif"]
    schema = pathlib.Path(crate["manifest_path"]).parent / "src" / "schema.json"
    return json.loads(schema.read_text(encoding="utf-8"))


def junit():
    """What the xUnit plugin of Jenkins takes; the source archive of pytest carries it, for its own tests."""
    (archive,) = pathlib.Path(os.environ["PUBLISHED_ARCHIVES"]).glob("pytest-*.tar.gz")
    with tarfile.open(archive) as archive:
        (name,) = [name for name in archive.getnames() if name.endswith("/junit-10.xsd")]
        return xmlschema.XMLSchema10(archive.extractfile(name).read().decode("utf-8"))
