#!/usr/bin/env bash
# Build the Linux bundle: one folder, a .tar.gz and a .deb, in OUT (default: dist/ at the root of the repository).
#   packaging/build_linux.sh [OUT]
# Needs: a Python 3.11 or newer with venv and a shared libpython (Debian: python3-venv libpython3.11), dpkg-deb, and the
# system libraries that Qt's xcb plugin loads, because the bundle takes them along (see README.md here).
# PYTHON names the interpreter (default python3). Two builds of one commit on one system give the same program files.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/dist}
python=${PYTHON:-python3}
export PYTHONHASHSEED=1 LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Build from a copy of what git knows, so that nothing that lies about gets in and nothing is left behind.
mkdir "$work/source"
if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
  (cd "$root" && git ls-files -z | while IFS= read -r -d '' name; do [ -e "$name" ] && printf '%s\0' "$name"; done |
    tar --null -T - -cf -) | tar -xf - -C "$work/source"
else
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)}
  tar -C "$root" --exclude=.git --exclude=.venv --exclude=dist --exclude=build -cf - . | tar -xf - -C "$work/source"
fi
export SOURCE_DATE_EPOCH

"$python" -m venv "$work/venv"
pip() { "$work/venv/bin/pip" --disable-pip-version-check -q "$@"; }
pip install -c "$work/source/packaging/constraints-build.txt" pyinstaller setuptools
pip install -c "$work/source/constraints.txt" "$work/source"
rm -rf "$work/source/build" "$work"/source/*.egg-info

status=0
"$work/venv/bin/pyinstaller" --noconfirm --distpath "$work/dist" --workpath "$work/build" \
  "$work/source/packaging/mitsumori.spec" >"$work/build.log" 2>&1 || status=$?
if [ "$status" != 0 ]; then
  tail -40 "$work/build.log" >&2
  exit "$status"
fi
# A library that the build machine lacks would silently be missing from the bundle.
"$work/venv/bin/python" "$work/source/packaging/check_log.py" "$work/build.log"

"$work/venv/bin/python" "$work/source/packaging/package.py" "$work/dist/mitsumori" "$out"
