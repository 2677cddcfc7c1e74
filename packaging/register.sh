#!/bin/sh
# For the .tar.gz, without administrator rights: add this folder's program, its file type and its icon to your desktop.
#   ./register.sh            adds them below ~/.local/share
#   ./register.sh --remove   takes them away again
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
cd "$here/share"
if [ "${1:-}" = "--remove" ]; then
  find . -type f | while IFS= read -r file; do rm -f "$data/$file"; done
else
  find . -type f | while IFS= read -r file; do
    mkdir -p "$data/$(dirname "$file")"
    cp "$file" "$data/$file"
  done
  # In a desktop entry, quotes, dollars and backslashes of a quoted command are escaped (and backslashes twice).
  command=$(printf '%s' "$here/mitsumori" | sed 's/[\\"`$]/\\\\&/g; s/%/%%/g')
  file=$data/applications/mitsumori.desktop
  COMMAND=$command awk '/^Exec=/ { print "Exec=\"" ENVIRON["COMMAND"] "\" %f"; next } { print }' "$file" >"$file.new"
  mv "$file.new" "$file"
fi
if command -v update-mime-database >/dev/null 2>&1; then update-mime-database "$data/mime" || true; fi
if command -v update-desktop-database >/dev/null 2>&1; then update-desktop-database -q "$data/applications" || true; fi
