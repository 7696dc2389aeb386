"""Looks at what the build stands on: licences, and the number of packages, which is raised on purpose only."""
import json
import re
import subprocess
import sys

MOST = 455
ALLOWED = set(re.findall(r'^\s*"([^"]+)",', open("deny.toml", encoding="utf-8").read(), re.M))

metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--locked", "--format-version", "1"]))
packages = [package for package in metadata["packages"] if package["source"]]
# In the lock file as options nobody turns on; none of their code is compiled.
UNUSED = {"terminfo", "wezterm-bidi"}
problems = []
for package in packages:
    if package["name"] in UNUSED:
        continue
    licence = package["license"] or ""
    choices = [re.split(r"\s+AND\s+", choice.strip("() ")) for choice in re.split(r"\s+OR\s+|/", licence)]
    if not any(all(part.strip("() ") in ALLOWED for part in choice) for choice in choices):
        problems.append(f"{package['name']} {package['version']}: licence {licence or 'unknown'!r} is not in deny.toml")
if len(packages) > MOST:
    problems.append(f"{len(packages)} packages are locked, the limit is {MOST}")
print(f"{len(packages)} packages, at most {MOST}")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
