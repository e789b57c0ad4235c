"""A live release, as a user would do it: the service of examples/flagd-python with flags through OpenFeature and
flagd, 10,000 users, Prometheus at 5 s, and one line that runs every 5 s. A healthy release has to reach 100 %; a bad
one has to be rolled back, and the seconds from that decision to the last exposed request are printed.

    python tests/live.py target/debug/rollout            both, about 12 minutes
    python tests/live.py target/debug/rollout bad        the bad one alone, about 3 minutes

Needs prometheus, git, and a Python with the packages of examples/flagd-python/requirements.txt; `bash tests/run.sh`
brings all of them, its Python is ~/.cache/rollout-tests/consumers/venv/bin/python. Exits with 0 where all held.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

EXAMPLE = pathlib.Path(__file__).resolve().parents[1] / "examples/flagd-python"
LINE = ["advance", "--quiet", "--ok", "hold", "--commit", "--push"]
EVERY = 5.0  # Seconds between the starts of two runs, and between two scrapes.
LIMIT = {"healthy": 1500.0, "bad": 900.0}  # Seconds after which a release has failed.
REQUESTS = {"healthy": "200", "bad": "100"}  # A second.
FAILS = {"healthy": "0.05", "bad": "0.25"}  # The share of failing requests in the new checkout; 0.05 in the old one.

PLAN = """description = "One-page checkout"

[[stages]]
exposure = 5
min_duration = "2m"
rule_out = "5x"

[[stages]]
exposure = 25
min_duration = "2m"
rule_out = "2x"

[[stages]]
exposure = 50
min_duration = "2m"
rule_out = "2x"

[[stages]]
exposure = 100
min_duration = "2m"

[[guardrails]]
metric = "errors"
margin = "10%"
on_breach = "rollback"

[[targets]]
flagd = { file = "../flags.json", flag = "new-checkout", variant = "on" }
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    """A clone with a remote, the service, its users and Prometheus, all below one temporary folder."""

    def __init__(self, folder: pathlib.Path, rollout: str, kind: str) -> None:
        self.folder, self.rollout = folder, rollout
        self.work = folder / "work"
        self.children: list[subprocess.Popen] = []
        self.service, self.prometheus = free_port(), free_port()
        (self.work / "rollouts").mkdir(parents=True)
        shutil.copy(EXAMPLE / "flags.json", self.work)
        config = (EXAMPLE / "rollouts/config.toml").read_text()
        config = config.replace("http://prometheus.example:9090", f"http://127.0.0.1:{self.prometheus}")
        (self.work / "rollouts/config.toml").write_text(config)
        (self.work / "rollouts/new-checkout.toml").write_text(PLAN)
        scrape = (EXAMPLE / "prometheus.yml").read_text()
        scrape = scrape.replace("15s", f"{EVERY:.0f}s").replace(":8000", f":{self.service}")
        (folder / "prometheus.yml").write_text(scrape)
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OLD_FAILS": "0.05",
            "NEW_FAILS": FAILS[kind],
        }
        (folder / ".gitconfig").write_text("[user]\nname = Ann\nemail = ann@example.com\n")
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder / "remote.git"))
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "A flag and a plan")
        self.git("remote", "add", "origin", str(folder / "remote.git"))
        self.git("push", "--quiet", "-u", "origin", "main")
        self.start("service", [sys.executable, str(EXAMPLE / "service.py"), "flags.json", str(self.service)])
        self.start("load", [sys.executable, str(EXAMPLE / "load.py"), str(self.service), REQUESTS[kind]])
        self.start(
            "prometheus",
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.prometheus}",
            ],
        )

    def start(self, name: str, command: list[str]) -> None:
        log = (self.folder / f"{name}.log").open("w")
        child = subprocess.Popen(command, cwd=self.work, env=self.environment, stdout=log, stderr=log)
        self.children.append(child)

    def stop(self) -> None:
        for child in self.children:
            child.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.work if self.work.exists() else self.folder,
            env=self.environment, check=True, capture_output=True, text=True,
        )
        return done.stdout

    def run(self, words: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.rollout, *words], cwd=self.work, env=self.environment, capture_output=True, text=True, check=False
        )

    def standing(self) -> tuple[str, float]:
        """The plan's status, and its exposure in percent."""
        plan = json.loads(self.run(["status", "--format", "json"]).stdout)["plans"][0]
        return plan["status"], plan["exposure"]

    def shown(self) -> float:
        """The exposure in percent that the flag's file shows."""
        flag = json.loads((self.work / "flags.json").read_text())["flags"]["new-checkout"]
        weights = dict(flag["targeting"]["fractional"])
        return 100 * weights["on"] / sum(weights.values())

    def counted(self) -> tuple[int, int, float]:
        """Requests of the exposed arm, of the other one, and when the last exposed one was answered."""
        lines = (self.folder / "load.log").read_text().splitlines()
        last = next(line for line in reversed(lines) if "last exposed" in line)
        counts = {"treatment": 0, "control": 0}
        for variant, count in re.findall(r"(treatment|control) \d+: (\d+)", last):
            counts[variant] += int(count)
        return counts["treatment"], counts["control"], float(last.rsplit(" ", 1)[1])


def holds(claim: bool, words: str) -> None:
    if not claim:
        raise SystemExit(f"tests/live.py: {words}")


def committed(world: World) -> None:
    """The newest commit has plan, evidence and flag, nothing is left over, and the remote has it."""
    files = world.git("show", "--name-only", "--format=", "HEAD").split()
    for name in ("rollouts/new-checkout.toml", "flags.json", "rollouts/.evidence/new-checkout/"):
        holds(any(file.startswith(name) for file in files), f"the commit has no {name}: {files}")
    holds(world.git("status", "--porcelain") == "", "something is not committed")
    remote = world.git("ls-remote", "origin", "refs/heads/main").split()[0]
    holds(world.git("rev-parse", "HEAD").strip() == remote, "the remote has another commit")


def release(world: World, kind: str) -> None:
    begun = time.time()
    exposed_since = exposure = 0.0
    while time.time() - begun < LIMIT[kind]:
        for child in world.children:
            holds(child.poll() is None, f"{child.args[0]} ended; see {world.folder}")
        started = time.time()
        run = world.run(LINE)
        after = time.time() - begun
        status, now = world.standing()
        if run.returncode == 5:
            holds(kind == "bad", f"a healthy release was rolled back:\n{run.stdout}{run.stderr}")
            rolled_back(world, started, started - exposed_since)
            return
        if now != exposure:
            exposed, other, _ = world.counted()
            print(f"{after:6.0f} s  {exposure:g} % -> {now:g} %; {exposed} of {exposed + other} requests were exposed", flush=True)
            holds(world.shown() == now, f"the flag shows {world.shown():g} %, the plan {now:g} %")
            committed(world)
            exposed_since, exposure = exposed_since or time.time(), now
        elif run.returncode != 0:
            said = (run.stderr or run.stdout).strip().splitlines()
            print(f"{after:6.0f} s  exit {run.returncode}: {said[-1] if said else ''}", flush=True)
        if status == "complete":
            holds(kind == "healthy", "a bad release is complete")
            print(f"{after:6.0f} s  complete", flush=True)
            return
        time.sleep(max(0.0, started + EVERY - time.time()))
    raise SystemExit(f"tests/live.py: not over after {LIMIT[kind]:.0f} s, at {exposure:g} %")


def rolled_back(world: World, decided: float, exposed_for: float) -> None:
    written = (world.work / "flags.json").stat().st_mtime
    holds(world.shown() == 0, f"the flag shows {world.shown():g} % after the rollback")
    committed(world)
    time.sleep(15)  # Whoever still sees the new checkout asks in this time.
    exposed, _, last = world.counted()
    time.sleep(5)
    again, _, _ = world.counted()
    holds(exposed > 0, "nobody was ever exposed")
    holds(again == exposed, f"{again - exposed} requests were exposed long after the rollback")
    print(f"rolled back {exposed_for:.0f} s after the first user was exposed; {exposed} requests were exposed")
    print(f"from the start of the run that decided it to the flag: {written - decided:.1f} s")
    print(f"from the start of the run that decided it to the last exposed request: {last - decided:.1f} s", flush=True)
    holds(last - decided < EVERY, "the flag took longer than one interval to reach the last user")


def main() -> None:
    if len(sys.argv) not in (2, 3) or (len(sys.argv) == 3 and sys.argv[2] not in LIMIT):
        raise SystemExit(__doc__)
    rollout = str(pathlib.Path(sys.argv[1]).resolve())
    for program in (rollout, "prometheus", "git"):
        holds(shutil.which(program) is not None, f"there is no {program}: `bash tests/run.sh` builds and brings it")
    try:
        import openfeature.contrib.provider.flagd  # noqa: F401
        import prometheus_client  # noqa: F401
    except ImportError as error:
        raise SystemExit(f"tests/live.py: {error}: use the Python that `bash tests/run.sh` makes") from error
    for kind in sys.argv[2:] or ["healthy", "bad"]:
        print(f"a {kind} release: {REQUESTS[kind]} requests a second, {FAILS[kind]} of the new checkout's fail", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            world = World(pathlib.Path(folder), rollout, kind)
            try:
                release(world, kind)
            finally:
                world.stop()


if __name__ == "__main__":
    main()
