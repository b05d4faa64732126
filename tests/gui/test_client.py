"""The GUI's client of the REST API is the one that its document describes."""

import subprocess

from support.program import ROOT


def test_the_types_are_those_of_the_document(gui, tmp_path):
    document = tmp_path / "openapi.json"
    document.write_bytes(gui.page(user=None).request.get("/api/openapi.json").body())
    made = tmp_path / "schema.d.ts"
    subprocess.run([ROOT / "web/node_modules/.bin/openapi-typescript", document, "-o", made], check=True, capture_output=True)
    assert made.read_text() == (ROOT / "web/src/api/schema.d.ts").read_text(), \
        "web/src/api/schema.d.ts is old: npm --prefix web run api -- URL/api/openapi.json -o src/api/schema.d.ts"


def test_the_lock_file_names_no_registry(gui):
    assert '"resolved"' not in (ROOT / "web/package-lock.json").read_text()
