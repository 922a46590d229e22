"""The page's files: what was vendored is what was published, and nothing needs a build."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kpi_pipeline.dashboard.app import STATIC

SCRIPTS = STATIC / "js"
PLOT = {"plot"}
"""Waits for the first chart that is drawn: it is as large as all others together."""


def _needed(module: str) -> set[str]:
    """The modules that one cannot run without, itself included."""
    found, left = set[str](), {module}
    while left:
        found |= left
        texts = [(SCRIPTS / f"{name}.js").read_text() for name in left]
        left = {name for text in texts for name in re.findall(r'from "\./(\w+)\.js"', text)} - found
    return found


def _preloaded(html: str) -> set[str]:
    return set(re.findall(r'"modulepreload" href="/static/js/(\w+)\.js"', html))


def test_vendored_files_are_what_the_manifest_says() -> None:
    vendor = STATIC / "vendor"
    manifest = json.loads((vendor / "manifest.json").read_text())
    listed = {name: sha for package in manifest for name, sha in package["files"].items()}

    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.iterdir()
        if path.name != "manifest.json"
    }

    assert listed == found


def test_modules_are_asked_for_at_once_those_that_numbers_need_before_all_others() -> None:
    html = (STATIC / "index.html").read_text()
    first, later = re.split(r"<template id=.later.>", html)
    numbers = _needed("main")

    assert _preloaded(first) == numbers - set(re.findall(r'src="/static/js/(\w+)\.js"', first))
    assert _preloaded(later) == _needed("around") - numbers
    assert numbers | _needed("around") | PLOT == {path.stem for path in SCRIPTS.glob("*.js")}


def test_no_file_names_another_host_or_holds_what_the_policy_forbids() -> None:
    html = (STATIC / "index.html").read_text()
    texts = [path.read_text() for kind in ("js", "css") for path in (STATIC / kind).iterdir()]

    assert not re.search(r"<script(?! type=\"module\"( async)? src)|\son\w+=|\sstyle=", html)
    for text in [html, *texts]:
        assert set(re.findall(r"https?://[\w./]+", text)) <= {"http://www.w3.org/2000/svg"}
        assert "innerHTML" not in text


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here; it comes with npm")
def test_modules_are_sound_and_pure_ones_do_as_they_say() -> None:
    ran = subprocess.run(
        [
            "node",
            "--experimental-vm-modules",
            str(Path(__file__).parent / "pure.mjs"),
            STATIC.as_uri(),
        ],
        env={**os.environ, "LC_ALL": "en_US.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
