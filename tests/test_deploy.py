"""What stands in deploy/ agrees with the bot: its settings, its commands, its ports, its webhook."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer.main
import yaml

from bot.__main__ import cli
from bot.command_line.parts import WRONG
from bot.settings import ROOT, Settings
from bot.telegram.webhook import BODY_LIMIT

DEPLOY = ROOT / "deploy"
OPERATIONS = ROOT / "docs" / "operations.md"
GUIDES = (OPERATIONS, ROOT / "docs" / "compose.md", DEPLOY / "README.md")
UNITS = sorted(path for path in (DEPLOY / "systemd").rglob("*") if path.is_file())
OURS = {name.upper() for name in Settings.model_fields}
OF_OTHERS = {
    "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS",  # the image postgres
    "PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "TMPDIR",  # Python and its process
    "DOMAIN", "JALIN_VERSION", "BACKUP_FOLDER",  # compose.yaml's own
    "WEBHOOK_PATH", "WEB",  # the Caddyfile's own
    "MAINPID", "WATCHDOG_USEC",  # systemd
}  # fmt: skip


def commands() -> set[str]:
    group: Any = typer.main.get_command(cli)
    return set(group.commands)


def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert isinstance(found, dict)
    return found


def read_unit(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text())
    return parser


def dockerfile() -> str:
    return (DEPLOY / "Dockerfile").read_text()


def instruction(name: str) -> list[str]:
    """The words of every such line of the Dockerfile, those that go on in the next line together."""
    whole = dockerfile().replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in whole.splitlines() if line.startswith(f"{name} ")]


# --- names ------------------------------------------------------------------------------------------------------------


def test_every_variable_is_a_setting_or_known_to_somebody_else() -> None:
    named: set[str] = set()
    for path in (DEPLOY / "compose.yaml", DEPLOY / "Caddyfile", *UNITS):
        named |= set(re.findall(r"(?:\$\{?|\{\$)([A-Z][A-Z_]+)", path.read_text()))
    for service in compose()["services"].values():
        named |= set(service.get("environment", {}))
    for path in UNITS:
        named |= set(re.findall(r"^Environment=([A-Z_]+)=", path.read_text(), re.MULTILINE))
    named |= {name for line in instruction("ENV") for name in re.findall(r"([A-Z_]+)=", line)}
    named |= set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))
    assert {"DATABASE_URL", "PORT", "BOT_TOKEN", "WEBHOOK_URL", "WEBHOOK_PATH", "MAINPID"} <= named
    assert named - OURS - OF_OTHERS == set()


def test_every_command_exists() -> None:
    words = "\n".join(path.read_text() for path in (*GUIDES, DEPLOY / "Dockerfile", *UNITS))
    named = set(re.findall(r"-m bot ([a-z][a-z-]*)", words))
    named |= set(re.findall(r"(?:^ +|`|deploy/)jalin ([a-z][a-z-]*)", words, re.MULTILINE))
    ran = re.findall(r"compose run (?:-(?:-entrypoint )?\S+ )*([a-z]+)(?: ([a-z][a-z-]*))?", words)
    assert {service for service, _ in ran} <= set(compose()["services"])
    named |= {given or service for service, given in ran}
    named |= set(ast.literal_eval(instruction("CMD")[0]))
    for name, service in compose()["services"].items():
        if service["image"].startswith("jalin"):
            assert service["command"][0] == name
            named.add(name)
    wanted = {"run", "web", "worker", "sender", "migrate", "backup", "restore", "check", "links", "import-sessions"}
    assert wanted <= named
    assert named - commands() == set()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_what_a_guide_points_to_is_there(guide: Path) -> None:
    text = guide.read_text()
    for path in re.findall(r"\b(?<!jalin/)(?:deploy|tests)/[\w./@-]*\w", text):
        assert (ROOT / path).exists(), path
    for unit in re.findall(r"systemctl (.+?)(?:  |$|[`|;])", text, re.MULTILINE):
        for name in re.findall(r"\bjalin[\w-]*@?(?:\.\w+)?", unit):
            known = [name, f"{name}.service"] if name[-1] != "@" else [f"{name}.service"]
            assert any((DEPLOY / "systemd" / one).exists() for one in known), name
    for service in re.findall(r"compose exec (?:-T |--index \d )*([a-z]+)", text):
        assert service in compose()["services"]


def test_the_guide_tells_every_figure_and_no_other() -> None:
    sources = [ROOT / "bot" / "operations" / "metrics.py", ROOT / "bot" / "delivery" / "outcomes.py"]
    health = "".join(path.read_text() for path in sources)
    shown = set(re.findall(r'"(jalin_[a-z_]+)", "', health))
    shown |= set(re.findall(r'(?:Family|Histogram)\(\s*"(jalin_[a-z_]+)"', health))
    shown |= set(re.findall(r'_gauge\(\s*"(jalin_[a-z_]+)"', health))
    told = {name.removesuffix("_total") for name in re.findall(r"^\| `(jalin_[a-z_]+)", OPERATIONS.read_text(), re.M)}
    assert len(shown) > 12
    assert told == shown


def test_the_guide_tells_every_line_of_the_log_and_no_other() -> None:
    written: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        if "sandbox" not in path.relative_to(ROOT).parts:
            words = path.read_text()
            written |= set(re.findall(r'(?:\blog|get_logger\("\w+"\))\.(?:info|warning|error)\(\s*"([^"]+)"', words))
            written |= set(re.findall(r'\b_?log_once\(\w+, "([^"]+)"', words))
    table = OPERATIONS.read_text().partition("\n## What the log says\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    told = {line for cell in cells for line in re.findall("`(.+?)`", cell)}
    assert len(written) > 25
    assert told - {"EndsTheProcessError"} == written


def test_a_command_runs_as_the_bots_own_user(tmp_path: Path) -> None:
    for name, script in (("id", "echo 0"), ("runuser", 'pwd; umask; echo "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    link = tmp_path / "jalin"
    link.symlink_to(DEPLOY / "jalin")  # as it is installed
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [str(link), "restore", "--replace", "/a b.zip"], env=environment, cwd="/", capture_output=True, text=True,
        timeout=20, check=True,
    )  # fmt: skip
    user = read_unit(DEPLOY / "systemd" / "jalin-.service.d" / "common.conf")["Service"]["User"]
    where, mask, words = ran.stdout.splitlines()[:3]
    assert where == str(ROOT)
    assert int(mask, 8) == 0o077
    assert words == f"-u {user} -- .venv/bin/python -m bot restore --replace /a b.zip"
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    refused = subprocess.run([str(link), "check"], env=environment, capture_output=True, text=True, timeout=20)
    assert refused.returncode == 2
    assert refused.stderr == "jalin: only root can do this: sudo jalin check\n"


# --- systemd ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_says_what_it_is(path: Path) -> None:
    unit = read_unit(path)
    if path.suffix == ".conf":
        return
    assert unit["Unit"]["Description"].startswith("Jalin")
    if path.suffix == ".service":
        assert path.name.startswith("jalin-"), "or the common rules do not hold for it"
        python, *words = shlex.split(unit["Service"]["ExecStart"])
        assert python == "/opt/jalin/current/.venv/bin/python"
        assert words[:2] == ["-m", "bot"]
        assert words[2] in path.name
        if unit["Service"]["Type"] != "oneshot":
            assert unit["Service"]["Restart"] == "always"
            assert unit["Service"]["Type"] == "notify", "or the watchdog would count while it is still being loaded"
            assert unit["Service"]["RestartPreventExitStatus"] == str(WRONG)
            assert 30 <= int(unit["Service"]["WatchdogSec"]) <= 120, "longer than any look of the bot's"
            assert unit["Install"]["WantedBy"] in ("multi-user.target", "jalin.target")
        if "@" in path.name:
            assert unit["Service"]["Environment"] == "PORT=%i"
            assert unit["Unit"]["PartOf"] == "jalin.target"


def test_the_common_rules_lock_the_bot_in() -> None:
    rules = read_unit(DEPLOY / "systemd" / "jalin-.service.d" / "common.conf")["Service"]
    assert rules["ProtectSystem"] == "strict"
    assert rules["NoNewPrivileges"] == "yes"
    assert rules["User"] not in ("root", "")
    assert (rules["StateDirectory"], rules["CacheDirectory"]) == ("jalin", "jalin")
    assert (rules["MemoryHigh"], rules["MemoryMax"], rules["TasksMax"]) == ("400M", "600M", "128")
    backup = read_unit(DEPLOY / "systemd" / "jalin-backup.service")["Service"]
    assert backup["ExecStart"].endswith(f" backup {backup['ReadWritePaths']}/")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    installed = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", installed)
    for path in installed.glob("*.service"):  # what they start is not installed here
        path.write_text(path.read_text().replace("/opt/jalin/current/.venv/bin/python", "/bin/true"))
    # an instance of each template, as it is enabled: the name is the port
    names = [
        path.name.replace("@.", "@8081.")
        for path in installed.iterdir()
        if path.suffix in (".service", ".timer", ".target")
    ]
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{installed}:/usr/lib/systemd/system:/lib/systemd/system"}
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(names)],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    complaints = [line for line in verified.stderr.splitlines() if "jalin" in line]
    assert not complaints
    for name in ("jalin-run.service", "jalin-web@8081.service", "jalin-backup.service"):
        graded = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", name],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert graded.returncode == 0, graded.stdout[-300:] + graded.stderr


# --- containers -------------------------------------------------------------------------------------------------------


def test_everything_the_bot_needs_at_run_time_is_in_the_image() -> None:
    copied = {word for line in instruction("COPY") if not line.startswith("--from") for word in line.split()[:-1]}
    assert {"bot", "handlers", "content", "locales", "pyproject.toml", "requirements.lock"} == copied
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == copied
    assert all((ROOT / path).exists() for path in copied)


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert instruction("USER") == ["jalin"]
    (health,) = instruction("HEALTHCHECK")
    check = ast.literal_eval(health.partition("CMD")[2].strip())
    assert check[:2] == ["python", "-c"]
    compile(check[2], "HEALTHCHECK", "exec")
    assert "/health" in check[2]


def test_the_programs_of_postgresql_are_of_the_servers_number() -> None:
    # pg_dump must be as new as the server; what a newer pg_restore writes an older server may not know
    server = re.fullmatch(r"postgres:(\d+)(?:@sha256:[0-9a-f]{64})?", compose()["services"]["postgres"]["image"])
    client = re.search(r"postgresql-client-(\d+)", dockerfile())
    assert server
    assert client
    assert server[1] == client[1]


def test_the_services_fit_together() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", "migrate", "web", "worker", "sender", "caddy", "backup"}
    for name in ("web", "worker", "sender"):
        service = services[name]
        assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert service["depends_on"]["postgres"]["condition"] == "service_healthy"
        assert "ports" not in service
        assert service["read_only"] is True
        assert (service["mem_limit"], service["pids_limit"]) == ("600m", 128)
        assert int(service["environment"]["WATCHDOG_USEC"]) == 60_000_000
        assert service["restart"] == "unless-stopped"
        assert set(service["networks"]) == {"database", "outside"}
    assert services["worker"]["deploy"]["replicas"] == 2
    assert services["sender"]["deploy"]["replicas"] == 2
    assert services["backup"]["profiles"] == ["tools"]
    # whoever is on the path of the internet has no way to the database, and the database none out
    assert services["caddy"]["networks"] == ["outside"]
    assert services["postgres"]["networks"] == ["database"]
    assert compose()["networks"]["database"] == {"internal": True}
    assert "ports" not in services["postgres"]
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    address = urlsplit(services["web"]["environment"]["DATABASE_URL"].replace("${POSTGRES_PASSWORD:?}", "word"))
    assert address.hostname == "postgres"
    assert address.username == services["postgres"]["environment"]["POSTGRES_USER"]
    assert address.path == "/" + services["postgres"]["environment"]["POSTGRES_DB"]


def test_caddy_lets_in_what_the_door_takes_and_nothing_else() -> None:
    caddyfile = (DEPLOY / "Caddyfile").read_text()
    web = compose()["services"]["web"]["environment"]
    path = urlsplit(web["WEBHOOK_URL"].replace("${DOMAIN:?}", "bot.example.org")).path
    Settings(_env_file=None, webhook_url=f"https://bot.example.org{path}")  # the bot takes it
    assert re.findall(r"^\s*@(\w+) not path (\S+) (\S+)$", caddyfile, re.MULTILINE) == [
        ("another", f"{{$WEBHOOK_PATH:{path}}}", "/v/*")
    ]
    (elsewhere,) = re.findall(r"^\s*rewrite @another (/\S+)$", caddyfile, re.MULTILINE)
    assert elsewhere not in (path, "/health", "/metrics"), "which is a path that the bot does not have"
    assert re.findall(r"reverse_proxy (\S+)", caddyfile) == [f"{{$WEB:web:{web['PORT']}}}"]
    assert re.search(r"max_size (\d+)MiB", caddyfile)[1] == str(BODY_LIMIT >> 20)  # type: ignore[index]
    assert caddyfile.count("reverse_proxy") == 1
    assert "respond" not in caddyfile, "the answers of the bot alone can be all alike"
    needed = set(re.findall(r"\{\$([A-Z]+(?:_[A-Z]+)*)", caddyfile))
    assert set(re.findall(r'^ *Environment="([A-Z_]+)=', OPERATIONS.read_text(), re.MULTILINE)) == needed
    assert caddyfile.count("{") == caddyfile.count("}")
    assert web["HOST"] == "0.0.0.0"  # noqa: S104 - inside its container
