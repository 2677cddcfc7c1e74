#!/bin/bash
# Make a disk image from Mitsumori.app. NOT YET RUN (no Mac was at hand); the steps are in packaging/README.md.
#   packaging/macos/make_dmg.sh dist/Mitsumori.app licenses-folder OUT.dmg
# Without a certificate in SIGN_AS the application is signed ad hoc, and macOS asks before the first start.
set -euo pipefail
app=$1 licenses=$2 out=$3
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$app/Contents/Resources/licenses"
cp -R "$licenses/" "$app/Contents/Resources/licenses"
codesign --force --deep --sign "${SIGN_AS:--}" "$app"
cp -R "$app" "$stage/"
cp -R "$licenses" "$stage/licenses"
ln -s /Applications "$stage/Applications"
hdiutil create -volname Mitsumori -srcfolder "$stage" -ov -format UDZO "$out"
