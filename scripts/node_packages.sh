#!/usr/bin/env bash
# Installs what tests take from npm into build/signalr, once. Without npm, or without a way to its
# registry, the tests that need it are skipped and say so; nothing else depends on it.
set -euo pipefail
cd "$(dirname "$0")/.."

source=tests/processes/signalr
target=build/signalr

if [ -d "$target/node_modules/@microsoft/signalr" ] &&
  cmp -s "$source/package-lock.json" "$target/package-lock.json"; then
  exit 0
fi
if ! command -v npm >/dev/null; then
  echo "deps: no npm here; the test with the published SignalR client will be skipped"
  exit 0
fi
mkdir -p "$target"
cp "$source/package.json" "$source/package-lock.json" "$target/"
if ! npm ci --prefix "$target" --ignore-scripts --no-audit --no-fund --loglevel=error; then
  rm -rf "$target/node_modules"
  echo "deps: npm could not install @microsoft/signalr; its test will be skipped"
fi
