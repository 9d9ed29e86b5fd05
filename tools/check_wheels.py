"""Prove that the base program installs from binary wheels alone on every platform we name, at the pinned versions.

Asks the configured package index, downloads nothing but metadata, changes nothing. PySpark (extra ``spark``) is the one
known source archive and is left out.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# pip takes the tags one by one: a machine with glibc 2.28 also accepts wheels built for every older one.
GLIBC_MINORS = range(5, 29)
PLATFORMS = {
    "Linux x86-64": [f"manylinux_2_{minor}_x86_64" for minor in GLIBC_MINORS] + ["manylinux2014_x86_64"],
    "Linux aarch64": [f"manylinux_2_{minor}_aarch64" for minor in GLIBC_MINORS] + ["manylinux2014_aarch64"],
    "Windows x64": ["win_amd64"],
}
# pip judges "only on Windows" by the machine it runs on, so what Windows needs besides is named here.
BESIDES = {"Windows x64": ["colorama"]}


def resolves(platform: str) -> bool:
    """Whether pip finds a wheel for every base dependency, direct or not, on ``platform`` with Python 3.11."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--dry-run"]
    command += ["--ignore-installed", "--target", ".venv/never-written", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", "3.11", "-c", "constraints.txt"]
    command += [part for tag in PLATFORMS[platform] for part in ("--platform", tag)]
    command += project["dependencies"] + BESIDES.get(platform, [])
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"{'ok     ' if done.returncode == 0 else 'FAILED '} {platform}")
    if done.returncode:
        print(done.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(0 if all([resolves(platform) for platform in PLATFORMS]) else 1)
