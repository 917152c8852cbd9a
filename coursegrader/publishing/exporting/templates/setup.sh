#!/usr/bin/env bash
# Run once, as root, while Gradescope builds the image: install the grader and what the assignment asks for, and run the
# reference notebooks. What fails here fails the build: no image comes about that cannot grade.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  apt-get update -q && apt-get install -qy --no-install-recommends python3 python3-venv
fi
cd "$root/source"
if [ -z "${COURSEGRADER_PYTHON:-}" ]; then
  python3 -m venv "$root/venv"
  "$root/venv/bin/pip" install -q "$root/source"
  if [ -f requirements.txt ]; then
    "$root/venv/bin/pip" install -q -r requirements.txt
  fi
fi
AUTOGRADER_ROOT="$root" "${COURSEGRADER_PYTHON:-$root/venv/bin/python}" -m coursegrader.publishing.exporting.gradescope prepare
