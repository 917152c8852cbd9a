#!/usr/bin/env bash
# Run once, as root, while Gradescope builds the image: install the grader and what the assignment asks for, and run the
# reference notebooks. What fails here fails the build: no image comes about that cannot grade.
set -euo pipefail
trap 'echo "coursegrader: setup.sh stopped in line $LINENO; this image cannot grade, and must not be used" >&2' ERR
root="${AUTOGRADER_ROOT:-/autograder}"
works() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'; }
cd "$root/source"
if [ -z "${COURSEGRADER_PYTHON:-}" ]; then
  if ! works 2>/dev/null; then
    apt-get update -q && apt-get install -qy --no-install-recommends python3 python3-venv
    if ! works; then
      echo "coursegrader: Python 3.10 or newer is needed: choose Ubuntu 22.04 or newer as the base image" >&2
      exit 2
    fi
  fi
  python3 -m venv "$root/venv"
  "$root/venv/bin/pip" install -q "$root/source"
  if [ -f requirements.txt ]; then
    "$root/venv/bin/pip" install -q -r requirements.txt
  fi
fi
AUTOGRADER_ROOT="$root" "${COURSEGRADER_PYTHON:-$root/venv/bin/python}" -m coursegrader.publishing.exporting.gradescope prepare
