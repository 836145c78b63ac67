"""The examples of README.md run as they stand."""
import os
import pathlib
import re
import subprocess

import pytest

README = pathlib.Path(__file__).parents[2] / "README.md"
EXAMPLES = re.findall(r"<!-- test: (\d+) -->\n```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
COMMANDS = [(int(status), command) for status, block in EXAMPLES for command in re.split(r"\n(?=curl )", block.strip())]


def test_there_are_examples():
    assert len(COMMANDS) >= 6


@pytest.mark.parametrize("status,command", COMMANDS, ids=[c[:60] for _, c in COMMANDS])
def test_example_runs(status, command, demo_service):
    done = subprocess.run(["bash", "-c", command.replace("curl -s", "curl -s -o /dev/null -w '%{http_code}'", 1)],
                          env={**os.environ, "URL": demo_service.url}, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == str(status), done.stdout
