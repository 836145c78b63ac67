"""What is delivered beside the program, as far as it can be checked without running it: image, compose file, units,
manifests, the list of packages and the list of components."""
import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from conftest import PROGRAM, TOP, end_program, start_program

DOCKER = TOP / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")


def packages(*groups):
    rows = (line.split() for line in (DOCKER / "packages.txt").read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {name for group, name in rows if group in groups}


def instructions():
    joined = re.sub(r"\\\n", " ", DOCKERFILE)
    return [line.split(None, 1) for line in joined.splitlines() if line and line[0] != "#"]


def options():
    reference = subprocess.run([PROGRAM, "config", "reference"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"`([a-z_]+)`", reference))


def test_everything_that_the_image_copies_is_there():
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            assert all((TOP / source).exists() for source in sources), rest


def test_scripts_of_the_image_are_executable_and_posix():
    for script in ("install-packages.sh", "components.sh", "database-init.sh"):
        path = DOCKER / script
        assert script == "database-init.sh" or os.access(path, os.X_OK)  # that one is read by the shell of the PostGIS image
        assert path.read_text(encoding="utf-8").startswith("#!/bin/sh")
        subprocess.run(["sh", "-n", path], check=True)


def test_the_packages_of_the_image_cover_what_the_program_is_linked_with():
    dynamic = subprocess.run(["readelf", "-d", PROGRAM], capture_output=True, text=True, check=True).stdout
    if "libasan" in dynamic:
        pytest.skip("the sanitized program is not delivered")
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", dynamic))
    paths = dict(re.findall(r"(\S+) => (\S+)", subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout))
    files = {name for library in needed for path in (paths[library], os.path.realpath(paths[library]))
             for name in (path, path.removeprefix("/usr"), "/usr" + path)}
    owners = dict(reversed(line.split(": ")) for line in
                  subprocess.run(["dpkg", "-S", *sorted(files)], capture_output=True, text=True, check=False).stdout.splitlines())
    names = {path.rsplit("/", 1)[1]: owner.split(":")[0] for path, owner in owners.items()}
    for library in needed:
        owner = names.get(library) or names.get(os.path.basename(os.path.realpath(paths[library])))
        assert owner in packages("run") | {"libc6", "libgcc-s1"}, f"{library} of {owner}"


def test_the_image_runs_as_nobody_and_names_options_that_exist():
    rows = instructions()
    assert ["USER", "10001:10001"] in rows
    named = {m.lower() for name, rest in rows if name == "ENV" for m in re.findall(r"BAOCHANG_([A-Z_]+)=", rest)}
    assert named and named <= options()


def test_the_health_check_of_the_image_tells_a_ready_service_from_others(tmp_path):
    check = next(json.loads(rest.split("CMD", 1)[1]) for name, rest in instructions() if name == "HEALTHCHECK")
    program = start_program(tmp_path / "serve.log", "--snapshot=", "--database=host=/nonexistent")
    ask = lambda port: subprocess.run(check, env={**os.environ, "BAOCHANG_PORT": str(port)}, capture_output=True, check=False).returncode  # noqa: E731
    try:
        assert ask(program.port) != 0  # it lives and has no network: not ready
    finally:
        end_program(program)
    assert ask(program.port) != 0


def test_the_health_check_passes_for_a_ready_service(demo_service):
    check = next(json.loads(rest.split("CMD", 1)[1]) for name, rest in instructions() if name == "HEALTHCHECK")
    subprocess.run(check, env={**os.environ, "BAOCHANG_PORT": str(demo_service.port)}, check=True)


def test_the_compose_file_is_consistent():
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    assert set(compose["services"]) == {"database", "prepare", "serve"}
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DOCKER / source).exists(), volume
        named = {key.removeprefix("BAOCHANG_").lower() for key in service["environment"] if key.startswith("BAOCHANG_")}
        assert named - {"db_password"} <= options()
    assert compose["services"]["serve"]["read_only"] and compose["services"]["serve"]["cap_drop"] == ["ALL"]


def test_the_compose_file_is_taken_by_compose():
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the compose client is not here")
    subprocess.run(["docker", "compose", "-f", DOCKER / "compose.yaml", "config", "-q"], check=True,
                   env={**os.environ, "POSTGRES_PASSWORD": "a", "BAOCHANG_DB_PASSWORD": "b"})


def test_the_kubernetes_manifest_is_consistent():
    objects = list(yaml.safe_load_all((DOCKER / "kubernetes.yaml").read_text(encoding="utf-8")))
    kinds = {o["kind"]: o for o in objects}
    assert set(kinds) == {"ConfigMap", "Deployment", "Service", "PodDisruptionBudget"}
    pod = kinds["Deployment"]["spec"]["template"]
    assert pod["metadata"]["labels"] == kinds["Service"]["spec"]["selector"] == kinds["Deployment"]["spec"]["selector"]["matchLabels"]
    volumes = {v["name"] for v in pod["spec"]["volumes"]}
    for container in pod["spec"]["containers"] + pod["spec"]["initContainers"]:
        assert container["image"].endswith(":" + (TOP / "VERSION").read_text().strip())
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert {m["name"] for m in container["volumeMounts"]} <= volumes
        assert {e["name"].removeprefix("BAOCHANG_").lower() for e in container["env"]} - {"config"} <= options()
    assert pod["spec"]["securityContext"]["runAsNonRoot"] and pod["spec"]["securityContext"]["runAsUser"] == 10001
    described = json.loads((TOP / "api/openapi/operation.json").read_text(encoding="utf-8"))["paths"]
    serve = pod["spec"]["containers"][0]
    assert all(serve[probe]["httpGet"]["path"] in described for probe in ("startupProbe", "readinessProbe", "livenessProbe"))


def test_the_configuration_in_the_manifest_is_taken_by_the_program(tmp_path):
    config = next(o for o in yaml.safe_load_all((DOCKER / "kubernetes.yaml").read_text(encoding="utf-8")) if o["kind"] == "ConfigMap")
    path = tmp_path / "baochang.ini"
    path.write_text(config["data"]["baochang.ini"], encoding="utf-8")
    shown = subprocess.run([PROGRAM, "config", "show", f"--config={path}"], capture_output=True, text=True, check=True).stdout
    assert "address = 0.0.0.0" in shown


def test_the_unit_is_shut_in():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not here")
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", DOCKER / "baochang.service"], capture_output=True, text=True,
                          check=False).stdout
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
    assert exposure and float(exposure.group(1)) <= 1.5, told


def test_the_list_of_components_is_the_one_of_the_packages():
    made = subprocess.run([DOCKER / "components.sh"], capture_output=True, text=True, check=True).stdout
    assert made == (DOCKER / "components.md").read_text(encoding="utf-8")
    assert packages("run", "db") <= set(re.findall(r"^\| (\S+) \|", made, re.M))
    bundled = json.loads((TOP / "api/console/package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(bundled) <= set(re.findall(r"^\| (\S+) \| npm", made, re.M))
