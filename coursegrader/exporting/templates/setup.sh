#!/usr/bin/env bash
# Run once, as root, while Gradescope builds the image: install the grader, run the reference notebooks.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  apt-get update -q && apt-get install -qy --no-install-recommends python3 python3-venv
fi
if [ -z "${COURSEGRADER_PYTHON:-}" ]; then
  python3 -m venv "$root/venv"
  "$root/venv/bin/pip" install -q "$root/source"
fi
# an image is often built with fewer rights than it runs with: then the first submission does this
cd "$root/source"
AUTOGRADER_ROOT="$root" "${COURSEGRADER_PYTHON:-$root/venv/bin/python}" -m coursegrader.exporting.gradescope prepare \
  || echo "The reference could not be run yet; the first submission will run it."
