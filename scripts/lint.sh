#!/usr/bin/env bash
# Formatting of every tracked source, and clang-tidy over the engine. Expects the clang preset to be
# configured, because clang-tidy does not know the other compiler's flags.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "lint: formatting"
git ls-files -z '*.cpp' '*.hpp' '*.c' '*.h' | xargs -0 clang-format --dry-run -Werror

echo "lint: clang-tidy on engine/"
git ls-files -z 'engine/*.cpp' | xargs -0 -r -n 4 -P "$(nproc)" clang-tidy -p build/clang --quiet
echo "lint: clean"
