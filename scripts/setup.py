"""Prepare .venv from the pinned requirements: python scripts/setup.py demo|dev|check

Standard library only. A stamp in .venv says what was installed, so a second run touches no network.
`check` only says whether this interpreter has what is needed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ENGINE = "durable_rules_engine"  # the C module of durable-rules

# durable-rules ships as source and calls a function that Python 3.13 no longer has; this is its successor.
FLAGS = {"CPPFLAGS": f"{os.environ.get('CPPFLAGS', '')} -DPyEval_CallObject=PyObject_CallObject".strip()}
PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-qq"]


def main(wanted: str) -> int:
    if wanted == "check":
        return complain(lacks())
    with Path(__file__).open() as itself:
        fcntl.flock(itself, fcntl.LOCK_EX)  # `make -j` may come here twice
        return prepare(wanted)


def prepare(wanted: str) -> int:
    """Make .venv if need be and install the `wanted` set. Returns an exit code."""
    if VENV.exists() and not usable():
        print("setup: .venv is broken, moved, or of another Python: making it anew.", flush=True)
        shutil.rmtree(VENV)
    # Everything in the demo set is in the dev set as well, at the same version.
    if any(stamp(name).exists() and stamp(name).read_text() == digest(name) for name in {wanted, "dev"}):
        return 0
    if fault := lacks():
        return complain(fault)
    if not VENV.exists():
        print(f"setup: making .venv with Python {sys.version.split()[0]}", flush=True)
        make_venv()
    print(f"setup: installing requirements/{wanted}.txt (about a minute the first time)", flush=True)
    (VENV / ".parcours-root").write_text(str(ROOT))
    pip("--require-hashes", "-r", "requirements/build.txt")
    pip("--require-hashes", "--no-build-isolation", "-r", f"requirements/{wanted}.txt")
    if not rules_load() and not rules_load_when_built_again(wanted):
        return complain(
            f"durable-rules was built but does not load ({why_not()}). "
            "Install gcc and python3-dev of the same Python, remove .venv and try again."
        )
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    # where Python is told to keep no bytecode, each command would spend half a second on the same again
    subprocess.run([PYTHON, "-m", "compileall", "-q", "engine"], cwd=ROOT, check=False)
    stamp(wanted).write_text(digest(wanted))
    return 0


def make_venv() -> None:
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def usable() -> bool:
    """Whether .venv runs, has pip, belongs to this folder and is of the Python asked for."""
    root = VENV / ".parcours-root"
    if root.exists() and root.read_text() != str(ROOT):
        return False
    try:
        said = subprocess.run(
            [PYTHON, "-c", "import pip, sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return said.stdout.strip() == str(sys.version_info[:2])


def digest(wanted: str) -> str:
    total = hashlib.sha256()
    for name in ("requirements/build.txt", f"requirements/{wanted}.txt", "pyproject.toml", "scripts/setup.py"):
        total.update((ROOT / name).read_bytes())
    return total.hexdigest()


def stamp(wanted: str) -> Path:
    return VENV / f".parcours-{wanted}"


def lacks() -> str:
    """What this interpreter needs and has not got, as a sentence with the Debian package; '' when all is there."""
    version = sysconfig.get_python_version()
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return (
            f"{sys.executable} cannot make virtual environments: apt-get install python3-venv (or python{version}-venv)"
        )
    include = Path(sysconfig.get_path("include"))
    if sys.prefix != sys.base_prefix and not include.exists():  # inside .venv
        include = Path(sys.base_prefix) / "include" / f"python{version}"
    if not (include / "Python.h").exists():
        return f"{sys.executable} has no C headers: apt-get install python3-dev (or python{version}-dev)"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "try.c")
        source.write_text("#include <Python.h>\n")
        try:
            command = [*compiler, f"-I{include}", "-c", str(source), "-o", str(source.with_suffix(".o"))]
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return f"the C compiler '{compiler[0]}' is missing or does not work: apt-get install gcc libc6-dev"
    return ""


def rules_load() -> bool:
    return subprocess.run([PYTHON, "-c", f"import {ENGINE}"], capture_output=True, check=False).returncode == 0


def why_not() -> str:
    said = subprocess.run([PYTHON, "-c", f"import {ENGINE}"], capture_output=True, text=True, check=False).stderr
    return said.strip().splitlines()[-1] if said.strip() else "no reason given"


def rules_load_when_built_again(wanted: str) -> bool:
    """pip may have kept a wheel that was built without our flags: build it here, past every cache."""
    text = (ROOT / "requirements" / f"{wanted}.txt").read_text().replace("\\\n", "")
    line = next(line for line in text.splitlines() if line.startswith("durable-rules=="))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as alone:
        alone.write(line + "\n")
        alone.flush()
        pip("--force-reinstall", "--no-deps", "--no-cache-dir", "--no-binary=durable-rules", "--no-build-isolation",
            "--require-hashes", "-r", alone.name)  # fmt: skip
    return rules_load()


def pip(*arguments: str) -> None:
    env = {**os.environ, **FLAGS, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    subprocess.run([PYTHON, *PIP, *arguments], check=True, cwd=ROOT, env=env)


def complain(fault: str) -> int:
    if fault:
        print(f"setup: {fault}", file=sys.stderr)
    return 1 if fault else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except subprocess.CalledProcessError as error:
        sys.exit(f"setup: this failed, its words are above: {shlex.join(map(str, error.cmd))}")
